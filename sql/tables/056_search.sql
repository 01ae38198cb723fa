-- The dictionary of search: each name of an organization's schemas, relations and columns once. Only discoveries write it,
-- and a discovery that changes nothing writes nothing. name_id is a hash of the name with the organization, so that links
-- are made without reading the dictionary. A name stays when its last relation goes: then no link leads from it.
CREATE TABLE rivergen_catalog.search_name (
	organization_id bigint NOT NULL REFERENCES rivergen_catalog.organization ON DELETE CASCADE,
	name_id bigint NOT NULL,
	name text COLLATE "C" NOT NULL,
	searched text COLLATE "C" NOT NULL,
	PRIMARY KEY (organization_id, name_id)
);
-- A name may be longer than an index allows.
CREATE INDEX search_name_prefix ON rivergen_catalog.search_name (organization_id, left(searched, 100));
CREATE INDEX search_name_parts ON rivergen_catalog.search_name
	USING gin (rivergen_catalog.search_keys(organization_id, searched, NULL));
COMMENT ON COLUMN rivergen_catalog.search_name.searched IS
'The folded name, the character 1, and the folded words of the name between double spaces.';

-- The links: the names of a relation's columns, and the texts about relation and columns.
CREATE TABLE rivergen_catalog.search_relation (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	relation_id bigint NOT NULL,
	column_name_ids bigint[] NOT NULL,
	texts text COLLATE "C" NOT NULL,
	changed_at timestamptz NOT NULL,
	PRIMARY KEY (organization_id, data_source_id, relation_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);
CREATE INDEX search_relation_columns ON rivergen_catalog.search_relation USING gin (column_name_ids);
CREATE INDEX search_relation_texts ON rivergen_catalog.search_relation
	USING gin (rivergen_catalog.search_keys(organization_id, texts, NULL));
COMMENT ON COLUMN rivergen_catalog.search_relation.column_name_ids IS 'The name_id of each column; no id is of two organizations.';
COMMENT ON COLUMN rivergen_catalog.search_relation.texts IS
'Descriptions, comments and categories of the relation and its columns, folded, at most 100,000 characters.';
COMMENT ON COLUMN rivergen_catalog.search_relation.changed_at IS 'changed_at of the relation when the row was written.';

-- A schema is found by its name.
CREATE INDEX source_schema_named ON rivergen_catalog.source_schema (organization_id, schema_name);

-- Any caller may see the planner's estimates (sql/tables/050_schema.sql).
ALTER TABLE rivergen_catalog.search_name ALTER COLUMN name SET STATISTICS 0, ALTER COLUMN searched SET STATISTICS 0,
	ALTER COLUMN name_id SET STATISTICS 0;
ALTER TABLE rivergen_catalog.search_relation ALTER COLUMN column_name_ids SET STATISTICS 0,
	ALTER COLUMN texts SET STATISTICS 0, ALTER COLUMN data_source_id SET STATISTICS 0;
