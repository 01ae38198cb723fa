-- rivergen.search, third part: from the hits (208_search_hits.sql) to their order and the answer.

-- The hits, best tiers first until there are `most`; similar names only while a few have been found, and none that is called
-- so. An object may be hit by its name and by its texts. A hit of kind more: not all were looked for.
CREATE OR REPLACE FUNCTION rivergen_catalog.search_hits(organization_id bigint, given text, folded text, words text[],
	kinds text[], within bigint[], in_schema text, tags text[], most integer)
	RETURNS TABLE (tier integer, kind text, data_source_id bigint, table_schema text, table_name text, column_name text,
		relation_id bigint, "text" text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	last text := regexp_replace($2, E'^.*\\.', '');
	names text[];
	found integer;
	met text[] := '{}';
	met_tiers integer[] := '{}';
	counted integer[] := array_fill(0, '{99}'); -- the hits of each tier
	total bigint := 0;
	added bigint;
	way text;
	corrected text[];
	is_named boolean := false;
	has_more boolean;
	any_more boolean := false;
	is_enough boolean;
BEGIN
	IF $6 = '{}' THEN
		RETURN;
	END IF;
	IF $2 IS NULL THEN
		RETURN QUERY SELECT * FROM rivergen_catalog.tag_hits($1, $5, $6, $7, $8, most);
		RETURN;
	END IF;
	IF ($5 IS NULL OR 'source' = ANY ($5)) AND $7 IS NULL THEN
		FOR tier, data_source_id, "text" IN SELECT * FROM rivergen_catalog.source_hits($1, $2, $3, $4, $6, $8) LOOP
			kind := CASE tier WHEN 99 THEN 'more' ELSE 'source' END;
			counted[tier] := counted[tier] + 1;
			is_named := is_named OR tier < 3;
			RETURN NEXT;
		END LOOP;
	END IF;
	IF last <> $2 AND last <> '' THEN
		names := ARRAY(SELECT DISTINCT n.name COLLATE "C"
			FROM unnest(rivergen_catalog.last_parts(ARRAY[$2])) p (part)
			CROSS JOIN LATERAL rivergen_catalog.found_names($1, p.part, rivergen_catalog.folded(p.part), '{}', 'whole', 100) n
			WHERE p.part NOT IN ('', $2) AND n.tier < 3);
		RETURN QUERY SELECT 3, h.*, NULL::text FROM rivergen_catalog.name_hits($1, names, 3, $5, $6, $7, $8, $3, most) h;
		GET DIAGNOSTICS added = ROW_COUNT;
		counted[3] := added;
		is_named := is_named OR added > 0;
	END IF;
	FOREACH way IN ARRAY ARRAY['whole', 'word beginnings', 'part'] LOOP
		FOR names, found IN SELECT array_agg(n.name ORDER BY length(n.name), n.name COLLATE "C"), n.tier
				FROM rivergen_catalog.found_names($1, $2, $3, $4, way, greatest(most, 500)) n
				WHERE n.tier = 99 OR way = CASE WHEN n.tier < 6 THEN 'whole' WHEN n.tier = 6 THEN 'word beginnings' ELSE 'part' END
				GROUP BY n.tier ORDER BY n.tier LOOP
			RETURN QUERY SELECT found, h.*, NULL::text
				FROM rivergen_catalog.name_hits($1, names, found, $5, $6, $7, $8, NULL, most) h;
			GET DIAGNOSTICS added = ROW_COUNT;
			counted[found] := counted[found] + added;
			total := (SELECT sum(c) FROM unnest(counted[:least(found, 7)]) c);
			is_named := is_named OR found < 3 AND added > 0;
			met := met || names;
			met_tiers := met_tiers || array_fill(found, ARRAY[cardinality(names)]);
			-- What is hit by its dotted name may be hit by its own name, too.
			is_enough := CASE WHEN found > 3 THEN greatest(counted[3], total - counted[3]) ELSE total END >= most;
			IF is_enough OR found = 99 THEN
				RETURN QUERY SELECT 99, 'more', NULL::bigint, NULL::text, NULL::text, NULL::text, NULL::bigint, NULL::text;
			END IF;
			IF is_enough THEN
				RETURN;
			END IF;
		END LOOP;
	END LOOP;
	total := (SELECT sum(c) FROM unnest(counted[:7]) c);
	IF total < 5 AND last <> $2 AND last <> '' THEN
		FOR names, found IN SELECT array_agg(n.name ORDER BY length(n.name), n.name COLLATE "C"), n.tier
				FROM rivergen_catalog.last_names($1, left($2, -1 - length(last)), last, most) n
				GROUP BY n.tier ORDER BY n.tier LOOP
			any_more := any_more OR found = 99;
			RETURN QUERY SELECT found, h.*, NULL::text FROM rivergen_catalog.name_hits($1, names, found, $5, $6, $7, $8,
				rivergen_catalog.folded(left($2, -length(last))), most) h;
			GET DIAGNOSTICS added = ROW_COUNT;
			total := total + added;
		END LOOP;
	END IF;
	IF total < 5 AND NOT is_named AND cardinality($4) BETWEEN 2 AND 4 THEN
		RETURN QUERY SELECT CASE h.kind WHEN 'more' THEN 99 ELSE 8 END, h.*, NULL::text
			FROM rivergen_catalog.divided_hits($1, $4, $5, $6, $7, $8, greatest(most, 100)) h;
		GET DIAGNOSTICS added = ROW_COUNT;
		total := total + added;
	END IF;
	IF total < 5 AND ($5 IS NULL OR 'table' = ANY ($5)) THEN
		RETURN QUERY SELECT * FROM rivergen_catalog.partition_hits($1, met, met_tiers, $6, $7, $8, most);
		GET DIAGNOSTICS added = ROW_COUNT;
		total := total + added;
	END IF;
	IF total < 5 AND NOT is_named AND ($5 IS NULL OR 'source' = ANY ($5)) AND $7 IS NULL THEN
		RETURN QUERY SELECT 9, 'source', s, NULL::text, NULL::text, NULL::text, NULL::bigint, NULL::text
			FROM rivergen_catalog.corrected_sources($1, $4, $6, $8) s;
		GET DIAGNOSTICS added = ROW_COUNT;
		total := total + added;
	END IF;
	IF total < 5 AND NOT is_named THEN
		FOR corrected IN SELECT c FROM rivergen_catalog.corrected_words($1, $4) c LOOP
			SELECT n.names, n.has_more INTO names, has_more FROM rivergen_catalog.corrected_names($1, corrected) n;
			any_more := any_more OR has_more;
			RETURN QUERY SELECT 9, h.*, NULL::text FROM rivergen_catalog.name_hits($1, names, 9, $5, $6, $7, $8, NULL, most) h;
			GET DIAGNOSTICS added = ROW_COUNT;
			total := total + added;
			EXIT WHEN total >= 5;
		END LOOP;
	END IF;
	IF total < 5 AND NOT is_named THEN
		SELECT n.names, n.has_more INTO names, has_more FROM rivergen_catalog.similar_names($1, $4) n;
		any_more := any_more OR has_more;
		RETURN QUERY SELECT 10, h.*, NULL::text FROM rivergen_catalog.name_hits($1, names, 10, $5, $6, $7, $8, NULL, most) h;
	END IF;
	IF any_more THEN
		RETURN QUERY SELECT 99, 'more', NULL::bigint, NULL::text, NULL::text, NULL::text, NULL::bigint, NULL::text;
	END IF;
	RETURN QUERY SELECT * FROM rivergen_catalog.text_hits($1, CASE WHEN cardinality($4) > 0 THEN $4 ELSE ARRAY[$3] END,
		$5, $6, $7, $8, most);
END
$$;

-- Each object once, by its best tier, in the order of the answer; place is its key for the cursor.
CREATE OR REPLACE FUNCTION rivergen_catalog.ordered_hits(organization_id bigint, given text, folded text, words text[],
	kinds text[], within bigint[], in_schema text, tags text[], most integer)
	RETURNS TABLE (tier integer, rank integer, name text, kind text, data_source_id bigint, table_schema text,
		table_name text, column_name text, relation_id bigint, "text" text, data_source_name text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT h.tier, array_position('{source,schema,table,column}', h.kind),
		coalesce(h.column_name, h.table_name, h.table_schema, d.name) COLLATE "C" AS name, h.kind, h.data_source_id,
		h.table_schema, h.table_name, h.column_name, h.relation_id, h.text, d.name
	FROM (SELECT DISTINCT ON (f.kind, f.data_source_id, f.table_schema, f.table_name, f.column_name) f.*
		FROM rivergen_catalog.search_hits($1, $2, $3, $4, $5, $6, $7, $8, $9) f
		ORDER BY f.kind, f.data_source_id, f.table_schema, f.table_name, f.column_name, f.tier, f.text COLLATE "C") h
	LEFT JOIN rivergen_catalog.data_source d ON d.organization_id = $1 AND d.data_source_id = h.data_source_id
	ORDER BY h.tier, 2, length(coalesce(h.column_name, h.table_name, h.table_schema, d.name)), 3, h.data_source_id,
		h.table_schema COLLATE "C", h.table_name COLLATE "C", h.column_name COLLATE "C"
	LIMIT $9;
END
$$;

CREATE OR REPLACE FUNCTION rivergen_catalog.hit_id(organization_id bigint, kind text, data_source_id bigint, table_schema text,
	table_name text, column_name text) RETURNS bigint
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN hash_record_extended(ROW (kind, data_source_id, table_schema COLLATE "C", table_name COLLATE "C",
		column_name COLLATE "C"), organization_id);

-- Reads a cursor, which is JSON in base64; returns null when the text is none. A cursor names the last hit that the caller was
-- shown. When there are many hits, the first page shows those that were found first (found_names, name_hits), and the next pages
-- show all others in their order: then the member first lists the ids (hit_id) of what the first page has shown, since another
-- search may find others first, and a cursor without a tier stands before all hits. Where first is null, the first page had looked
-- at all hits.
CREATE OR REPLACE FUNCTION rivergen_catalog.search_place("text" text) RETURNS jsonb
	LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	place jsonb;
BEGIN
	IF $1 = '' THEN
		RETURN '{}';
	END IF;
	place := convert_from(decode($1, 'base64'), 'UTF8');
	IF jsonb_typeof(place) <> 'array' OR jsonb_array_length(place) <> 8
			OR place -> 7 <> 'null' AND jsonb_array_length(place -> 7) NOT BETWEEN 1 AND 100 THEN
		RETURN NULL;
	END IF;
	RETURN jsonb_build_object('tier', (place ->> 0)::integer, 'rank', (place ->> 1)::integer, 'name', place ->> 2,
		'data_source_id', (place ->> 3)::bigint, 'table_schema', place ->> 4, 'table_name', place ->> 5,
		'column_name', place ->> 6,
		'first', CASE WHEN place -> 7 <> 'null' THEN (SELECT jsonb_agg(f::bigint) FROM jsonb_array_elements_text(place -> 7) f) END);
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
	RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION rivergen_catalog.is_behind(place jsonb, tier integer, rank integer, name text, data_source_id bigint,
	table_schema text, table_name text, column_name text) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN $1 IS NULL OR $1 ->> 'tier' IS NULL OR (tier, rank, length(name), name COLLATE "C", data_source_id, coalesce(table_schema, '') COLLATE "C",
			coalesce(table_name, '') COLLATE "C", coalesce(column_name, '') COLLATE "C")
		> (($1 ->> 'tier')::integer, ($1 ->> 'rank')::integer, length($1 ->> 'name'), $1 ->> 'name',
			($1 ->> 'data_source_id')::bigint, coalesce($1 ->> 'table_schema', ''), coalesce($1 ->> 'table_name', ''),
			coalesce($1 ->> 'column_name', ''));

CREATE OR REPLACE FUNCTION rivergen_catalog.search_answer(organization_id bigint, query text, kinds text[], data_source_id bigint,
	table_schema text, tags text[], row_limit integer, place jsonb, facets boolean) RETURNS jsonb
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
	RETURN (WITH wanted AS MATERIALIZED (
			SELECT q.given, q.folded, q.words, CASE WHEN $3 IS NULL THEN q.kinds WHEN q.kinds IS NULL THEN $3
					ELSE ARRAY(SELECT unnest($3) INTERSECT SELECT unnest(q.kinds)) END AS kinds,
				rivergen_catalog.searched_sources($1, $4, q.sources, a.tags) AS within, a.tags
			FROM rivergen_catalog.parsed_search($2) q
			CROSS JOIN LATERAL (SELECT nullif(coalesce($6, '{}') || coalesce(q.tags, '{}'), '{}') AS tags) a
		), hit AS MATERIALIZED (
			SELECT h.*, row_number() OVER () AS position
			FROM wanted q
			CROSS JOIN LATERAL rivergen_catalog.ordered_hits($1, q.given, q.folded, q.words, q.kinds, q.within, $5, q.tags,
				CASE WHEN $9 OR $8 <> '{}' THEN 10001 ELSE $7 + 1 END) h
		), behind AS (
			SELECT h.*, row_number() OVER (ORDER BY h.position) AS number FROM hit h
			WHERE h.kind <> 'more' AND rivergen_catalog.is_behind($8, h.tier, h.rank, h.name, h.data_source_id, h.table_schema, h.table_name, h.column_name)
				AND ($8 ->> 'first' IS NULL OR rivergen_catalog.hit_id($1, h.kind, h.data_source_id, h.table_schema, h.table_name, h.column_name)
					NOT IN (SELECT f::bigint FROM jsonb_array_elements_text($8 -> 'first') f))
			ORDER BY h.position LIMIT $7 + 1
		)
		SELECT jsonb_build_object(
			'items', (SELECT coalesce(jsonb_agg(jsonb_build_object(
					'kind', b.kind,
					'name', b.name,
					'data_source_id', b.data_source_id,
					'data_source_name', b.data_source_name,
					'table_schema', b.table_schema,
					'table_name', b.table_name,
					'column_name', b.column_name,
					'table_description_id', b.relation_id::text,
					'partitions', CASE b.kind WHEN 'table' THEN (SELECT nullif(rivergen_catalog.partitions_count($1, r.data_source_id,
							r.schema_name, r.relation_name, NULL), 0)
						FROM rivergen_catalog.relation r
						WHERE r.organization_id = $1 AND r.relation_id = b.relation_id AND r.kind = 'partitioned_table') END,
					'matched_in', CASE b.tier WHEN 11 THEN 'description' WHEN 12 THEN 'comment' WHEN 13 THEN 'category' WHEN 14 THEN 'tag' ELSE 'name' END,
					'matched_how', ('{exact,case,qualified,words,prefix,word_prefixes,part,words,similar,similar,text,text,text,exact}'::text[])[b.tier],
					'matched_text', rivergen_catalog.excerpt(coalesce(b.text, b.name),
						CASE WHEN cardinality(q.words) > 0 THEN q.words ELSE ARRAY[q.folded] END)) ORDER BY b.number), '[]')
				FROM behind b CROSS JOIN wanted q WHERE b.number <= $7),
			'next_cursor', (SELECT translate(encode(convert_to(CASE WHEN $9 OR $8 <> '{}'
						THEN jsonb_build_array(b.tier, b.rank, b.name, b.data_source_id, b.table_schema, b.table_name, b.column_name,
							$8 -> 'first')
						ELSE jsonb_build_array(NULL, NULL, NULL, NULL, NULL, NULL, NULL,
							(SELECT jsonb_agg(rivergen_catalog.hit_id($1, s.kind, s.data_source_id, s.table_schema, s.table_name,
								s.column_name)) FROM behind s WHERE s.number <= $7)) END::text, 'UTF8'), 'base64'), E'\n', '')
				FROM behind b WHERE b.number = $7 AND EXISTS (SELECT FROM behind WHERE number > $7)))
			|| CASE WHEN $9 THEN jsonb_build_object('facets', jsonb_build_object(
				'kinds', (SELECT coalesce(jsonb_object_agg(k.kind, k.hits), '{}')
					FROM (SELECT h.kind, count(*) AS hits FROM hit h WHERE h.kind <> 'more' AND h.position <= 10000 GROUP BY h.kind) k),
				'data_sources', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', k.data_source_id, 'name', k.data_source_name,
						'hits', k.hits) ORDER BY k.hits DESC, k.data_source_id), '[]')
					FROM (SELECT h.data_source_id, h.data_source_name, count(*) AS hits FROM hit h WHERE h.kind <> 'more' AND h.position <= 10000
						GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT 100) k),
				'tags', (SELECT coalesce(jsonb_agg(jsonb_build_object('tag', k.tag, 'hits', k.hits) ORDER BY k.hits DESC, k.tag), '[]')
					FROM (SELECT t.tag COLLATE "C" AS tag, count(*) AS hits FROM hit h
						CROSS JOIN LATERAL (SELECT DISTINCT unnest(rivergen_catalog.covering_tags($1, h.data_source_id, h.relation_id,
							h.column_name)) AS tag) t
						WHERE h.kind <> 'more' AND h.position <= 10000
						GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 100) k),
				'is_complete', (SELECT count(*) <= 10000 AND count(*) FILTER (WHERE h.kind = 'more') = 0 FROM hit h))) ELSE '{}' END);
END
$$;

-- The estimates for a search are far too high, and starting workers took more time than what they were started for.
CREATE OR REPLACE FUNCTION rivergen.search(
	query text,
	kinds text[] DEFAULT NULL,
	data_source_id bigint DEFAULT NULL,
	table_schema text DEFAULT NULL,
	tags text[] DEFAULT NULL,
	row_limit integer DEFAULT 20,
	after text DEFAULT NULL,
	facets boolean DEFAULT false) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_search'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	SET max_parallel_workers_per_gather = 0 SET gin_fuzzy_search_limit = 0;
COMMENT ON FUNCTION rivergen.search(text, text[], bigint, text, text[], integer, text, boolean) IS
'Finds data sources, schemas, tables and columns of the organization by name, description, comment, category and tag.
Answers {"items", "next_cursor"}, best first: the exact name, the name without regard to case, the dotted name (shop.orders.id), all words, in the singular or plural, the beginning of the name, beginnings of its words (cust addr finds CustomerAddress), a part of it; where there are few others, words in a name and the one before it (customer email), names with one slip less (cutsomer finds customer), and similar names; then texts. Tables come before columns, short names before long ones. Each item says in matched_in, matched_how and matched_text what matched. In the query, quotes make a text literal, and column:, table:, schema:, kind:, source: and tag: filter. A tag covers what it stands on and all within it: a source, its schemas and tables, and their columns; every hit must be covered by all given tags. A query of tags alone finds what has one of them itself. A part has at least three characters. query: at most 1,000 characters and 16 words. kinds, table_schema and tags: empty as null, no filter. row_limit: 1 to 100. after: next_cursor of the answer before, with the same arguments. facets: also {"facets": {"kinds", "data_sources", "tags", "is_complete"}}, which count up to 10,000 hits; is_complete is false when there are, or may be, more. A search finds no more than 10,000. Errors: 400 (all faults at once), 401, 403, 404 (no such data source).';

REVOKE ALL ON FUNCTION rivergen.search(text, text[], bigint, text, text[], integer, text, boolean) FROM PUBLIC;
