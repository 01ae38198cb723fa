-- Table descriptions: the facts about a table, for people and for programs that write queries. The bodies are those of the
-- page "Refresh a table description", with comment and description_source beside them.

-- The columns in the source's order. Of several foreign keys of a column the first by name is shown; a table of another
-- schema is shown with its schema. Each part of the document that columns need is an InitPlan, so that the document is
-- unpacked once for it and not for each column. A function would be planned again at each call of this one.
CREATE OR REPLACE FUNCTION rivergen_catalog.described_columns(document jsonb, schema_name text, texts jsonb, categories jsonb,
	tags jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_agg(jsonb_build_object(
		'name', c.value -> 'name',
		'is_primary_key', coalesce((SELECT $1 #> '{primary_key,columns}') ? (c.value ->> 'name'), false),
		'data_type', c.value -> 'type',
		'description', coalesce($3 -> (c.value ->> 'name'), c.value -> 'comment'),
		'description_source', CASE WHEN $3 ? (c.value ->> 'name') THEN 'people' WHEN c.value ->> 'comment' IS NOT NULL THEN 'source' END,
		'comment', c.value -> 'comment',
		'tags', coalesce($5 -> (c.value ->> 'name'), '[]'),
		'low_cardinality', $4 ? (c.value ->> 'name'),
		'categories', coalesce($4 -> (c.value ->> 'name'), '[]'),
		'foreign_key', (
			SELECT jsonb_object_agg(k.value, jsonb_build_object(
				'field_name', f.value -> 'referenced_columns' -> (k.ordinality::integer - 1),
				'reference_table', CASE WHEN f.value ->> 'schema' IS DISTINCT FROM $2
					THEN concat_ws('.', f.value ->> 'schema', f.value ->> 'table')
					ELSE f.value ->> 'table' END) ORDER BY f.value ->> 'name' COLLATE "C" DESC)
			FROM jsonb_array_elements($1 -> 'foreign_keys') f
			CROSS JOIN LATERAL jsonb_array_elements_text(f.value -> 'columns') WITH ORDINALITY k
			WHERE k.value IS NOT NULL) -> (c.value ->> 'name')) ORDER BY c.ordinality), '[]')
	FROM jsonb_array_elements($1 -> 'columns') WITH ORDINALITY c;
END;

-- Running and queued discoveries: the schemas they read, or null for all. A discovery that waits for a retry counts.
CREATE OR REPLACE VIEW rivergen_catalog.discovery_under_way AS
	SELECT organization_id, data_source_id, schema_name FROM rivergen_catalog.job
	WHERE kind = 'discover' AND status = 'running'
	UNION ALL
	SELECT organization_id, data_source_id, schema_name FROM rivergen_catalog.job
	WHERE kind = 'discover' AND status = 'queued' AND (run_after <= now() OR attempts > 0);

-- Running and queued scans; relation_ids is null for all relations of the source.
CREATE OR REPLACE VIEW rivergen_catalog.scan_under_way AS
	SELECT j.organization_id, j.data_source_id, j.relation_ids
	FROM rivergen_catalog.job j
	WHERE j.kind = 'scan' AND (j.status = 'running' OR j.status = 'queued' AND (j.run_after <= now() OR j.attempts > 0));

-- Running and queued work that concerns all relations of a source or of a schema.
CREATE OR REPLACE VIEW rivergen_catalog.schema_under_way AS
	SELECT organization_id, data_source_id, schema_name FROM rivergen_catalog.discovery_under_way
	UNION ALL
	SELECT organization_id, data_source_id, NULL FROM rivergen_catalog.scan_under_way WHERE relation_ids IS NULL;

CREATE OR REPLACE VIEW rivergen_catalog.relation_under_way AS
	SELECT s.organization_id, i.relation_id
	FROM rivergen_catalog.scan_under_way s CROSS JOIN LATERAL unnest(s.relation_ids) AS i (relation_id);

-- The sources whose last ended discovery of the whole source failed, and the reason.
CREATE OR REPLACE VIEW rivergen_catalog.refresh_failure AS
	SELECT s.organization_id, s.data_source_id, j.error_message
	FROM rivergen_catalog.data_source_state s
	CROSS JOIN LATERAL (
		SELECT j.status, j.error_message FROM rivergen_catalog.job j
		WHERE j.organization_id = s.organization_id AND j.data_source_id = s.data_source_id AND j.kind = 'discover'
			AND j.schema_name IS NULL AND j.status IN ('succeeded', 'failed')
		ORDER BY j.job_id DESC LIMIT 1) j
	WHERE j.status = 'failed';

-- SYNCHRONIZING is computed from the jobs and stored nowhere, so that no crash can leave it behind. A failed refresh shows
-- only on relations that no scan has read: the results of a scan stay true.
CREATE OR REPLACE FUNCTION rivergen_catalog.shown_scan_status(deprecated_at timestamptz, under_way boolean, scan_status text,
	refresh_failed boolean) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN deprecated_at IS NOT NULL THEN 'DEPRECATED' WHEN under_way THEN 'SYNCHRONIZING'
		WHEN scan_status = 'NOT_SCANNED' AND refresh_failed THEN 'FAILED' ELSE scan_status END;

-- Whether users gave a relation anything.
CREATE OR REPLACE FUNCTION rivergen_catalog.is_described(
	description text, column_descriptions jsonb, tags text[], column_tags jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN description IS NOT NULL OR column_descriptions <> '{}' OR tags <> '{}' OR column_tags <> '{}';

-- Names what users gave a relation: the same texts and tags have the same version. No discovery changes it, except one that
-- follows the new name of a column.
CREATE OR REPLACE FUNCTION rivergen_catalog.description_version(
	description text, column_descriptions jsonb, tags text[], column_tags jsonb) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN left(encode(sha256(convert_to(jsonb_build_array(description, column_descriptions, to_jsonb(tags), column_tags)::text, 'UTF8')),
		'hex'), 32);

CREATE OR REPLACE VIEW rivergen_catalog.described_relation AS
	SELECT r.organization_id, r.data_source_id, r.relation_id, r.schema_name, r.relation_name, r.description, r.document,
		r.column_descriptions, r.categories, r.examples, r.error_message, r.scanned_at,
		rivergen_catalog.shown_scan_status(r.deprecated_at,
			EXISTS (SELECT FROM rivergen_catalog.schema_under_way u WHERE u.organization_id = r.organization_id
				AND u.data_source_id = r.data_source_id AND coalesce(u.schema_name, r.schema_name) = r.schema_name)
			OR EXISTS (SELECT FROM rivergen_catalog.relation_under_way u WHERE u.organization_id = r.organization_id
				AND u.relation_id = r.relation_id), r.scan_status, f.data_source_id IS NOT NULL) AS status,
		f.error_message AS refresh_failure,
		r.tags, r.column_tags
	FROM rivergen_catalog.relation r
	JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
	LEFT JOIN rivergen_catalog.refresh_failure f USING (organization_id, data_source_id)
	WHERE d.deleted_at IS NULL AND rivergen_catalog.kind_group(r.kind) <> 'other';

-- About how many bytes a description takes in an answer: a column's members have names of 100 letters.
CREATE OR REPLACE FUNCTION rivergen_catalog.description_bytes(
	columns_count integer, document jsonb, column_descriptions jsonb, categories jsonb, examples jsonb, tags text[], column_tags jsonb)
	RETURNS bigint
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN 500 + 250 * columns_count + rivergen_catalog.stored_bytes(document) + rivergen_catalog.stored_bytes(column_descriptions)
		+ rivergen_catalog.stored_bytes(categories) + rivergen_catalog.stored_bytes(examples)
		+ octet_length(array_to_string(tags, ', ')) + rivergen_catalog.stored_bytes(column_tags);

-- The descriptions of a page: their ids, about how many bytes they take in the answer, and their number on all pages. A
-- null filter selects all; with a null page_size there is one page. The discovery has counted the current relations.
-- Current relations and those that are gone have an index each, in the order of the list.
CREATE OR REPLACE FUNCTION rivergen_catalog.located_descriptions(
	organization_id bigint, data_source_id bigint, table_schema text, page integer, page_size integer)
	RETURNS TABLE (ids bigint[], bytes bigint, total bigint)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH hidden AS MATERIALIZED (
		SELECT d.data_source_id FROM rivergen_catalog.data_source d
		WHERE d.organization_id = $1 AND d.deleted_at IS NOT NULL
	), listed AS (
		(SELECT r.data_source_id, r.schema_name, r.relation_name, r.relation_id FROM rivergen_catalog.relation r
		 WHERE r.organization_id = $1 AND ($2 IS NULL OR r.data_source_id = $2) AND ($3 IS NULL OR r.schema_name = $3)
			AND r.deprecated_at IS NULL AND rivergen_catalog.kind_group(r.kind) <> 'other'
			AND r.data_source_id NOT IN (SELECT h.data_source_id FROM hidden h)
		 ORDER BY r.data_source_id, r.schema_name, r.relation_name LIMIT $4::bigint * $5)
		UNION ALL
		(SELECT r.data_source_id, r.schema_name, r.relation_name, r.relation_id FROM rivergen_catalog.relation r
		 WHERE r.organization_id = $1 AND ($2 IS NULL OR r.data_source_id = $2) AND ($3 IS NULL OR r.schema_name = $3)
			AND r.deprecated_at IS NOT NULL AND rivergen_catalog.kind_group(r.kind) <> 'other'
			AND r.data_source_id NOT IN (SELECT h.data_source_id FROM hidden h)
		 ORDER BY r.data_source_id, r.schema_name, r.relation_name, r.relation_id LIMIT $4::bigint * $5)
	), shown AS (
		SELECT l.relation_id FROM listed l
		ORDER BY l.data_source_id, l.schema_name, l.relation_name, l.relation_id
		LIMIT $5 OFFSET ($4::bigint - 1) * $5
	)
	SELECT coalesce(array_agg(s.relation_id), '{}'), coalesce(sum((
			SELECT rivergen_catalog.description_bytes(r.columns_count, r.document, r.column_descriptions, r.categories, r.examples,
				r.tags, r.column_tags)
			FROM rivergen_catalog.relation r
			WHERE r.organization_id = $1 AND r.relation_id = s.relation_id)), 0)::bigint,
		(SELECT coalesce(sum(c.tables_count + c.views_count), 0)::bigint FROM rivergen_catalog.schema_content c
		 WHERE c.organization_id = $1 AND ($2 IS NULL OR c.data_source_id = $2) AND ($3 IS NULL OR c.schema_name = $3)
			AND c.data_source_id NOT IN (SELECT h.data_source_id FROM hidden h))
		+ (SELECT count(*) FROM rivergen_catalog.relation r
		 WHERE r.organization_id = $1 AND ($2 IS NULL OR r.data_source_id = $2) AND ($3 IS NULL OR r.schema_name = $3)
			AND r.deprecated_at IS NOT NULL AND rivergen_catalog.kind_group(r.kind) <> 'other'
			AND r.data_source_id NOT IN (SELECT h.data_source_id FROM hidden h))
	FROM shown s;
END;

-- The same with a filter by status, text or tags: each description must be read to count them. A table has a tag when one of
-- its columns has it.
CREATE OR REPLACE FUNCTION rivergen_catalog.found_descriptions(
	organization_id bigint, data_source_id bigint, table_schema text, page integer, page_size integer,
	status text, search text, tags text[]) RETURNS TABLE (ids bigint[], bytes bigint, total bigint)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH hidden AS MATERIALIZED (
		SELECT d.data_source_id FROM rivergen_catalog.data_source d
		WHERE d.organization_id = $1 AND d.deleted_at IS NOT NULL
	), failed AS MATERIALIZED (
		SELECT f.data_source_id FROM rivergen_catalog.refresh_failure f WHERE f.organization_id = $1
	), under_way AS MATERIALIZED (
		SELECT u.data_source_id, u.schema_name FROM rivergen_catalog.schema_under_way u WHERE u.organization_id = $1
	), found AS MATERIALIZED (
		SELECT r.data_source_id, r.schema_name, r.relation_name, r.relation_id FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND ($2 IS NULL OR r.data_source_id = $2) AND ($3 IS NULL OR r.schema_name = $3)
			AND rivergen_catalog.kind_group(r.kind) <> 'other' AND r.data_source_id NOT IN (SELECT h.data_source_id FROM hidden h)
			AND ($7 IS NULL OR rivergen_catalog.contains(r.search_text, rivergen_catalog.folded($7)))
			AND ($8 IS NULL OR $8 = '{}' OR (r.tags <> '{}' OR r.column_tags <> '{}')
				AND rivergen_catalog.search_keys(r.organization_id, NULL, rivergen_catalog.all_tags(r.tags, r.column_tags))
					@> rivergen_catalog.search_keys($1, NULL, $8)
				AND rivergen_catalog.all_tags(r.tags, r.column_tags) @> $8)
			AND ($6 IS NULL OR $6 = rivergen_catalog.shown_scan_status(r.deprecated_at,
				EXISTS (SELECT FROM under_way u WHERE u.data_source_id = r.data_source_id
					AND coalesce(u.schema_name, r.schema_name) = r.schema_name)
				OR r.relation_id IN (SELECT u.relation_id FROM rivergen_catalog.relation_under_way u
					WHERE u.organization_id = $1), r.scan_status, r.data_source_id IN (SELECT f.data_source_id FROM failed f)))
	), shown AS (
		SELECT f.relation_id FROM found f
		ORDER BY f.data_source_id, f.schema_name, f.relation_name, f.relation_id
		LIMIT $5 OFFSET ($4::bigint - 1) * $5
	)
	SELECT coalesce(array_agg(s.relation_id), '{}'), coalesce(sum((
			SELECT rivergen_catalog.description_bytes(r.columns_count, r.document, r.column_descriptions, r.categories, r.examples,
				r.tags, r.column_tags)
			FROM rivergen_catalog.relation r
			WHERE r.organization_id = $1 AND r.relation_id = s.relation_id)), 0)::bigint,
		(SELECT count(*) FROM found)
	FROM shown s;
END;

-- The descriptions with these ids, in the order of the list. OFFSET makes the status a plain value, so that the body is
-- inlined into this statement; otherwise its functions would be planned again for each description.
CREATE OR REPLACE FUNCTION rivergen_catalog.described(organization_id bigint, ids bigint[]) RETURNS SETOF jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce(jsonb_agg(jsonb_build_object(
		'id', r.relation_id::text,
		'db_connection_id', r.data_source_id::text,
		'table_name', r.relation_name,
		'table_schema', r.schema_name,
		'description', coalesce(r.description, r.document ->> 'comment'),
		'description_source', CASE WHEN r.description IS NOT NULL THEN 'people'
			WHEN r.document ->> 'comment' IS NOT NULL THEN 'source' END,
		'comment', r.document ->> 'comment',
		'status', r.status,
		'error_message', CASE r.status WHEN 'FAILED' THEN coalesce(r.error_message, r.refresh_failure) END,
		'tags', r.tags,
		'columns', rivergen_catalog.described_columns(r.document, r.schema_name, r.column_descriptions,
			r.categories, r.column_tags),
		'version', rivergen_catalog.description_version(r.description, r.column_descriptions, r.tags, r.column_tags),
		'scanned_at', rivergen_catalog.time_text(r.scanned_at),
		'examples', r.examples)
		ORDER BY r.data_source_id, r.schema_name, r.relation_name, r.relation_id), '[]')
	FROM (SELECT * FROM rivergen_catalog.described_relation d
		WHERE d.organization_id = $1 AND d.relation_id = ANY ($2) OFFSET 0) r;
END;

-- What users gave and a change sets, as the audit trail keeps it, before and after. given: {"description", "tags", "columns":
-- {name: text}, "column_tags": {name: [tag]}}, each of them optional.
CREATE OR REPLACE FUNCTION rivergen_catalog.described_texts(
	description text, column_descriptions jsonb, tags text[], column_tags jsonb, given jsonb) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT CASE WHEN $5 ? 'description' THEN jsonb_build_object('description', $1) ELSE '{}' END
		|| CASE WHEN $5 ? 'tags' THEN jsonb_build_object('tags', $3) ELSE '{}' END
		|| CASE WHEN $5 ? 'columns' THEN jsonb_build_object('columns', (
			SELECT coalesce(jsonb_object_agg(c.key, $2 -> c.key), '{}')
			FROM jsonb_each($5 -> 'columns') c)) ELSE '{}' END
		|| CASE WHEN $5 ? 'column_tags' THEN jsonb_build_object('column_tags', (
			SELECT coalesce(jsonb_object_agg(c.key, coalesce($4 -> c.key, '[]')), '{}')
			FROM jsonb_each($5 -> 'column_tags') c)) ELSE '{}' END;
END;

-- The tags of columns after a change. A column without tags has no member.
CREATE OR REPLACE FUNCTION rivergen_catalog.changed_tags(column_tags jsonb, given jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(t.key, t.value) FILTER (WHERE t.value NOT IN ('[]', 'null')), '{}')
	FROM jsonb_each($1 || coalesce($2, '{}')) t;
END;

-- What users gave a relation, as a change leaves it.
CREATE OR REPLACE FUNCTION rivergen_catalog.changed_description(organization_id bigint, relation_id bigint, given jsonb)
	RETURNS TABLE (description text, column_descriptions jsonb, tags text[], column_tags jsonb)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT CASE WHEN $3 ? 'description' THEN $3 ->> 'description' ELSE r.description END,
		jsonb_strip_nulls(r.column_descriptions || coalesce($3 -> 'columns', '{}')),
		CASE WHEN $3 ? 'tags' THEN ARRAY(SELECT t.value FROM jsonb_array_elements_text($3 -> 'tags') WITH ORDINALITY t
			ORDER BY t.ordinality) ELSE r.tags END,
		rivergen_catalog.changed_tags(r.column_tags, $3 -> 'column_tags')
	FROM rivergen_catalog.relation r WHERE r.organization_id = $1 AND r.relation_id = $2;
END;

-- Writes what is given to a relation; no row when nothing differs from what is there.
CREATE OR REPLACE FUNCTION rivergen_catalog.describe_relation(organization_id bigint, relation_id bigint, given jsonb)
	RETURNS SETOF bigint
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	UPDATE rivergen_catalog.relation r SET
		description = n.description, column_descriptions = n.column_descriptions, tags = n.tags, column_tags = n.column_tags
	FROM rivergen_catalog.changed_description($1, $2, $3) n
	WHERE r.organization_id = $1 AND r.relation_id = $2
		AND (r.description, r.column_descriptions, r.tags, r.column_tags)
			IS DISTINCT FROM (n.description, n.column_descriptions, n.tags, n.column_tags)
	RETURNING r.relation_id;
END;

CREATE OR REPLACE FUNCTION rivergen.table_description_refresh(db_connection_id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_table_description_refresh'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.table_description_refresh(bigint) IS
'Discovers the data source again and returns the descriptions of all its tables and views.
It calls discover_schema(refresh => true), waits, and answers a bare array, in which ids are texts: [{"id", "db_connection_id", "table_name", "table_schema", "description", "description_source", "comment", "status", "error_message", "tags", "columns", "version", "scanned_at", "examples"}]. status: NOT_SCANNED, SYNCHRONIZING while a discovery runs or is queued, SCANNED, FAILED (error_message says why), DEPRECATED when the table is no longer in the source. description is the text that users wrote, else the source''s comment; description_source says which: people or source. version names what users wrote and marked, for table_description_update. A column''s foreign_key is its first by constraint name; reference_table includes the schema if that is another one. Needs the role editor. Errors: those of discover_schema, 409 when the same transaction has changed descriptions, and 413 when they take more than rivergen.max_answer_bytes, before anything is discovered if the size is known then: discover_schema(refresh => true) and the pages of table_description_list do the same for any size. Source: Refresh a table description.';

CREATE OR REPLACE FUNCTION rivergen.table_description_list(
	db_connection_id bigint DEFAULT NULL,
	status text DEFAULT NULL,
	table_schema text DEFAULT NULL,
	search text DEFAULT NULL,
	page integer DEFAULT 1,
	page_size integer DEFAULT 100,
	tags text[] DEFAULT NULL) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_table_description_list'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.table_description_list(bigint, text, text, text, integer, integer, text[]) IS
'A page of table descriptions, by data source, schema and name.
Answers {"items", "pagination"}, with the descriptions of relations that are gone. Items have the form that table_description_refresh answers. status: NOT_SCANNED, SYNCHRONIZING, DEPRECATED, SCANNED or FAILED. search looks for the text in name, description and comment of the table, without regard to case. tags: only tables that have all of these tags, of their own or of a column. page counts from 1, page_size is 1-1000. Errors: 400 (all faults at once), 401, 403, 404 (no such data source), 413 (the page takes more than rivergen.max_answer_bytes: ask for fewer).';

CREATE OR REPLACE FUNCTION rivergen.table_description_get(id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_table_description_get'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.table_description_get(bigint) IS
'One table description, in the form that table_description_refresh answers.
Errors: 400, 401, 403, 404, 413 (it takes more than rivergen.max_answer_bytes).';

CREATE OR REPLACE FUNCTION rivergen.table_description_update(id bigint, changes jsonb, if_version text DEFAULT NULL) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_table_description_update'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.table_description_update(bigint, jsonb, text) IS
'Changes the texts and tags of a table and its columns, and returns the description.
changes: {"description": text, "tags": [tag], "columns": [{"name", "description": text, "tags": [tag]}]}. What is absent stays; null deletes a text, and the source''s comment shows again; null or [] deletes the tags. Texts have at most 65,536 characters; a table and a column have at most 100 tags each, of 1 to 100 characters without control characters, and a repeated tag counts once. Discovery never changes texts and tags; they stay with a table that is renamed or that returns. A table without them that takes the name of another table inherits the other''s. if_version: version of the description that was read; 409 when its texts or tags were changed since. A change to what is there already writes nothing. Needs the role editor. Errors: 400 (all faults at once, one per line of the detail), 401, 403, 404, 409.';

REVOKE ALL ON FUNCTION rivergen.table_description_refresh(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.table_description_list(bigint, text, text, text, integer, integer, text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.table_description_get(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.table_description_update(bigint, jsonb, text) FROM PUBLIC;
