-- What tells a refresh that a relation is what it was, without reading it; src/merge/README.md. The text is the
-- connector's own, and means something only beside the source's signature that it was read under.

ALTER TABLE rivergen_catalog.data_source_state ADD COLUMN schema_signature text;
COMMENT ON COLUMN rivergen_catalog.data_source_state.schema_signature IS
'What all signatures of the source''s relations were read under; null: none of them counts.';

-- Apart from the documents, which are wide and change less often than their signatures.
CREATE TABLE rivergen_catalog.relation_signature (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	relation_id bigint NOT NULL,
	signature text NOT NULL,
	PRIMARY KEY (organization_id, data_source_id, relation_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
) WITH (fillfactor = 80);
