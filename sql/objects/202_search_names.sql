-- rivergen.search, first part: what a search asks for, and the names of the dictionary (201_search_index.sql) that match.

CREATE OR REPLACE FUNCTION rivergen_catalog.name_tier(name text, searched text, given text, folded text, words text[])
	RETURNS integer
	AS 'MODULE_PATHNAME', 'rg_sql_name_tier'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rivergen_catalog.name_tier(text, text, text, text, text[]) IS
'How the name matches what was searched: 1 exactly, 2 without regard to case, 4 all words, in the singular or plural, 5 its beginning, 6 beginnings of its words, 7 a part; null: not at all. searched is searched_name(name).';

-- A dotted name without the quotes of its parts, as queries have them: "shop"."orders", [shop].[orders], `shop`.`orders`.
CREATE OR REPLACE FUNCTION rivergen_catalog.unquoted_name("text" text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN replace(regexp_replace(replace($1, '""', chr(1)), '["`\[\]]', '', 'g'), chr(1), '"');

-- What a search asks for, from its text. Words before a colon are filters; what stands in quotes is taken as it is: alone, it
-- has no words, and beside others it is one; two quotes in it stand for one. The quotes of a dotted name are none. A backslash
-- means the same with every setting of the caller's.
CREATE OR REPLACE FUNCTION rivergen_catalog.parsed_search(query text, OUT given text, OUT folded text, OUT words text[],
	OUT kinds text[], OUT sources text[], OUT tags text[])
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
	part text[];
	term text;
	plain text := '';
	quoted text[] := '{}';
BEGIN
	FOR part IN SELECT m FROM regexp_matches($1, E'(?:\\m(column|table|schema|source|tag|kind):\\s*)?(?:'
			|| E'((?:"(?:[^"]|"")+"|`[^`]+`|\\[[^]]+\\]|[^]\\s".:`[]+)(?:\\.(?:"(?:[^"]|"")+"|`[^`]+`|\\[[^]]+\\]|[^]\\s".:`[]+))+)'
			|| E'|"((?:[^"]|"")*)"|([^\\s"]+)|")', 'gi') m LOOP
		term := coalesce(rivergen_catalog.unquoted_name(part[2]), replace(part[3], '""', '"'), part[4], '');
		part[1] := rivergen_catalog.folded(part[1]);
		CONTINUE WHEN term = '';
		CASE
			WHEN part[1] = 'tag' THEN tags := tags || term;
			WHEN part[1] = 'source' THEN sources := sources || rivergen_catalog.folded(term);
			WHEN part[1] = 'kind' THEN kinds := kinds || rivergen_catalog.folded(term);
			ELSE
				IF part[1] IS NOT NULL THEN
					kinds := kinds || part[1];
				END IF;
				given := concat_ws(' ', given, term);
				plain := concat_ws(' ', plain, CASE WHEN part[3] IS NULL THEN term END);
				quoted := quoted || CASE WHEN part[3] IS NOT NULL THEN ARRAY[rivergen_catalog.folded(term)] END;
		END CASE;
	END LOOP;
	folded := rivergen_catalog.folded(given);
	words := string_to_array(nullif(btrim(rivergen_catalog.name_words(plain)), ''), '  ');
	words := CASE WHEN cardinality(words || quoted) > 1 OR quoted = '{}' THEN coalesce(words, '{}') || quoted ELSE '{}' END;
END
$$;

-- Enough keys of the index to cover a text: with all of them a search would take more than twice as long. What they find
-- too much has these letters elsewhere. Few names have a space, so that the keys around one are worth their time.
CREATE OR REPLACE FUNCTION rivergen_catalog.covering_keys(organization_id bigint, "text" text) RETURNS integer[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN ltrim($2) LIKE '% %' THEN rivergen_catalog.search_keys($1, $2, NULL)
		ELSE (SELECT array_agg(k)
			FROM (SELECT generate_series(length($2) - 2, 1, -3) UNION SELECT 1 WHERE length($2) > 2) p (place)
			CROSS JOIN LATERAL unnest(rivergen_catalog.search_keys($1, substr($2, p.place, 3), NULL)) k) END;

-- The same for words, each of which begins a word of a name.
CREATE OR REPLACE FUNCTION rivergen_catalog.word_keys(organization_id bigint, words text[]) RETURNS integer[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT array_agg(k)
	FROM unnest($2) w
	CROSS JOIN LATERAL unnest(rivergen_catalog.covering_keys($1, CASE WHEN length(w) = 1 THEN '  ' ELSE ' ' END || w)) k;
END;

-- An English word in its other number: order, orders.
CREATE OR REPLACE FUNCTION rivergen_catalog.other_number(word text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN $1 ~ '[^aeiou]ies$' THEN left($1, -3) || 'y'
		WHEN $1 ~ '(?:ss|x|ch|sh|us)es$' THEN left($1, -2)
		WHEN $1 ~ '[^suis0-9]s$' THEN left($1, -1)
		WHEN $1 ~ '[^aeiou]y$' THEN left($1, -1) || 'ies'
		WHEN $1 ~ '(?:s|x|ch|sh)$' THEN $1 || 'es'
		WHEN $1 ~ '[a-z]$' THEN $1 || 's' ELSE $1 END;

-- What was searched, and how names are spelled that have its words, the last one in either number, and no other: these are
-- found however many have more.
CREATE OR REPLACE FUNCTION rivergen_catalog.spellings(given text, words text[]) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT array_agg(DISTINCT s COLLATE "C")
	FROM (SELECT array_to_string($2, ' ') COLLATE "C" AS plain
		UNION
		SELECT array_to_string($2[:cardinality($2) - 1] || rivergen_catalog.other_number($2[cardinality($2)]), ' ') COLLATE "C"
		WHERE $2 <> '{}') p
	CROSS JOIN LATERAL (SELECT initcap(p.plain COLLATE "C") AS capitals) c
	CROSS JOIN LATERAL unnest(ARRAY[$1, $2[1] || substr(replace(c.capitals, ' ', ''), length($2[1]) + 1)]
		|| ARRAY(SELECT replace(spaced, ' ', mark) FROM unnest(ARRAY[p.plain, upper(p.plain COLLATE "C"), c.capitals]) spaced
			CROSS JOIN unnest('{_,-," ",.,""}'::text[]) mark)) s
	WHERE s <> '';
END;

-- The names of the dictionary that match in one of three ways, each once, with their tiers: wholly, by their beginning or by
-- whole words; by beginnings of words; by a part. Each list is of at most `most` names, and of twenty times as many that the
-- keys find; a row without a name says that there may be more. A beginning that is longer than those of the index is looked
-- for by its keys, and so is a whole name in another case.
CREATE OR REPLACE FUNCTION rivergen_catalog.found_names(
	organization_id bigint, given text, folded text, words text[], way text, most integer)
	RETURNS TABLE (name text, tier integer)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
	spellings text[] := CASE way WHEN 'whole' THEN rivergen_catalog.spellings($2, $4) END;
	spelling_ids bigint[] := ARRAY(SELECT rivergen_catalog.search_name_id($1, s) FROM unnest(spellings) s);
	beginning text := CASE WHEN way = 'whole' AND length($3) <= 10 THEN $3 END;
	word_ids integer[] := CASE way WHEN 'whole' THEN rivergen_catalog.word_ids($1, array_to_string($4, '  ')) END;
	keys integer[] := CASE WHEN way = 'word beginnings' THEN rivergen_catalog.word_keys($1, $4)
		WHEN beginning IS NULL THEN rivergen_catalog.covering_keys($1, $3) END;
	whole_keys integer[] := CASE WHEN way = 'whole' AND beginning IS NULL THEN rivergen_catalog.covering_keys($1, $3 || chr(1)) END;
	most_found bigint := 20 * most;
BEGIN
	RETURN QUERY
	WITH candidate AS (
		SELECT 'whole' AS list, n.name FROM rivergen_catalog.search_name n
			WHERE rivergen_catalog.search_name_id(n.organization_id, n.name) = ANY (spelling_ids)
				AND n.organization_id = $1 AND n.name = ANY (spellings) AND way = 'whole'
		UNION ALL
		(SELECT 'beginning', n.name FROM rivergen_catalog.search_name n
			WHERE n.organization_id = $1 AND left(rivergen_catalog.folded(n.name), 10) >= beginning COLLATE "C"
				AND left(rivergen_catalog.folded(n.name), 10) <= beginning || chr(1114111)
			ORDER BY left(rivergen_catalog.folded(n.name), 10) LIMIT most)
		UNION ALL
		(SELECT 'words', n.name FROM rivergen_catalog.search_name n
			WHERE n.organization_id = $1 AND word_ids <> '{}'
				AND rivergen_catalog.word_ids(n.organization_id, rivergen_catalog.name_words(n.name)) @> word_ids
			LIMIT most)
		UNION ALL
		(SELECT 'case', n.name FROM rivergen_catalog.search_name n
			WHERE n.organization_id = $1 AND whole_keys <> '{}'
				AND rivergen_catalog.search_keys(n.organization_id, rivergen_catalog.searched_name(n.name), NULL) @> whole_keys
				AND rivergen_catalog.folded(n.name) = $3 COLLATE "C"
			LIMIT most)
		UNION ALL
		(SELECT CASE WHEN k.number = most_found THEN 'more' ELSE 'keys' END, k.name
			FROM (SELECT n.name, row_number() OVER () AS number FROM rivergen_catalog.search_name n
				WHERE n.organization_id = $1 AND keys <> '{}'
					AND rivergen_catalog.search_keys(n.organization_id, rivergen_catalog.searched_name(n.name), NULL) @> keys
				LIMIT most_found) k
			WHERE k.number = most_found OR CASE way WHEN 'whole' THEN rivergen_catalog.folded(k.name) ^@ $3
				ELSE rivergen_catalog.name_tier(k.name, rivergen_catalog.searched_name(k.name), $2, $3, $4) IS NOT NULL END
			LIMIT most)
	)
	SELECT t.name, t.tier
	FROM (SELECT c.name, rivergen_catalog.name_tier(c.name, rivergen_catalog.searched_name(c.name), $2, $3, $4) AS tier
		FROM (SELECT DISTINCT c.name FROM candidate c) c OFFSET 0) t
	WHERE t.tier IS NOT NULL
	UNION ALL
	SELECT NULL, 99 WHERE EXISTS (SELECT FROM candidate c GROUP BY c.list HAVING count(*) >= most OR c.list = 'more');
END
$$;

-- Names with a word that resembles the text, at most 100, and whether there may be more. A mistyped letter changes at most four
-- grams in a row, so it leaves one of three parts whole; half of all grams must be shared.
CREATE OR REPLACE FUNCTION rivergen_catalog.similar_names(organization_id bigint, words text[], OUT names text[], OUT has_more boolean)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
	padded text := '  ' || array_to_string($2, '  ') || '  ';
	third integer := greatest(length(padded) / 3, 1);
	keys integer[] := rivergen_catalog.search_keys($1, padded, NULL);
	first integer[] := rivergen_catalog.search_keys($1, left(padded, third + 2), NULL);
	second integer[] := rivergen_catalog.search_keys($1, substr(padded, third + 1, third + 2), NULL);
	last integer[] := rivergen_catalog.search_keys($1, substr(padded, 2 * third - 1), NULL);
BEGIN
	has_more := false;
	IF length(padded) < 8 OR cardinality($2) > 4 THEN
		RETURN;
	END IF;
	WITH candidate AS MATERIALIZED (
		SELECT n.name FROM rivergen_catalog.search_name n
		WHERE n.organization_id = $1
			AND (rivergen_catalog.search_keys(n.organization_id, rivergen_catalog.searched_name(n.name), NULL) @> first
				OR rivergen_catalog.search_keys(n.organization_id, rivergen_catalog.searched_name(n.name), NULL) @> second
				OR rivergen_catalog.search_keys(n.organization_id, rivergen_catalog.searched_name(n.name), NULL) @> last)
		LIMIT 2000
	), alike AS (
		SELECT c.name, c.shared, row_number() OVER (ORDER BY c.shared DESC, length(c.name), c.name) AS place
		FROM (SELECT DISTINCT c.name, rivergen_catalog.shared_keys($1, rivergen_catalog.searched_name(c.name), keys) AS shared
			FROM candidate c) c
		WHERE c.shared * 20 >= cardinality(keys) * 11
	)
	SELECT array_agg(a.name ORDER BY length(a.name), a.name) FILTER (WHERE a.place <= 100),
		count(*) > 100 OR (SELECT count(*) FROM candidate) = 2000
	INTO names, has_more FROM alike a;
END
$$;

-- The words that one slip may have made of this one: two neighbours are in the wrong order, a letter is too much, or one of two
-- equal letters is missing.
CREATE OR REPLACE FUNCTION rivergen_catalog.respellings(word text) RETURNS SETOF text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT DISTINCT v COLLATE "C"
	FROM generate_series(1, length($1)) p (place)
	CROSS JOIN LATERAL (SELECT substr($1, p.place, 1) AS letter) l
	CROSS JOIN LATERAL unnest(ARRAY[overlay($1 PLACING substr($1, p.place + 1, 1) || l.letter FROM p.place FOR 2),
		CASE WHEN length($1) > 4 THEN overlay($1 PLACING '' FROM p.place FOR 1) END,
		overlay($1 PLACING l.letter || l.letter FROM p.place FOR 1)]) v
	WHERE length($1) BETWEEN 4 AND 40 AND v <> $1;
END;

-- The words that become one of a name of the organization, or its beginning, when a letter is added that was left out, not the
-- first.
CREATE OR REPLACE FUNCTION rivergen_catalog.words_with_a_letter(organization_id bigint, word text) RETURNS SETOF text
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT DISTINCT c.whole
	FROM rivergen_catalog.search_word w
	CROSS JOIN LATERAL (SELECT rivergen_catalog.with_letter_of($2, w.stem) AS whole OFFSET 0) c
	WHERE w.organization_id = $1 AND left(w.stem, 1) = left($2, 1) AND length($2) BETWEEN 4 AND 40
		AND length(w.stem) BETWEEN length($2) - 4 AND length($2) + 1
		AND (w.stem = (rivergen_catalog.stems(c.whole))[1] COLLATE "C" OR w.stem = c.whole COLLATE "C");
END;

-- Whether names of relations, columns or schemas that are there have the word: the dictionary keeps words when their names go.
-- Frequent words are met soon, without reading all that the index has of them.
CREATE OR REPLACE FUNCTION rivergen_catalog.is_living_word(organization_id bigint, word text) RETURNS boolean
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off
AS $$
DECLARE
	ids integer[] := rivergen_catalog.stem_ids($1, $2, false, true);
	binned bigint[] := ARRAY(SELECT d.data_source_id FROM rivergen_catalog.data_source d
		WHERE d.organization_id = $1 AND d.deleted_at IS NOT NULL);
BEGIN
	RETURN EXISTS (SELECT FROM (SELECT s.data_source_id, s.name_stems, s.column_stems FROM rivergen_catalog.search_relation s
				WHERE s.organization_id = $1 LIMIT 200) s
			WHERE (s.name_stems @> ids OR s.column_stems @> ids) AND s.data_source_id <> ALL (binned))
		OR EXISTS (SELECT FROM (SELECT s.organization_id, s.data_source_id FROM rivergen_catalog.search_relation s
				WHERE s.name_stems @> ids OR s.column_stems @> ids OFFSET 0) s
			WHERE s.organization_id = $1 AND s.data_source_id <> ALL (binned))
		OR EXISTS (SELECT FROM rivergen_catalog.source_schema s
			WHERE s.organization_id = $1 AND s.data_source_id <> ALL (binned)
				AND rivergen_catalog.stem_ids($1, rivergen_catalog.name_words(s.schema_name), false, true) @> ids);
END
$$;

-- Whether a word of the organization's names begins so, or has the same stem. is_living_word() takes a column of the word's row
-- each time: of constants alone it would be asked before the dictionary is.
CREATE OR REPLACE FUNCTION rivergen_catalog.begins_word(organization_id bigint, word text) RETURNS boolean
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT $2 !~ '[^0-9]'
		OR EXISTS (SELECT FROM rivergen_catalog.search_word w
			WHERE w.organization_id = $1 AND w.stem = (rivergen_catalog.stems($2))[1] COLLATE "C"
				AND rivergen_catalog.is_living_word(w.organization_id, $2))
		OR EXISTS (SELECT FROM rivergen_catalog.search_word w
			WHERE w.organization_id = $1 AND w.stem >= $2 COLLATE "C" AND w.stem < $2 || chr(1114111)
				AND rivergen_catalog.is_living_word($1, w.stem));
END;

-- The words, with others for those that begin no word of a name: what was meant when one slip was made in each. The likeliest
-- first.
CREATE OR REPLACE FUNCTION rivergen_catalog.corrected_words(organization_id bigint, words text[]) RETURNS SETOF text[]
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH RECURSIVE given AS MATERIALIZED (
		SELECT w.place, w.word, rivergen_catalog.begins_word($1, w.word) AS is_known
		FROM unnest($2) WITH ORDINALITY w (word, place)
		WHERE cardinality($2) <= 4
	), spelled AS MATERIALIZED (
		SELECT g.place, g.word, 1 AS choice FROM given g WHERE g.is_known
		UNION ALL
		SELECT g.place, r.word, r.choice
		FROM given g
		CROSS JOIN LATERAL (SELECT v AS word, row_number() OVER (ORDER BY length(v) <> length(g.word), v) AS choice
			FROM (SELECT r FROM rivergen_catalog.respellings(g.word) r WHERE rivergen_catalog.begins_word($1, r)
				UNION
				SELECT rivergen_catalog.words_with_a_letter($1, g.word)) r (v)) r
		WHERE NOT g.is_known AND r.choice <= 3
	), corrected (place, words, choices) AS (
		SELECT 0::bigint, '{}'::text[], 0::numeric WHERE EXISTS (SELECT FROM given WHERE NOT is_known)
		UNION ALL
		SELECT s.place, c.words || s.word, c.choices + s.choice FROM corrected c JOIN spelled s ON s.place = c.place + 1
	)
	SELECT c.words FROM corrected c WHERE c.place = cardinality($2) ORDER BY c.choices, c.words LIMIT 9;
END;

-- The names with all the corrected words, or else with words that begin so: the shortest 100, and whether there may be more.
CREATE OR REPLACE FUNCTION rivergen_catalog.corrected_names(organization_id bigint, words text[], OUT names text[], OUT has_more boolean)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	given text := array_to_string($2, ' ');
	way text;
BEGIN
	FOREACH way IN ARRAY ARRAY['whole', 'word beginnings'] LOOP
		SELECT (array_agg(n.name ORDER BY length(n.name), n.name COLLATE "C") FILTER (WHERE n.name IS NOT NULL))[:100],
			count(n.name) > 100 OR count(n.name) < count(*)
		INTO names, has_more FROM rivergen_catalog.found_names($1, given, given, $2, way, 100) n;
		EXIT WHEN names <> '{}';
	END LOOP;
END
$$;

-- The names, and what follows each of their first 20 dots: names of tables may be given with their schema, and both may have
-- dots.
CREATE OR REPLACE FUNCTION rivergen_catalog.last_parts(names text[]) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH RECURSIVE part (dots, name) AS (
		SELECT 0, n FROM unnest($1) n
		UNION ALL
		SELECT p.dots + 1, substr(p.name, strpos(p.name, '.') + 1) FROM part p WHERE p.dots < 20 AND strpos(p.name, '.') > 0
	)
	SELECT array_agg(DISTINCT p.name COLLATE "C") FROM part p;
END;

-- Whether the text is the end of the dotted name of a relation or column, both folded; the name itself may be left out behind
-- the last dot.
CREATE OR REPLACE FUNCTION rivergen_catalog.is_dotted_name("text" text, organization_id bigint, data_source_id bigint,
	table_schema text, table_name text, column_name text) RETURNS boolean
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT right(rivergen_catalog.folded(concat_ws('.', '', d.name, $4, $5, $6)), length(e.ending)) = e.ending
	FROM rivergen_catalog.data_source d
	CROSS JOIN LATERAL (SELECT '.' || $1 || CASE WHEN right($1, 1) = '.' THEN rivergen_catalog.folded(coalesce($6, $5)) ELSE '' END AS ending) e
	WHERE d.organization_id = $2 AND d.data_source_id = $3;
END;

-- The names of which the last part of a dotted name is the beginning, of tables in the schema and of columns in the table that
-- stand before it, at most `most` each, and a few of others; and those of which it is when one slip in each word is undone, with
-- their tiers. A row without a name says that there may be more.
CREATE OR REPLACE FUNCTION rivergen_catalog.last_names(organization_id bigint, qualifier text, "last" text, most integer)
	RETURNS TABLE (name text, tier integer)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH of_tables AS MATERIALIZED (
		SELECT r.relation_name AS name, r.schema_name FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND r.relation_name >= $3 COLLATE "C" AND r.relation_name < $3 || chr(1114111)
			AND r.deprecated_at IS NULL
		LIMIT 10000
	), of_columns AS MATERIALIZED (
		SELECT r.document FROM (SELECT DISTINCT n.name FROM unnest(rivergen_catalog.last_parts(ARRAY[$2])) p (part)
				CROSS JOIN LATERAL rivergen_catalog.found_names($1, p.part, rivergen_catalog.folded(p.part), '{}', 'whole', 100) n
				WHERE p.part <> '' AND n.tier < 3) n
		JOIN rivergen_catalog.relation r ON r.relation_name = n.name COLLATE "C"
		WHERE r.organization_id = $1 AND r.deprecated_at IS NULL
			AND rivergen_catalog.is_dotted_name(rivergen_catalog.folded($2), $1, r.data_source_id, r.schema_name, r.relation_name, NULL)
		LIMIT 20
	), there AS MATERIALIZED (
		(SELECT DISTINCT t.name, length(t.name) FROM of_tables t
		WHERE right(rivergen_catalog.folded('.' || t.schema_name), length($2) + 1) = '.' || rivergen_catalog.folded($2)
			OR right(rivergen_catalog.folded($2), length(t.schema_name) + 1) = '.' || rivergen_catalog.folded(t.schema_name)
		ORDER BY 2, 1 LIMIT most)
		UNION
		(SELECT DISTINCT c.value ->> 'name' COLLATE "C", length(c.value ->> 'name')
		FROM of_columns r CROSS JOIN LATERAL jsonb_array_elements(r.document -> 'columns') c
		WHERE rivergen_catalog.folded(c.value ->> 'name') ^@ rivergen_catalog.folded($3) ORDER BY 2, 1 LIMIT most)
	), elsewhere AS MATERIALIZED (
		SELECT n.name, n.tier, row_number() OVER (ORDER BY length(n.name), n.name) AS place
		FROM rivergen_catalog.found_names($1, $3, rivergen_catalog.folded($3), '{}', 'whole', 100) n
		WHERE n.tier IN (5, 99) AND (n.name IS NULL OR n.name NOT IN (SELECT t.name FROM there t))
	)
	SELECT t.name, 5 FROM there t
	UNION ALL
	SELECT e.name, 5 FROM elsewhere e WHERE e.place <= 20 AND e.name IS NOT NULL
	UNION ALL
	SELECT NULL, 99
	WHERE (SELECT count(*) FROM of_tables) = 10000 OR (SELECT count(*) FROM of_columns) = 20
		OR EXISTS (SELECT FROM elsewhere e WHERE e.place > 20 OR e.tier = 99)
	UNION ALL
	SELECT n.name, 9
	FROM rivergen_catalog.corrected_words($1, string_to_array(nullif(btrim(rivergen_catalog.name_words($3)), ''), '  ')) c
	CROSS JOIN LATERAL rivergen_catalog.corrected_names($1, c) f
	CROSS JOIN LATERAL unnest(f.names[:5]) n (name);
END;
