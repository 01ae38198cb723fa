-- Columns that are nested in others: a column may have `fields`, which have the form of columns, and may be `repeated`; the
-- only field of a `map` stands for all its values.

-- A name in a path of names.
CREATE OR REPLACE FUNCTION rivergen_catalog.path_name(name text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN name = '' OR name ~ '[][{}."]' THEN '"' || replace(name, '"', '""') || '"' ELSE name END;

-- The fields in an array of columns, at every depth. place has the numbers of the column, of the field in it, and so on;
-- steps has their names and ids. STRICT prevents inlining: the planner of the calling statement would expect a million
-- fields.
CREATE OR REPLACE FUNCTION rivergen_catalog.fields_of_columns(columns jsonb)
	RETURNS TABLE (place bigint[], steps jsonb, field_path text, body jsonb)
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 10
BEGIN ATOMIC
	WITH RECURSIVE field (place, steps, field_path, body) AS (
		SELECT ARRAY[c.ordinality], jsonb_build_array(jsonb_build_array(c.value -> 'name', c.value -> 'id')),
			rivergen_catalog.path_name(c.value ->> 'name'), c.value
		FROM jsonb_path_query($1, 'lax $[*]') WITH ORDINALITY c (value, ordinality)
		WHERE jsonb_typeof(c.value -> 'fields') = 'array'
		UNION ALL
		SELECT f.place || n.ordinality, f.steps || jsonb_build_array(jsonb_build_array(n.value -> 'name', n.value -> 'id')),
			concat(f.field_path, CASE WHEN f.body @> '{"repeated": true}' THEN '[]' END,
				CASE WHEN f.body @> '{"map": true}' THEN '{}' ELSE '.' || rivergen_catalog.path_name(n.value ->> 'name') END),
			n.value
		FROM field f
		CROSS JOIN LATERAL jsonb_path_query(f.body, 'lax $.fields[*]') WITH ORDINALITY n (value, ordinality)
	)
	SELECT place, steps, field_path, body FROM field WHERE cardinality(place) > 1;
END;

-- Most documents have no fields, and one test finds that out.
CREATE OR REPLACE FUNCTION rivergen_catalog.nested_columns(columns jsonb)
	RETURNS TABLE (place bigint[], steps jsonb, field_path text, body jsonb)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT * FROM rivergen_catalog.fields_of_columns(CASE WHEN jsonb_path_exists($1, 'lax $[*].fields') THEN $1 END);
END;

-- The columns of an array and their fields, in the order of the source.
CREATE OR REPLACE FUNCTION rivergen_catalog.column_paths(columns jsonb)
	RETURNS TABLE (ordinal_position bigint, column_name text, field_path text, body jsonb)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT row_number() OVER (ORDER BY p.place), p.column_name, p.field_path, p.body
	FROM (SELECT ARRAY[c.ordinality] AS place, c.value ->> 'name' AS column_name, c.value ->> 'name' AS field_path, c.value AS body
		FROM jsonb_array_elements($1) WITH ORDINALITY c
		UNION ALL
		SELECT n.place, n.steps #>> '{0,0}', n.field_path, n.body FROM rivergen_catalog.nested_columns($1) n) p;
END;
