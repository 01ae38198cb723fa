-- 0.3.0 to 0.4.0: how the connector of a job was confined, and what it dialed; the host key that a tunnel's SSH server
-- has shown, and whether a connection had its tunnel; reading in place; what a connector is tested against; catalog_apply with credentials.
ALTER TABLE rivergen_catalog.job ADD COLUMN sandbox_level text;
ALTER TABLE rivergen_catalog.job ADD COLUMN sandbox_missing text[];
ALTER TABLE rivergen_catalog.job ADD COLUMN dialed jsonb;
COMMENT ON COLUMN rivergen_catalog.job.sandbox_level IS 'How the connector of the last attempt was confined: basic, filtered, confined or full; null: none was started.';
COMMENT ON COLUMN rivergen_catalog.job.sandbox_missing IS 'What the sandbox lacked, each as feature=reason; empty: nothing; null: no connector was started.';
COMMENT ON COLUMN rivergen_catalog.job.dialed IS
'The addresses that the last attempt dialed: [{"address", "port", "verdict"}], each once, at most 100; null: no connector was started.';
ALTER TABLE rivergen_catalog.data_source_state ADD COLUMN ssh_host_key text;
COMMENT ON COLUMN rivergen_catalog.data_source_state.ssh_host_key IS
'The key that the tunnel''s SSH server has shown, as a line of a known_hosts file with its fingerprint; null: none was seen.';
ALTER TABLE rivergen_catalog.connection_check ADD COLUMN ssh_tunnel_established boolean;

-- The foreign data wrapper. A script's functions of sql/objects come after this part, so the wrapper's two are made here.
CREATE FUNCTION rivergen_catalog.wrapper_handler() RETURNS fdw_handler
	AS 'MODULE_PATHNAME', 'rg_sql_fdw_handler' LANGUAGE C STRICT;
CREATE FUNCTION rivergen_catalog.wrapper_validator(options text[], catalog oid) RETURNS void
	AS 'MODULE_PATHNAME', 'rg_sql_fdw_validator' LANGUAGE C STRICT;
CREATE FOREIGN DATA WRAPPER rivergen HANDLER rivergen_catalog.wrapper_handler VALIDATOR rivergen_catalog.wrapper_validator;
COMMENT ON FOREIGN DATA WRAPPER rivergen IS 'Reads the relations of attached data sources, each through the connector of its type.';

ALTER TABLE rivergen_catalog.organization ADD COLUMN attachment_role name;
COMMENT ON COLUMN rivergen_catalog.organization.attachment_role IS
'The role that owns the foreign tables which the organization attaches through a gateway; null: it attaches none in this way.';
ALTER TABLE rivergen_catalog.data_source_state ADD COLUMN capabilities text[];
COMMENT ON COLUMN rivergen_catalog.data_source_state.capabilities IS
'What the connector last said that it can do (src/wire/README.md); null: it has not been asked yet.';

CREATE SEQUENCE rivergen_catalog.attachment_id_seq;

-- The relations of a source that are foreign tables here. The names in it are those of the foreign server and of local
-- schemas, and never an oid, so that a restored dump finds its objects again. The objects themselves are no members of the
-- extension: pg_dump saves them as any other.
CREATE TABLE rivergen_catalog.attachment (
	organization_id bigint NOT NULL,
	attachment_id bigint NOT NULL DEFAULT nextval('rivergen_catalog.attachment_id_seq'),
	data_source_id bigint NOT NULL,
	user_id bigint NOT NULL,
	server_name name NOT NULL,
	local_schemas jsonb NOT NULL,
	table_names text[],
	follows_schemas boolean NOT NULL DEFAULT false,
	local_base text,
	relation_ids bigint[] NOT NULL DEFAULT '{}',
	state text NOT NULL DEFAULT 'fresh' CHECK (state IN ('fresh', 'stale', 'broken')),
	problems jsonb NOT NULL DEFAULT '[]',
	made_schemas text[] NOT NULL DEFAULT '{}',
	followed_at timestamptz,
	attached_at timestamptz NOT NULL DEFAULT now(),
	refreshed_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (organization_id, attachment_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);
CREATE INDEX attachment_source ON rivergen_catalog.attachment (organization_id, data_source_id);
-- A scan knows its server alone. The index is not unique, because a unique key would have to begin with the organization
-- (test/sql/distribution.sql): a name is made from attachment_id, which a sequence of the whole installation gives, and
-- the database has one server of a name.
CREATE INDEX attachment_server ON rivergen_catalog.attachment (server_name);
COMMENT ON COLUMN rivergen_catalog.attachment.user_id IS 'The user that attached: each scan checks this user''s role.';
COMMENT ON COLUMN rivergen_catalog.attachment.server_name IS 'The foreign server: rivergen_ and attachment_id.';
COMMENT ON COLUMN rivergen_catalog.attachment.local_schemas IS 'The local schema of each attached schema of the source: {schema: local schema}.';
COMMENT ON COLUMN rivergen_catalog.attachment.table_names IS 'The tables that were asked for; null: all of the schemas, also those that a later discovery finds.';
COMMENT ON COLUMN rivergen_catalog.attachment.follows_schemas IS 'Does each new schema of the source get a local schema? It does when all of the source was attached, and nothing of it was detached since.';
COMMENT ON COLUMN rivergen_catalog.attachment.local_base IS 'The beginning of the names of such local schemas.';
COMMENT ON COLUMN rivergen_catalog.attachment.relation_ids IS 'The relations that have been made foreign tables, and those that another attachment had in the local schema. A relation of this list without a foreign table is not made again: a user has dropped it.';
COMMENT ON COLUMN rivergen_catalog.attachment.state IS 'fresh: as the last discovery found the source; stale: something could not be followed; broken: foreign tables whose relation is gone, or the server is gone.';
COMMENT ON COLUMN rivergen_catalog.attachment.problems IS 'What the last refresh could not follow: [{"table_schema", "table_name", "local_name", "reason", "dependents"}].';
COMMENT ON COLUMN rivergen_catalog.attachment.made_schemas IS 'The local schemas that did not exist before: they are dropped with their last foreign table.';
COMMENT ON COLUMN rivergen_catalog.attachment.followed_at IS 'The time of the latest change of the source''s relations that the foreign tables have followed.';

-- rivergen.data_source_types() returns a column more, so it is dropped. What uses it lets go of it first, because users'
-- own views hold the view data_source_types; the objects of this version take it up again.
CREATE OR REPLACE VIEW rivergen.data_source_types AS
	SELECT NULL::text AS type, NULL::text AS category, NULL::text AS label, NULL::text[] AS required_fields,
		NULL::text[] AS optional_fields, NULL::text[] AS credential_keys, NULL::integer AS default_port,
		NULL::text AS database_name_means, NULL::text AS connector, NULL::boolean AS connector_installed,
		NULL::text AS credentials, NULL::boolean AS several_hosts;
CREATE OR REPLACE VIEW rivergen_catalog.openapi_enumeration AS
	SELECT NULL::text AS name, NULL::text AS description, NULL::text[] AS labels;
CREATE OR REPLACE FUNCTION rivergen_catalog.ready_types(OUT type text, OUT has_credentials boolean) RETURNS SETOF record
	LANGUAGE sql AS 'SELECT NULL::text, NULL::boolean';
CREATE OR REPLACE FUNCTION rivergen_catalog.check_workers(found jsonb) RETURNS TABLE (name text, level text, detail text, what_to_do text)
	LANGUAGE sql AS 'SELECT NULL::text, NULL::text, NULL::text, NULL::text';
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_credentials_by_type() RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb';
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_requirements() RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb';
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_credentials() RETURNS json LANGUAGE sql AS 'SELECT NULL::json';
DROP FUNCTION rivergen.data_source_types();

DROP FUNCTION rivergen.catalog_apply(jsonb, boolean);

CREATE FUNCTION rivergen_catalog.split_name(name text) RETURNS text
	AS 'MODULE_PATHNAME', 'rg_sql_split_name' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION rivergen_catalog.name_words(name text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN rivergen_catalog.folded(rivergen_catalog.split_name(name));
CREATE FUNCTION rivergen_catalog.searched_name(name text) RETURNS text
	AS 'MODULE_PATHNAME', 'rg_sql_searched_name' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION rivergen_catalog.stem_ids(organization_id bigint, words text, with_whole boolean, with_numbers boolean)
	RETURNS integer[]
	AS 'MODULE_PATHNAME', 'rg_sql_stem_ids' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;

CREATE FUNCTION rivergen_catalog.search_name_id(organization_id bigint, name text) RETURNS bigint
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN hashtextextended(name COLLATE "C", organization_id);
CREATE FUNCTION rivergen_catalog.word_ids(organization_id bigint, words text) RETURNS integer[]
	AS 'MODULE_PATHNAME', 'rg_sql_word_ids' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION rivergen_catalog.name_buckets(name_ids integer[]) RETURNS integer[]
	AS 'MODULE_PATHNAME', 'rg_sql_name_buckets' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- The dictionary of search: each name of an organization's schemas, relations and columns. Only discoveries write it, and a
-- discovery that changes nothing writes nothing. No key is unique, which would take more room: two discoveries at a time may
-- both write a new name, and searches take each once. A name stays when its last relation goes: then no link leads from it.
CREATE TABLE rivergen_catalog.search_name (
	organization_id bigint NOT NULL REFERENCES rivergen_catalog.organization ON DELETE CASCADE,
	name text COLLATE "C" NOT NULL
);
-- A name may be longer than an index allows; hashes and short beginnings take less room.
CREATE INDEX search_name_whole ON rivergen_catalog.search_name (rivergen_catalog.search_name_id(organization_id, name));
CREATE INDEX search_name_prefix ON rivergen_catalog.search_name (organization_id, left(rivergen_catalog.folded(name), 10));
CREATE INDEX search_name_parts ON rivergen_catalog.search_name
	USING gin (rivergen_catalog.search_keys(organization_id, rivergen_catalog.searched_name(name), NULL));
CREATE INDEX search_name_words ON rivergen_catalog.search_name
	USING gin (rivergen_catalog.word_ids(organization_id, rivergen_catalog.name_words(name)));

-- The stems of the words of these names.
CREATE TABLE rivergen_catalog.search_word (
	organization_id bigint NOT NULL REFERENCES rivergen_catalog.organization ON DELETE CASCADE,
	stem text COLLATE "C" NOT NULL,
	PRIMARY KEY (organization_id, stem)
);
CREATE INDEX search_word_initials ON rivergen_catalog.search_word (organization_id, left(stem, 1), length(stem));
CREATE INDEX search_word_parts ON rivergen_catalog.search_word
	USING gin (rivergen_catalog.search_keys(organization_id, '  ' || stem || '  ', NULL));

-- The links: the names of a relation's columns, the texts about relation and columns, and the stems of all their words.
CREATE TABLE rivergen_catalog.search_relation (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	relation_id bigint NOT NULL,
	column_name_ids integer[] NOT NULL,
	texts text COLLATE "C" NOT NULL,
	name_stems integer[] NOT NULL,
	column_stems integer[] NOT NULL,
	text_stems integer[] NOT NULL,
	place bigint NOT NULL,
	refers_to bigint[] NOT NULL,
	changed_at timestamptz NOT NULL,
	PRIMARY KEY (organization_id, data_source_id, relation_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);
CREATE INDEX search_relation_columns ON rivergen_catalog.search_relation
	USING gin (rivergen_catalog.name_buckets(column_name_ids));
CREATE INDEX search_relation_texts ON rivergen_catalog.search_relation
	USING gin (rivergen_catalog.search_keys(organization_id, texts, NULL)) WHERE texts <> '';
CREATE INDEX search_relation_stems ON rivergen_catalog.search_relation USING gin (name_stems, column_stems, text_stems);
CREATE INDEX search_relation_sample ON rivergen_catalog.search_relation (organization_id, data_source_id, relation_id)
	WHERE relation_id % 64 = 0;
CREATE INDEX search_relation_place ON rivergen_catalog.search_relation (place);
CREATE INDEX search_relation_refers_to ON rivergen_catalog.search_relation USING gin (refers_to) WHERE refers_to <> '{}';
COMMENT ON COLUMN rivergen_catalog.search_relation.column_name_ids IS 'Half of search_name_id of the name of each column.';
COMMENT ON COLUMN rivergen_catalog.search_relation.texts IS
'Descriptions, comments and categories of the relation and its columns, folded, at most 100,000 characters.';
COMMENT ON COLUMN rivergen_catalog.search_relation.name_stems IS
'Hashes of the stems of the relation''s name, and of the name as a whole, with the organization; column_stems: of its columns'' names, without numbers; text_stems: of the texts.';
COMMENT ON COLUMN rivergen_catalog.search_relation.place IS 'A hash of source, schema and name.';
COMMENT ON COLUMN rivergen_catalog.search_relation.refers_to IS 'The places of the relations that foreign keys lead to.';
COMMENT ON COLUMN rivergen_catalog.search_relation.changed_at IS 'changed_at of the relation when the row was written.';

-- A schema is found by its name.
CREATE INDEX source_schema_named ON rivergen_catalog.source_schema (organization_id, schema_name);

-- Any caller may see the planner's estimates (sql/tables/050_schema.sql).
ALTER TABLE rivergen_catalog.search_name ALTER COLUMN name SET STATISTICS 0;
ALTER TABLE rivergen_catalog.search_relation ALTER COLUMN column_name_ids SET STATISTICS 0,
	ALTER COLUMN texts SET STATISTICS 0, ALTER COLUMN data_source_id SET STATISTICS 0,
	ALTER COLUMN name_stems SET STATISTICS 0, ALTER COLUMN column_stems SET STATISTICS 0,
	ALTER COLUMN text_stems SET STATISTICS 0, ALTER COLUMN refers_to SET STATISTICS 0;
ALTER TABLE rivergen_catalog.search_word ALTER COLUMN stem SET STATISTICS 0;

-- Tags of relations and columns.
CREATE FUNCTION rivergen_catalog.all_tags(tags text[], column_tags jsonb) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(array_agg(DISTINCT t.tag COLLATE "C"), '{}')
	FROM (SELECT unnest($1) AS tag
		UNION ALL
		SELECT v.value FROM jsonb_each($2) c CROSS JOIN LATERAL jsonb_array_elements_text(c.value) v) t;
END;
ALTER TABLE rivergen_catalog.relation ADD COLUMN tags text[] NOT NULL DEFAULT '{}';
ALTER TABLE rivergen_catalog.relation ADD COLUMN column_tags jsonb NOT NULL DEFAULT '{}';
ALTER TABLE rivergen_catalog.relation ADD COLUMN partition_of jsonb GENERATED ALWAYS AS (document -> 'partition_of') STORED;
COMMENT ON COLUMN rivergen_catalog.relation.partition_of IS 'The partitioned table of a partition, {"schema", "table"}, read without the document.';
CREATE INDEX relation_partitions ON rivergen_catalog.relation (organization_id, data_source_id, partition_of)
	WHERE partition_of IS NOT NULL AND deprecated_at IS NULL;
ALTER TABLE rivergen_catalog.relation ALTER COLUMN tags SET STATISTICS 0, ALTER COLUMN column_tags SET STATISTICS 0,
	ALTER COLUMN partition_of SET STATISTICS 0;
COMMENT ON COLUMN rivergen_catalog.relation.tags IS 'The relation''s tags, in the order given.';
COMMENT ON COLUMN rivergen_catalog.relation.column_tags IS
'The tags of columns, each in the order given: {name: [tag]}. Those of a column that is gone stay, in case it returns.';
CREATE INDEX relation_tagged ON rivergen_catalog.relation
	USING gin (rivergen_catalog.search_keys(organization_id, NULL, rivergen_catalog.all_tags(tags, column_tags)))
	WHERE tags <> '{}' OR column_tags <> '{}';
DROP FUNCTION rivergen.table_description_list(bigint, text, text, text, integer, integer);
DROP FUNCTION rivergen.table_description_update(bigint, jsonb);
DROP FUNCTION rivergen_catalog.follow_names(bigint, bigint);
DROP FUNCTION rivergen_catalog.write_findings(bigint, bigint, bigint, text, jsonb, jsonb, jsonb);
DROP FUNCTION rivergen_catalog.moved_findings(bigint, bigint);
DROP FUNCTION rivergen_catalog.inherited_texts(bigint, bigint);
DROP FUNCTION rivergen_catalog.described_texts(text, jsonb, jsonb);
DROP FUNCTION rivergen_catalog.described(bigint, bigint[]);
DROP FUNCTION rivergen_catalog.described_columns(jsonb, text, jsonb, jsonb);
DROP FUNCTION rivergen_catalog.found_descriptions(bigint, bigint, text, integer, integer, text, text);
DROP FUNCTION rivergen_catalog.located_descriptions(bigint, bigint, text, integer, integer);
DROP FUNCTION rivergen_catalog.description_bytes(integer, jsonb, jsonb, jsonb, jsonb);
