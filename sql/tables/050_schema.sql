CREATE SEQUENCE rivergen_catalog.relation_id_seq;

-- The schemas of a source, empty ones too.
CREATE TABLE rivergen_catalog.source_schema (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	schema_name text COLLATE "C" NOT NULL,
	native_id text,
	comment text,
	scoped_discovered_at timestamptz,
	scoped_discovery_ms bigint,
	scoped_patterns jsonb, -- what the last discovery of the schema alone included and excluded
	PRIMARY KEY (organization_id, data_source_id, schema_name),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);

-- What the current relations of a schema are, in numbers: schemas without any have no row. Written by discoveries only.
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
-- Beside the document stands what people wrote and what scanning found. A relation that is renamed or returns keeps its
-- row, and so its texts; a discovery moves them where names change, and never writes its own (src/merge/README.md).
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
	PRIMARY KEY (organization_id, data_source_id, relation_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);
CREATE UNIQUE INDEX relation_name ON rivergen_catalog.relation
	(organization_id, data_source_id, schema_name, relation_name) WHERE deprecated_at IS NULL;
-- Those that have gone, in the same order, and a name in any source and schema.
CREATE INDEX relation_gone ON rivergen_catalog.relation
	(organization_id, data_source_id, schema_name, relation_name, relation_id) WHERE deprecated_at IS NOT NULL;
CREATE INDEX relation_named ON rivergen_catalog.relation (organization_id, relation_name, data_source_id)
	WHERE deprecated_at IS NULL;
-- A description is found by its id alone.
CREATE INDEX relation_by_id ON rivergen_catalog.relation (organization_id, relation_id);
COMMENT ON COLUMN rivergen_catalog.relation.search_text IS 'Name, description and comment, folded: what search looks into.';
COMMENT ON COLUMN rivergen_catalog.relation.description IS 'What people wrote; null where they wrote nothing. The source''s comment is in the document.';
COMMENT ON COLUMN rivergen_catalog.relation.column_descriptions IS
'What people wrote about columns: {name: text}. The text of a column that has gone stays, for the case that it returns.';
COMMENT ON COLUMN rivergen_catalog.relation.scan_status IS 'How the last scan of the relation''s values ended.';
COMMENT ON COLUMN rivergen_catalog.relation.error_message IS 'Why the last scan failed.';
COMMENT ON COLUMN rivergen_catalog.relation.categories IS 'The values of the columns that have few: {column: [text]}.';
COMMENT ON COLUMN rivergen_catalog.relation.examples IS 'A few rows: [{column: text or null}], with *** for what looks private.';
COMMENT ON COLUMN rivergen_catalog.relation.scanned_at IS 'When the last scan of the values ended, well or badly.';
COMMENT ON COLUMN rivergen_catalog.relation.native_id IS 'The relation''s id in the source (of PostgreSQL: the oid); null where it has none.';
COMMENT ON COLUMN rivergen_catalog.relation.dialect IS
'How the server spells the document''s definitions, as the connector last said, such as postgresql 15; null when it does not say.';

-- What the planner estimates of a name is seen by whoever may EXPLAIN, and names are other organizations' too.
ALTER TABLE rivergen_catalog.relation ALTER COLUMN schema_name SET STATISTICS 0, ALTER COLUMN relation_name SET STATISTICS 0,
	ALTER COLUMN data_source_id SET STATISTICS 0;

-- lz4 makes storing documents twice as cheap as pglz, where this server was built with it.
DO $$
BEGIN
	ALTER TABLE rivergen_catalog.relation ALTER COLUMN document SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
	NULL;
END
$$;

-- What tells a refresh that a relation is what it was, without reading it (src/merge/README.md). The text is the
-- connector's own, and means something only beside data_source_state.schema_signature, which it was read under. Apart from
-- the documents, which are wide and change less often than their signatures.
CREATE TABLE rivergen_catalog.relation_signature (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	relation_id bigint NOT NULL,
	signature text NOT NULL,
	PRIMARY KEY (organization_id, data_source_id, relation_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
) WITH (fillfactor = 80);

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
	server_identity text,
	PRIMARY KEY (organization_id, data_source_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);

-- Another server's ids are other relations.
COMMENT ON COLUMN rivergen_catalog.schema_history.server_identity IS
'What the connector said of the server whose native ids are stored; null when it said nothing.';

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
	native_id text,
	document jsonb NOT NULL,
	is_described boolean NOT NULL DEFAULT false,
	dialect text,
	PRIMARY KEY (organization_id, data_source_id, relation_id, valid_to),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);
CREATE INDEX relation_version_time ON rivergen_catalog.relation_version (organization_id, data_source_id, valid_to);

COMMENT ON COLUMN rivergen_catalog.relation_version.dialect IS 'As that of the relation, when the document was replaced.';

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
