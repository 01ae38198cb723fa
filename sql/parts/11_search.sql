-- What searching and filtering by tags need: the text that is searched, and one index over its three-letter pieces
-- and the tags. Its keys are hashed with the organization, so that a search costs what the organization's own
-- sources cost, however many others there are; and it needs no other extension.

-- Case is folded by Unicode's rules whatever the database's locale is, where the server knows ICU; without ICU, by
-- the database's own locale, which in the locale C knows the letters A to Z only.
DO $$
BEGIN
	EXECUTE format('CREATE FUNCTION rivergen_catalog.folded(text) RETURNS text
		LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
		RETURN lower(normalize($1, NFC) COLLATE %s) COLLATE "C"',
		coalesce((SELECT 'pg_catalog.' || quote_ident(c.collname) FROM pg_catalog.pg_collation c
			WHERE c.collname = 'und-x-icu' AND c.collnamespace = 'pg_catalog'::pg_catalog.regnamespace
				AND c.collencoding IN (-1, 6)), 'pg_catalog."default"'));
END
$$;

CREATE FUNCTION rivergen_catalog.search_keys(organization_id bigint, folded text, tags text[]) RETURNS integer[]
	AS 'MODULE_PATHNAME', 'rg_search_keys'
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION rivergen_catalog.search_keys(bigint, text, text[]) IS
'The keys under which a source is found: hashes of every three characters of the folded text, and of every tag, with the organization. Of a search, the keys that a source must have; null stands for nothing.';

CREATE FUNCTION rivergen_catalog.contains("text" text, part text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'rg_contains'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rivergen_catalog.contains(text, text) IS 'Does the text hold the part?';

ALTER TABLE rivergen_catalog.data_source ADD COLUMN search_text text COLLATE "C" NOT NULL
	GENERATED ALWAYS AS (rivergen_catalog.folded(name || chr(1) || coalesce(description, ''))) STORED;
COMMENT ON COLUMN rivergen_catalog.data_source.search_text IS 'Name and description, folded: what search looks into.';

CREATE INDEX data_source_search ON rivergen_catalog.data_source
	USING gin (rivergen_catalog.search_keys(organization_id, search_text, tags)) WHERE deleted_at IS NULL;

-- The orders that people ask for most, with the tie-breaker in the same direction.
CREATE INDEX data_source_updated ON rivergen_catalog.data_source (organization_id, updated_at, data_source_id)
	WHERE deleted_at IS NULL;

-- Counting the sources of one status: those of the status, but for the hidden ones.
CREATE INDEX data_source_state_status ON rivergen_catalog.data_source_state (organization_id, status, data_source_id);
CREATE INDEX data_source_hidden ON rivergen_catalog.data_source (organization_id, data_source_id)
	WHERE maintenance OR deleted_at IS NOT NULL;
