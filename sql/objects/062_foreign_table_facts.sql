-- What the planner wants to know about a foreign table. The foreign data wrapper calls it at each planning, whatever role
-- plans; no role but the extension's owner may use the schema.

-- The columns that stand first in an index or a key of a document, and those that are a key alone.
CREATE OR REPLACE FUNCTION rivergen_catalog.leading_columns(document jsonb, OUT "indexed" text[], OUT "unique" text[])
	LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	SELECT array_agg(DISTINCT k.key -> 'columns' ->> 0),
		array_agg(DISTINCT k.key -> 'columns' ->> 0) FILTER (WHERE k.is_unique AND jsonb_array_length(k.key -> 'columns') = 1)
	INTO "indexed", "unique"
	FROM (
		SELECT document -> 'primary_key' AS key, document -> 'primary_key' -> 'not_enforced' IS NULL AS is_unique
		UNION ALL
		SELECT u, u -> 'not_enforced' IS NULL FROM jsonb_array_elements(document -> 'unique') u
		UNION ALL
		SELECT i, i -> 'unique' IS NOT NULL FROM jsonb_array_elements(document -> 'indexes') i
		WHERE i -> 'predicate' IS NULL AND i -> 'invalid' IS NULL) k
	WHERE jsonb_typeof(k.key -> 'columns') = 'array';
END;
$$;
COMMENT ON FUNCTION rivergen_catalog.leading_columns(jsonb) IS
'Of a relation''s document: the columns that stand first in an index or a key, and those that are a key alone.';

CREATE OR REPLACE FUNCTION rivergen_catalog.foreign_table_facts(server name, schema_name text, relation_name text,
	OUT source_name text, OUT row_estimate bigint, OUT pushes boolean, OUT exact boolean, OUT "indexed" text[], OUT "unique" text[])
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	attached record;
	document jsonb;
BEGIN
	SELECT * INTO attached FROM rivergen_catalog.attached_server(server);
	SELECT d.name, NOT coalesce((d.metadata -> 'query' ->> 'masking')::boolean, false), coalesce(s.capabilities @> '{exact}', false)
	INTO source_name, pushes, exact
	FROM rivergen_catalog.data_source d
	JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id)
	WHERE d.organization_id = attached.organization_id AND d.data_source_id = attached.data_source_id;
	SELECT r.row_estimate, r.document INTO row_estimate, document
	FROM rivergen_catalog.relation r
	WHERE r.organization_id = attached.organization_id AND r.data_source_id = attached.data_source_id
		AND r.schema_name = foreign_table_facts.schema_name AND r.relation_name = foreign_table_facts.relation_name
		AND r.deprecated_at IS NULL;
	SELECT l."indexed", l."unique" INTO "indexed", "unique" FROM rivergen_catalog.leading_columns(document) l;
END;
$$;
COMMENT ON FUNCTION rivergen_catalog.foreign_table_facts(name, text, text) IS
'What the planner wants to know about a foreign table: the name of its source, its rows by the last discovery, whether conditions may be sent (not where values are masked), whether the connector applies them exactly, and the columns that stand first in an index or a key, and those that are a key alone. Nulls where the server or the relation is not known.';
