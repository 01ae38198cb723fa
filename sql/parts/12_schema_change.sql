-- What changed in a source's schema, and how it was before; see rivergen.schema_history_retention.
CREATE SEQUENCE rivergen_catalog.schema_change_id_seq;

-- One row per source, made by its first discovery: from when on everything is known. skipped: what the last discovery
-- could not read, so that it is not taken for new when it can be read again. patterns: what the last discovery of the
-- whole source included and excluded: what others select is not new because of that, and is not cached.
CREATE TABLE rivergen_catalog.schema_history (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	begins_at timestamptz NOT NULL DEFAULT now(),
	skipped jsonb,
	patterns jsonb,
	PRIMARY KEY (organization_id, data_source_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);

-- What an earlier version discovered is known from now on.
INSERT INTO rivergen_catalog.schema_history (organization_id, data_source_id)
	SELECT organization_id, data_source_id FROM rivergen_catalog.data_source_state
	WHERE schema_discovered_at IS NOT NULL;

-- Documents that were replaced or whose relation went away; valid from (inclusive) to (exclusive). is_described: people had
-- written about the relation then, so that another one that has its name since may inherit what they wrote.
CREATE TABLE rivergen_catalog.relation_version (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	relation_id bigint NOT NULL,
	valid_from timestamptz NOT NULL,
	valid_to timestamptz NOT NULL,
	schema_name text COLLATE "C" NOT NULL,
	relation_name text COLLATE "C" NOT NULL,
	kind text NOT NULL,
	native_id bigint,
	document jsonb NOT NULL,
	is_described boolean NOT NULL DEFAULT false,
	PRIMARY KEY (organization_id, data_source_id, relation_id, valid_to),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);
CREATE INDEX relation_version_time ON rivergen_catalog.relation_version (organization_id, data_source_id, valid_to);

-- lz4, where this server was built with it, as for rivergen_catalog.relation.
DO $$
BEGIN
	ALTER TABLE rivergen_catalog.relation_version ALTER COLUMN document SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
	NULL;
END
$$;

CREATE TABLE rivergen_catalog.schema_change (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	change_id bigint NOT NULL DEFAULT nextval('rivergen_catalog.schema_change_id_seq'),
	job_id bigint NOT NULL,
	changed_at timestamptz NOT NULL DEFAULT now(),
	relation_id bigint NOT NULL,
	schema_name text COLLATE "C" NOT NULL,
	relation_name text COLLATE "C" NOT NULL,
	object_type text NOT NULL CHECK (object_type IN
		('relation', 'column', 'primary_key', 'unique', 'foreign_key', 'check', 'exclusion', 'index')),
	object_name text COLLATE "C",
	change text NOT NULL CHECK (change IN ('added', 'removed', 'renamed', 'changed')),
	breaking boolean NOT NULL,
	before jsonb,
	after jsonb,
	PRIMARY KEY (organization_id, data_source_id, change_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);
CREATE INDEX schema_change_time ON rivergen_catalog.schema_change (organization_id, data_source_id, changed_at);
