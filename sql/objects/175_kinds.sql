-- What a relation is: `kind` is the source's own word, and these functions alone know what a word stands for.

-- What is done with a relation of a kind: a table has rows of its own, a view shows those of others, and other things have
-- none, so that no scan reads them and no list of tables shows them. A word that is not known here is a table.
CREATE OR REPLACE FUNCTION rivergen_catalog.kind_group(kind text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN kind IN ('view', 'materialized_view', 'alias', 'synonym') THEN 'view'
		WHEN kind IN ('sequence', 'stage', 'pipe', 'task', 'function', 'procedure') THEN 'other'
		ELSE 'table' END;

-- The group in the words of information_schema, and in more exact ones where sources have them too.
CREATE OR REPLACE FUNCTION rivergen_catalog.table_type(kind text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE kind WHEN 'foreign_table' THEN 'FOREIGN' WHEN 'materialized_view' THEN 'MATERIALIZED VIEW'
		ELSE CASE rivergen_catalog.kind_group(kind) WHEN 'table' THEN 'BASE TABLE' WHEN 'view' THEN 'VIEW'
			ELSE upper(replace(kind, '_', ' ') COLLATE "C") END END;
