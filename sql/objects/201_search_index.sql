-- The dictionary of search and its links (sql/tables/056_search.sql).

-- What column_name_ids has of a name_id.
CREATE OR REPLACE FUNCTION rivergen_catalog.short_name_id(name_id bigint) RETURNS integer
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (name_id % 2147483648)::integer;

CREATE OR REPLACE FUNCTION rivergen_catalog.relation_place(data_source_id bigint, schema_name text, relation_name text)
	RETURNS bigint
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN hashtextextended((schema_name || chr(1) || relation_name) COLLATE "C", data_source_id);

-- What search finds about a relation besides its name and the names of its columns.
CREATE OR REPLACE FUNCTION rivergen_catalog.searched_texts(
	description text, column_descriptions jsonb, document jsonb, categories jsonb) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT rivergen_catalog.folded(left(concat_ws(chr(1), $1, $3 ->> 'comment',
		(SELECT string_agg(d.value, chr(1)) FROM jsonb_each_text($2) d),
		(SELECT string_agg(c.value ->> 'comment', chr(1)) FROM jsonb_array_elements($3 -> 'columns') c),
		(SELECT string_agg(v.value, chr(1)) FROM jsonb_each($4) k CROSS JOIN LATERAL jsonb_array_elements_text(k.value) v)),
		100000));
END;

-- Writes what search knows about one relation; relation_id null: about the schemas of the source and all relations that
-- have changed since it was written. Stems are inserted in one order, so that the merges of two sources cannot wait for
-- each other.
CREATE OR REPLACE FUNCTION rivergen_catalog.index_relations(organization_id bigint, data_source_id bigint, relation_id bigint)
	RETURNS void
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	changed bigint[] := ARRAY(SELECT r.relation_id FROM rivergen_catalog.relation r
		LEFT JOIN rivergen_catalog.search_relation s ON s.organization_id = r.organization_id
			AND s.data_source_id = r.data_source_id AND s.relation_id = r.relation_id
		WHERE r.organization_id = $1 AND r.data_source_id = $2
			AND CASE WHEN $3 IS NOT NULL THEN r.relation_id = $3
				WHEN r.deprecated_at IS NULL AND rivergen_catalog.kind_group(r.kind) <> 'other'
					THEN s.changed_at IS DISTINCT FROM r.changed_at
				ELSE s.changed_at IS NOT NULL END);
BEGIN
	WITH added AS (
		INSERT INTO rivergen_catalog.search_name (organization_id, name)
		SELECT $1, n.name
		FROM (SELECT r.relation_name AS name FROM rivergen_catalog.relation r
				WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.relation_id = ANY (changed)
			UNION
			SELECT c.value ->> 'name' FROM rivergen_catalog.relation r
				CROSS JOIN LATERAL jsonb_array_elements(r.document -> 'columns') c
				WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.relation_id = ANY (changed)
			UNION
			SELECT s.schema_name FROM rivergen_catalog.source_schema s
				WHERE s.organization_id = $1 AND s.data_source_id = $2 AND $3 IS NULL) n
		WHERE NOT EXISTS (SELECT FROM rivergen_catalog.search_name k
			WHERE rivergen_catalog.search_name_id(k.organization_id, k.name) = rivergen_catalog.search_name_id($1, n.name)
				AND k.organization_id = $1 AND k.name = n.name COLLATE "C")
		RETURNING name
	)
	INSERT INTO rivergen_catalog.search_word (organization_id, stem)
	SELECT DISTINCT $1, s.stem COLLATE "C"
	FROM added a CROSS JOIN LATERAL unnest(rivergen_catalog.stems(rivergen_catalog.name_words(a.name))) AS s (stem)
	WHERE s.stem !~ '^[0-9]+$'
	ORDER BY 2
	ON CONFLICT DO NOTHING;

	INSERT INTO rivergen_catalog.search_relation AS s (organization_id, data_source_id, relation_id, column_name_ids, texts,
		name_stems, column_stems, text_stems, place, refers_to, changed_at)
	SELECT $1, $2, r.relation_id, c.ids, t.texts,
		rivergen_catalog.stem_ids($1, rivergen_catalog.name_words(r.relation_name), true, true),
		rivergen_catalog.stem_ids($1, c.words, false, false),
		rivergen_catalog.stem_ids($1, rivergen_catalog.split_name(t.texts), false, true),
		rivergen_catalog.relation_place($2, r.schema_name, r.relation_name),
		ARRAY(SELECT DISTINCT rivergen_catalog.relation_place($2, coalesce(f.value ->> 'schema', r.schema_name), f.value ->> 'table')
			FROM jsonb_array_elements(r.document -> 'foreign_keys') f WHERE f.value ->> 'table' IS NOT NULL ORDER BY 1),
		r.changed_at
	FROM rivergen_catalog.relation r
	CROSS JOIN LATERAL (SELECT coalesce(array_agg(rivergen_catalog.short_name_id(rivergen_catalog.search_name_id($1, c.value ->> 'name')) ORDER BY c.ordinality), '{}') AS ids,
			coalesce(rivergen_catalog.folded(string_agg(rivergen_catalog.split_name(c.value ->> 'name'), '')), '') AS words
		FROM jsonb_array_elements(r.document -> 'columns') WITH ORDINALITY c) c
	CROSS JOIN LATERAL (SELECT rivergen_catalog.searched_texts(r.description, r.column_descriptions, r.document, r.categories) AS texts
		OFFSET 0) t
	WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.relation_id = ANY (changed) AND r.deprecated_at IS NULL
		AND rivergen_catalog.kind_group(r.kind) <> 'other'
	ON CONFLICT ON CONSTRAINT search_relation_pkey DO UPDATE SET
		column_name_ids = excluded.column_name_ids, texts = excluded.texts, name_stems = excluded.name_stems,
		column_stems = excluded.column_stems, text_stems = excluded.text_stems, place = excluded.place,
		refers_to = excluded.refers_to, changed_at = excluded.changed_at
	WHERE (s.column_name_ids, s.texts, s.name_stems, s.place, s.refers_to, s.changed_at) IS DISTINCT FROM
		(excluded.column_name_ids, excluded.texts, excluded.name_stems, excluded.place, excluded.refers_to, excluded.changed_at);

	DELETE FROM rivergen_catalog.search_relation s
	USING rivergen_catalog.relation r
	WHERE s.organization_id = $1 AND s.data_source_id = $2 AND s.relation_id = ANY (changed)
		AND r.organization_id = $1 AND r.relation_id = s.relation_id
		AND (r.deprecated_at IS NOT NULL OR rivergen_catalog.kind_group(r.kind) = 'other');

	-- A search looks up many words in these indexes, and each time reads what is not yet in its place.
	IF $3 IS NULL AND changed <> '{}' THEN
		PERFORM gin_clean_pending_list(i.indexrelid)
		FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
		WHERE a.amname = 'gin' AND i.indrelid = ANY ('{rivergen_catalog.search_name,rivergen_catalog.search_word,
			rivergen_catalog.search_relation}'::regclass[]);
	END IF;
	-- Until autovacuum comes, the planner would take a new catalog for a small one and read all of it again and again.
	IF $3 IS NULL AND changed <> '{}' AND EXISTS (SELECT FROM pg_class c WHERE c.reltuples < 0
			AND c.oid IN ('rivergen_catalog.relation'::regclass, 'rivergen_catalog.search_relation'::regclass)) THEN
		ANALYZE (SKIP_LOCKED) rivergen_catalog.relation, rivergen_catalog.search_relation, rivergen_catalog.search_name;
	END IF;
END
$$;
COMMENT ON FUNCTION rivergen_catalog.index_relations(bigint, bigint, bigint) IS
'Writes what search knows about one relation of the source, or, when relation_id is null, about all that have changed.';

-- An upgrade of a version without search: a new installation has no relations.
DO $$
BEGIN
	PERFORM rivergen_catalog.index_relations(d.organization_id, d.data_source_id, NULL)
	FROM rivergen_catalog.data_source d
	WHERE EXISTS (SELECT FROM rivergen_catalog.relation r
			WHERE r.organization_id = d.organization_id AND r.data_source_id = d.data_source_id)
		AND NOT EXISTS (SELECT FROM rivergen_catalog.search_relation s
			WHERE s.organization_id = d.organization_id AND s.data_source_id = d.data_source_id);
END
$$;
