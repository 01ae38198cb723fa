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

-- Called at each planning, so it is one statement, whose plan is made once in a session, with the joins in the order given. Whether
-- the server is the extension's, as attached_server() finds out, the caller has found in its caches.
CREATE OR REPLACE FUNCTION rivergen_catalog.foreign_table_facts(server name, schema_name text, relation_name text,
	OUT source_name text, OUT organization_id bigint, OUT row_estimate bigint, OUT pushes boolean, OUT exact boolean)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET join_collapse_limit = 1
AS $$
BEGIN
	SELECT d.name, d.organization_id, r.row_estimate, NOT coalesce((d.metadata -> 'query' ->> 'masking')::boolean, false),
		coalesce(s.capabilities @> '{exact}', false)
	INTO source_name, organization_id, row_estimate, pushes, exact
	FROM rivergen_catalog.attachment a
	JOIN rivergen_catalog.data_source d ON d.organization_id = a.organization_id AND d.data_source_id = a.data_source_id
	JOIN rivergen_catalog.data_source_state s ON s.organization_id = a.organization_id AND s.data_source_id = a.data_source_id
	LEFT JOIN rivergen_catalog.relation r ON r.organization_id = a.organization_id AND r.data_source_id = a.data_source_id
		AND r.schema_name = foreign_table_facts.schema_name AND r.relation_name = foreign_table_facts.relation_name
		AND r.deprecated_at IS NULL
	WHERE a.server_name = server;
END;
$$;
COMMENT ON FUNCTION rivergen_catalog.foreign_table_facts(name, text, text) IS
'What the planner wants to know about a foreign table: the name and organization of its source, its rows by the last discovery, whether conditions may be sent (not where values are masked), and whether the connector applies them exactly. Nulls where the server or the relation is not known.';

-- Apart from the facts: only a condition makes the planner ask for them, and they take reading a document.
CREATE OR REPLACE FUNCTION rivergen_catalog.foreign_table_keys(server name, schema_name text, relation_name text,
	OUT "indexed" text[], OUT "unique" text[])
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
	SELECT l."indexed", l."unique" INTO "indexed", "unique"
	FROM rivergen_catalog.attached_server(server) a
	JOIN rivergen_catalog.relation r ON r.organization_id = a.organization_id AND r.data_source_id = a.data_source_id
	CROSS JOIN LATERAL rivergen_catalog.leading_columns(r.document) l
	WHERE r.schema_name = foreign_table_keys.schema_name AND r.relation_name = foreign_table_keys.relation_name
		AND r.deprecated_at IS NULL;
END;
$$;
COMMENT ON FUNCTION rivergen_catalog.foreign_table_keys(name, text, text) IS
'Of a foreign table: the columns that stand first in an index or a key at the source, and those that are a key alone. Nulls where the server or the relation is not known.';
