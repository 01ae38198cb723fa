-- A rename also changes the texts that contain the name. These functions test whether two texts differ only by such names.

-- The words of a text, quoted names without their quotes, and the characters between them.
CREATE OR REPLACE FUNCTION rivergen_catalog.words(body text, family text) RETURNS TABLE (place bigint, word text)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT w.ordinality, CASE WHEN length(w.part[1]) > 2 AND left(w.part[1], 1) = left(q.quotes, 1) AND right(w.part[1], 1) = right(q.quotes, 1)
		THEN replace(substr(w.part[1], 2, length(w.part[1]) - 2), repeat(right(q.quotes, 1), 2), right(q.quotes, 1)) ELSE w.part[1] END
	FROM (SELECT rivergen_catalog.name_quotes($2) AS quotes) q
	CROSS JOIN LATERAL regexp_matches($1, CASE q.quotes
		WHEN '""' THEN '("(?:[^"\\]|\\.|"")*"|[[:alnum:]_$]+|[^[:alnum:]_$"]+|")'
		WHEN '``' THEN '(`(?:[^`]|``)*`|[[:alnum:]_$]+|[^[:alnum:]_$`]+|`)'
		WHEN '[]' THEN '(\[(?:[^]]|\]\])*\]|[[:alnum:]_$]+|[^[:alnum:]_$[]+|\[)'
		ELSE '([[:alnum:]_$]+|[^[:alnum:]_$]+)' END, 'g') WITH ORDINALITY w (part);
END;

-- PostgreSQL shows a renamed column of a view as `new AS old`, and without AS when it was renamed back. This removes AS.
CREATE OR REPLACE FUNCTION rivergen_catalog.without_aliases(body text, names text[], aliases text[]) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH RECURSIVE shorter (step, body) AS (
		SELECT 0, $1
		UNION ALL
		SELECT step + 1, replace(body, quote_ident($2[step + 1]) || ' AS ' || quote_ident($3[step + 1]), quote_ident($2[step + 1]))
		FROM shorter WHERE step < cardinality($2)
	)
	SELECT body FROM shorter ORDER BY step DESC LIMIT 1;
END;

-- Whether the texts are the same word by word, except that old names became new ones. strictly: no old name may remain.
CREATE OR REPLACE FUNCTION rivergen_catalog.words_follow(
	before text, after text, old_names text[], new_names text[], family text, strictly boolean) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(bool_and((b.word IS NOT DISTINCT FROM a.word AND NOT ($6 AND b.word = ANY ($3)))
		OR (b.word, a.word) IN (SELECT n.old, n.new FROM unnest($3, $4) n (old, new))), $1 IS NOT DISTINCT FROM $2)
	FROM rivergen_catalog.words($1, $5) b
	FULL JOIN rivergen_catalog.words($2, $5) a USING (place);
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.text_follows(
	before text, after text, old_names text[], new_names text[], family text, strictly boolean) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE family WHEN 'postgresql' THEN rivergen_catalog.words_follow(
			rivergen_catalog.without_aliases(before, old_names, new_names),
			rivergen_catalog.without_aliases(after, new_names, old_names), old_names, new_names, family, strictly)
		ELSE rivergen_catalog.words_follow(before, after, old_names, new_names, family, strictly) END;

-- The same for a value: a name, a text with names, or JSON, which has the quotes of SQL.
CREATE OR REPLACE FUNCTION rivergen_catalog.value_follows(
	before jsonb, after jsonb, old_names text[], new_names text[], family text, strictly boolean) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (before = after AND NOT strictly)
		OR (before #>> '{}', after #>> '{}') IN (SELECT n.old, n.new FROM unnest(old_names, new_names) n (old, new))
		OR rivergen_catalog.text_follows(before #>> '{}', after #>> '{}', old_names, new_names,
			CASE jsonb_typeof(before) WHEN 'string' THEN family ELSE 'json' END, strictly);

-- The same for each element of two arrays.
CREATE OR REPLACE FUNCTION rivergen_catalog.elements_follow(
	before jsonb, after jsonb, old_names text[], new_names text[], family text, strictly boolean) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_typeof($1) = 'array' AND jsonb_typeof($2) = 'array' AND coalesce(bool_and(
		coalesce(rivergen_catalog.value_follows(b.value, a.value, $3, $4, $5, $6), false)), true)
	FROM jsonb_array_elements(CASE jsonb_typeof($1) WHEN 'array' THEN $1 END) WITH ORDINALITY b
	FULL JOIN jsonb_array_elements(CASE jsonb_typeof($2) WHEN 'array' THEN $2 END) WITH ORDINALITY a USING (ordinality);
END;

-- The same for each differing member of two objects, except comments.
CREATE OR REPLACE FUNCTION rivergen_catalog.object_follows(
	before jsonb, after jsonb, old_names text[], new_names text[], family text, strictly boolean) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(bool_and(coalesce(b.value = a.value OR key <> ALL ('{comment,owner,enum}') AND (
		rivergen_catalog.value_follows(b.value, a.value, $3, $4, $5, $6)
		OR rivergen_catalog.elements_follow(b.value, a.value, $3, $4, $5, $6)), false)), true)
	FROM jsonb_each($1) b FULL JOIN jsonb_each($2) a USING (key);
END;
