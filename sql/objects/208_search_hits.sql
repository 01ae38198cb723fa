-- rivergen.search, second part: from the names (202_search_names.sql) to the hits.

-- The text as one line without control characters, direction marks and what is not visible: of its first 100,000 characters.
CREATE OR REPLACE FUNCTION rivergen_catalog.one_line("text" text) RETURNS text
	AS 'MODULE_PATHNAME', 'rg_sql_one_line'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- The part of a text around the first place that one of the words has in it, as one line.
CREATE OR REPLACE FUNCTION rivergen_catalog.excerpt("text" text, words text[]) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN p.start > 1 THEN '…' ELSE '' END || substr(o.line, p.start, 160)
		|| CASE WHEN length(o.line) >= p.start + 160 THEN '…' ELSE '' END
	FROM (SELECT rivergen_catalog.one_line($1) AS line OFFSET 0) o
	CROSS JOIN LATERAL (SELECT rivergen_catalog.folded(o.line) AS folded OFFSET 0) f
	CROSS JOIN LATERAL (SELECT greatest(1, least(coalesce(min(nullif(strpos(f.folded, w), 0)), 1) - 40, length(o.line) - 159)) AS start
		FROM unnest($2) w) p;
END;

-- The texts of a relation that hold all the words: of itself (no column_name) and of its columns, the best of each.
CREATE OR REPLACE FUNCTION rivergen_catalog.matching_texts(words text[], description text, column_descriptions jsonb,
	document jsonb, categories jsonb) RETURNS TABLE (column_name text, tier integer, "text" text)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT DISTINCT ON (t.column_name) t.column_name, t.tier, t.text
	FROM (SELECT NULL AS column_name, 11 AS tier, $2 AS text
		UNION ALL
		SELECT NULL, 12, $4 ->> 'comment'
		UNION ALL
		SELECT d.key, 11, d.value FROM jsonb_each_text($3) d
			WHERE $4 @> jsonb_build_object('columns', jsonb_build_array(jsonb_build_object('name', d.key)))
		UNION ALL
		SELECT c.value ->> 'name', 12, c.value ->> 'comment' FROM jsonb_array_elements($4 -> 'columns') c
		UNION ALL
		SELECT k.key, 13, v.value FROM jsonb_each($5) k CROSS JOIN LATERAL jsonb_array_elements_text(k.value) v
			WHERE $4 @> jsonb_build_object('columns', jsonb_build_array(jsonb_build_object('name', k.key)))) t
	WHERE (SELECT bool_and(rivergen_catalog.contains(rivergen_catalog.folded(t.text), w)) FROM unnest($1) w)
	ORDER BY t.column_name, t.tier, t.text COLLATE "C";
END;

-- The tags of a source, and of a relation and column in it: a tag covers what it stands on and all that is within.
CREATE OR REPLACE FUNCTION rivergen_catalog.covering_tags(organization_id bigint, data_source_id bigint, relation_id bigint,
	column_name text) RETURNS text[]
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT d.tags || coalesce(r.tags, '{}') || ARRAY(SELECT jsonb_array_elements_text(r.column_tags -> $4))
	FROM rivergen_catalog.data_source d
	LEFT JOIN rivergen_catalog.relation r ON r.organization_id = $1 AND r.data_source_id = $2 AND r.relation_id = $3
	WHERE d.organization_id = $1 AND d.data_source_id = $2;
END;

-- The current relations that have the tag, or a column of which has it.
CREATE OR REPLACE FUNCTION rivergen_catalog.tagged_relations(organization_id bigint, tag text)
	RETURNS SETOF rivergen_catalog.relation
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT r.* FROM rivergen_catalog.relation r
	WHERE r.organization_id = $1 AND (r.tags <> '{}' OR r.column_tags <> '{}') AND r.deprecated_at IS NULL
		AND rivergen_catalog.search_keys(r.organization_id, NULL, rivergen_catalog.all_tags(r.tags, r.column_tags))
			@> rivergen_catalog.search_keys($1, NULL, ARRAY[$2])
		AND $2 = ANY (rivergen_catalog.all_tags(r.tags, r.column_tags));
END;

-- The sources that the filters leave; sources: parts of names, folded; tags: those that have all of them, or that hold a
-- relation or column with one of them.
CREATE OR REPLACE FUNCTION rivergen_catalog.searched_sources(
	organization_id bigint, data_source_id bigint, sources text[], tags text[]) RETURNS bigint[]
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT CASE WHEN $2 IS NULL AND $3 IS NULL AND $4 IS NULL THEN NULL ELSE coalesce(array_agg(d.data_source_id), '{}') END
	FROM rivergen_catalog.data_source d
	WHERE d.organization_id = $1 AND d.deleted_at IS NULL AND NOT ($2 IS NULL AND $3 IS NULL AND $4 IS NULL)
		AND ($2 IS NULL OR d.data_source_id = $2)
		AND ($4 IS NULL OR d.tags @> $4 OR d.data_source_id IN (SELECT r.data_source_id
			FROM unnest($4) t CROSS JOIN LATERAL rivergen_catalog.tagged_relations($1, t) r))
		AND ($3 IS NULL OR (SELECT bool_and(rivergen_catalog.contains(rivergen_catalog.folded(d.name), s)) FROM unnest($3) s));
END;

-- The hits by names of one tier, shortest first. A partition is hit by its whole name alone, and so are its columns by their
-- dotted names: otherwise the partitioned table stands for it. within: the sources to search, null for all; tags: those that
-- must cover each hit, null for none; dotted: the end of the dotted name of each hit (is_dotted_name), null for any. At most `most` of each kind.
-- Names are looked up one by one; the planner takes them for fewer than they are, and would read a small table for each.
CREATE OR REPLACE FUNCTION rivergen_catalog.name_hits(organization_id bigint, names text[], tier integer, kinds text[],
	within bigint[], in_schema text, tags text[], dotted text, most integer)
	RETURNS TABLE (kind text, data_source_id bigint, table_schema text, table_name text, column_name text, relation_id bigint)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT 'schema', s.data_source_id, s.schema_name, NULL::text, NULL::text, NULL::bigint
	FROM rivergen_catalog.source_schema s
	WHERE ($4 IS NULL OR 'schema' = ANY ($4)) AND $8 IS NULL AND s.organization_id = $1 AND s.schema_name = ANY ($2)
		AND ($5 IS NULL OR s.data_source_id = ANY ($5)) AND ($6 IS NULL OR s.schema_name = $6)
		AND ($7 IS NULL OR rivergen_catalog.covering_tags($1, s.data_source_id, NULL, NULL) @> $7)
		AND NOT EXISTS (SELECT FROM rivergen_catalog.data_source d WHERE d.organization_id = $1
			AND d.data_source_id = s.data_source_id AND d.deleted_at IS NOT NULL)
	ORDER BY length(s.schema_name), s.schema_name LIMIT most;

	RETURN QUERY
	SELECT 'table', r.data_source_id, r.schema_name, r.relation_name, NULL::text, r.relation_id
	FROM unnest($2) n (name)
	CROSS JOIN LATERAL (SELECT r.data_source_id, r.schema_name, r.relation_name, r.relation_id
		FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND r.relation_name = n.name COLLATE "C" AND r.deprecated_at IS NULL
			AND rivergen_catalog.kind_group(r.kind) <> 'other'
			AND ($5 IS NULL OR r.data_source_id = ANY ($5)) AND ($6 IS NULL OR r.schema_name = $6)
			AND ($7 IS NULL OR rivergen_catalog.covering_tags($1, r.data_source_id, r.relation_id, NULL) @> $7)
			AND NOT EXISTS (SELECT FROM rivergen_catalog.data_source d WHERE d.organization_id = $1
				AND d.data_source_id = r.data_source_id AND d.deleted_at IS NOT NULL)
			AND ($8 IS NULL OR rivergen_catalog.is_dotted_name($8, $1, r.data_source_id, r.schema_name, r.relation_name, NULL))
			AND ($3 < 4 OR r.partition_of IS NULL
				OR rivergen_catalog.partitioned_root($1, r.data_source_id, r.partition_of, NULL) IS NULL)
		LIMIT most) r
	WHERE $4 IS NULL OR 'table' = ANY ($4) LIMIT most;

	-- An id may be that of another name, too. Without statistics the planner would read all relations for each name.
	RETURN QUERY
	SELECT 'column', r.data_source_id, r.schema_name, r.relation_name, n.name, r.relation_id
	FROM (SELECT u.name, rivergen_catalog.short_name_id(rivergen_catalog.search_name_id($1, u.name)) AS id FROM unnest($2) u (name)) n
	CROSS JOIN LATERAL (SELECT r.data_source_id, r.schema_name, r.relation_name, r.relation_id
		FROM (SELECT s.data_source_id, s.relation_id FROM rivergen_catalog.search_relation s
			WHERE s.organization_id = $1
				AND rivergen_catalog.name_buckets(s.column_name_ids) @> rivergen_catalog.name_buckets(ARRAY[n.id])
				AND n.id = ANY (s.column_name_ids) OFFSET 0) s
		CROSS JOIN LATERAL (SELECT r.* FROM rivergen_catalog.relation r
			WHERE r.organization_id = $1 AND r.data_source_id = s.data_source_id AND r.relation_id = s.relation_id OFFSET 0) r
		WHERE r.deprecated_at IS NULL AND rivergen_catalog.kind_group(r.kind) <> 'other'
			AND ($5 IS NULL OR r.data_source_id = ANY ($5)) AND ($6 IS NULL OR r.schema_name = $6)
			AND ($7 IS NULL OR rivergen_catalog.covering_tags($1, r.data_source_id, r.relation_id, n.name) @> $7)
			AND NOT EXISTS (SELECT FROM rivergen_catalog.data_source d WHERE d.organization_id = $1
				AND d.data_source_id = r.data_source_id AND d.deleted_at IS NOT NULL)
			AND r.document @> jsonb_build_object('columns', jsonb_build_array(jsonb_build_object('name', n.name)))
			AND ($8 IS NULL OR rivergen_catalog.is_dotted_name($8, $1, r.data_source_id, r.schema_name, r.relation_name, n.name))
			AND ($8 IS NOT NULL OR r.partition_of IS NULL
				OR rivergen_catalog.partitioned_root($1, r.data_source_id, r.partition_of, NULL) IS NULL)
		LIMIT most) r
	WHERE $4 IS NULL OR 'column' = ANY ($4) LIMIT most;
END
$$;

-- What has some of the words in its own name and all others in the name that stands before it: a column in that of its table, a
-- table in that of its source; or a table in a schema that is called so. Words are compared by their stems. For each division of
-- the words `most` relations are looked at; a hit of kind more: there may be more.
CREATE OR REPLACE FUNCTION rivergen_catalog.divided_hits(organization_id bigint, words text[], kinds text[], within bigint[],
	in_schema text, tags text[], most integer)
	RETURNS TABLE (kind text, data_source_id bigint, table_schema text, table_name text, column_name text, relation_id bigint)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
	own integer[];
	own_part text; -- which a name with these words has: the beginning that a stem has in common with its words
	others integer[];
	other_keys integer[];
	other_spellings text[];
BEGIN
	FOR division IN 1 .. (1 << cardinality($2)) - 2 LOOP
		SELECT rivergen_catalog.stem_ids($1, string_agg(w.word, '  ') FILTER (WHERE w.is_own), false, true),
			(SELECT left(s.stem, greatest(length(s.stem) - 2, 1))
				FROM unnest(array_agg((rivergen_catalog.stems(w.word))[1]) FILTER (WHERE w.is_own)) s (stem)
				ORDER BY length(s.stem) DESC LIMIT 1),
			rivergen_catalog.stem_ids($1, string_agg(w.word, '  ') FILTER (WHERE NOT w.is_own), false, true),
			ARRAY(SELECT unnest(rivergen_catalog.search_keys($1, regexp_replace(s.stem, '[iy]$', ''), NULL))
				FROM unnest(array_agg((rivergen_catalog.stems(w.word))[1]) FILTER (WHERE NOT w.is_own)) s (stem)),
			rivergen_catalog.spellings(NULL, array_agg(w.word) FILTER (WHERE NOT w.is_own))
		INTO own, own_part, others, other_keys, other_spellings
		FROM (SELECT u.word, division & (1 << u.place::integer - 1) > 0 AS is_own
			FROM unnest($2) WITH ORDINALITY u (word, place)) w;
		RETURN QUERY
		WITH candidate AS MATERIALIZED (
			(SELECT 'column' AS kind, s.data_source_id, s.relation_id FROM rivergen_catalog.search_relation s
			WHERE s.organization_id = $1 AND s.name_stems @> others AND s.column_stems @> own
				AND ($3 IS NULL OR 'column' = ANY ($3)) AND ($4 IS NULL OR s.data_source_id = ANY ($4))
			LIMIT most)
			UNION ALL
			(SELECT 'table', s.data_source_id, s.relation_id
			FROM (SELECT d.data_source_id, NULL::text AS schema_name
				FROM (SELECT d.data_source_id, d.name FROM rivergen_catalog.data_source d
					WHERE d.organization_id = $1 AND d.deleted_at IS NULL AND other_keys <> '{}'
						AND rivergen_catalog.search_keys(d.organization_id, d.search_text, d.tags) @> other_keys
					LIMIT 1000) d
				WHERE rivergen_catalog.stem_ids($1, rivergen_catalog.name_words(d.name), false, true) @> others
				UNION ALL
				SELECT d.data_source_id, NULL FROM rivergen_catalog.data_source d
				WHERE d.organization_id = $1 AND d.deleted_at IS NULL AND other_keys = '{}' AND d.name = ANY (other_spellings)
				UNION ALL
				(SELECT c.data_source_id, c.schema_name FROM rivergen_catalog.source_schema c
				WHERE c.organization_id = $1 AND c.schema_name = ANY (other_spellings)
				LIMIT most)) d
			CROSS JOIN LATERAL (SELECT s.data_source_id, s.relation_id FROM rivergen_catalog.search_relation s
				WHERE s.organization_id = $1 AND s.data_source_id = d.data_source_id AND s.name_stems @> own LIMIT most) s
			WHERE ($3 IS NULL OR 'table' = ANY ($3)) AND ($4 IS NULL OR d.data_source_id = ANY ($4))
				AND (d.schema_name IS NULL OR EXISTS (SELECT FROM rivergen_catalog.relation r WHERE r.organization_id = $1
					AND r.relation_id = s.relation_id AND r.schema_name = d.schema_name))
			LIMIT most)
		)
		(SELECT o.kind, r.data_source_id, r.schema_name, r.relation_name, c.name, r.relation_id
		FROM candidate o
		CROSS JOIN LATERAL (SELECT r.* FROM rivergen_catalog.relation r
			WHERE r.organization_id = $1 AND r.data_source_id = o.data_source_id AND r.relation_id = o.relation_id OFFSET 0) r
		CROSS JOIN LATERAL (SELECT NULL::text AS name WHERE o.kind = 'table'
			UNION ALL
			SELECT c.value ->> 'name' FROM jsonb_array_elements(r.document -> 'columns') c
			WHERE o.kind = 'column' AND rivergen_catalog.contains(rivergen_catalog.folded(c.value ->> 'name'), own_part)
				AND rivergen_catalog.stem_ids($1, rivergen_catalog.name_words(c.value ->> 'name'), false, true) @> own) c
		WHERE r.deprecated_at IS NULL AND rivergen_catalog.kind_group(r.kind) <> 'other' AND ($5 IS NULL OR r.schema_name = $5)
			AND ($6 IS NULL OR rivergen_catalog.covering_tags($1, r.data_source_id, r.relation_id, c.name) @> $6)
			AND (r.partition_of IS NULL OR rivergen_catalog.partitioned_root($1, r.data_source_id, r.partition_of, NULL) IS NULL)
			AND NOT EXISTS (SELECT FROM rivergen_catalog.data_source d WHERE d.organization_id = $1
				AND d.data_source_id = r.data_source_id AND d.deleted_at IS NOT NULL))
		UNION ALL
		SELECT 'more', NULL, NULL, NULL, NULL, NULL
		WHERE EXISTS (SELECT FROM candidate o GROUP BY o.kind HAVING count(*) >= most);
	END LOOP;
END
$$;

-- The partitioned tables whose partitions have one of the names, each once, with the first of these names and its tier.
CREATE OR REPLACE FUNCTION rivergen_catalog.partition_hits(organization_id bigint, names text[], tiers integer[], within bigint[],
	in_schema text, tags text[], most integer)
	RETURNS TABLE (tier integer, kind text, data_source_id bigint, table_schema text, table_name text, column_name text,
		relation_id bigint, "text" text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT min(n.tier), 'table', t.data_source_id, t.schema_name, t.relation_name, NULL::text, t.relation_id, min(n.name COLLATE "C")
	FROM unnest($2, $3) n (name, tier)
	CROSS JOIN LATERAL (SELECT r.data_source_id, r.partition_of FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND r.relation_name = n.name COLLATE "C" AND r.deprecated_at IS NULL
			AND r.partition_of IS NOT NULL OFFSET 0) r
	CROSS JOIN LATERAL (SELECT t.data_source_id, t.schema_name, t.relation_name, t.relation_id FROM rivergen_catalog.relation t
		WHERE t.organization_id = $1
			AND t.relation_id = rivergen_catalog.partitioned_root($1, r.data_source_id, r.partition_of, NULL) OFFSET 0) t
	WHERE n.tier > 3 AND ($4 IS NULL OR t.data_source_id = ANY ($4)) AND ($5 IS NULL OR t.schema_name = $5)
		AND ($6 IS NULL OR rivergen_catalog.covering_tags($1, t.data_source_id, t.relation_id, NULL) @> $6)
		AND NOT EXISTS (SELECT FROM rivergen_catalog.data_source d WHERE d.organization_id = $1
			AND d.data_source_id = t.data_source_id AND d.deleted_at IS NOT NULL)
	GROUP BY t.data_source_id, t.schema_name, t.relation_name, t.relation_id
	ORDER BY 1, t.data_source_id, t.schema_name, t.relation_name LIMIT $7;
END
$$;

-- What has texts that hold all the words: of 10,001 relations with these words, at most `most` hits, or 1,000. A hit of kind
-- more: there may be more. The relations are read until there are as many hits.
CREATE OR REPLACE FUNCTION rivergen_catalog.text_hits(organization_id bigint, words text[], kinds text[], within bigint[],
	in_schema text, tags text[], most integer)
	RETURNS TABLE (tier integer, kind text, data_source_id bigint, table_schema text, table_name text, column_name text,
		relation_id bigint, "text" text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
	keys integer[] := (SELECT array_agg(k) FROM unnest($2) w
		CROSS JOIN LATERAL unnest(rivergen_catalog.search_keys($1, w, NULL)) k);
BEGIN
	IF keys IS NULL THEN
		RETURN;
	END IF;
	RETURN QUERY
	WITH candidate AS MATERIALIZED (SELECT r.*
		FROM (SELECT s.data_source_id, s.relation_id FROM rivergen_catalog.search_relation s
			WHERE s.organization_id = $1 AND s.texts <> '' AND rivergen_catalog.search_keys(s.organization_id, s.texts, NULL) @> keys
				AND (SELECT bool_and(rivergen_catalog.contains(s.texts, w)) FROM unnest($2) w)
			OFFSET 0) s
		CROSS JOIN LATERAL (SELECT r.* FROM rivergen_catalog.relation r
			WHERE r.organization_id = $1 AND r.data_source_id = s.data_source_id AND r.relation_id = s.relation_id OFFSET 0) r
		WHERE r.deprecated_at IS NULL AND rivergen_catalog.kind_group(r.kind) <> 'other'
			AND ($4 IS NULL OR r.data_source_id = ANY ($4)) AND ($5 IS NULL OR r.schema_name = $5)
			AND NOT EXISTS (SELECT FROM rivergen_catalog.data_source d WHERE d.organization_id = $1
				AND d.data_source_id = r.data_source_id AND d.deleted_at IS NOT NULL)
		LIMIT 10001
	), found AS MATERIALIZED (SELECT t.tier, CASE WHEN t.column_name IS NULL THEN 'table' ELSE 'column' END, r.data_source_id,
		r.schema_name, r.relation_name, t.column_name, r.relation_id, t.text
	FROM candidate r
	CROSS JOIN LATERAL rivergen_catalog.matching_texts($2, r.description, r.column_descriptions, r.document, r.categories) t
	WHERE ($3 IS NULL OR CASE WHEN t.column_name IS NULL THEN 'table' ELSE 'column' END = ANY ($3))
		AND ($6 IS NULL OR rivergen_catalog.covering_tags($1, r.data_source_id, r.relation_id, t.column_name) @> $6)
		AND (t.tier < 13 OR r.partition_of IS NULL
			OR rivergen_catalog.partitioned_root($1, r.data_source_id, r.partition_of, NULL) IS NULL)
	LIMIT greatest($7, 1000))
	SELECT * FROM found
	UNION ALL
	SELECT 99, 'more', NULL, NULL, NULL, NULL, NULL, NULL
	WHERE CASE WHEN (SELECT count(*) FROM found) = greatest($7, 1000) THEN true ELSE (SELECT count(*) FROM candidate) = 10001 END;

	RETURN QUERY
	SELECT 12, 'schema', s.data_source_id, s.schema_name, NULL::text, NULL::text, NULL::bigint, s.comment
	FROM rivergen_catalog.source_schema s
	WHERE s.organization_id = $1 AND ($6 IS NULL OR rivergen_catalog.covering_tags($1, s.data_source_id, NULL, NULL) @> $6)
		AND ($3 IS NULL OR 'schema' = ANY ($3)) AND s.comment IS NOT NULL
		AND ($4 IS NULL OR s.data_source_id = ANY ($4)) AND ($5 IS NULL OR s.schema_name = $5)
		AND (SELECT bool_and(rivergen_catalog.contains(rivergen_catalog.folded(s.comment), w)) FROM unnest($2) w)
		AND NOT EXISTS (SELECT FROM rivergen_catalog.data_source d WHERE d.organization_id = $1
			AND d.data_source_id = s.data_source_id AND d.deleted_at IS NOT NULL)
	LIMIT 10001;
END
$$;

-- The sources that match, by name or description; at most 10,000 are read, and one more that tells so. A name may have a word
-- in its other number, and is found by a part of three characters as names of tables are.
CREATE OR REPLACE FUNCTION rivergen_catalog.source_hits(organization_id bigint, given text, folded text, words text[],
	within bigint[], tags text[])
	RETURNS TABLE (tier integer, data_source_id bigint, "text" text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
	sought text[] := CASE WHEN cardinality($4) > 0 THEN $4 ELSE ARRAY[$3] END;
	keys integer[] := (SELECT array_agg(k) FROM unnest(sought) w
		CROSS JOIN LATERAL unnest(rivergen_catalog.search_keys($1, regexp_replace(w, '^(.{3,}?)(?:ies|es|s|y)$', E'\\1'), NULL)) k);
	ids bigint[];
BEGIN
	IF keys IS NULL THEN
		ids := ARRAY(SELECT d.data_source_id FROM rivergen_catalog.data_source d
			WHERE d.organization_id = $1 AND d.deleted_at IS NULL AND ($5 IS NULL OR d.data_source_id = ANY ($5))
				AND ($6 IS NULL OR d.tags @> $6) LIMIT 10001);
	ELSE
		ids := ARRAY(SELECT d.data_source_id FROM rivergen_catalog.data_source d
			WHERE d.organization_id = $1 AND d.deleted_at IS NULL AND ($5 IS NULL OR d.data_source_id = ANY ($5))
				AND ($6 IS NULL OR d.tags @> $6) AND rivergen_catalog.search_keys(d.organization_id, d.search_text, d.tags) @> keys
			LIMIT 10001);
	END IF;
	RETURN QUERY
	SELECT t.tier, t.data_source_id, CASE WHEN t.tier = 11 THEN t.description END
	FROM (SELECT d.data_source_id, d.description, coalesce(
			rivergen_catalog.name_tier(d.name, rivergen_catalog.searched_name(d.name), $2, $3, $4),
			CASE WHEN keys IS NOT NULL AND (SELECT bool_and(rivergen_catalog.contains(rivergen_catalog.folded(d.description), w))
				FROM unnest(sought) w) THEN 11 END) AS tier
		FROM rivergen_catalog.data_source d WHERE d.organization_id = $1 AND d.data_source_id = ANY (ids) OFFSET 0) t
	WHERE t.tier IS NOT NULL AND (t.tier <> 7 OR length($3) > 2);
	IF cardinality(ids) > 10000 THEN
		RETURN QUERY SELECT 99, NULL::bigint, NULL::text;
	END IF;
END
$$;

-- The sources whose names match when one slip in one of the words is undone, of words that begin no word of a name.
CREATE OR REPLACE FUNCTION rivergen_catalog.corrected_sources(organization_id bigint, words text[], within bigint[], tags text[])
	RETURNS SETOF bigint
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT DISTINCT d.data_source_id
	FROM (SELECT w FROM unnest($2) w WHERE cardinality($2) <= 4 AND NOT rivergen_catalog.begins_word($1, w) OFFSET 0) g (word)
	CROSS JOIN LATERAL rivergen_catalog.respellings(g.word) v
	CROSS JOIN LATERAL (SELECT array_replace($2, g.word, v) AS words OFFSET 0) c
	CROSS JOIN LATERAL (SELECT d.data_source_id FROM rivergen_catalog.data_source d
		WHERE d.organization_id = $1 AND d.deleted_at IS NULL AND ($3 IS NULL OR d.data_source_id = ANY ($3)) AND ($4 IS NULL OR d.tags @> $4)
			AND rivergen_catalog.search_keys(d.organization_id, d.search_text, d.tags) @> rivergen_catalog.search_keys($1, v, NULL)
			AND rivergen_catalog.name_tier(d.name, rivergen_catalog.searched_name(d.name), array_to_string(c.words, ' '),
				array_to_string(c.words, ' '), c.words) IS NOT NULL
		LIMIT 100) d;
END;

-- What has one of the tags itself, each once, when tags alone are searched: all of them must cover it. At most `most` of each kind.
CREATE OR REPLACE FUNCTION rivergen_catalog.tag_hits(organization_id bigint, kinds text[], within bigint[], in_schema text, tags text[],
	most integer)
	RETURNS TABLE (tier integer, kind text, data_source_id bigint, table_schema text, table_name text, column_name text,
		relation_id bigint, "text" text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH found AS MATERIALIZED (
		(SELECT 'source' AS kind, d.data_source_id, NULL::text AS table_schema, NULL::text AS table_name, NULL::text AS column_name,
			NULL::bigint AS relation_id, d.tags
		FROM rivergen_catalog.data_source d
		WHERE d.organization_id = $1 AND d.deleted_at IS NULL AND d.tags @> $5 AND $4 IS NULL AND ($2 IS NULL OR 'source' = ANY ($2))
			AND ($3 IS NULL OR d.data_source_id = ANY ($3))
			AND rivergen_catalog.search_keys(d.organization_id, d.search_text, d.tags) @> rivergen_catalog.search_keys($1, NULL, $5)
		LIMIT most)
		UNION ALL
		(SELECT i.kind, r.data_source_id, r.schema_name, r.relation_name, i.column_name, r.relation_id, i.tags
		FROM (SELECT DISTINCT unnest($5) COLLATE "C") t (tag)
		CROSS JOIN LATERAL rivergen_catalog.tagged_relations($1, t.tag) r
		CROSS JOIN LATERAL (SELECT 'table' AS kind, NULL AS column_name, r.tags
			UNION ALL
			SELECT 'column', c.key, ARRAY(SELECT jsonb_array_elements_text(c.value)) FROM jsonb_each(r.column_tags) c
			WHERE r.document @> jsonb_build_object('columns', jsonb_build_array(jsonb_build_object('name', c.key)))) i
		WHERE t.tag = (SELECT min(o.tag COLLATE "C") FROM unnest($5) o (tag) WHERE o.tag = ANY (i.tags))
			AND ($2 IS NULL OR i.kind = ANY ($2)) AND rivergen_catalog.kind_group(r.kind) <> 'other'
			AND ($3 IS NULL OR r.data_source_id = ANY ($3)) AND ($4 IS NULL OR r.schema_name = $4)
			AND rivergen_catalog.covering_tags($1, r.data_source_id, r.relation_id, i.column_name) @> $5
			AND NOT EXISTS (SELECT FROM rivergen_catalog.data_source d WHERE d.organization_id = $1
				AND d.data_source_id = r.data_source_id AND d.deleted_at IS NOT NULL)
		LIMIT most)
	)
	SELECT 14, f.kind, f.data_source_id, f.table_schema, f.table_name, f.column_name, f.relation_id,
		(SELECT string_agg(o.tag, ', ' ORDER BY o.ordinality) FROM unnest(f.tags) WITH ORDINALITY o (tag, ordinality) WHERE o.tag = ANY ($5))
	FROM found f
	UNION ALL
	SELECT 99, 'more', NULL, NULL, NULL, NULL, NULL, NULL WHERE (SELECT count(*) FROM found) >= most;
END
$$;
