-- Table descriptions: what is known about a table, for people and for those who write queries. The bodies are those of
-- the page "Refresh a table description", with comment and description_source beside them.

-- The columns in the source's order. Of several foreign keys of a column the first by name is shown; its table is
-- told with the schema when that is another one.
CREATE FUNCTION rivergen_catalog.described_columns(document jsonb, schema_name text, texts jsonb, categories jsonb)
	RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH reference AS (
		SELECT DISTINCT ON (k.value) k.value AS column_name,
			jsonb_build_object(
				'field_name', f.value -> 'referenced_columns' -> (k.ordinality::integer - 1),
				'reference_table', CASE WHEN f.value ->> 'schema' IS DISTINCT FROM $2
					THEN concat_ws('.', f.value ->> 'schema', f.value ->> 'table')
					ELSE f.value ->> 'table' END) AS body
		FROM jsonb_array_elements($1 -> 'foreign_keys') f
		CROSS JOIN LATERAL jsonb_array_elements_text(f.value -> 'columns') WITH ORDINALITY k
		ORDER BY k.value, f.value ->> 'name' COLLATE "C"
	)
	SELECT coalesce(jsonb_agg(jsonb_build_object(
		'name', c.value -> 'name',
		'is_primary_key', coalesce($1 #> '{primary_key,columns}' ? (c.value ->> 'name'), false),
		'data_type', c.value -> 'type',
		'description', coalesce($3 -> (c.value ->> 'name'), c.value -> 'comment'),
		'description_source', CASE WHEN $3 ? (c.value ->> 'name') THEN 'people' WHEN c.value ->> 'comment' IS NOT NULL THEN 'source' END,
		'comment', c.value -> 'comment',
		'low_cardinality', $4 ? (c.value ->> 'name'),
		'categories', coalesce($4 -> (c.value ->> 'name'), '[]'),
		'foreign_key', r.body) ORDER BY c.ordinality), '[]')
	FROM jsonb_array_elements($1 -> 'columns') WITH ORDINALITY c
	LEFT JOIN reference r ON r.column_name = c.value ->> 'name';
END;

CREATE FUNCTION rivergen_catalog.description_body(r rivergen_catalog.relation, status text) RETURNS jsonb
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN jsonb_build_object(
		'id', (r).relation_id::text,
		'db_connection_id', (r).data_source_id::text,
		'table_name', (r).relation_name,
		'table_schema', (r).schema_name,
		'description', coalesce((r).description, (r).document ->> 'comment'),
		'description_source', CASE WHEN (r).description IS NOT NULL THEN 'people'
			WHEN (r).document ->> 'comment' IS NOT NULL THEN 'source' END,
		'comment', (r).document ->> 'comment',
		'status', status,
		'error_message', CASE status WHEN 'FAILED' THEN (r).error_message END,
		'columns', rivergen_catalog.described_columns((r).document, (r).schema_name, (r).column_descriptions,
			(r).categories),
		'scanned_at', rivergen_catalog.time_text((r).scanned_at),
		'examples', (r).examples);

-- Discoveries that run or are about to: the schemas they read, or null for all. One that waits to be tried again counts.
CREATE VIEW rivergen_catalog.discovery_under_way AS
	SELECT organization_id, data_source_id, schema_name FROM rivergen_catalog.job
	WHERE kind = 'discover' AND status = 'running'
	UNION ALL
	SELECT organization_id, data_source_id, schema_name FROM rivergen_catalog.job
	WHERE kind = 'discover' AND status = 'queued' AND (run_after <= now() OR attempts > 0);

-- Relations that a scan looks at or is about to; null for all of the source.
CREATE VIEW rivergen_catalog.scan_under_way AS
	SELECT DISTINCT j.organization_id, j.data_source_id, i.relation_id
	FROM rivergen_catalog.job j
	LEFT JOIN LATERAL unnest(j.relation_ids) AS i (relation_id) ON true
	WHERE j.kind = 'scan' AND (j.status = 'running' OR j.status = 'queued' AND (j.run_after <= now() OR j.attempts > 0));

-- SYNCHRONIZING is read from the jobs and stored nowhere, so that no crash can leave it behind.
CREATE VIEW rivergen_catalog.described_relation AS
	SELECT r.organization_id, r.data_source_id, r.relation_id, r.schema_name, r.relation_name, r.description,
		r.document, r AS relation,
		CASE WHEN r.deprecated_at IS NOT NULL THEN 'DEPRECATED'
			WHEN j.whole OR r.schema_name = ANY (j.schemas) OR whole.data_source_id IS NOT NULL OR one.relation_id IS NOT NULL
				THEN 'SYNCHRONIZING'
			ELSE r.scan_status END AS status
	FROM rivergen_catalog.relation r
	JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
	LEFT JOIN (
		SELECT organization_id, data_source_id, bool_or(schema_name IS NULL) AS whole, array_agg(schema_name) AS schemas
		FROM rivergen_catalog.discovery_under_way
		GROUP BY organization_id, data_source_id) j USING (organization_id, data_source_id)
	LEFT JOIN rivergen_catalog.scan_under_way whole ON whole.organization_id = r.organization_id
		AND whole.data_source_id = r.data_source_id AND whole.relation_id IS NULL
	LEFT JOIN rivergen_catalog.scan_under_way one ON one.organization_id = r.organization_id
		AND one.data_source_id = r.data_source_id AND one.relation_id = r.relation_id
	WHERE d.deleted_at IS NULL AND r.kind <> 'sequence';

CREATE FUNCTION rivergen_catalog.descriptions_of_source(organization_id bigint, data_source_id bigint) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce(jsonb_agg(rivergen_catalog.description_body(r.relation, r.status)
		ORDER BY r.schema_name, r.relation_name, r.relation_id), '[]')
	FROM rivergen_catalog.described_relation r
	WHERE r.organization_id = $1 AND r.data_source_id = $2;
END;

-- Filters that are null are none. Compares pages, not offsets, as pagination does.
CREATE FUNCTION rivergen_catalog.description_page(
	organization_id bigint, data_source_id bigint, status text, table_schema text, search text,
	page integer, page_size integer) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH found AS (
		SELECT r.* FROM rivergen_catalog.described_relation r
		WHERE r.organization_id = $1
			AND ($2 IS NULL OR r.data_source_id = $2)
			AND ($3 IS NULL OR r.status = $3)
			AND ($4 IS NULL OR r.schema_name = $4)
			AND ($5 IS NULL OR strpos(rivergen_catalog.folded(concat_ws(chr(1), r.relation_name, r.description,
				r.document ->> 'comment')), rivergen_catalog.folded($5)) > 0)
	), shown AS (
		SELECT r.* FROM found r
		ORDER BY r.data_source_id, r.schema_name, r.relation_name, r.relation_id
		LIMIT $7 OFFSET ($6::bigint - 1) * $7
	)
	SELECT jsonb_build_object(
		'items', (SELECT coalesce(jsonb_agg(rivergen_catalog.description_body(s.relation, s.status)
			ORDER BY s.data_source_id, s.schema_name, s.relation_name, s.relation_id), '[]') FROM shown s),
		'pagination', rivergen_catalog.pagination($6, $7, (SELECT count(*) FROM found)));
END;

-- The texts that a change gives: what the audit trail keeps of them, before and after.
CREATE FUNCTION rivergen_catalog.described_texts(r rivergen_catalog.relation, given jsonb) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT CASE WHEN $2 ? 'description' THEN jsonb_build_object('description', (r).description) ELSE '{}' END
		|| CASE WHEN $2 ? 'columns' THEN jsonb_build_object('columns', (
			SELECT coalesce(jsonb_object_agg(c.key, (r).column_descriptions -> c.key), '{}')
			FROM jsonb_each($2 -> 'columns') c)) ELSE '{}' END;
END;

CREATE FUNCTION rivergen.table_description_refresh(db_connection_id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_table_description_refresh'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.table_description_refresh(bigint) IS
'Discovers the data source again and returns the descriptions of all its tables and views.
Does what discover_schema(refresh => true) does, waits for it, and answers a bare array, in which ids are texts: [{"id", "db_connection_id", "table_name", "table_schema", "description", "description_source", "comment", "status", "error_message", "columns", "examples"}]. status: NOT_SCANNED, SYNCHRONIZING while a discovery runs or is queued, SCANNED, FAILED (error_message says why), DEPRECATED for what is no longer in the source. description is what people wrote, else the source''s comment; description_source says which: people or source. A column''s foreign_key is its first by constraint name; reference_table has its schema when that is another one. Needs the role editor. Errors: those of discover_schema, and 409 when descriptions were changed by the same transaction. Source: Refresh a table description.';

CREATE FUNCTION rivergen.table_description_list(
	db_connection_id bigint DEFAULT NULL,
	status text DEFAULT NULL,
	table_schema text DEFAULT NULL,
	search text DEFAULT NULL,
	page integer DEFAULT 1,
	page_size integer DEFAULT 100) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_table_description_list'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.table_description_list(bigint, text, text, text, integer, integer) IS
'A page of table descriptions, by data source, schema and name.
Those of relations that have gone are among them: {"items", "pagination"}. An item is as table_description_refresh shows it. status: NOT_SCANNED, SYNCHRONIZING, DEPRECATED, SCANNED or FAILED. search looks for the text in name, description and comment of the table, without regard to case. page counts from 1, page_size is 1-1000. Errors: 400 (all faults at once), 401, 403, 404 (no such data source).';

CREATE FUNCTION rivergen.table_description_get(id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_table_description_get'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.table_description_get(bigint) IS
'One table description, as table_description_refresh shows it.
Errors: 400, 401, 403, 404.';

CREATE FUNCTION rivergen.table_description_update(id bigint, changes jsonb) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_table_description_update'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.table_description_update(bigint, jsonb) IS
'Writes about a table and its columns, and returns the description.
changes: {"description": text, "columns": [{"name", "description": text}]}. Only what is given changes; null takes away what was written, and the source''s comment shows again. Texts have at most 65,536 characters. Discovery never changes what was written here; it stays with a table that is renamed, and with one that returns. A table that has the name of another one since, and no texts, inherits those of that one. Needs the role editor. Errors: 400 (all faults at once, one per line of the detail), 401, 403, 404.';

REVOKE ALL ON FUNCTION rivergen.table_description_refresh(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.table_description_list(bigint, text, text, text, integer, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.table_description_get(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.table_description_update(bigint, jsonb) FROM PUBLIC;
