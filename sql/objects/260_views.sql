-- Discovered schemas as rows. Columns have information_schema's names where it has one, so that existing queries need only
-- one more WHERE. The views show current relations of undeleted sources.
--
-- The caller's organization is an InitPlan, which is computed once per query; in a condition it would be computed for each
-- row that is read without an index. The test for deleted sources is a condition of the relation, not a join: a join may
-- be executed after the documents are unpacked, which costs a thousand times as much as the relation itself.

-- EXISTS under IS TRUE stays a subplan.
CREATE OR REPLACE VIEW rivergen_catalog.current_relation AS
	SELECT r.*
	FROM rivergen_catalog.relation r
	CROSS JOIN (SELECT) AS joined -- a view of one table alone could be written through, by the owner
	WHERE r.organization_id = (SELECT rivergen.current_organization_id()) AND r.deprecated_at IS NULL
		AND (NOT EXISTS (SELECT FROM rivergen_catalog.data_source d
			WHERE d.organization_id = r.organization_id AND d.data_source_id = r.data_source_id
				AND d.deleted_at IS NOT NULL)) IS TRUE;

-- A JSON array of texts as text[], in its order; null stays null, which STRICT makes cheap: most columns have no labels.
CREATE OR REPLACE FUNCTION rivergen_catalog.text_array(jsonb) RETURNS text[]
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT array_agg(e.value ORDER BY e.ordinality) FROM jsonb_array_elements_text($1) WITH ORDINALITY e;
END;

-- Whether an option is on, in any spelling of a boolean that PostgreSQL accepts.
CREATE OR REPLACE FUNCTION rivergen_catalog.is_on(option text) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN coalesce(lower(option COLLATE "C") = ANY ('{t,tr,tru,true,y,ye,yes,on,1}'), false);

CREATE OR REPLACE VIEW rivergen.schemas WITH (security_barrier) AS
	SELECT s.data_source_id,
		s.schema_name,
		s.comment,
		coalesce(c.tables_count, 0) AS tables_count,
		coalesce(c.views_count, 0) AS views_count,
		coalesce(c.columns_count, 0)::numeric AS columns_count
	FROM rivergen_catalog.source_schema s
	JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
	LEFT JOIN rivergen_catalog.schema_content c ON c.organization_id = s.organization_id
		AND c.data_source_id = s.data_source_id AND c.schema_name = s.schema_name
	WHERE s.organization_id = (SELECT rivergen.current_organization_id()) AND d.deleted_at IS NULL;
COMMENT ON VIEW rivergen.schemas IS
'The schemas of the discovered data sources, with the number of their tables, views and columns.
Errors: 401, 403.';

CREATE OR REPLACE VIEW rivergen.tables WITH (security_barrier) AS
	SELECT r.data_source_id,
		r.schema_name AS table_schema,
		r.relation_name AS table_name,
		rivergen_catalog.table_type(r.kind) AS table_type,
		r.kind,
		r.document ->> 'comment' AS comment,
		r.document ->> 'owner' AS owner,
		r.columns_count,
		r.row_estimate,
		r.size_bytes,
		r.document #>> '{partition_of,schema}' AS partition_of_schema,
		r.document #>> '{partition_of,table}' AS partition_of_table,
		r.document ->> 'partition_key' AS partition_key,
		r.document ->> 'partition_bound' AS partition_bound,
		CASE jsonb_typeof(r.document -> 'unreadable') WHEN 'array' THEN rivergen_catalog.text_array(r.document -> 'unreadable') END AS unreadable,
		r.relation_id,
		r.native_id,
		r.discovered_at,
		r.changed_at
	FROM rivergen_catalog.current_relation r
	WHERE rivergen_catalog.kind_group(r.kind) <> 'other';
COMMENT ON VIEW rivergen.tables IS
'The tables and views of the discovered data sources.
table_type is as in information_schema (BASE TABLE, VIEW, FOREIGN …), kind is the source''s own word (table, partitioned_table, partition, foreign_table, view, materialized_view, collection …). row_estimate and size_bytes come from the source''s own catalog and are null where it does not know. unreadable lists the members of the description that the source''s user may not read. Errors: 401, 403.';

CREATE OR REPLACE VIEW rivergen.columns WITH (security_barrier) AS
	SELECT r.data_source_id,
		r.schema_name AS table_schema,
		r.relation_name AS table_name,
		c.value ->> 'name' AS column_name,
		c.ordinality::integer AS ordinal_position,
		c.value ->> 'default' AS column_default,
		CASE WHEN c.value @> '{"not_null": true}' THEN 'NO' ELSE 'YES' END AS is_nullable,
		c.value ->> 'type' AS data_type,
		c.value ->> 'collation' AS collation_name,
		CASE WHEN c.value ? 'identity' THEN 'YES' ELSE 'NO' END AS is_identity,
		upper((c.value ->> 'identity') COLLATE "C") AS identity_generation,
		CASE WHEN c.value ? 'generated' THEN 'ALWAYS' ELSE 'NEVER' END AS is_generated,
		c.value ->> 'expression' AS generation_expression,
		upper((c.value ->> 'generated') COLLATE "C") AS generation_kind,
		coalesce(d.key_columns ? (c.value ->> 'name'), false) AS is_primary_key,
		c.value ->> 'comment' AS comment,
		rivergen_catalog.text_array(c.value -> 'enum') AS enum_labels,
		c.value ->> 'domain_base' AS domain_base,
		rivergen_catalog.text_array(r.categories -> (c.value ->> 'name')) AS categories,
		coalesce(c.value ->> 'pg_type', 'text') AS pg_type,
		c.value @> '{"repeated": true}' AS is_repeated
	FROM rivergen_catalog.current_relation r
	-- OFFSET prevents inlining: the key is read once for the relation, not once for each column.
	CROSS JOIN LATERAL (SELECT r.document #> '{primary_key,columns}' AS key_columns OFFSET 0) d
	CROSS JOIN LATERAL jsonb_array_elements(r.document -> 'columns') WITH ORDINALITY c;
COMMENT ON VIEW rivergen.columns IS
'The columns of every discovered table and view, in the source''s order.
data_type is the source''s own text for the type; is_nullable is NO for NOT NULL columns and columns of NOT NULL domains; enum_labels lists the values of an enumeration; domain_base is the type behind a domain; generation_kind is STORED or VIRTUAL for generated columns; categories are the values that a scan found, where they are few; pg_type is the type of PostgreSQL that holds its values; is_repeated marks an array whose elements have data_type. The fields that are nested in a column are in rivergen.column_field_paths. Errors: 401, 403.';

-- Each column is followed by its fields.
CREATE OR REPLACE VIEW rivergen.column_field_paths WITH (security_barrier) AS
	SELECT r.data_source_id,
		r.schema_name AS table_schema,
		r.relation_name AS table_name,
		p.column_name,
		p.field_path,
		p.ordinal_position::integer AS ordinal_position,
		p.body ->> 'type' AS data_type,
		coalesce(p.body ->> 'pg_type', 'text') AS pg_type,
		p.body @> '{"repeated": true}' AS is_repeated,
		CASE WHEN p.body @> '{"not_null": true}' THEN 'NO' ELSE 'YES' END AS is_nullable,
		p.body ->> 'comment' AS comment
	FROM rivergen_catalog.current_relation r
	CROSS JOIN LATERAL rivergen_catalog.column_paths(r.document -> 'columns') p;
COMMENT ON VIEW rivergen.column_field_paths IS
'The columns of every discovered table and view, and the fields that are nested in them, of all depths.
A column''s own row has its name as field_path. Below it a member follows a dot, and the elements of an array are marked by []: address.city, lines[].sku. A name in a path that is empty or has one of . [ ] { } " stands in double quotes. ordinal_position counts columns and fields in the source''s order, a column before its fields. Errors: 401, 403.';

-- The described columns are unfolded only where a query reads them, as the status is looked up only there.
CREATE OR REPLACE VIEW rivergen.table_descriptions WITH (security_barrier) AS
	SELECT r.relation_id AS id,
		r.data_source_id,
		r.schema_name AS table_schema,
		r.relation_name AS table_name,
		coalesce(r.description, r.document ->> 'comment') AS description,
		CASE WHEN r.description IS NOT NULL THEN 'people' WHEN r.document ->> 'comment' IS NOT NULL THEN 'source' END
			AS description_source,
		r.document ->> 'comment' AS comment,
		r.status,
		CASE r.status WHEN 'FAILED' THEN coalesce(r.error_message, r.refresh_failure) END AS error_message,
		rivergen_catalog.described_columns(r.document, r.schema_name, r.column_descriptions, r.categories, r.column_tags) AS columns,
		jsonb_array_length(coalesce(r.document -> 'columns', '[]')) AS columns_count,
		(SELECT count(*)::integer FROM jsonb_array_elements(r.document -> 'columns') c
			WHERE coalesce(r.column_descriptions ->> (c.value ->> 'name'), c.value ->> 'comment') <> '') AS described_columns_count,
		r.scanned_at,
		r.examples,
		r.tags,
		rivergen_catalog.description_version(r.description, r.column_descriptions, r.tags, r.column_tags) AS version
	FROM rivergen_catalog.described_relation r
	WHERE r.organization_id = (SELECT rivergen.current_organization_id());
COMMENT ON VIEW rivergen.table_descriptions IS
'The descriptions of the tables and views, with those that are gone from their source, as table_description_list answers them.
description is the text that users wrote, else the source''s comment. To change it: table_description_update(id, changes). Errors: 401, 403.';

CREATE OR REPLACE VIEW rivergen.constraints WITH (security_barrier) AS
	SELECT r.data_source_id,
		r.schema_name AS table_schema,
		r.relation_name AS table_name,
		c.body ->> 'name' AS constraint_name,
		c.constraint_type,
		rivergen_catalog.text_array(c.body -> 'columns') AS column_names,
		CASE WHEN c.constraint_type = 'FOREIGN KEY' THEN c.body ->> 'schema' END AS referenced_schema,
		CASE WHEN c.constraint_type = 'FOREIGN KEY' THEN c.body ->> 'table' END AS referenced_table,
		rivergen_catalog.text_array(c.body -> 'referenced_columns') AS referenced_columns,
		CASE WHEN c.constraint_type = 'FOREIGN KEY'
			THEN upper(coalesce(c.body ->> 'on_update', 'no action') COLLATE "C") END AS update_rule,
		CASE WHEN c.constraint_type = 'FOREIGN KEY'
			THEN upper(coalesce(c.body ->> 'on_delete', 'no action') COLLATE "C") END AS delete_rule,
		rivergen_catalog.text_array(c.body -> 'on_delete_columns') AS delete_columns,
		c.body ->> 'definition' AS definition,
		c.body @> '{"temporal": true}' AS is_temporal,
		c.body @> '{"deferrable": true}' AS is_deferrable,
		c.body @> '{"deferred": true}' AS initially_deferred,
		NOT c.body @> '{"not_valid": true}' AS is_valid,
		CASE WHEN c.body @> '{"not_enforced": true}' THEN 'NO' ELSE 'YES' END AS is_enforced
	FROM rivergen_catalog.current_relation r
	CROSS JOIN LATERAL (
		SELECT 'PRIMARY KEY' AS constraint_type, r.document -> 'primary_key' AS body
		WHERE r.document ? 'primary_key'
		UNION ALL SELECT 'UNIQUE', jsonb_array_elements(r.document -> 'unique')
		UNION ALL SELECT 'FOREIGN KEY', jsonb_array_elements(r.document -> 'foreign_keys')
		UNION ALL SELECT 'CHECK', jsonb_array_elements(r.document -> 'checks')
		UNION ALL SELECT 'EXCLUDE', jsonb_array_elements(r.document -> 'exclusions')) c;
COMMENT ON VIEW rivergen.constraints IS
'Primary, unique and foreign keys, checks and exclusions of the discovered tables.
A key is one row: column_names and referenced_columns are arrays in the key''s order. delete_columns are the columns that ON DELETE SET NULL or SET DEFAULT sets, null when it sets all. is_temporal marks WITHOUT OVERLAPS and PERIOD; is_enforced is NO for NOT ENFORCED; is_valid is false while existing rows were not checked. Errors: 401, 403.';

CREATE OR REPLACE VIEW rivergen.indexes WITH (security_barrier) AS
	SELECT r.data_source_id,
		r.schema_name AS table_schema,
		r.relation_name AS table_name,
		i.value ->> 'name' AS index_name,
		i.value ->> 'method' AS method,
		coalesce((i.value ->> 'unique')::boolean, false) AS is_unique,
		coalesce((i.value ->> 'primary')::boolean, false) AS is_primary,
		rivergen_catalog.text_array(i.value -> 'columns') AS column_names,
		rivergen_catalog.text_array(i.value -> 'include') AS included_columns,
		i.value ->> 'predicate' AS predicate,
		NOT coalesce((i.value ->> 'invalid')::boolean, false) AS is_valid,
		i.value ->> 'definition' AS definition
	FROM rivergen_catalog.current_relation r
	CROSS JOIN LATERAL jsonb_array_elements(r.document -> 'indexes') i;
COMMENT ON VIEW rivergen.indexes IS
'The indexes of the discovered tables.
column_names holds columns or expressions in the index''s order; predicate is the condition of a partial index. Errors: 401, 403.';

CREATE OR REPLACE VIEW rivergen.views WITH (security_barrier) AS
	SELECT r.data_source_id,
		r.schema_name AS table_schema,
		r.relation_name AS table_name,
		r.kind = 'materialized_view' AS is_materialized,
		r.document ->> 'definition' AS view_definition,
		upper(coalesce(r.document #>> '{options,check_option}', 'none') COLLATE "C") AS check_option,
		rivergen_catalog.is_on(r.document #>> '{options,security_barrier}') AS is_security_barrier,
		rivergen_catalog.is_on(r.document #>> '{options,security_invoker}') AS is_security_invoker,
		r.document -> 'options' AS options,
		r.document ->> 'comment' AS comment
	FROM rivergen_catalog.current_relation r
	WHERE rivergen_catalog.kind_group(r.kind) = 'view';
COMMENT ON VIEW rivergen.views IS
'The views and materialized views of the discovered data sources, with the query that defines them.
check_option is NONE, LOCAL or CASCADED; options has every option as the source spells it. Errors: 401, 403.';

CREATE OR REPLACE VIEW rivergen.sequences WITH (security_barrier) AS
	SELECT r.data_source_id,
		r.schema_name AS sequence_schema,
		r.relation_name AS sequence_name,
		r.document #>> '{sequence,type}' AS data_type,
		(r.document #>> '{sequence,start}')::numeric AS start_value,
		(r.document #>> '{sequence,minimum}')::numeric AS minimum_value,
		(r.document #>> '{sequence,maximum}')::numeric AS maximum_value,
		(r.document #>> '{sequence,increment}')::numeric AS increment,
		CASE WHEN r.document #> '{sequence,cycle}' = 'true' THEN 'YES' ELSE 'NO' END AS cycle_option,
		r.document #>> '{sequence,owned_by,schema}' AS owned_by_schema,
		r.document #>> '{sequence,owned_by,table}' AS owned_by_table,
		r.document #>> '{sequence,owned_by,column}' AS owned_by_column,
		r.document ->> 'comment' AS comment
	FROM rivergen_catalog.current_relation r
	WHERE r.kind = 'sequence';
COMMENT ON VIEW rivergen.sequences IS
'The sequences of the discovered data sources, and the column that owns each.
Errors: 401, 403.';

CREATE OR REPLACE VIEW rivergen.jobs WITH (security_barrier) AS
	SELECT j.job_id,
		j.data_source_id,
		j.kind,
		j.schema_name,
		j.status,
		p.phase,
		p.relations_total,
		p.relations,
		p.columns,
		p.bytes,
		j.attempts,
		j.cancel_requested,
		j.requested_by_user_id,
		j.queued_at,
		j.run_after,
		j.started_at,
		j.finished_at,
		j.error_code,
		j.error_message,
		j.error_detail,
		j.result,
		j.sandbox_level,
		j.sandbox_missing,
		j.dialed
	FROM rivergen_catalog.job j
	-- OFFSET keeps the condition below the function, so that the function is called for running jobs only.
	LEFT JOIN LATERAL (
		SELECT q.* FROM rivergen.job_progress(j.job_id) q WHERE j.status = 'running' OFFSET 0) p ON true
	WHERE j.organization_id = (SELECT rivergen.current_organization_id());
COMMENT ON VIEW rivergen.jobs IS
'The organization''s jobs.
status: queued, running, succeeded, failed or cancelled. While a job runs, phase, relations_total, relations, columns and bytes show its progress. Errors: 401, 403.';

