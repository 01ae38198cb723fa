CREATE SEQUENCE rivergen_catalog.relation_id_seq;

-- The schemas of a source, with the empty ones.
CREATE TABLE rivergen_catalog.source_schema (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	schema_name text COLLATE "C" NOT NULL,
	native_id text,
	comment text,
	scoped_discovered_at timestamptz,
	scoped_discovery_ms bigint,
	scoped_patterns jsonb, -- include and exclude of the last discovery of this schema alone
	PRIMARY KEY (organization_id, data_source_id, schema_name),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);

-- The numbers of a schema's current relations; a schema without relations has no row. Only discoveries write it.
CREATE TABLE rivergen_catalog.schema_content (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	schema_name text COLLATE "C" NOT NULL,
	relations_count bigint NOT NULL,
	tables_count bigint NOT NULL,
	views_count bigint NOT NULL,
	columns_count bigint NOT NULL,
	PRIMARY KEY (organization_id, data_source_id, schema_name),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);

-- The schema cache and the table descriptions: one row and one document per table, view, collection or file.
-- Beside the document are the descriptions and tags that users gave and the results of scans. A relation that is renamed, or
-- that returns, keeps its row and so what users gave it. A discovery moves this when names change, and never writes any
-- (src/merge/README.md).
CREATE TABLE rivergen_catalog.relation (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	relation_id bigint NOT NULL DEFAULT nextval('rivergen_catalog.relation_id_seq'),
	schema_name text COLLATE "C" NOT NULL,
	relation_name text COLLATE "C" NOT NULL,
	kind text NOT NULL,
	native_id text,
	columns_count integer NOT NULL,
	row_estimate bigint,
	size_bytes bigint,
	hash bytea NOT NULL,
	document jsonb NOT NULL,
	discovered_at timestamptz NOT NULL DEFAULT now(),
	changed_at timestamptz NOT NULL DEFAULT now(),
	deprecated_at timestamptz,
	description text,
	column_descriptions jsonb NOT NULL DEFAULT '{}',
	scan_status text NOT NULL DEFAULT 'NOT_SCANNED'
		CONSTRAINT relation_scan_status CHECK (scan_status IN ('NOT_SCANNED', 'SYNCHRONIZING', 'SCANNED', 'FAILED')),
	error_message text,
	search_text text COLLATE "C" NOT NULL GENERATED ALWAYS AS (rivergen_catalog.folded(relation_name || chr(1)
		|| coalesce(description, '') || chr(1) || coalesce(document ->> 'comment', ''))) STORED,
	categories jsonb NOT NULL DEFAULT '{}',
	examples jsonb NOT NULL DEFAULT '[]',
	scanned_at timestamptz,
	dialect text,
	tags text[] NOT NULL DEFAULT '{}',
	column_tags jsonb NOT NULL DEFAULT '{}',
	partition_of jsonb GENERATED ALWAYS AS (document -> 'partition_of') STORED,
	PRIMARY KEY (organization_id, data_source_id, relation_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);
CREATE UNIQUE INDEX relation_name ON rivergen_catalog.relation
	(organization_id, data_source_id, schema_name, relation_name) WHERE deprecated_at IS NULL;
-- Relations that are gone, in the same order; and a name in any source and schema.
CREATE INDEX relation_gone ON rivergen_catalog.relation
	(organization_id, data_source_id, schema_name, relation_name, relation_id) WHERE deprecated_at IS NOT NULL;
CREATE INDEX relation_named ON rivergen_catalog.relation (organization_id, relation_name, data_source_id)
	WHERE deprecated_at IS NULL;
-- A description is found by its id alone.
CREATE INDEX relation_by_id ON rivergen_catalog.relation (organization_id, relation_id);
-- The partitions of a table.
CREATE INDEX relation_partitions ON rivergen_catalog.relation (organization_id, data_source_id, partition_of)
	WHERE partition_of IS NOT NULL AND deprecated_at IS NULL;
-- Relations by a tag of their own or of a column.
CREATE INDEX relation_tagged ON rivergen_catalog.relation
	USING gin (rivergen_catalog.search_keys(organization_id, NULL, rivergen_catalog.all_tags(tags, column_tags)))
	WHERE tags <> '{}' OR column_tags <> '{}';
COMMENT ON COLUMN rivergen_catalog.relation.search_text IS 'Name, description and comment, folded: search reads this text.';
COMMENT ON COLUMN rivergen_catalog.relation.description IS 'The description that users wrote, or null. The source''s comment is in the document.';
COMMENT ON COLUMN rivergen_catalog.relation.column_descriptions IS
'The descriptions that users wrote about columns: {name: text}. The text of a column that is gone stays, in case it returns.';
COMMENT ON COLUMN rivergen_catalog.relation.tags IS 'The relation''s tags, in the order given.';
COMMENT ON COLUMN rivergen_catalog.relation.column_tags IS
'The tags of columns, each in the order given: {name: [tag]}. Those of a column that is gone stay, in case it returns.';
COMMENT ON COLUMN rivergen_catalog.relation.partition_of IS 'The partitioned table of a partition, {"schema", "table"}, read without the document.';
COMMENT ON COLUMN rivergen_catalog.relation.scan_status IS 'How the last scan of the relation''s values ended.';
COMMENT ON COLUMN rivergen_catalog.relation.error_message IS 'Why the last scan failed.';
COMMENT ON COLUMN rivergen_catalog.relation.categories IS 'The values of the columns that have few: {column: [text]}.';
COMMENT ON COLUMN rivergen_catalog.relation.examples IS 'A few rows: [{column: text or null}], with *** for what looks private.';
COMMENT ON COLUMN rivergen_catalog.relation.scanned_at IS 'When the last scan of the values ended, with or without success.';
COMMENT ON COLUMN rivergen_catalog.relation.native_id IS 'The relation''s id in the source (in PostgreSQL: the oid); null where it has none.';
COMMENT ON COLUMN rivergen_catalog.relation.dialect IS
'How the server spells the document''s definitions, as the connector last said, such as postgresql 15; null when it does not say.';

-- Any caller may EXPLAIN and see the planner's estimates. Statistics of names would reveal names of other organizations.
ALTER TABLE rivergen_catalog.relation ALTER COLUMN schema_name SET STATISTICS 0, ALTER COLUMN relation_name SET STATISTICS 0,
	ALTER COLUMN data_source_id SET STATISTICS 0,
	ALTER COLUMN tags SET STATISTICS 0, ALTER COLUMN column_tags SET STATISTICS 0,
	ALTER COLUMN partition_of SET STATISTICS 0;

-- Storing documents costs half as much with lz4 as with pglz. Not every server is built with lz4.
DO $$
BEGIN
	ALTER TABLE rivergen_catalog.relation ALTER COLUMN document SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
	NULL;
END
$$;

-- A refresh compares the signature to find an unchanged relation without reading it (src/merge/README.md). The text is the
-- connector's own, and is valid only together with data_source_state.schema_signature. Its own table, because documents
-- are wide and change less often than signatures.
CREATE TABLE rivergen_catalog.relation_signature (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	relation_id bigint NOT NULL,
	signature text NOT NULL,
	PRIMARY KEY (organization_id, data_source_id, relation_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
) WITH (fillfactor = 80);

-- Changes of a source's schema, and replaced documents; both are kept for rivergen.schema_history_retention.
CREATE SEQUENCE rivergen_catalog.schema_change_id_seq;

-- One row per source, made by its first discovery: the history begins then. skipped: relations and schemas that the last
-- discovery could not read; they are not reported as added when they can be read again. patterns: include and exclude of
-- the last discovery of the whole source. If the patterns change, newly selected relations are not reported as added, and
-- the cache is not used.
CREATE TABLE rivergen_catalog.schema_history (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	begins_at timestamptz NOT NULL DEFAULT now(),
	skipped jsonb,
	patterns jsonb,
	server_identity text,
	PRIMARY KEY (organization_id, data_source_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);

-- On another server the same id belongs to another relation.
COMMENT ON COLUMN rivergen_catalog.schema_history.server_identity IS
'The identity of the server whose native ids are stored, as the connector sent it; null when it sent none.';

-- Documents that were replaced, or whose relation is gone; valid from (inclusive) to (exclusive). is_described: the
-- relation had descriptions or tags of users then, which a later relation of the same name may inherit.
CREATE TABLE rivergen_catalog.relation_version (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	relation_id bigint NOT NULL,
	valid_from timestamptz NOT NULL,
	valid_to timestamptz NOT NULL,
	schema_name text COLLATE "C" NOT NULL,
	relation_name text COLLATE "C" NOT NULL,
	kind text NOT NULL,
	native_id text,
	document jsonb NOT NULL,
	is_described boolean NOT NULL DEFAULT false,
	dialect text,
	PRIMARY KEY (organization_id, data_source_id, relation_id, valid_to),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);
CREATE INDEX relation_version_time ON rivergen_catalog.relation_version (organization_id, data_source_id, valid_to);

COMMENT ON COLUMN rivergen_catalog.relation_version.dialect IS 'The relation''s dialect when the document was replaced.';

-- lz4 where the server has it, as for rivergen_catalog.relation.
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
