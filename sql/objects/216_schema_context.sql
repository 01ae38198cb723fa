-- rivergen.schema_context, second part: what is in scope, and the answer. How it is written: src/catalog/context.c.

-- How many tables and columns are in scope.
CREATE OR REPLACE FUNCTION rivergen_catalog.context_scope(organization_id bigint, within bigint[], schemas text[], tables text[],
	OUT tables_total bigint, OUT columns_total bigint)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
	parts text[] := rivergen_catalog.last_parts($4);
BEGIN
	IF $4 IS NULL THEN
		SELECT coalesce(sum(c.tables_count + c.views_count), 0), coalesce(sum(c.columns_count), 0) INTO tables_total, columns_total
		FROM rivergen_catalog.schema_content c
		WHERE c.organization_id = $1 AND ($2 IS NULL OR c.data_source_id = ANY ($2)) AND ($3 IS NULL OR c.schema_name = ANY ($3))
			AND NOT EXISTS (SELECT FROM rivergen_catalog.data_source d WHERE d.organization_id = $1
				AND d.data_source_id = c.data_source_id AND d.deleted_at IS NOT NULL);
	ELSE
		SELECT count(*), coalesce(sum(r.columns_count), 0) INTO tables_total, columns_total
		FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND ($2 IS NULL OR r.data_source_id = ANY ($2)) AND ($3 IS NULL OR r.schema_name = ANY ($3))
			AND r.deprecated_at IS NULL AND rivergen_catalog.kind_group(r.kind) <> 'other'
			AND r.relation_name = ANY (parts)
			AND (r.relation_name = ANY ($4) OR r.schema_name || '.' || r.relation_name = ANY ($4))
			AND NOT EXISTS (SELECT FROM rivergen_catalog.data_source d WHERE d.organization_id = $1
				AND d.data_source_id = r.data_source_id AND d.deleted_at IS NOT NULL);
	END IF;
END
$$;

-- Compiling the plans took more time than running them.
CREATE OR REPLACE FUNCTION rivergen.schema_context(
	question text DEFAULT NULL,
	data_source_id bigint DEFAULT NULL,
	schemas text[] DEFAULT NULL,
	tables text[] DEFAULT NULL,
	format text DEFAULT 'mschema',
	budget integer DEFAULT 8000,
	max_tables integer DEFAULT NULL,
	examples boolean DEFAULT true,
	hints boolean DEFAULT true,
	descriptions boolean DEFAULT true) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_schema_context'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off;
COMMENT ON FUNCTION rivergen.schema_context(text, bigint, text[], text[], text, integer, integer, boolean, boolean, boolean) IS
'The schema as text for a person or program that writes a query: everything when it fits the budget, else the tables that the question is about.
Answers {"context", "format", "dialect", "tokens_estimated", "tables": [{"id", "data_source_id", "table_schema", "table_name", "score", "why", "columns_shown", "columns_total"}], "joins": [{"from", "to", "columns"}], "omitted": {"tables", "columns"}, "discovered_at"}, the best tables first. Without data_source_id all sources of the organization are meant; schemas and tables (with or without their schema) narrow it. format: mschema, ddl, compact or json. budget: tokens, 100 to 1,000,000, each counted as 3.5 bytes. max_tables: 1 to 1,000; absent: 20 when the question chooses, else 1,000. Over the budget it gives up examples, then long comments, then unimportant columns, then all but a line of the last tables, then all but their names, then tables; it never ends within a line. examples, descriptions: whether values, and texts about tables and columns, are shown; hints: whether it begins with a line about the dialect. Texts and values are one line each, quoted as data. The same catalog and arguments give the same bytes. Errors: 400 (all faults at once), 401, 403, 404 (no such data source).';

REVOKE ALL ON FUNCTION rivergen.schema_context(text, bigint, text[], text[], text, integer, integer, boolean, boolean, boolean) FROM PUBLIC;
