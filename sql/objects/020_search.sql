-- Search and filters by tags: the folded text, and one index over its three-letter pieces and the tags. The keys are
-- hashed with the organization, so the cost of a search depends on the organization's own sources only. No other
-- extension is needed.

-- Case is folded by Unicode's rules whatever the database's locale is, where the server knows ICU; without ICU, by
-- the database's own locale, which in the locale C knows the letters A to Z only.
CREATE OR REPLACE FUNCTION rivergen_catalog.folded("text" text) RETURNS text
	AS 'MODULE_PATHNAME', 'rg_sql_folded'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE OR REPLACE FUNCTION rivergen_catalog.search_keys(organization_id bigint, folded text, tags text[]) RETURNS integer[]
	AS 'MODULE_PATHNAME', 'rg_sql_search_keys'
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION rivergen_catalog.search_keys(bigint, text, text[]) IS
'The keys of a source in the search index: hashes of every three characters of the folded text, and of every tag, with the organization. For a search: the keys that a source must have; null stands for no text or no tags.';

-- Every tag of a relation and of its columns, once.
CREATE OR REPLACE FUNCTION rivergen_catalog.all_tags(tags text[], column_tags jsonb) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(array_agg(DISTINCT t.tag COLLATE "C"), '{}')
	FROM (SELECT unnest($1) AS tag
		UNION ALL
		SELECT v.value FROM jsonb_each($2) c CROSS JOIN LATERAL jsonb_array_elements_text(c.value) v) t;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.contains("text" text, part text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'rg_sql_contains'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rivergen_catalog.contains(text, text) IS 'Does the text hold the part?';

-- The words of a name between double spaces, so that a gram begins at the first letter of each: customer_address,
-- CustomerAddress and customerAddress have the same words, and v2 has v and 2. The letters A to Z alone have a case here;
-- any other letter is a part of its word.
CREATE OR REPLACE FUNCTION rivergen_catalog.split_name(name text) RETURNS text
	AS 'MODULE_PATHNAME', 'rg_sql_split_name'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE OR REPLACE FUNCTION rivergen_catalog.name_words(name text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN rivergen_catalog.folded(rivergen_catalog.split_name(name));

-- The folded name, the character 1, and its words: what search_keys has of a name.
CREATE OR REPLACE FUNCTION rivergen_catalog.searched_name(name text) RETURNS text
	AS 'MODULE_PATHNAME', 'rg_sql_searched_name'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- The stems of words as name_words gives them, by the stemmer pg_catalog.english_stem; and hashes of them with the
-- organization, sorted. with_whole: also the hash of all of them together. Without numbers the words of digits are left out.
CREATE OR REPLACE FUNCTION rivergen_catalog.stems(words text) RETURNS text[]
	AS 'MODULE_PATHNAME', 'rg_sql_stems'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;

CREATE OR REPLACE FUNCTION rivergen_catalog.stem_ids(organization_id bigint, words text, with_whole boolean, with_numbers boolean)
	RETURNS integer[]
	AS 'MODULE_PATHNAME', 'rg_sql_stem_ids'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;

CREATE OR REPLACE FUNCTION rivergen_catalog.search_name_id(organization_id bigint, name text) RETURNS bigint
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN hashtextextended(name COLLATE "C", organization_id);

-- Hashes of the words that name_words gives, in the singular, with the organization, sorted.
CREATE OR REPLACE FUNCTION rivergen_catalog.word_ids(organization_id bigint, words text) RETURNS integer[]
	AS 'MODULE_PATHNAME', 'rg_sql_word_ids'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;

-- The word with the first letter of the model that it does not have, there; null: the model has no more.
CREATE OR REPLACE FUNCTION rivergen_catalog.with_letter_of(word text, model text) RETURNS text
	AS 'MODULE_PATHNAME', 'rg_sql_with_letter_of'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- How many of the keys, as search_keys gives them, the text has.
CREATE OR REPLACE FUNCTION rivergen_catalog.shared_keys(organization_id bigint, folded text, keys integer[]) RETURNS integer
	AS 'MODULE_PATHNAME', 'rg_sql_shared_keys'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;

-- One of 131,072 numbers for each of the ids: an index of them takes much less room than one of ids.
CREATE OR REPLACE FUNCTION rivergen_catalog.name_buckets(name_ids integer[]) RETURNS integer[]
	AS 'MODULE_PATHNAME', 'rg_sql_name_buckets'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
