-- Reading changes, and schemas as they were.

CREATE OR REPLACE VIEW rivergen.schema_changes WITH (security_barrier) AS
	SELECT c.change_id,
		c.data_source_id,
		c.job_id,
		c.changed_at,
		c.schema_name AS table_schema,
		c.relation_name AS table_name,
		c.relation_id,
		c.object_type,
		c.object_name,
		c.change,
		CASE WHEN c.breaking THEN 'breaking' ELSE 'compatible' END AS classification,
		c.before,
		c.after
	FROM rivergen_catalog.schema_change c
	JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
	WHERE c.organization_id = (SELECT rivergen.current_organization_id()) AND d.deleted_at IS NULL;
COMMENT ON VIEW rivergen.schema_changes IS
'Changes that discoveries found in the schemas of data sources.
One row for each relation, column, key or index that was added, removed, renamed or changed since the discovery before. The first discovery of a source writes only the changes that its tables themselves keep a history of (Delta Lake, Iceberg, Hudi). Rows are kept for rivergen.schema_history_retention. Errors: 401, 403.';
COMMENT ON COLUMN rivergen.schema_changes.change_id IS 'Identifies the change; those that were found later are higher.';
COMMENT ON COLUMN rivergen.schema_changes.data_source_id IS 'The data source.';
COMMENT ON COLUMN rivergen.schema_changes.job_id IS 'The discovery that found it.';
COMMENT ON COLUMN rivergen.schema_changes.changed_at IS 'When schema_as_of begins to show it: the time of the table''s own history where it keeps one, otherwise when it was found. Order by change_id to see changes as they were found.';
COMMENT ON COLUMN rivergen.schema_changes.table_schema IS 'The relation''s schema; after the change.';
COMMENT ON COLUMN rivergen.schema_changes.table_name IS 'The relation; after the change.';
COMMENT ON COLUMN rivergen.schema_changes.relation_id IS 'Identifies the relation here; survives renames.';
COMMENT ON COLUMN rivergen.schema_changes.object_type IS 'relation, column, primary_key, unique, foreign_key, check, exclusion or index.';
COMMENT ON COLUMN rivergen.schema_changes.object_name IS 'The column, key or index; after the change. A field that is nested in a column is reported as a column, by its path (rivergen.column_field_paths). Null for the relation itself.';
COMMENT ON COLUMN rivergen.schema_changes.change IS 'added, removed, renamed or changed. Where columns of the source have no ids, a renamed column is reported as one removed and one added.';
COMMENT ON COLUMN rivergen.schema_changes.classification IS 'breaking: a query or a write that worked before may fail or mean something else; otherwise compatible.';
COMMENT ON COLUMN rivergen.schema_changes.before IS 'The object before the change; if it was changed, only the members that differ; null if it was added.';
COMMENT ON COLUMN rivergen.schema_changes.after IS 'The object after the change, likewise; null if it was removed.';

CREATE OR REPLACE FUNCTION rivergen_catalog.relations_as_of(organization_id bigint, data_source_id bigint, at timestamptz)
	RETURNS TABLE (table_schema text, table_name text, kind text, document jsonb)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT r.schema_name, r.relation_name, r.kind, r.document
	FROM rivergen_catalog.relation r
	WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.deprecated_at IS NULL AND r.changed_at <= $3
	UNION ALL
	SELECT v.schema_name, v.relation_name, v.kind, v.document
	FROM rivergen_catalog.relation_version v
	WHERE v.organization_id = $1 AND v.data_source_id = $2 AND v.valid_to > $3 AND v.valid_from <= $3
	ORDER BY 1, 2;
END;

-- The caller's organization, after a check that it owns the source and that the history reaches back to the time.
CREATE OR REPLACE FUNCTION rivergen_catalog.organization_with_history(data_source_id bigint, at timestamptz) RETURNS bigint
	AS 'MODULE_PATHNAME', 'rg_sql_organization_with_history'
	LANGUAGE C STABLE PARALLEL RESTRICTED;

CREATE OR REPLACE FUNCTION rivergen.schema_as_of(data_source_id bigint, at timestamptz)
	RETURNS TABLE (table_schema text, table_name text, kind text, document jsonb)
	LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT r.* FROM rivergen_catalog.organization_with_history($1, $2) o
	CROSS JOIN LATERAL rivergen_catalog.relations_as_of(o, $1, $2) r;
END;
COMMENT ON FUNCTION rivergen.schema_as_of(bigint, timestamptz) IS
'The relations of a data source as they were at a time.
Each has its whole document (columns, keys, indexes); they are ordered by schema and name. A time in the future shows the current state. Replaced documents are kept for rivergen.schema_history_retention. Errors: 400, 401, 403, 404 (no such source, or its history begins later), 413 (through a gateway, which makes one body of all rows: more than rivergen.max_answer_bytes).';
REVOKE ALL ON FUNCTION rivergen.schema_as_of(bigint, timestamptz) FROM PUBLIC;
