-- metadata.discovery: the patterns that select a source's schemas and relations (src/wire/README.md).

-- {"include": [...], "exclude": [...]}, without empty lists; null: everything is discovered.
CREATE OR REPLACE FUNCTION rivergen_catalog.discovery_patterns(metadata jsonb) RETURNS jsonb
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
	RETURN nullif(jsonb_strip_nulls(jsonb_build_object(
		'include', CASE WHEN jsonb_typeof($1 #> '{discovery,include}') = 'array'
			THEN nullif($1 #> '{discovery,include}', '[]') END,
		'exclude', CASE WHEN jsonb_typeof($1 #> '{discovery,exclude}') = 'array'
			THEN nullif($1 #> '{discovery,exclude}', '[]') END)), '{}');
END $$;

-- Whether the pattern matches the relation; relation_name null: the schema as a whole.
CREATE OR REPLACE FUNCTION rivergen_catalog.pattern_matches(pattern text, schema_name text, relation_name text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'rg_sql_pattern_matches'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;

-- Whether the pattern can match any relation of the schema.
CREATE OR REPLACE FUNCTION rivergen_catalog.pattern_reaches(pattern text, schema_name text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'rg_sql_pattern_reaches'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE OR REPLACE FUNCTION rivergen_catalog.selects(patterns jsonb, schema_name text, relation_name text) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT (NOT coalesce($1, '{}') ? 'include' OR EXISTS (SELECT FROM jsonb_array_elements_text($1 -> 'include') p
			WHERE rivergen_catalog.pattern_matches(p, $2, $3)))
		AND NOT EXISTS (SELECT FROM jsonb_array_elements_text($1 -> 'exclude') p
			WHERE rivergen_catalog.pattern_matches(p, $2, $3));
END;

-- Whether the last discoveries used the patterns that the source has now.
CREATE OR REPLACE FUNCTION rivergen_catalog.has_current_patterns(organization_id bigint, data_source_id bigint) RETURNS boolean
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT h.patterns IS NOT DISTINCT FROM rivergen_catalog.discovery_patterns(d.metadata)
	FROM rivergen_catalog.data_source d
	JOIN rivergen_catalog.schema_history h USING (organization_id, data_source_id)
	WHERE d.organization_id = $1 AND d.data_source_id = $2;
END;

-- The patterns of the last discovery that read a schema: of the schema alone or of the whole source.
CREATE OR REPLACE FUNCTION rivergen_catalog.last_patterns(
	scoped_at timestamptz, scoped_patterns jsonb, full_at timestamptz, full_patterns jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN scoped_at > coalesce(full_at, '-infinity') THEN scoped_patterns ELSE full_patterns END;

-- Why no relation of the schema is discovered; null when one may be.
CREATE OR REPLACE FUNCTION rivergen_catalog.exclusion_of_schema(organization_id bigint, data_source_id bigint, schema_name text)
	RETURNS text
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce(
		(SELECT format('The pattern %s of metadata.discovery.exclude excludes it.', p.value)
		 FROM jsonb_array_elements(e.patterns -> 'exclude') WITH ORDINALITY p
		 WHERE rivergen_catalog.pattern_matches(p.value #>> '{}', $3, NULL) ORDER BY p.ordinality LIMIT 1),
		CASE WHEN e.patterns ? 'include' AND NOT EXISTS (SELECT FROM jsonb_array_elements_text(e.patterns -> 'include') p
				WHERE rivergen_catalog.pattern_reaches(p, $3))
			THEN format('No pattern of metadata.discovery.include names it: %s.',
				(SELECT string_agg(p.value::text, ', ' ORDER BY p.ordinality)
				 FROM jsonb_array_elements(e.patterns -> 'include') WITH ORDINALITY p)) END)
	FROM (SELECT rivergen_catalog.discovery_patterns(d.metadata) AS patterns FROM rivergen_catalog.data_source d
		WHERE d.organization_id = $1 AND d.data_source_id = $2) e;
END;
