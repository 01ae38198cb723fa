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
