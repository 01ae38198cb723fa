-- What the last discovery of the schema alone included and excluded.
ALTER TABLE rivergen_catalog.source_schema ADD COLUMN scoped_patterns jsonb;

-- Which server was read. Another server's native ids are other relations; another version spells texts otherwise.
ALTER TABLE rivergen_catalog.schema_history ADD COLUMN server_identity text;
COMMENT ON COLUMN rivergen_catalog.schema_history.server_identity IS
'What the connector said of the server whose native ids are stored; null when it said nothing.';

ALTER TABLE rivergen_catalog.relation ADD COLUMN server text;
COMMENT ON COLUMN rivergen_catalog.relation.server IS
'The server''s name and major version that the document was last read with, such as PostgreSQL 15; null when it is not known.';

ALTER TABLE rivergen_catalog.relation_version ADD COLUMN server text;
COMMENT ON COLUMN rivergen_catalog.relation_version.server IS 'As that of the relation, when the document was replaced.';
