-- rivergen.schema_context, first part: which tables a question is about.

-- The words of a question that can name something, the first 60, one of each stem.
CREATE OR REPLACE FUNCTION rivergen_catalog.question_words(question text) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(array_agg(f.word ORDER BY f.stem), '{}')
	FROM (SELECT s.stem, s.word FROM (SELECT DISTINCT ON (1) p.stem COLLATE "C" AS stem,
			CASE WHEN p.count = 1 THEN w.word ELSE p.stem END AS word, w.place, p.part
		FROM unnest(string_to_array(nullif(btrim(rivergen_catalog.name_words(regexp_replace(left($1, 4000),
			'\m(in \w+ order|order(ed)? (of|by))\M', ' ', 'gi'))), ''), '  ')) WITH ORDINALITY w (word, place)
		CROSS JOIN LATERAL (SELECT s.*, count(*) OVER ()
			FROM unnest(rivergen_catalog.stems(w.word)) WITH ORDINALITY s (stem, part)) p
		WHERE octet_length(w.word) > 1 AND NOT (' a an and any are as at be been both but by can could did do does each every for from give had has '
			'have her his how i if in into is it its list many me more most much my no not of on or other our out over '
			'per please show sorted such tell than that the their them then there these they this those to under up was we were what '
			'when where which who whom whose why will with without would you your different all find return between also one two '
			'three number total average maximum minimum least whole some only name names ' LIKE '% ' || w.word || ' %')
		ORDER BY 1, w.place, p.part) s
		ORDER BY s.place, s.part LIMIT 60) f;
END;

-- The stems of an organization's names that resemble a stem, and itself: short ones with the same first letter; longer ones that begin
-- or end with it; and, where it is in no name, those that one slip makes of it (202_search_names.sql), and those that share
-- nearly half of the grams of both. A mistyped letter changes at most four grams in a row, so it leaves one of three parts whole.
CREATE OR REPLACE FUNCTION rivergen_catalog.resembling_words(organization_id bigint, stem text)
	RETURNS TABLE (way text, found text, likeness real)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	(SELECT 'itself', w.stem, 1::real FROM rivergen_catalog.search_word w WHERE w.organization_id = $1 AND w.stem = $2 COLLATE "C")
	UNION ALL
	(SELECT 'short', w.stem, 1 FROM rivergen_catalog.search_word w
		WHERE w.organization_id = $1 AND left(w.stem, 1) = left($2, 1) AND length(w.stem) BETWEEN 2 AND least(5, length($2) - 1)
		ORDER BY w.stem)
	UNION ALL
	(SELECT 'part', w.stem, 1 FROM rivergen_catalog.search_word w
		WHERE w.organization_id = $1 AND w.stem > $2 COLLATE "C" AND w.stem < $2 || chr(1114111)
		ORDER BY length(w.stem), w.stem LIMIT 20)
	UNION ALL
	(SELECT 'part', w.stem, 1 FROM rivergen_catalog.search_word w
		WHERE w.organization_id = $1 AND rivergen_catalog.search_keys(w.organization_id, '  ' || w.stem || '  ', NULL)
				@> rivergen_catalog.search_keys($1, $2 || '  ', NULL)
			AND right(w.stem, length($2)) = $2 AND w.stem <> $2 COLLATE "C"
		ORDER BY length(w.stem), w.stem LIMIT 20)
	UNION ALL
	(SELECT 'similar', r.stem, 0.9
		FROM (SELECT v AS stem FROM rivergen_catalog.respellings($2) v WHERE NOT EXISTS (SELECT FROM rivergen_catalog.search_word x
			WHERE x.organization_id = $1 AND x.stem = $2 COLLATE "C") OFFSET 0) r
		WHERE EXISTS (SELECT FROM rivergen_catalog.search_word w WHERE w.organization_id = $1 AND w.stem = r.stem COLLATE "C"))
	UNION ALL
	(SELECT 'similar', s.stem, s.likeness
		FROM (SELECT w.stem, (k.shared / (k.total + cardinality(rivergen_catalog.search_keys($1, '  ' || $2 || '  ', NULL)) - k.shared))::real AS likeness
			FROM rivergen_catalog.search_word w
			CROSS JOIN LATERAL (SELECT count(*)::double precision AS total,
					count(*) FILTER (WHERE key = ANY (rivergen_catalog.search_keys($1, '  ' || $2 || '  ', NULL))) AS shared
				FROM unnest(rivergen_catalog.search_keys($1, '  ' || w.stem || '  ', NULL)) key) k
			WHERE w.organization_id = $1
				AND (rivergen_catalog.search_keys(w.organization_id, '  ' || w.stem || '  ', NULL)
						@> rivergen_catalog.search_keys($1, left('  ' || $2, 3 + length($2) / 3), NULL)
					OR rivergen_catalog.search_keys(w.organization_id, '  ' || w.stem || '  ', NULL)
						@> rivergen_catalog.search_keys($1, right($2 || '  ', 3 + length($2) / 3), NULL))) s
		WHERE s.likeness >= 0.45 AND NOT EXISTS (SELECT FROM rivergen_catalog.search_word x
			WHERE x.organization_id = $1 AND x.stem = $2 COLLATE "C")
		ORDER BY s.likeness DESC, s.stem LIMIT 10);
END;

-- The sources in whose names or descriptions the stem is; id is its hash.
CREATE OR REPLACE FUNCTION rivergen_catalog.sources_named(organization_id bigint, stem text, id integer, most integer)
	RETURNS TABLE (data_source_id bigint)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT d.data_source_id FROM rivergen_catalog.data_source d
	WHERE d.organization_id = $1 AND d.deleted_at IS NULL AND octet_length($2) > 2
		AND rivergen_catalog.search_keys(d.organization_id, d.search_text, d.tags)
			@> rivergen_catalog.search_keys($1, regexp_replace($2, '[iy]$', ''), NULL)
		AND ARRAY[$3] && rivergen_catalog.stem_ids($1, rivergen_catalog.name_words(d.name || coalesce(' ' || d.description, '')), false, true)
	LIMIT $4;
END;

-- How well relations answer to the words: BM25 over their names, their columns' names and their texts, with the rarity of a
-- word in the scope, times the square of how well their source does; the best 1,000 (src/catalog/relevance.c). said are the
-- words of the stems.
CREATE OR REPLACE FUNCTION rivergen_catalog.context_scores(organization_id bigint, stems text[], said text[], within bigint[],
	schemas text[])
	RETURNS TABLE (data_source_id bigint, relation_id bigint, score double precision, why text[])
	AS 'MODULE_PATHNAME', 'rg_sql_context_scores'
	LANGUAGE C STABLE COST 100000 ROWS 1000;

-- The scores of the best relations and of what foreign keys join to the first five: a table that is referred to, and a table
-- that refers to two of them.
CREATE OR REPLACE FUNCTION rivergen_catalog.context_expanded(organization_id bigint, stems text[], said text[], within bigint[],
	schemas text[])
	RETURNS TABLE (data_source_id bigint, relation_id bigint, score double precision, why text[])
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH scored AS MATERIALIZED (
		SELECT s.*, row_number() OVER () AS number FROM rivergen_catalog.context_scores($1, $2, $3, $4, $5) s
	), best AS MATERIALIZED (
		SELECT b.data_source_id, b.relation_id, b.score, s.place, s.refers_to
		FROM (SELECT * FROM scored ORDER BY number LIMIT 5) b
		JOIN rivergen_catalog.search_relation s ON s.organization_id = $1 AND s.data_source_id = b.data_source_id
			AND s.relation_id = b.relation_id
	), edge AS (
		SELECT b.data_source_id, b.relation_id AS of_id, t.relation_id AS to_id
		FROM best b CROSS JOIN LATERAL unnest(b.refers_to) AS p (place)
		JOIN rivergen_catalog.search_relation t ON t.place = p.place AND t.organization_id = $1
			AND t.data_source_id = b.data_source_id
	), joining AS (
		SELECT b.data_source_id, r.relation_id AS of_id, b.relation_id AS to_id
		FROM best b JOIN rivergen_catalog.search_relation r ON r.refers_to @> ARRAY[b.place] AND r.refers_to <> '{}' AND r.organization_id = $1
			AND r.data_source_id = b.data_source_id
	), joined AS (
		SELECT e.data_source_id, e.to_id AS relation_id, 0.35 * max(b.score) AS score, 'is referred to' AS why
		FROM edge e JOIN best b ON b.relation_id = e.of_id WHERE e.to_id <> e.of_id GROUP BY e.data_source_id, e.to_id
		UNION ALL
		SELECT e.data_source_id, e.of_id, 0.6 * min(b.score), 'joins two of them'
		FROM joining e JOIN best b ON b.relation_id = e.to_id WHERE e.to_id <> e.of_id
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
	RETURN CASE WHEN right(name, 1) BETWEEN '0' AND '9' COLLATE "C"
		THEN substring(name from '^(.*[^0-9])(?:(?:19|20)[0-9]{2}[_.-]?(?:0[1-9]|1[0-2])(?:[_.-]?[0-3][0-9])?)$') END;

-- The digits of the date behind the base of a name, in whatever form it is written.
CREATE OR REPLACE FUNCTION rivergen_catalog.date_digits(name text, base text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN translate(substr(name, length(base) + 1), '_.-', '') COLLATE "C";

-- How many tables of a schema have the name and a date behind it, how many partitions these have, which is the first, and the
-- last. Partitions are not meant whose table is current and in one of the schemas (null for all): it stands for them.
CREATE OR REPLACE FUNCTION rivergen_catalog.tables_by_date(organization_id bigint, data_source_id bigint, schema_name text, base text,
	schemas text[], OUT shards bigint, OUT partitions bigint, OUT first_name text, OUT last_id bigint)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT count(*), coalesce(sum(rivergen_catalog.partitions_count($1, $2, $3, r.relation_name, $5)) FILTER (WHERE r.kind = 'partitioned_table'), 0),
		(array_agg(r.relation_name ORDER BY d.digits, r.relation_name))[1],
		(array_agg(r.relation_id ORDER BY d.digits DESC, r.relation_name DESC))[1]
	FROM rivergen_catalog.relation r
	CROSS JOIN LATERAL (SELECT rivergen_catalog.date_digits(r.relation_name, $4) AS digits) d
	WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.schema_name = $3 COLLATE "C" AND r.deprecated_at IS NULL
		AND r.relation_name >= $4 COLLATE "C" AND r.relation_name < ($4 || chr(1114111)) COLLATE "C"
		AND rivergen_catalog.without_date(r.relation_name) = $4 AND rivergen_catalog.kind_group(r.kind) <> 'other'
		AND (r.partition_of IS NULL OR rivergen_catalog.partitioned_root($1, $2, r.partition_of, $5) IS NULL);
END;

-- The relations of a context, best first, at most `most`: all in scope, or those that the words find when there are too many.
-- Tables that differ in the date at the end of their name alone (of those that are named, when tables are named) count as the
-- last of them, with their number and the first. Partitions count as their table, with their number and no first one, unless
-- tables are named. hidden: how many other tables in scope each stands for.
CREATE OR REPLACE FUNCTION rivergen_catalog.context_picks(organization_id bigint, stems text[], said text[], within bigint[],
	schemas text[], tables text[], everything boolean, most integer)
	RETURNS TABLE (relation_id bigint, score double precision, why text[], shards bigint, first_shard text, hidden bigint)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
	parts text[] := rivergen_catalog.last_parts($6);
BEGIN
	RETURN QUERY
	WITH scored AS MATERIALIZED (
		SELECT e.relation_id, round(e.score::numeric, 4)::double precision AS score, e.why
		FROM rivergen_catalog.context_expanded($1, $2, $3, $4, $5) e
		WHERE cardinality($2) > 0
	), wanted AS (
		SELECT s.relation_id, s.score, s.why FROM scored s WHERE NOT $7
		UNION ALL
		SELECT r.relation_id, coalesce(s.score, 0), coalesce(s.why, '{}')
		FROM rivergen_catalog.relation r LEFT JOIN scored s USING (relation_id)
		WHERE $7 AND $6 IS NULL AND r.organization_id = $1 AND ($4 IS NULL OR r.data_source_id = ANY ($4)) AND r.deprecated_at IS NULL
		UNION ALL
		SELECT r.relation_id, coalesce(s.score, 0), coalesce(s.why, '{}')
		FROM rivergen_catalog.relation r LEFT JOIN scored s USING (relation_id)
		WHERE $7 AND r.organization_id = $1 AND ($4 IS NULL OR r.data_source_id = ANY ($4)) AND r.deprecated_at IS NULL
			AND r.relation_name = ANY (parts)
	), known AS (
		SELECT w.*, r.data_source_id, r.schema_name, r.relation_name, r.kind, rivergen_catalog.without_date(r.relation_name) AS base,
			CASE WHEN $6 IS NULL AND r.partition_of IS NOT NULL
				THEN rivergen_catalog.partitioned_root($1, r.data_source_id, r.partition_of, $5) END AS root_id
		FROM wanted w
		CROSS JOIN LATERAL (SELECT r.data_source_id, r.schema_name, r.relation_name, r.kind, r.partition_of, r.deprecated_at
			FROM rivergen_catalog.relation r WHERE r.organization_id = $1 AND r.relation_id = w.relation_id OFFSET 0) r
		WHERE r.deprecated_at IS NULL AND rivergen_catalog.kind_group(r.kind) <> 'other'
			AND ($5 IS NULL OR r.schema_name = ANY ($5))
			AND ($6 IS NULL OR r.relation_name = ANY ($6) OR r.schema_name || '.' || r.relation_name = ANY ($6))
			AND NOT EXISTS (SELECT FROM rivergen_catalog.data_source d WHERE d.organization_id = $1
				AND d.data_source_id = r.data_source_id AND d.deleted_at IS NOT NULL)
	), lifted AS (
		SELECT DISTINCT ON (l.relation_id) l.*
		FROM (SELECT k.relation_id, k.score, k.why, k.data_source_id, k.schema_name, k.relation_name, k.kind, k.base
			FROM known k WHERE k.root_id IS NULL
			UNION ALL
			SELECT r.relation_id, k.score, k.why, r.data_source_id, r.schema_name, r.relation_name, r.kind,
				rivergen_catalog.without_date(r.relation_name)
			FROM known k CROSS JOIN LATERAL (SELECT r.relation_id, r.data_source_id, r.schema_name, r.relation_name, r.kind
				FROM rivergen_catalog.relation r WHERE r.organization_id = $1 AND r.relation_id = k.root_id OFFSET 0) r
			WHERE k.root_id IS NOT NULL) l
		ORDER BY l.relation_id, l.score DESC, l.why
	), ranked AS (
		SELECT k.*, count(*) OVER shard AS met, first_value(k.relation_name) OVER shard AS first_name,
			last_value(k.relation_id) OVER shard AS last_id,
			row_number() OVER (PARTITION BY k.data_source_id, k.schema_name, k.base
				ORDER BY k.score DESC, k.relation_name, k.relation_id) AS place
		FROM lifted k
		WINDOW shard AS (PARTITION BY k.data_source_id, k.schema_name, k.base
			ORDER BY rivergen_catalog.date_digits(k.relation_name, k.base), k.relation_name, k.relation_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
	)
	SELECT CASE WHEN p.shards > 2 THEN p.last_id ELSE p.relation_id END, p.score, p.why,
		CASE WHEN p.shards > 2 THEN p.shards ELSE nullif(n.partitions, 0) END,
		CASE WHEN p.shards > 2 THEN p.first_name END,
		CASE WHEN p.shards > 2 THEN p.shards - 1 + p.partitions WHEN $6 IS NULL THEN n.partitions ELSE 0 END
	FROM (SELECT o.relation_id, o.score, o.why, o.data_source_id, o.schema_name, o.relation_name, o.kind, d.shards, d.partitions,
			d.first_name, d.last_id
		FROM (SELECT n.* FROM ranked n WHERE n.base IS NULL OR n.place < 3
			ORDER BY n.score DESC, n.data_source_id, n.schema_name, n.relation_name, n.relation_id) o
		CROSS JOIN LATERAL (SELECT o.met AS shards, 0::bigint AS partitions, o.first_name, o.last_id WHERE o.base IS NOT NULL AND $6 IS NOT NULL
			UNION ALL
			SELECT s.shards, s.partitions, s.first_name, s.last_id
			FROM rivergen_catalog.tables_by_date($1, o.data_source_id, o.schema_name, o.base, $5) s
			WHERE o.base IS NOT NULL AND $6 IS NULL
			UNION ALL
			SELECT 1, 0, NULL, NULL WHERE o.base IS NULL) d
		WHERE o.base IS NULL OR o.place = 1 OR d.shards < 3
		LIMIT most) p
	CROSS JOIN LATERAL (SELECT CASE WHEN p.shards < 3 AND p.kind = 'partitioned_table'
		THEN rivergen_catalog.partitions_count($1, p.data_source_id, p.schema_name, p.relation_name, $5) ELSE 0 END AS partitions OFFSET 0) n
	ORDER BY p.score DESC, p.data_source_id, p.schema_name, p.relation_name, p.relation_id;
END
$$;
