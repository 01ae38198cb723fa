-- rivergen.schema_context, second part: which tables a question is about.

-- The words of a question that can name something, at most 40.
CREATE OR REPLACE FUNCTION rivergen_catalog.question_stems(question text) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(array_agg(s.stem ORDER BY s.stem COLLATE "C"), '{}')
	FROM (SELECT DISTINCT rivergen_catalog.word_stem(w) COLLATE "C" AS stem
		FROM unnest(string_to_array(nullif(btrim(rivergen_catalog.name_words(regexp_replace(left($1, 4000),
			'\m(in \w+ order|order(ed)? (of|by))\M', ' ', 'gi'))), ''), '  ')) w
		WHERE length(w) > 1 AND NOT (' a an and any are as at be been both but by can could did do does each every for from give had has '
			'have her his how i if in into is it its list many me more most much my no not of on or other our out over '
			'per please show sorted such tell than that the their them then there these they this those to under up was we were what '
			'when where which who whom whose why will with without would you your different all find return between also one two '
			'three number total average maximum minimum least whole some only name ' LIKE '% ' || w || ' %')
			AND rivergen_catalog.word_stem(w) <> 'name'
		LIMIT 40) s;
END;

-- The names of the dictionary that have the word, in the singular or the plural; 10,000 at most.
CREATE OR REPLACE FUNCTION rivergen_catalog.names_with_stem(organization_id bigint, stem text)
	RETURNS TABLE (name_id bigint, name text, share real)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
	base text := CASE WHEN $2 ~ '[a-z]{3}y$' THEN left($2, -1) ELSE $2 END;
	pattern text := '  ' || base || CASE WHEN base = $2 THEN '(s|es)?' ELSE '(y|ies)' END || '  ';
BEGIN
	RETURN QUERY
	SELECT c.name_id, c.name, (1.0 / cardinality(string_to_array(btrim(split_part(c.searched, chr(1), 2)), '  ')))::real
	FROM (SELECT n.name_id, n.name, n.searched FROM rivergen_catalog.search_name n
		WHERE n.organization_id = $1 AND rivergen_catalog.search_keys(n.organization_id, n.searched, NULL)
			@> rivergen_catalog.search_keys($1, '  ' || base, NULL)
		LIMIT 10000) c
	WHERE c.searched ~ pattern;
END
$$;

-- How well each relation answers to the words: BM25 over its name, its columns' names and its texts, with the rarity of a
-- word in the organization. A word that is nearly everywhere (in more names or relations than are read) tells nothing and
-- is passed over. Words that a source has in any of its relations, its schemas or its name vote for all its relations.
CREATE OR REPLACE FUNCTION rivergen_catalog.context_scores(organization_id bigint, stems text[], within bigint[], schemas text[])
	RETURNS TABLE (data_source_id bigint, relation_id bigint, score double precision, why text[])
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
	relations double precision := (SELECT greatest(sum(c.relations_count), 1) FROM rivergen_catalog.schema_content c
		WHERE c.organization_id = $1);
BEGIN
	RETURN QUERY
	WITH named AS MATERIALIZED (
		SELECT t.stem, n.name_id, n.name, n.share FROM unnest($2) AS t (stem)
		CROSS JOIN LATERAL (SELECT n.*, count(*) OVER () AS names FROM rivergen_catalog.names_with_stem($1, t.stem) n) n
		WHERE n.names < 10000
	), found AS MATERIALIZED (
		SELECT n.stem, r.data_source_id, r.relation_id, 'table' AS place, 4 * (0.3 + 0.7 * n.share) AS weight
		FROM named n
		CROSS JOIN LATERAL (SELECT r.data_source_id, r.relation_id, count(*) OVER () AS hits FROM rivergen_catalog.relation r
			WHERE r.organization_id = $1 AND r.relation_name = n.name COLLATE "C" AND r.deprecated_at IS NULL LIMIT 10000) r
		WHERE r.hits < 10000
		UNION ALL
		SELECT k.stem, s.data_source_id, s.relation_id, 'column', 1 / (0.6 + 0.4 * s.columns / 15.0)
		FROM (SELECT n.stem, array_agg(n.name_id) AS ids FROM named n GROUP BY n.stem) k
		CROSS JOIN LATERAL (SELECT s.*, count(*) OVER () AS hits FROM (
				SELECT s.data_source_id, s.relation_id, cardinality(s.column_name_ids) AS columns
				FROM rivergen_catalog.search_relation s WHERE s.organization_id = $1 AND s.column_name_ids && k.ids LIMIT 10000) s) s
		WHERE s.hits < 10000
		UNION ALL
		SELECT t.stem, s.data_source_id, s.relation_id, 'text', 0.6
		FROM unnest($2) AS t (stem)
		CROSS JOIN LATERAL (SELECT s.*, count(*) OVER () AS hits FROM (
				SELECT s.data_source_id, s.relation_id, s.texts FROM rivergen_catalog.search_relation s
				WHERE s.organization_id = $1 AND length(t.stem) > 2
					AND rivergen_catalog.search_keys(s.organization_id, s.texts, NULL) @> rivergen_catalog.search_keys($1, t.stem, NULL)
				LIMIT 1000) s) s
		WHERE s.hits < 1000 AND s.texts ~ ('\m' || regexp_replace(t.stem, '\W', '\\\&', 'g'))
	), rarity AS (
		SELECT f.stem, ln(1 + (greatest(relations - count(DISTINCT f.relation_id), 0) + 0.5) / (count(DISTINCT f.relation_id) + 0.5)) AS idf
		FROM (SELECT t.stem, f.relation_id FROM unnest($2) AS t (stem) LEFT JOIN found f USING (stem)) f GROUP BY f.stem
	), weighed AS (
		SELECT f.stem, f.data_source_id, f.relation_id, r.idf * sum(f.weight) / (sum(f.weight) + 1) AS weight,
			array_agg(DISTINCT f.place || ': ' || f.stem) AS why
		FROM found f JOIN rarity r USING (stem)
		WHERE $3 IS NULL OR f.data_source_id = ANY ($3)
		GROUP BY f.stem, f.data_source_id, f.relation_id, r.idf
	), vote AS (
		SELECT b.data_source_id, sum(b.weight) AS votes
		FROM (SELECT w.data_source_id, w.stem, max(w.weight) AS weight FROM weighed w GROUP BY w.data_source_id, w.stem
			UNION ALL
			SELECT d.data_source_id, r.stem, r.idf FROM rivergen_catalog.data_source d
			JOIN rarity r ON r.stem = ANY (rivergen_catalog.name_stems(d.name))
			WHERE d.organization_id = $1 AND d.data_source_id IN (SELECT w.data_source_id FROM weighed w)) b
		GROUP BY b.data_source_id
	)
	SELECT w.data_source_id, w.relation_id, sum(w.weight) * v.votes / max(v.votes) OVER (),
		string_to_array(string_agg(array_to_string(w.why, chr(1)), chr(1) ORDER BY w.weight DESC, w.stem COLLATE "C"), chr(1))
	FROM weighed w JOIN vote v USING (data_source_id)
	GROUP BY w.data_source_id, w.relation_id, v.votes;
END
$$;

-- The scores of the best relations and of what foreign keys join to them: a table that is referred to, and a table that
-- refers to two of them. Of sources with more relations than are read, only the keys of the best relations are looked at.
CREATE OR REPLACE FUNCTION rivergen_catalog.context_expanded(organization_id bigint, stems text[], within bigint[], schemas text[])
	RETURNS TABLE (data_source_id bigint, relation_id bigint, score double precision, why text[])
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH scored AS MATERIALIZED (
		SELECT s.data_source_id, s.relation_id, s.score, s.why FROM rivergen_catalog.context_scores($1, $2, $3, $4) s
	), best AS MATERIALIZED (
		SELECT s.*, row_number() OVER (ORDER BY s.score DESC, s.relation_id) AS place FROM scored s
		ORDER BY s.score DESC, s.relation_id LIMIT 100
	), small AS MATERIALIZED (
		SELECT b.data_source_id FROM (SELECT DISTINCT b.data_source_id FROM best b WHERE b.place <= 5) b
		WHERE (SELECT sum(c.relations_count) FROM rivergen_catalog.schema_content c
			WHERE c.organization_id = $1 AND c.data_source_id = b.data_source_id) <= 300
	), edge AS MATERIALIZED (
		SELECT DISTINCT r.data_source_id, r.relation_id AS of_id, t.relation_id AS to_id
		FROM (SELECT b.relation_id FROM best b
			UNION
			SELECT r.relation_id FROM small s JOIN rivergen_catalog.relation r ON r.organization_id = $1
				AND r.data_source_id = s.data_source_id AND r.deprecated_at IS NULL) i
		JOIN rivergen_catalog.relation r ON r.organization_id = $1 AND r.relation_id = i.relation_id
		CROSS JOIN LATERAL jsonb_array_elements(r.document -> 'foreign_keys') f
		JOIN rivergen_catalog.relation t ON t.organization_id = $1 AND t.data_source_id = r.data_source_id
			AND t.schema_name = coalesce(f.value ->> 'schema', r.schema_name) COLLATE "C"
			AND t.relation_name = (f.value ->> 'table') COLLATE "C" AND t.deprecated_at IS NULL
		WHERE t.relation_id <> r.relation_id
	), joined AS (
		SELECT e.data_source_id, e.to_id AS relation_id, 0.35 * max(b.score) AS score, 'is referred to' AS why
		FROM edge e JOIN best b ON b.relation_id = e.of_id AND b.place <= 5 GROUP BY e.data_source_id, e.to_id
		UNION ALL
		SELECT e.data_source_id, e.of_id, 0.6 * min(b.score), 'joins two of them'
		FROM edge e JOIN best b ON b.relation_id = e.to_id AND b.place <= 5
		GROUP BY e.data_source_id, e.of_id HAVING count(*) > 1
	)
	SELECT a.data_source_id, a.relation_id, sum(a.score), string_to_array(string_agg(array_to_string(a.why, chr(1)), chr(1)
		ORDER BY a.part, a.score DESC), chr(1))
	FROM (SELECT s.data_source_id, s.relation_id, s.score, s.why, 1 AS part FROM scored s
		UNION ALL
		SELECT j.data_source_id, j.relation_id, j.score, ARRAY[j.why], 2 FROM joined j) a
	GROUP BY a.data_source_id, a.relation_id;
END
$$;

-- The name of a table without the date at its end, when it has one.
CREATE OR REPLACE FUNCTION rivergen_catalog.without_date(name text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN substring(name from '^(.*[^0-9])(?:(?:19|20)[0-9]{2}_?(?:0[1-9]|1[0-2])(?:_?[0-3][0-9])?)$');

-- The relations of a context, best first, at most `most`: all in scope, or those that the words find when there are too many.
-- Tables that differ in the date at the end of their name alone count as the last of them, with their number and the
-- first.
CREATE OR REPLACE FUNCTION rivergen_catalog.context_picks(organization_id bigint, stems text[], within bigint[], schemas text[],
	tables text[], everything boolean, most integer)
	RETURNS TABLE (relation_id bigint, score double precision, why text[], shards bigint, first_shard text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH scored AS MATERIALIZED (
		SELECT e.relation_id, round(e.score::numeric, 4)::double precision AS score, e.why
		FROM rivergen_catalog.context_expanded($1, $2, $3, $4) e
		WHERE cardinality($2) > 0
	), wanted AS (
		SELECT s.relation_id, s.score, s.why FROM scored s WHERE NOT $6
		UNION ALL
		SELECT r.relation_id, coalesce(s.score, 0), coalesce(s.why, '{}')
		FROM rivergen_catalog.relation r LEFT JOIN scored s USING (relation_id)
		WHERE $6 AND r.organization_id = $1 AND ($3 IS NULL OR r.data_source_id = ANY ($3)) AND r.deprecated_at IS NULL
	), known AS (
		SELECT w.*, r.data_source_id, r.schema_name, r.relation_name, r.hash, rivergen_catalog.without_date(r.relation_name) AS base
		FROM wanted w JOIN rivergen_catalog.relation r ON r.organization_id = $1 AND r.relation_id = w.relation_id
		WHERE r.deprecated_at IS NULL AND rivergen_catalog.kind_group(r.kind) <> 'other'
			AND ($4 IS NULL OR r.schema_name = ANY ($4))
			AND ($5 IS NULL OR r.relation_name = ANY ($5) OR r.schema_name || '.' || r.relation_name = ANY ($5))
			AND NOT EXISTS (SELECT FROM rivergen_catalog.data_source d WHERE d.organization_id = $1
				AND d.data_source_id = r.data_source_id AND d.deleted_at IS NOT NULL)
	), sharded AS (
		SELECT k.*, count(*) OVER shard AS shards, first_value(k.relation_name) OVER shard AS first_shard,
			last_value(k.relation_id) OVER shard AS last_id
		FROM known k
		WINDOW shard AS (PARTITION BY k.data_source_id, k.schema_name, coalesce(k.base, k.relation_name), k.base IS NULL
			ORDER BY k.relation_name, k.relation_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
	)
	SELECT s.relation_id, s.score, s.why, CASE WHEN s.shards > 2 THEN s.shards END, s.first_shard
	FROM sharded s WHERE s.shards < 3 OR s.last_id = s.relation_id
	ORDER BY s.score DESC, s.data_source_id, s.schema_name, s.relation_name, s.relation_id
	LIMIT most;
END
$$;
