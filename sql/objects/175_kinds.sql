-- `kind` is the source's own word for a relation; only these functions know what a word means.

-- A table has rows of its own, a view shows the rows of others. Other relations have no rows: no scan reads them and no
-- list of tables shows them. An unknown word means a table.
CREATE OR REPLACE FUNCTION rivergen_catalog.kind_group(kind text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN kind = 'table' THEN 'table'
		WHEN kind IN ('view', 'materialized_view', 'alias', 'synonym') THEN 'view'
		WHEN kind IN ('sequence', 'stage', 'pipe', 'task', 'function', 'procedure') THEN 'other'
		ELSE 'table' END;

-- The group in the words of information_schema; foreign tables and materialized views have their own.
CREATE OR REPLACE FUNCTION rivergen_catalog.table_type(kind text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE kind WHEN 'table' THEN 'BASE TABLE' WHEN 'foreign_table' THEN 'FOREIGN' WHEN 'materialized_view' THEN 'MATERIALIZED VIEW'
		ELSE CASE rivergen_catalog.kind_group(kind) WHEN 'table' THEN 'BASE TABLE' WHEN 'view' THEN 'VIEW'
			ELSE upper(replace(kind, '_', ' ') COLLATE "C") END END;
