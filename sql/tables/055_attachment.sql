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
