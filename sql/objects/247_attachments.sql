-- Attachments: foreign tables of a source's relations (docs/reading.md). These functions say what is to be done; C runs the
-- statements as the role that owns the foreign tables.

-- The schemas of the source that are meant, each with its schema here. Or a refusal.
CREATE OR REPLACE FUNCTION rivergen_catalog.attached_schemas(organization_id bigint, data_source_id bigint, local_schema text,
	schemas text[], table_names text[], OUT mapping jsonb, OUT base text, OUT status integer, OUT message text, OUT hint text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found text[];
	missing text;
BEGIN
	base := local_schema;
	SELECT array_agg(DISTINCT r.schema_name) INTO found
	FROM rivergen_catalog.relation r
	WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.deprecated_at IS NULL
		AND rivergen_catalog.kind_group(r.kind) <> 'other' AND (schemas IS NULL OR r.schema_name = ANY (schemas))
		AND (table_names IS NULL OR r.relation_name = ANY (table_names));
	SELECT coalesce((SELECT format('schema "%s" has no such tables', s) FROM unnest(schemas) s
			WHERE NOT s = ANY (coalesce(found, '{}')) LIMIT 1),
		(SELECT format('table "%s" not found', t) FROM unnest(table_names) t WHERE NOT EXISTS (
			SELECT FROM rivergen_catalog.relation r WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.relation_name = t
				AND r.deprecated_at IS NULL AND rivergen_catalog.kind_group(r.kind) <> 'other'
				AND (schemas IS NULL OR r.schema_name = ANY (schemas))) LIMIT 1)) INTO missing;
	IF (missing IS NOT NULL OR found IS NULL) AND rivergen_catalog.is_undiscovered($1, $2) THEN
		SELECT u.status, u.message, u.hint INTO status, message, hint FROM rivergen_catalog.undiscovered($2) u;
		RETURN;
	ELSIF missing IS NOT NULL THEN
		status := 404;
		message := missing;
		hint := E'Names are case-sensitive.\nrivergen.discover_schema(…, refresh => true) looks again.';
		RETURN;
	ELSIF found IS NULL THEN
		status := 409;
		message := format('data source %s has no tables to attach', data_source_id);
		hint := 'rivergen.discover_schema(…, refresh => true) looks again.';
		RETURN;
	END IF;
	IF base IS NULL THEN
		SELECT rivergen_catalog.identifier_of(d.name) INTO STRICT base
		FROM rivergen_catalog.data_source d WHERE d.organization_id = $1 AND d.data_source_id = $2;
	END IF;
	SELECT jsonb_object_agg(n.schema_name, rivergen_catalog.local_name(n.name, base || '.' || n.schema_name, n.number = 1)) INTO mapping
	FROM (SELECT f.schema_name, f.name, row_number() OVER (PARTITION BY f.name ORDER BY f.schema_name) AS number
		FROM (SELECT u AS schema_name, CASE WHEN cardinality(found) = 1 THEN base
				ELSE base || '_' || rivergen_catalog.identifier_of(u) END AS name FROM unnest(found) u) f) n;
END;
$$;

-- The refusal of a second attachment that would have nothing new.
CREATE OR REPLACE FUNCTION rivergen_catalog.attached_already(data_source_id bigint, attachment_id bigint, local_schema text,
	OUT status integer, OUT message text, OUT detail text, OUT hint text)
	LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT 409, format('data source %s is attached already', $1), format('Attachment %s has its foreign tables in schema "%s".', $2, $3),
		format('rivergen.discover_schema(%s, refresh => true) brings them up to date, rivergen.detach(%s) drops them. Give another local_schema to attach it once more.',
			$1, $1);
END;

-- What keeps the role from having the schemas: a schema is made, or the role may create in it.
CREATE OR REPLACE FUNCTION rivergen_catalog.local_schema_refusal(organization_id bigint, data_source_id bigint, mapping jsonb,
	is_given boolean, role oid, OUT status integer, OUT message text, OUT detail text, OUT hint text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	taken text;
	attached_by bigint;
	is_missing boolean;
BEGIN
	SELECT m.value INTO taken FROM jsonb_each_text(mapping) m JOIN pg_namespace n ON n.nspname = m.value
	WHERE NOT is_given OR NOT has_schema_privilege(role, n.oid, 'CREATE') ORDER BY m.value LIMIT 1;
	SELECT EXISTS (SELECT FROM jsonb_each_text(mapping) m WHERE NOT EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = m.value))
	INTO is_missing;
	SELECT min(a.attachment_id) INTO attached_by FROM rivergen_catalog.attachment a JOIN jsonb_each_text(a.local_schemas) m ON m.value = taken
	WHERE a.organization_id = $1 AND a.data_source_id = $2;
	IF attached_by IS NOT NULL THEN
		SELECT * INTO status, message, detail, hint FROM rivergen_catalog.attached_already($2, attached_by, taken);
	ELSIF taken IS NOT NULL THEN
		status := 409;
		message := format('schema "%s" is taken', taken);
		hint := 'Give local_schema: the name of a new schema, or of one in which the role may create tables.';
	ELSIF is_missing AND NOT has_database_privilege(role, current_database(), 'CREATE') THEN
		status := 403;
		message := format('role %s may not create a schema in this database', role::regrole);
		hint := format('Its owner may allow it (GRANT CREATE ON DATABASE), or give local_schema, a schema in which %s may create tables.',
			role::regrole);
	END IF;
END;
$$;

-- The role that owns what is attached through a gateway; null: the gateway attaches nothing.
CREATE OR REPLACE FUNCTION rivergen_catalog.attachment_role(organization_id bigint) RETURNS oid
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT r.oid FROM rivergen_catalog.organization o JOIN pg_roles r ON r.rolname = o.attachment_role
	WHERE o.organization_id = $1;
END;

-- Runs a statement of this file as the role, in a subtransaction. state null: it succeeded; else the SQLSTATE of its failure,
-- with message and detail. Failures of the server itself are thrown on.
CREATE OR REPLACE FUNCTION rivergen_catalog.run_as(role oid, statement text, OUT state text, OUT message text, OUT detail text)
	AS 'MODULE_PATHNAME', 'rg_sql_run_as'
	LANGUAGE C VOLATILE STRICT;

-- The status of a statement that run_as could not run. A lock that another session holds goes by.
CREATE OR REPLACE FUNCTION rivergen_catalog.status_of_failure(state text) RETURNS integer
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE state WHEN '42501' THEN 403 WHEN '42939' THEN 400 WHEN '55P03' THEN 503 WHEN '40P01' THEN 503 ELSE 409 END;

-- An entry of attachment.problems.
CREATE OR REPLACE FUNCTION rivergen_catalog.attachment_problem(table_schema text, table_name text, local_name text, reason text, detail text)
	RETURNS jsonb
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN jsonb_build_object('table_schema', table_schema, 'table_name', table_name, 'local_name', local_name, 'reason', reason,
		'dependents', coalesce(to_jsonb(string_to_array(nullif(detail, ''), E'\n')), '[]'));

-- Makes the foreign tables of the relations that the attachment lacks; answers {"tables_count", "renamed", "skipped"}. What another
-- attachment has in the schema counts as had: it is not made later, either, when that one's owner drops it.
CREATE OR REPLACE FUNCTION rivergen_catalog.make_foreign_tables(organization_id bigint, attachment_id bigint, role oid) RETURNS jsonb
	LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	a record;
	t record;
	failure record;
	tables_count bigint := 0;
	had bigint[] := '{}';
	renamed jsonb[] := '{}';
	skipped jsonb[] := '{}';
BEGIN
	SELECT * INTO STRICT a FROM rivergen_catalog.attachment x
	WHERE x.organization_id = $1 AND x.attachment_id = $2;
	-- Whatever the planner expects, the names are found once, and each relation by its key.
	FOR t IN WITH names AS MATERIALIZED (
			SELECT * FROM rivergen_catalog.attachable_relations($1, a.data_source_id, a.local_schemas, a.table_names, $2)
		)
		SELECT n.*, (
			SELECT rivergen_catalog.foreign_table_statement(a.server_name, n.local_schema, n.local_name, r.schema_name, r.relation_name,
				r.kind, r.native_id, r.document)
			FROM rivergen_catalog.relation r
			WHERE r.organization_id = $1 AND r.data_source_id = a.data_source_id AND r.relation_id = n.relation_id) AS statement
		FROM names n
		ORDER BY n.relation_id
	LOOP
		IF t.refusal IS NOT NULL THEN
			had := had || CASE WHEN t.attached_by IS NOT NULL THEN ARRAY[t.relation_id] END;
			skipped := skipped || rivergen_catalog.attachment_problem(t.schema_name, t.relation_name, NULL, t.refusal, NULL);
			CONTINUE;
		END IF;
		failure := rivergen_catalog.run_as(role, t.statement);
		IF failure.state IS NOT NULL THEN
			skipped := skipped || rivergen_catalog.attachment_problem(t.schema_name, t.relation_name, t.local_name, failure.message, failure.detail);
			CONTINUE;
		END IF;
		tables_count := tables_count + 1;
		had := had || t.relation_id;
		IF t.local_name <> t.relation_name THEN
			renamed := renamed || jsonb_build_object('table_schema', t.schema_name, 'table_name', t.relation_name, 'local_name', t.local_name);
		END IF;
	END LOOP;
	UPDATE rivergen_catalog.attachment x SET relation_ids = x.relation_ids || had
	WHERE x.organization_id = $1 AND x.attachment_id = $2 AND had <> '{}';
	RETURN jsonb_build_object('tables_count', tables_count, 'renamed', to_jsonb(renamed), 'skipped', to_jsonb(skipped));
END;
$$;

-- The time of the latest change of a source's relations.
CREATE OR REPLACE FUNCTION rivergen_catalog.relations_changed_at(organization_id bigint, data_source_id bigint) RETURNS timestamptz
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT max(greatest(r.changed_at, r.deprecated_at)) FROM rivergen_catalog.relation r
	WHERE r.organization_id = $1 AND r.data_source_id = $2;
END;

-- Making a foreign table takes two entries of the table of locks until the transaction ends: its own and its row type's.
CREATE OR REPLACE FUNCTION rivergen_catalog.room_for_tables() RETURNS bigint
	LANGUAGE sql STABLE
	RETURN current_setting('max_locks_per_transaction')::bigint * (current_setting('max_connections')::bigint
		+ current_setting('max_prepared_transactions')::bigint + current_setting('max_worker_processes')::bigint
		+ current_setting('max_wal_senders')::bigint + current_setting('autovacuum_max_workers')::bigint + 1) / 2;

-- The plan of rivergen.attach: what would be made, or a refusal.
CREATE OR REPLACE FUNCTION rivergen_catalog.attach_plan(organization_id bigint, data_source_id bigint, role oid, local_schema text,
	schemas text[], table_names text[], OUT mapping jsonb, OUT base text, OUT tables_count bigint, OUT answer jsonb, OUT status integer, OUT message text,
	OUT detail text, OUT hint text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	attached_by record;
BEGIN
	SELECT s.mapping, s.base, s.status, s.message, s.hint INTO mapping, base, status, message, hint
	FROM rivergen_catalog.attached_schemas($1, $2, local_schema, schemas, table_names) s;
	IF status IS NOT NULL THEN
		RETURN;
	END IF;
	SELECT s.status, s.message, s.detail, s.hint INTO status, message, detail, hint
	FROM rivergen_catalog.local_schema_refusal($1, $2, mapping, local_schema IS NOT NULL, role) s;
	IF status IS NOT NULL THEN
		RETURN;
	END IF;
	SELECT count(*) FILTER (WHERE t.refusal IS NULL), jsonb_build_object(
		'renamed', coalesce(jsonb_agg(jsonb_build_object('table_schema', t.schema_name, 'table_name', t.relation_name,
			'local_name', t.local_name) ORDER BY t.relation_id) FILTER (WHERE t.refusal IS NULL AND t.local_name <> t.relation_name), '[]'),
		'skipped', coalesce(jsonb_agg(rivergen_catalog.attachment_problem(t.schema_name, t.relation_name, NULL, t.refusal, NULL)
			ORDER BY t.relation_id) FILTER (WHERE t.refusal IS NOT NULL), '[]'))
	INTO tables_count, answer
	FROM rivergen_catalog.attachable_relations($1, $2, mapping, table_names, NULL) t;
	IF tables_count = 0 THEN
		SELECT t.attached_by AS attachment_id, t.local_schema INTO attached_by
		FROM rivergen_catalog.attachable_relations($1, $2, mapping, table_names, NULL) t
		WHERE t.attached_by IS NOT NULL ORDER BY t.relation_id LIMIT 1;
		IF FOUND THEN
			SELECT * INTO status, message, detail, hint
			FROM rivergen_catalog.attached_already($2, attached_by.attachment_id, attached_by.local_schema);
		END IF;
	ELSIF tables_count > rivergen_catalog.room_for_tables() * 0.9 THEN
		status := 413;
		message := format('attaching %s tables at once takes more locks than the server has room for', tables_count);
		detail := format('There is room for about %s.', rivergen_catalog.room_for_tables());
		hint := 'Attach schema by schema, or raise max_locks_per_transaction.';
	END IF;
END;
$$;

-- Makes server, schemas and foreign tables. A refusal undoes nothing: the caller fails with it.
CREATE OR REPLACE FUNCTION rivergen_catalog.attach(organization_id bigint, data_source_id bigint, user_id bigint, role oid, local_schema text,
	schemas text[], table_names text[], dry_run boolean, OUT answer jsonb, OUT status integer, OUT message text, OUT detail text, OUT hint text)
	LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	plan record;
	server name;
	new_id bigint;
	failure record;
	missing text;
	new_schemas text[] := '{}';
	tables_count bigint;
BEGIN
	-- Two calls at once would plan the same names.
	IF NOT dry_run THEN
		PERFORM FROM rivergen_catalog.organization o WHERE o.organization_id = $1 FOR NO KEY UPDATE;
	END IF;
	SELECT * INTO plan FROM rivergen_catalog.attach_plan($1, $2, role, local_schema, schemas, table_names);
	status := plan.status;
	message := plan.message;
	detail := plan.detail;
	hint := plan.hint;
	answer := plan.answer;
	tables_count := plan.tables_count;
	IF status IS NULL AND NOT dry_run THEN
		new_id := nextval('rivergen_catalog.attachment_id_seq');
		server := 'rivergen_' || new_id;
		EXECUTE format('CREATE SERVER %I FOREIGN DATA WRAPPER rivergen', server);
		EXECUTE format('GRANT USAGE ON FOREIGN SERVER %I TO %s', server, role::regrole);
		FOR missing IN SELECT m.value FROM jsonb_each_text(plan.mapping) m
			WHERE NOT EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = m.value) ORDER BY m.value
		LOOP
			failure := rivergen_catalog.run_as(role, format('CREATE SCHEMA %I', missing));
			IF failure.state IS NOT NULL THEN
				status := rivergen_catalog.status_of_failure(failure.state);
				-- Another organization, or another session, has made it since this transaction began.
				message := CASE WHEN failure.state IN ('42P06', '23505') THEN format('schema "%s" is taken', missing) ELSE failure.message END;
				detail := CASE WHEN failure.state IN ('42P06', '23505') THEN NULL ELSE failure.detail END;
				hint := CASE WHEN status IN (409, 503) THEN 'Try again, or give local_schema, the name of a new schema.' END;
				RETURN;
			END IF;
			new_schemas := new_schemas || missing;
		END LOOP;
		INSERT INTO rivergen_catalog.attachment (organization_id, attachment_id, data_source_id, user_id, server_name, local_schemas,
			table_names, follows_schemas, local_base, made_schemas, followed_at)
		VALUES ($1, new_id, $2, $3, server, plan.mapping, table_names, schemas IS NULL AND table_names IS NULL, plan.base, new_schemas,
			rivergen_catalog.relations_changed_at($1, $2));
		answer := rivergen_catalog.make_foreign_tables($1, new_id, role);
		tables_count := (answer -> 'tables_count')::bigint;
		IF tables_count = 0 THEN
			status := 409;
			message := 'none of the tables could be attached';
			SELECT string_agg(format('%I.%I: %s', s ->> 'table_schema', s ->> 'table_name', s ->> 'reason'), E'\n') INTO detail
			FROM (SELECT s FROM jsonb_array_elements(answer -> 'skipped') s LIMIT 10) s;
			RETURN;
		END IF;
	END IF;
	answer := jsonb_build_object('data_source_id', $2, 'server', server, 'local_schemas', plan.mapping, 'tables_count', tables_count,
		'dry_run', dry_run, 'reading_enabled', (SELECT coalesce(d.metadata -> 'query' @> '{"enabled": true}', false)
			FROM rivergen_catalog.data_source d WHERE d.organization_id = $1 AND d.data_source_id = $2)) || answer;
END;
$$;

-- ---- detach ----

-- The attachments of a source or of a local schema whose foreign tables the role may drop: those of the organization, and, where
-- also_own, of any other in which it has foreign tables. attachment_id null: the source was purged, and only server and
-- foreign tables are left.
CREATE OR REPLACE FUNCTION rivergen_catalog.detachable(organization_id bigint, data_source_id bigint, local_schema text, role oid,
	also_own boolean)
	RETURNS TABLE (organization bigint, attachment_id bigint, source bigint, server name, local_schemas text[])
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT a.organization_id, a.attachment_id, a.data_source_id, s.name, CASE WHEN $3 IS NULL THEN
			(SELECT array_agg(m.value) FROM jsonb_each_text(a.local_schemas) m) ELSE ARRAY[$3] END
	FROM (SELECT f.srvname AS name FROM pg_foreign_server f
			JOIN pg_foreign_data_wrapper w ON w.oid = f.srvfdw AND w.fdwname = 'rivergen'
			JOIN pg_extension e ON e.extname = 'rivergen' AND e.extowner = f.srvowner
		UNION SELECT x.server_name FROM rivergen_catalog.attachment x WHERE x.organization_id = $1) s
	LEFT JOIN rivergen_catalog.attachment a ON a.server_name = s.name
	WHERE (a.organization_id = $1 OR a.organization_id IS NULL
			OR $5 AND EXISTS (SELECT FROM rivergen_catalog.foreign_tables_of(s.name)))
		AND ($2 IS NULL OR a.data_source_id = $2)
		AND ($3 IS NULL OR EXISTS (SELECT FROM jsonb_each_text(a.local_schemas) m WHERE m.value = $3)
			OR EXISTS (SELECT FROM rivergen_catalog.foreign_tables_of(s.name) t WHERE t.local_schema = $3))
		AND NOT EXISTS (SELECT FROM rivergen_catalog.foreign_tables_of(s.name) t WHERE NOT pg_has_role($4, t.owner, 'USAGE'));
END;

-- Drops a server of ours without foreign tables, with the user mappings that others made for it: they mean nothing.
CREATE OR REPLACE FUNCTION rivergen_catalog.drop_server(server name) RETURNS void
	LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	mapped text;
BEGIN
	FOR mapped IN SELECT CASE WHEN m.umuser = 0 THEN 'PUBLIC' ELSE quote_ident(m.usename) END FROM pg_user_mappings m WHERE m.srvname = server
	LOOP
		EXECUTE format('DROP USER MAPPING FOR %s SERVER %I', mapped, server);
	END LOOP;
	EXECUTE format('DROP SERVER IF EXISTS %I', server);
END;
$$;

-- A local schema that is gone was renamed if one schema has all of its foreign tables.
CREATE OR REPLACE FUNCTION rivergen_catalog.follow_renamed_schemas(organization_id bigint, attachment_id bigint) RETURNS void
	LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s record;
BEGIN
	FOR s IN SELECT m.key AS schema_name, m.value AS old_name, min(t.local_schema) AS new_name
		FROM rivergen_catalog.attachment a
		CROSS JOIN LATERAL jsonb_each_text(a.local_schemas) m
		JOIN LATERAL rivergen_catalog.foreign_tables_of(a.server_name) t ON t.schema_name = m.key
		WHERE a.organization_id = $1 AND a.attachment_id = $2 AND NOT EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = m.value)
		GROUP BY m.key, m.value HAVING min(t.local_schema) = max(t.local_schema)
	LOOP
		UPDATE rivergen_catalog.attachment x SET local_schemas = x.local_schemas || jsonb_build_object(s.schema_name, s.new_name),
			made_schemas = array_replace(x.made_schemas, s.old_name, s.new_name::text)
		WHERE x.organization_id = $1 AND x.attachment_id = $2;
	END LOOP;
END;
$$;

-- Drops the foreign tables of one attachment in the given schemas, the schemas that were made for it when they are empty, and
-- at last the server.
CREATE OR REPLACE FUNCTION rivergen_catalog.detach_one(organization_id bigint, attachment_id bigint, server name, local_schemas text[],
	role oid, force boolean, OUT tables_count bigint, OUT status integer, OUT message text, OUT detail text, OUT hint text)
	LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	a record;
	names text;
	schema_name text;
	failure record;
	rest jsonb;
BEGIN
	SELECT * INTO a FROM rivergen_catalog.attachment x WHERE x.organization_id = $1 AND x.attachment_id = $2 FOR UPDATE;
	SELECT string_agg(format('%I.%I', t.local_schema, t.local_name), ', '), count(*) INTO names, tables_count
	FROM rivergen_catalog.foreign_tables_of(server) t WHERE t.local_schema = ANY (local_schemas);
	IF names IS NOT NULL THEN
		failure := rivergen_catalog.run_as(role, format('DROP FOREIGN TABLE %s %s', names, CASE WHEN force THEN 'CASCADE' ELSE 'RESTRICT' END));
		IF failure.state IS NOT NULL THEN
			status := rivergen_catalog.status_of_failure(failure.state);
			message := CASE failure.state WHEN '2BP01' THEN 'other objects depend on the foreign tables' ELSE failure.message END;
			detail := failure.detail;
			hint := CASE WHEN failure.state = '2BP01' THEN 'With force => true rivergen.detach drops them, too.'
				WHEN status = 503 THEN 'Another session uses a foreign table or what depends on it. Try again.' END;
			RETURN;
		END IF;
	END IF;
	FOREACH schema_name IN ARRAY coalesce(a.made_schemas, '{}')
	LOOP
		IF schema_name = ANY (local_schemas) AND to_regnamespace(quote_ident(schema_name)) IS NOT NULL THEN
			-- A schema with other objects stays.
			failure := rivergen_catalog.run_as(role, format('DROP SCHEMA %I RESTRICT', schema_name));
		END IF;
	END LOOP;
	SELECT coalesce(jsonb_object_agg(m.key, m.value), '{}') INTO rest FROM jsonb_each_text(a.local_schemas) m
	WHERE NOT m.value = ANY (local_schemas);
	IF rest <> '{}' THEN
		UPDATE rivergen_catalog.attachment x SET local_schemas = rest, follows_schemas = false WHERE x.organization_id = $1 AND x.attachment_id = $2;
		RETURN;
	END IF;
	IF EXISTS (SELECT FROM rivergen_catalog.foreign_tables_of(server)) THEN
		IF NOT force THEN
			status := 409;
			message := 'other foreign tables use the server';
			SELECT string_agg(format('foreign table %I.%I', t.local_schema, t.local_name), E'\n') INTO detail
			FROM rivergen_catalog.foreign_tables_of(server) t;
			hint := 'With force => true rivergen.detach drops them, too.';
			RETURN;
		END IF;
		EXECUTE format('DROP SERVER IF EXISTS %I CASCADE', server);
	ELSE
		PERFORM rivergen_catalog.drop_server(server);
	END IF;
	DELETE FROM rivergen_catalog.attachment x WHERE x.organization_id = $1 AND x.attachment_id = $2;
END;
$$;

-- One call detaches what belongs to one organization: that of the caller before others.
CREATE OR REPLACE FUNCTION rivergen_catalog.detach(organization_id bigint, data_source_id bigint, local_schema text, role oid,
	also_own boolean, force boolean, OUT answer jsonb, OUT source bigint, OUT organization bigint, OUT status integer, OUT message text,
	OUT detail text, OUT hint text)
	LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	d record;
	one record;
	dropped bigint := 0;
	schemas text[] := '{}';
BEGIN
	PERFORM rivergen_catalog.follow_renamed_schemas(x.organization, x.attachment_id)
	FROM rivergen_catalog.detachable($1, $2, local_schema, role, also_own) x;
	FOR d IN SELECT * FROM rivergen_catalog.detachable($1, $2, local_schema, role, also_own) x
		ORDER BY x.organization = $1 DESC NULLS LAST, x.organization NULLS LAST
	LOOP
		organization := coalesce(organization, d.organization);
		CONTINUE WHEN d.organization <> organization;
		one := rivergen_catalog.detach_one(d.organization, d.attachment_id, d.server, d.local_schemas, role, force);
		IF one.status IS NOT NULL THEN
			status := one.status;
			message := one.message;
			detail := one.detail;
			hint := one.hint;
			RETURN;
		END IF;
		dropped := dropped + one.tables_count;
		schemas := schemas || d.local_schemas;
		source := coalesce(d.source, source);
	END LOOP;
	organization := coalesce(organization, $1);
	IF schemas = '{}' THEN
		status := 404;
		message := CASE WHEN NOT EXISTS (SELECT FROM rivergen_catalog.data_source x WHERE x.organization_id = $1 AND x.data_source_id = $2)
				AND $2 IS NOT NULL THEN format('data source %s not found', data_source_id)
			WHEN local_schema IS NULL THEN format('data source %s is not attached by this role', data_source_id)
			ELSE format('schema "%s" has no attached tables of this role', local_schema) END;
		hint := 'View rivergen.attachments lists what is attached. Foreign tables of another role can be detached by that role.';
	END IF;
	answer := jsonb_build_object('data_source_id', source, 'tables_count', dropped,
		'local_schemas', (SELECT jsonb_agg(DISTINCT s ORDER BY s) FROM unnest(schemas) s));
END;
$$;

-- ---- the API ----

CREATE OR REPLACE FUNCTION rivergen.attach(data_source_id bigint, local_schema text DEFAULT NULL, schemas text[] DEFAULT NULL,
	tables text[] DEFAULT NULL, dry_run boolean DEFAULT false) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_attach'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.attach(bigint, text, text[], text[], boolean) IS
'Makes foreign tables of the discovered tables and views of a data source, so that SELECT reads them in place.
local_schema: the schema for them, a new one or one in which the role may create tables; default: a new one with the name of the source. Of several schemas of the source each gets its own, as shop_sales. schemas, tables: only these; names are case-sensitive. A name that does not fit or is taken is shortened and gets eight hexadecimal digits. What the schema has of the source already is not attached a second time. Schema and tables belong to the role of the session (SET ROLE counts), the foreign server to the owner of the extension. Later discoveries keep the tables as the source is; without schemas and tables each new schema of the source gets a schema, too. dry_run: say what would be made, and make nothing. Answers {"data_source_id", "server", "local_schemas": {schema: local schema}, "tables_count", "renamed": [{"table_schema", "table_name", "local_name"}], "skipped": [{"table_schema", "table_name", "local_name", "reason", "dependents"}], "dry_run", "reading_enabled"}. Scans fail with 403 until an admin has set metadata.query = {"enabled": true}. Needs the role editor. Errors: 400, 401, 403 (also through a gateway whose organization has no rivergen.organization_set_attachment_role), 404, 409 (not discovered yet, nothing discovered, attached already, the schema is taken, no table could be made), 413 (more tables than the server has locks), 501.';

CREATE OR REPLACE FUNCTION rivergen.detach(data_source_id bigint DEFAULT NULL, local_schema text DEFAULT NULL, force boolean DEFAULT false)
	RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_detach'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.detach(bigint, text, boolean) IS
'Drops the foreign tables of a data source that the role owns, or those in one local schema, with the schemas and the server that rivergen.attach made.
A schema that has other objects stays. force: drop also what depends on the foreign tables, such as views. Answers {"data_source_id", "local_schemas", "tables_count"}. Needs the role editor, or, other than through a gateway, foreign tables of the role: a user that has lost the source can still detach them. Errors: 400, 401, 403, 404 (nothing of it is attached by this role), 409 (other objects depend on the tables; the detail names them), 503 (another session uses them).';

CREATE OR REPLACE FUNCTION rivergen.organization_set_attachment_role(organization_id bigint, role_name text) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_organization_set_attachment_role'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.organization_set_attachment_role(bigint, text) IS
'For operators: names the role that owns what an organization attaches through a gateway, whose tenants share one role.
Its editors can also register the foreign servers that the role may use, with the role''s user mappings (rivergen.data_source_from_foreign_server). role_name null: the organization attaches nothing through a gateway, as before. The role must not be a superuser nor a role of the gateway, and should belong to this organization alone. Answers {"organization_id", "role_name"}. Errors: 400, 404.';

CREATE OR REPLACE VIEW rivergen.attachments WITH (security_barrier) AS
	SELECT a.attachment_id,
		a.data_source_id,
		a.local_schemas,
		(SELECT count(*) FROM rivergen_catalog.foreign_tables_of(a.server_name)) AS tables_count,
		CASE WHEN s.oid IS NULL OR d.deleted_at IS NOT NULL THEN 'broken' ELSE a.state END AS state,
		CASE WHEN s.oid IS NULL THEN 'the foreign server was dropped'
			WHEN d.deleted_at IS NOT NULL THEN 'the data source was deleted'
			WHEN a.problems <> '[]' THEN format('%s changes of the source could not be followed: problems names them',
				jsonb_array_length(a.problems)) END AS why,
		a.problems,
		a.user_id,
		coalesce(u.subject, u.role_name) AS user_name,
		a.server_name,
		a.attached_at,
		a.refreshed_at
	FROM rivergen_catalog.attachment a
	JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
	LEFT JOIN rivergen_catalog.app_user u ON u.user_id = a.user_id
	LEFT JOIN pg_catalog.pg_foreign_server s ON s.srvname = a.server_name
	WHERE a.organization_id = (SELECT rivergen.current_organization_id());
COMMENT ON VIEW rivergen.attachments IS
'The attachments of the organization''s data sources, made by rivergen.attach.
Errors: 401, 403.';
COMMENT ON COLUMN rivergen.attachments.attachment_id IS 'The id of the attachment.';
COMMENT ON COLUMN rivergen.attachments.data_source_id IS 'The data source.';
COMMENT ON COLUMN rivergen.attachments.local_schemas IS 'The local schema of each attached schema of the source.';
COMMENT ON COLUMN rivergen.attachments.tables_count IS 'How many foreign tables there are.';
COMMENT ON COLUMN rivergen.attachments.state IS 'fresh: as the last discovery found the source; stale: something could not be followed; broken: foreign tables without a relation, or all of them cannot be read.';
COMMENT ON COLUMN rivergen.attachments.why IS 'Why the state is not fresh; else null.';
COMMENT ON COLUMN rivergen.attachments.problems IS 'What the last refresh could not follow: [{"table_schema", "table_name", "local_name", "reason", "dependents"}].';
COMMENT ON COLUMN rivergen.attachments.user_id IS 'The user that attached; each scan needs this user to be an editor.';
COMMENT ON COLUMN rivergen.attachments.user_name IS 'The user''s subject, or the login role of a user without subject.';
COMMENT ON COLUMN rivergen.attachments.server_name IS 'The foreign server of the foreign tables.';
COMMENT ON COLUMN rivergen.attachments.attached_at IS 'When rivergen.attach was called.';
COMMENT ON COLUMN rivergen.attachments.refreshed_at IS 'When the foreign tables were last compared with the source.';

REVOKE ALL ON FUNCTION rivergen_catalog.run_as(oid, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.attach(bigint, text, text[], text[], boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.detach(bigint, text, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.organization_set_attachment_role(bigint, text) FROM PUBLIC;
