-- How much of each source is described. Counting columns unpacks the documents, so a source is counted when it is asked for.

CREATE OR REPLACE VIEW rivergen_catalog.source_coverage AS
	SELECT d.organization_id, d.data_source_id,
		count(r.relation_id) AS tables_count,
		count(*) FILTER (WHERE r.description <> '') AS tables_described,
		count(*) FILTER (WHERE r.document ->> 'comment' <> '') AS tables_commented,
		count(*) FILTER (WHERE r.tags <> '{}') AS tables_tagged,
		coalesce(sum(c.columns), 0)::bigint AS columns_count,
		coalesce(sum(c.described), 0)::bigint AS columns_described,
		coalesce(sum(c.commented), 0)::bigint AS columns_commented,
		coalesce(sum(c.tagged), 0)::bigint AS columns_tagged
	FROM rivergen_catalog.data_source d
	LEFT JOIN rivergen_catalog.relation r ON r.organization_id = d.organization_id AND r.data_source_id = d.data_source_id
		AND r.deprecated_at IS NULL AND rivergen_catalog.kind_group(r.kind) <> 'other'
	LEFT JOIN LATERAL (
		SELECT count(*) AS columns,
			count(*) FILTER (WHERE r.column_descriptions ->> (e.value ->> 'name') <> '') AS described,
			count(*) FILTER (WHERE e.value ->> 'comment' <> '') AS commented,
			count(*) FILTER (WHERE r.column_tags ? (e.value ->> 'name')) AS tagged
		FROM jsonb_array_elements(r.document -> 'columns') e) c ON true
	WHERE d.deleted_at IS NULL
	GROUP BY d.organization_id, d.data_source_id;

CREATE OR REPLACE VIEW rivergen.description_coverage WITH (security_barrier) AS
	SELECT c.data_source_id, c.tables_count, c.tables_described, c.tables_commented, c.tables_tagged,
		c.columns_count, c.columns_described, c.columns_commented, c.columns_tagged
	FROM rivergen_catalog.source_coverage c
	WHERE c.organization_id = (SELECT rivergen.current_organization_id());
COMMENT ON VIEW rivergen.description_coverage IS
'How many tables and columns of each data source have a description of users, a comment of the source, a tag.
Tables are current tables and views. A source that was not discovered has zeros. All columns of a source are read to count them: ask for one source where there are many. Errors: 401, 403.';

CREATE OR REPLACE FUNCTION rivergen.table_description_coverage(db_connection_id bigint DEFAULT NULL) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_table_description_coverage'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.table_description_coverage(bigint) IS
'The view description_coverage as a document, of one data source or of all.
data: [{"data_source_id", "tables_count", "tables_described", "tables_commented", "tables_tagged", "columns_count", "columns_described", "columns_commented", "columns_tagged"}], by data_source_id. described counts texts of users, commented comments of the source, tagged what has a tag itself. Errors: 401, 403, 404 (no such data source).';

REVOKE ALL ON FUNCTION rivergen.table_description_coverage(bigint) FROM PUBLIC;
