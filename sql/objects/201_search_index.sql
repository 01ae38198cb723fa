-- The dictionary of search and its links (sql/tables/056_search.sql).

CREATE OR REPLACE FUNCTION rivergen_catalog.search_name_id(organization_id bigint, name text) RETURNS bigint
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN hashtextextended(name COLLATE "C", organization_id);

-- The words of a name between double spaces, so that a gram begins at the first letter of each: customer_address,
-- CustomerAddress and customerAddress have the same words, and v2 has v and 2. The letters A to Z alone have a case here;
-- any other letter is a part of its word.
CREATE OR REPLACE FUNCTION rivergen_catalog.name_words(name text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN rivergen_catalog.folded('  ' || btrim(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
		name COLLATE "C",
		'([a-z])([A-Z])', '\1  \2', 'g'),
		'([A-Z])([A-Z][a-z])', '\1  \2', 'g'),
		'([A-Za-z])([0-9])', '\1  \2', 'g'),
		'([0-9])([A-Za-z])', '\1  \2', 'g'),
		'[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+', '  ', 'g')) || '  ');

CREATE OR REPLACE FUNCTION rivergen_catalog.searched_name(name text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN rivergen_catalog.folded(name) || chr(1) || rivergen_catalog.name_words(name);

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
-- have changed since it was written. Names are inserted in one order, so that the merges of two sources cannot wait for
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
			AND CASE WHEN $3 IS NULL THEN s.changed_at IS DISTINCT FROM r.changed_at ELSE r.relation_id = $3 END);
BEGIN
	INSERT INTO rivergen_catalog.search_name (organization_id, name_id, name, searched)
	SELECT $1, rivergen_catalog.search_name_id($1, n.name), n.name, rivergen_catalog.searched_name(n.name)
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
		WHERE k.organization_id = $1 AND k.name_id = rivergen_catalog.search_name_id($1, n.name))
	ORDER BY n.name COLLATE "C"
	ON CONFLICT DO NOTHING;

	INSERT INTO rivergen_catalog.search_relation AS s
		(organization_id, data_source_id, relation_id, column_name_ids, texts, changed_at)
	SELECT $1, $2, r.relation_id,
		ARRAY(SELECT rivergen_catalog.search_name_id($1, c.value ->> 'name')
			FROM jsonb_array_elements(r.document -> 'columns') WITH ORDINALITY c ORDER BY c.ordinality),
		rivergen_catalog.searched_texts(r.description, r.column_descriptions, r.document, r.categories), r.changed_at
	FROM rivergen_catalog.relation r
	WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.relation_id = ANY (changed)
	ON CONFLICT ON CONSTRAINT search_relation_pkey DO UPDATE SET
		column_name_ids = excluded.column_name_ids, texts = excluded.texts, changed_at = excluded.changed_at
	WHERE (s.column_name_ids, s.texts, s.changed_at) IS DISTINCT FROM
		(excluded.column_name_ids, excluded.texts, excluded.changed_at);
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
