-- Descriptions and tags of an organization as one document, and back.

-- What a relation's entry says beside its place: texts and tags of users, and unless only_described the columns without any and
-- the source's comments. A member that has nothing to say is left out.
CREATE OR REPLACE FUNCTION rivergen_catalog.description_entry(description text, column_descriptions jsonb, tags text[],
	column_tags jsonb, document jsonb, only_described boolean) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_strip_nulls(jsonb_build_object(
		'version', rivergen_catalog.description_version($1, $2, $3, $4),
		'description', $1,
		'tags', nullif(to_jsonb($3), '[]'),
		'comment', CASE WHEN NOT $6 THEN $5 -> 'comment' END,
		'columns', (SELECT jsonb_agg(jsonb_build_object(
				'name', c.value -> 'name',
				'description', $2 -> (c.value ->> 'name'),
				'tags', $4 -> (c.value ->> 'name'),
				'comment', CASE WHEN NOT $6 THEN c.value -> 'comment' END) ORDER BY c.ordinality)
			FROM jsonb_array_elements($5 -> 'columns') WITH ORDINALITY c
			WHERE NOT $6 OR $2 ? (c.value ->> 'name') OR $4 ? (c.value ->> 'name'))));
END;

-- The relations of a document: current ones, in the order of the document, and about how many bytes they take in it.
CREATE OR REPLACE FUNCTION rivergen_catalog.documented_relations(organization_id bigint, data_source_id bigint, table_schema text,
	tags text[], only_described boolean)
	RETURNS TABLE (ids bigint[], bytes bigint, total bigint)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce(array_agg(r.relation_id), '{}'), coalesce(sum(300 + coalesce(octet_length(r.description), 0)
			+ rivergen_catalog.stored_bytes(r.column_descriptions) + octet_length(array_to_string(r.tags, ', '))
			+ rivergen_catalog.stored_bytes(r.column_tags)
			+ CASE WHEN $5 THEN 0 ELSE 50 * r.columns_count + rivergen_catalog.stored_bytes(r.document) END), 0)::bigint, count(*)
	FROM rivergen_catalog.relation r
	JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
	WHERE r.organization_id = $1 AND d.deleted_at IS NULL AND r.deprecated_at IS NULL
		AND rivergen_catalog.kind_group(r.kind) <> 'other'
		AND ($2 IS NULL OR r.data_source_id = $2) AND ($3 IS NULL OR r.schema_name = $3)
		AND ($4 IS NULL OR rivergen_catalog.all_tags(r.tags, r.column_tags) @> $4)
		AND (NOT $5 OR rivergen_catalog.is_described(r.description, r.column_descriptions, r.tags, r.column_tags));
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.description_document(organization_id bigint, ids bigint[], only_described boolean)
	RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_object('version', 1, 'descriptions', coalesce(jsonb_agg(
		jsonb_build_object('data_source', d.name, 'table_schema', r.schema_name, 'table_name', r.relation_name)
		|| rivergen_catalog.description_entry(r.description, r.column_descriptions, r.tags, r.column_tags, r.document, $3)
		ORDER BY d.name COLLATE "C", r.schema_name, r.relation_name), '[]'))
	FROM rivergen_catalog.relation r
	JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
	WHERE r.organization_id = $1 AND r.relation_id = ANY ($2);
END;

-- The relations that the entries name, locked in the order of their ids, so that two documents cannot wait for each other in a
-- circle. position counts from 0.
CREATE OR REPLACE FUNCTION rivergen_catalog.lock_documented(organization_id bigint, entries jsonb)
	RETURNS TABLE ("position" integer, relation_id bigint)
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	SELECT e.ordinality::integer - 1, r.relation_id
	FROM jsonb_array_elements($2) WITH ORDINALITY e
	JOIN rivergen_catalog.data_source d ON d.organization_id = $1 AND d.name = e.value ->> 'data_source' AND d.deleted_at IS NULL
	JOIN rivergen_catalog.relation r ON r.organization_id = $1 AND r.data_source_id = d.data_source_id AND r.deprecated_at IS NULL
		AND r.schema_name = (e.value ->> 'table_schema') COLLATE "C" AND r.relation_name = (e.value ->> 'table_name') COLLATE "C"
	WHERE rivergen_catalog.kind_group(r.kind) <> 'other'
	ORDER BY r.relation_id
	FOR NO KEY UPDATE OF r;
END;

CREATE OR REPLACE FUNCTION rivergen.table_description_export(
	db_connection_id bigint DEFAULT NULL,
	table_schema text DEFAULT NULL,
	tags text[] DEFAULT NULL,
	only_described boolean DEFAULT false) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_table_description_export'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.table_description_export(bigint, text, text[], boolean) IS
'The texts and tags that users gave tables and columns as one document for table_description_apply.
data: {"version": 1, "descriptions": [{"data_source", "table_schema", "table_name", "version", "description", "tags", "comment", "columns": [{"name", "description", "tags", "comment"}]}]}, by the source''s name, schema and table. A member without a value is left out. comment is the source''s, to read: table_description_apply passes over it. Tables that are gone from their source are not in it. tags: only tables that have all of these, of their own or of a column. only_described: only tables and columns with a text or tag of users, and no comments. Errors: 400, 401, 403, 404 (no such data source), 413 (more than rivergen.max_answer_bytes: export by data source or schema).';

CREATE OR REPLACE FUNCTION rivergen.table_description_apply(document jsonb, check_only boolean DEFAULT false) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_table_description_apply'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.table_description_apply(jsonb, boolean) IS
'Writes the texts and tags of a document, each entry by itself: what can be written is, and the answer says of every entry what became of it.
Answers {"check_only", "counts": {"changed", "unchanged", "conflict", "not_found", "refused"}, "entries": [{"data_source", "table_schema", "table_name", "id", "result", "details": [text]}]}, in the document''s order. document: data of table_description_export, edited or not; at most 100,000 entries. A table is found by the source''s name, its schema and its name. What an entry does not name stays; null deletes a text, null or [] the tags. An entry is written as a whole or not at all: conflict means that it has a version and that users have changed the table''s texts or tags since that was exported, refused that a part of it is wrong, which details says. check_only: answer the same and write nothing. Needs the role editor. Errors: 400 (it is no such document), 401, 403.';

REVOKE ALL ON FUNCTION rivergen.table_description_export(bigint, text, text[], boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.table_description_apply(jsonb, boolean) FROM PUBLIC;
