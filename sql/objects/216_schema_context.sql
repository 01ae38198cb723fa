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

-- The name most like this one among the schemas or tables (kind) of the sources in scope; null: none is. One or two letters
-- begin too many.
CREATE OR REPLACE FUNCTION rivergen_catalog.likely_name(organization_id bigint, within bigint[], kind text, name text) RETURNS text
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT concat_ws('.', h.table_schema, h.table_name)
	FROM (SELECT $4 AS given, 1 AS place UNION ALL SELECT substring($4 FROM '[.]([^.]+)$'), 2) n
	CROSS JOIN LATERAL (SELECT h.*
		FROM rivergen_catalog.ordered_hits($1, n.given, rivergen_catalog.folded(n.given),
			coalesce(string_to_array(nullif(btrim(rivergen_catalog.name_words(n.given)), ''), '  '), '{}'), ARRAY[$3], $2, NULL, NULL, 1) h
		WHERE h.kind = $3 AND h.tier < CASE WHEN length(n.given) < 3 THEN 5 ELSE 11 END) h
	WHERE length($4) BETWEEN 1 AND 100 AND n.given IS NOT NULL
	ORDER BY n.place LIMIT 1;
END;

-- The names of schemas and tables that nothing in scope has; with a message, detail and hint when that is all of the schemas
-- or all of the tables.
CREATE OR REPLACE FUNCTION rivergen_catalog.context_unknown(organization_id bigint, within bigint[], schemas text[], tables text[],
	OUT unknown jsonb, OUT message text, OUT detail text, OUT hint text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
	unknown_schemas text[] := ARRAY(SELECT n.name FROM unnest($3) WITH ORDINALITY n (name, place)
		WHERE NOT EXISTS (SELECT FROM rivergen_catalog.source_schema s
			WHERE s.organization_id = $1 AND s.schema_name = n.name COLLATE "C" AND ($2 IS NULL OR s.data_source_id = ANY ($2))
				AND NOT EXISTS (SELECT FROM rivergen_catalog.data_source d WHERE d.organization_id = $1
					AND d.data_source_id = s.data_source_id AND d.deleted_at IS NOT NULL))
		GROUP BY n.name ORDER BY min(n.place));
	unknown_tables text[] := ARRAY(SELECT n.name FROM unnest($4) WITH ORDINALITY n (name, place)
		WHERE NOT EXISTS (SELECT FROM unnest(rivergen_catalog.last_parts(ARRAY[n.name])) p (part)
			CROSS JOIN LATERAL (SELECT FROM rivergen_catalog.relation r
				WHERE r.organization_id = $1 AND r.relation_name = p.part COLLATE "C" AND r.deprecated_at IS NULL
					AND rivergen_catalog.kind_group(r.kind) <> 'other' AND n.name IN (r.relation_name, r.schema_name || '.' || r.relation_name)
					AND ($2 IS NULL OR r.data_source_id = ANY ($2)) AND ($3 IS NULL OR r.schema_name = ANY ($3))
					AND NOT EXISTS (SELECT FROM rivergen_catalog.data_source d WHERE d.organization_id = $1
						AND d.data_source_id = r.data_source_id AND d.deleted_at IS NOT NULL)
				LIMIT 1) r)
		GROUP BY n.name ORDER BY min(n.place));
	kind text := CASE WHEN unknown_schemas @> $3 THEN 'schema' WHEN unknown_tables @> $4 THEN 'table' END;
	names text[] := CASE kind WHEN 'schema' THEN unknown_schemas WHEN 'table' THEN unknown_tables END;
BEGIN
	unknown := jsonb_build_object('schemas', unknown_schemas, 'tables', unknown_tables);
	IF kind IS NULL THEN
		RETURN;
	END IF;
	SELECT format('%s%s %s%s not found', kind, CASE WHEN cardinality(names) > 1 THEN 's' END,
			string_agg(format('"%s"', left(rivergen_catalog.one_line(n.name), 64)), ', ' ORDER BY n.place),
			' and ' || nullif(greatest(cardinality(names) - 3, 0), 0) || ' more'),
		'Did you mean ' || string_agg(DISTINCT '"' || rivergen_catalog.one_line(l.name) || '"', ', ') FILTER (WHERE l.name <> n.name) || E'?\n'
	INTO message, hint
	FROM unnest(names[:3]) WITH ORDINALITY n (name, place)
	CROSS JOIN LATERAL (SELECT rivergen_catalog.likely_name($1, $2, kind, n.name) AS name OFFSET 0) l;
	hint := concat(hint, 'Names are case-sensitive.');
	detail := coalesce('Data source ' || $2[1] || ' has none', 'No data source has one') || ' of that name among what was discovered'
		|| CASE WHEN kind = 'table' AND $3 IS NOT NULL THEN ' in the given schemas.' ELSE '.' END;
END
$$;

-- Compiling the plans took more time than running them. The bytes of the answer must not depend on the caller's settings.
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
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off
	SET quote_all_identifiers = off SET extra_float_digits = 1 SET gin_fuzzy_search_limit = 0;
COMMENT ON FUNCTION rivergen.schema_context(text, bigint, text[], text[], text, integer, integer, boolean, boolean, boolean) IS
'The schema as text for a person or program that writes a query: everything when it fits the budget, else the tables that the question is about.
Answers {"context", "format", "dialect", "tokens_estimated", "tables": [{"id", "data_source_id", "table_schema", "table_name", "score", "why", "columns_shown", "columns_total"}], "joins": [{"data_source_id", "from", "to", "columns"}], "omitted": {"tables", "columns"}, "not_found": {"schemas", "tables"}, "discovered_at"}, the best tables first. Without data_source_id all sources of the organization are meant; schemas and tables (with or without their schema) narrow it; without them, and when they are empty, all are meant. not_found has the names that nothing in scope has. format: mschema, ddl, compact or json. budget: tokens, 100 to 1,000,000, each counted as 3.5 bytes. max_tables: 1 to 1,000; absent: 20 when the question chooses, else 1,000. Over the budget it gives up examples, then long comments, then unimportant columns, then all but a line of the last tables, then all but their names, then tables; it never ends within a line. examples, descriptions: whether values, and texts about tables and columns, are shown; hints: whether it begins with a line about the dialect. Texts and values are one line each, quoted as data. The same catalog and arguments give the same bytes. Errors: 400 (all faults at once), 401, 403, 404 (no such data source; none of the schemas or none of the tables).';

REVOKE ALL ON FUNCTION rivergen.schema_context(text, bigint, text[], text[], text, integer, integer, boolean, boolean, boolean) FROM PUBLIC;
