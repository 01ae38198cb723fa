-- Reading in place: what a stream from a source may do.

-- Has no discovery of the source succeeded yet?
CREATE OR REPLACE FUNCTION rivergen_catalog.is_undiscovered(organization_id bigint, data_source_id bigint) RETURNS boolean
	LANGUAGE sql STABLE
	RETURN NOT EXISTS (SELECT FROM rivergen_catalog.data_source_state s
		WHERE s.organization_id = $1 AND s.data_source_id = $2 AND s.schema_discovered_at IS NOT NULL);

-- The refusal of what needs a discovery.
CREATE OR REPLACE FUNCTION rivergen_catalog.undiscovered(data_source_id bigint, OUT status integer, OUT message text, OUT hint text)
	LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT 409, format('data source %s has not been discovered yet', $1), format('rivergen.discover_schema(%s) discovers it.', $1);
END;

-- What stands against a reading, or no status. The order of the checks is that of the API: who, what, state.
CREATE OR REPLACE FUNCTION rivergen_catalog.reading_refusal(organization_id bigint, data_source_id bigint, user_id bigint,
	by_viewers boolean, OUT status integer, OUT message text, OUT detail text, OUT hint text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	member record;
	source record;
BEGIN
	SELECT m.role, u.disabled_at IS NOT NULL AS disabled INTO member
	FROM rivergen_catalog.membership m
	JOIN rivergen_catalog.app_user u USING (user_id)
	WHERE m.organization_id = $1 AND m.user_id = $3;
	SELECT d.metadata -> 'query' AS reading, d.maintenance INTO source
	FROM rivergen_catalog.data_source d
	WHERE d.organization_id = $1 AND d.data_source_id = $2 AND d.deleted_at IS NULL;
	IF member IS NULL OR member.disabled THEN
		status := 403;
		message := 'the data source can no longer be read';
		detail := format('User %s %s.', user_id, CASE WHEN member.disabled THEN 'is disabled'
			ELSE 'is no member of the organization any more' END);
		hint := 'An editor of the organization attaches the data source again.';
	ELSIF source IS NULL THEN
		status := 404;
		message := format('data source %s not found', data_source_id);
		hint := 'A reading sees what is committed.';
	ELSIF member.role = 'viewer' AND NOT (by_viewers AND coalesce(source.reading @> '{"viewers": true}', false)) THEN
		status := 403;
		message := 'This needs the role editor';
		detail := format('The role of user %s in the organization is viewer.', user_id);
	ELSIF NOT coalesce(source.reading @> '{"enabled": true}', false) THEN
		status := 403;
		message := format('reading is not switched on for data source %s', data_source_id);
		hint := E'An admin of the organization switches it on: metadata.query = {"enabled": true}.\nIt counts when it is committed.';
	ELSIF source.maintenance THEN
		status := 409;
		message := format('data source %s is in maintenance', data_source_id);
		hint := E'Another status ends it.\nUse rivergen.data_source_set_status.';
	ELSIF rivergen_catalog.is_copy() THEN
		status := 409;
		message := 'this database is a copy of another one, and connects to no data source';
		hint := 'If it may: an operator calls rivergen.acknowledge_copy().';
	END IF;
END;
$$;

-- The organization, source and user of a foreign server of ours. A server that another role owns, or that another role has
-- made under a name that was free again, is none of ours.
CREATE OR REPLACE FUNCTION rivergen_catalog.attached_server(server name, OUT organization_id bigint, OUT data_source_id bigint,
	OUT user_id bigint)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	SELECT a.organization_id, a.data_source_id, a.user_id INTO organization_id, data_source_id, user_id
	FROM rivergen_catalog.attachment a
	JOIN pg_foreign_server s ON s.srvname = a.server_name
	JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw AND w.fdwname = 'rivergen'
	JOIN pg_extension e ON e.extname = 'rivergen' AND e.extowner = s.srvowner
	WHERE a.server_name = server;
END;
$$;

CREATE OR REPLACE FUNCTION rivergen_catalog.reading_target(server name, organization_id bigint, data_source_id bigint, user_id bigint,
	operation text DEFAULT 'read', OUT organization bigint, OUT source bigint, OUT reader bigint, OUT max_rows bigint,
	OUT timeout integer, OUT masking boolean, OUT status integer, OUT message text, OUT detail text, OUT hint text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	reading jsonb;
BEGIN
	organization := organization_id;
	source := data_source_id;
	reader := user_id;
	IF server IS NOT NULL THEN
		SELECT s.organization_id, s.data_source_id, s.user_id INTO organization, source, reader
		FROM rivergen_catalog.attached_server(server) s;
		IF organization IS NULL THEN
			status := 404;
			message := format('foreign server "%s" belongs to no data source', server);
			detail := 'Its data source was removed, the server was made by hand, or rivergen.attach is not committed yet.';
			hint := E'rivergen.detach removes its foreign tables, rivergen.attach makes new ones.\nCommit after rivergen.attach.';
			RETURN;
		END IF;
	END IF;
	SELECT r.status, r.message, r.detail, r.hint INTO status, message, detail, hint
	FROM rivergen_catalog.reading_refusal(organization, source, reader, server IS NULL AND operation = 'read') r;
	IF status = 404 AND server IS NOT NULL THEN
		hint := 'rivergen.detach removes its foreign tables; rivergen.data_source_restore brings a deleted data source back.';
	END IF;
	IF status IS NOT NULL THEN
		RETURN;
	END IF;
	SELECT d.metadata -> 'query' INTO STRICT reading
	FROM rivergen_catalog.data_source d WHERE d.organization_id = organization AND d.data_source_id = source;
	max_rows := (reading ->> 'max_rows')::bigint;
	timeout := coalesce((reading ->> 'timeout')::integer, 0);
	masking := coalesce((reading ->> 'masking')::boolean, false);
	IF masking AND operation = 'query' THEN
		status := 403;
		message := format('values of data source %s are masked', source);
		detail := 'Conditions and expressions of a query could tell what the masks hide.';
		hint := 'rivergen.rows and foreign tables show its rows, masked. An admin can switch metadata.query.masking off.';
	END IF;
END;
$$;
COMMENT ON FUNCTION rivergen_catalog.reading_target(name, bigint, bigint, bigint, text) IS
'What a stream reads: the organization, source and user of a foreign server of rivergen.attach, or with server null the three that are given, when these may read.
status null: it may be read, with max_rows (rows of one stream, null: no limit), timeout (seconds of one stream, 0: none) and masking of metadata.query. Else it is refused: status (403, 404, 409), message, detail and hint. operation is read or query; viewers read without a server, where metadata.query.viewers is on.';

-- Foreign tables keep values in the statistics that ANALYZE takes, and so do the tables that they are children or partitions of.
CREATE OR REPLACE FUNCTION rivergen_catalog.tables_with_values(organization_id bigint, data_source_id bigint) RETURNS SETOF oid
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY WITH RECURSIVE found (oid) AS (
		SELECT t.ftrelid FROM rivergen_catalog.attachment a
		JOIN pg_foreign_server s ON s.srvname = a.server_name
		JOIN pg_foreign_table t ON t.ftserver = s.oid
		WHERE a.organization_id = $1 AND a.data_source_id = $2
		UNION
		SELECT i.inhparent FROM found f JOIN pg_inherits i ON i.inhrelid = f.oid)
	SELECT f.oid FROM found f;
END;
$$;
COMMENT ON FUNCTION rivergen_catalog.tables_with_values(bigint, bigint) IS
'The tables whose statistics may hold values of a data source: its foreign tables, and those that these are children or partitions of.';

-- The versions of all rows that decide about a reading: reading_target() and the endpoint say the same as long as these stay. A
-- reader compares them instead of asking again. Rows of the catalog keep their xmin when they are frozen.
CREATE OR REPLACE VIEW rivergen_catalog.reading_version AS
	SELECT d.organization_id, d.data_source_id, m.user_id,
		concat_ws(' ', d.xmin, d.ctid, m.xmin, m.ctid, u.xmin, u.ctid, c.xmin, c.ctid, h.versions) AS version
	FROM rivergen_catalog.data_source d
	JOIN rivergen_catalog.membership m ON m.organization_id = d.organization_id
	JOIN rivergen_catalog.app_user u ON u.user_id = m.user_id
	LEFT JOIN rivergen_catalog.credential c ON c.organization_id = d.organization_id AND c.data_source_id = d.data_source_id
	CROSS JOIN LATERAL (SELECT string_agg(concat_ws(' ', h.xmin, h.ctid), ' ') AS versions FROM rivergen_catalog.home h) h
	WHERE d.deleted_at IS NULL;
COMMENT ON VIEW rivergen_catalog.reading_version IS
'The versions of the rows that decide whether a user may read a data source, and how: data source, membership, user, credentials, home. Equal texts mean that nothing has changed.';

CREATE OR REPLACE VIEW rivergen_catalog.server_version AS
	SELECT a.server_name, a.organization_id, a.data_source_id, a.user_id,
		concat_ws(' ', a.xmin, a.ctid, s.xmin, s.ctid, e.xmin, e.ctid) AS version
	FROM rivergen_catalog.attachment a
	JOIN pg_foreign_server s ON s.srvname = a.server_name
	JOIN pg_extension e ON e.extname = 'rivergen' AND e.extowner = s.srvowner;
COMMENT ON VIEW rivergen_catalog.server_version IS
'The versions of the rows that make a foreign server one of a data source. Equal texts mean that nothing has changed.';

-- What the API asks a stream for, or a refusal. columns: of the answer, as in a document.
CREATE OR REPLACE FUNCTION rivergen_catalog.rows_question(organization_id bigint, data_source_id bigint, table_schema text, table_name text,
	column_names text[], row_limit bigint, OUT question jsonb, OUT columns jsonb, OUT found_schema text, OUT status integer,
	OUT message text, OUT hint text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	r record;
	candidates bigint;
	missing text;
BEGIN
	SELECT count(*) INTO candidates FROM rivergen_catalog.relation x
	WHERE x.organization_id = $1 AND x.data_source_id = $2 AND x.relation_name = $4 AND ($3 IS NULL OR x.schema_name = $3)
		AND x.deprecated_at IS NULL AND rivergen_catalog.kind_group(x.kind) <> 'other';
	IF candidates = 0 AND rivergen_catalog.is_undiscovered($1, $2) THEN
		SELECT u.status, u.message, u.hint INTO status, message, hint FROM rivergen_catalog.undiscovered($2) u;
		RETURN;
	ELSIF candidates <> 1 THEN
		status := CASE candidates WHEN 0 THEN 404 ELSE 400 END;
		message := CASE candidates WHEN 0 THEN format('table "%s" not found', table_name)
			ELSE format('several schemas have a table "%s"', table_name) END;
		hint := CASE candidates WHEN 0 THEN E'Names are case-sensitive.\nrivergen.discover_schema(…, refresh => true) looks again.'
			ELSE 'Give table_schema.' END;
		RETURN;
	END IF;
	SELECT x.schema_name, x.relation_name, x.kind, x.native_id, x.document -> 'columns' AS columns INTO STRICT r
	FROM rivergen_catalog.relation x
	WHERE x.organization_id = $1 AND x.data_source_id = $2 AND x.relation_name = $4 AND ($3 IS NULL OR x.schema_name = $3)
		AND x.deprecated_at IS NULL AND rivergen_catalog.kind_group(x.kind) <> 'other';
	SELECT c INTO missing FROM unnest(column_names) c
	WHERE NOT coalesce(r.columns, '[]') @> jsonb_build_array(jsonb_build_object('name', c)) LIMIT 1;
	IF missing IS NOT NULL THEN
		status := 404;
		message := format('column "%s" not found', missing);
		hint := format('Table %s.%s has the columns %s.', r.schema_name, r.relation_name,
			(SELECT left(string_agg(c ->> 'name', ', '), 500) FROM jsonb_array_elements(r.columns) c));
		RETURN;
	END IF;
	found_schema := r.schema_name;
	SELECT coalesce(jsonb_agg(c.value ORDER BY coalesce(array_position(column_names, c.value ->> 'name'), c.ordinality)), '[]') INTO columns
	FROM jsonb_array_elements(r.columns) WITH ORDINALITY c
	WHERE column_names IS NULL OR c.value ->> 'name' = ANY (column_names);
	question := jsonb_build_object(
		'relation', jsonb_strip_nulls(jsonb_build_object('schema', r.schema_name, 'name', r.relation_name, 'kind', r.kind, 'id', r.native_id)),
		'columns', (SELECT coalesce(jsonb_agg(c.value -> 'name' ORDER BY c.ordinality), '[]')
			FROM jsonb_array_elements(columns) WITH ORDINALITY c),
		'types', (SELECT coalesce(jsonb_agg(coalesce(c.value -> 'pg_type', '"text"') ORDER BY c.ordinality), '[]')
			FROM jsonb_array_elements(columns) WITH ORDINALITY c),
		'conditions', '[]'::jsonb, 'limit', row_limit, 'sample', NULL);
END;
$$;

CREATE OR REPLACE FUNCTION rivergen.rows(data_source_id bigint, table_schema text DEFAULT NULL, table_name text DEFAULT NULL,
	columns text[] DEFAULT NULL, row_limit bigint DEFAULT 1000) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_rows'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.rows(bigint, text, text, text[], bigint) IS
'Reads rows of a discovered table of a data source in place.
table_schema may be left out where only one schema has the table; columns: these only. row_limit: 1 to 1,000,000; metadata.query.max_rows bounds it. Answers {"columns": [{"name", "type"}], "rows": [[…]], "truncated"}: numbers, truth values and JSON as such, everything else as text; truncated: there are, or may be, more rows. With metadata.query.masking values that look like secrets or personal data become ***. Needs the role editor, or viewer where metadata.query.viewers is true. Errors: 400, 401, 403 (also while metadata.query.enabled is not true), 404, 409 (not discovered yet, maintenance, the table has changed), 413 (more than rivergen.max_answer_bytes), 501 (the connector cannot read), 502, 503, 504.';

CREATE OR REPLACE FUNCTION rivergen.query(data_source_id bigint, query text, row_limit bigint DEFAULT 1000, timeout integer DEFAULT NULL,
	check_only boolean DEFAULT false) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_query'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.query(bigint, text, bigint, integer, boolean) IS
'Runs a query in the source''s own words, which only reads.
One statement. row_limit: 1 to 1,000,000; metadata.query.max_rows bounds it. timeout: seconds, bounded by metadata.query.timeout. check_only: the source plans the query and runs nothing; rows is empty then. Answers {"columns": [{"name", "type"}], "rows": [[…]], "truncated"}: numbers, truth values and JSON as such, everything else as text. Needs the role editor. Errors: 400 (the source refuses the query; the detail has the position), 401, 403 (also while metadata.query.enabled is not true, and with metadata.query.masking), 404, 409, 413 (more than rivergen.max_answer_bytes), 501 (the source does not enforce reading only), 502, 503, 504.';

-- No SECURITY DEFINER: the types that the caller lists may run functions of the caller. C reads the catalog as the owner.
CREATE OR REPLACE FUNCTION rivergen.query_rows(data_source_id bigint, query text, row_limit bigint DEFAULT NULL, timeout integer DEFAULT NULL)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'rg_sql_query_rows'
	LANGUAGE C VOLATILE SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, MDY' SET intervalstyle = 'postgres'
	SET timezone = 'UTC' SET xmloption = 'content' SET array_nulls = on;
COMMENT ON FUNCTION rivergen.query_rows(bigint, text, bigint, integer) IS
'The same as rivergen.query, as rows: SELECT * FROM rivergen.query_rows(1, ''SELECT …'') AS t (id bigint, name text).
The list of columns has as many as the query, in its order; each value must fit its type there. row_limit null: all rows. More than metadata.query.max_rows are an error (413). Needs the role editor. Errors: as rivergen.query; 400 also when the numbers of columns differ.';

REVOKE ALL ON FUNCTION rivergen.rows(bigint, text, text, text[], bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.query(bigint, text, bigint, integer, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.query_rows(bigint, text, bigint, integer) FROM PUBLIC;
