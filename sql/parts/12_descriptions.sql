-- What people wrote about a relation, and what scanning found. A relation that is renamed or returns keeps its row, and so
-- its texts; a discovery moves them where names change (src/merge/README.md), and never writes its own.

ALTER TABLE rivergen_catalog.relation
	ADD COLUMN description text,
	ADD COLUMN column_descriptions jsonb NOT NULL DEFAULT '{}',
	ADD COLUMN scan_status text NOT NULL DEFAULT 'NOT_SCANNED'
		CONSTRAINT relation_scan_status CHECK (scan_status IN ('NOT_SCANNED', 'SYNCHRONIZING', 'SCANNED', 'FAILED')),
	ADD COLUMN error_message text,
	ADD COLUMN search_text text COLLATE "C" NOT NULL GENERATED ALWAYS AS (rivergen_catalog.folded(relation_name || chr(1)
		|| coalesce(description, '') || chr(1) || coalesce(document ->> 'comment', ''))) STORED;
COMMENT ON COLUMN rivergen_catalog.relation.search_text IS 'Name, description and comment, folded: what search looks into.';
COMMENT ON COLUMN rivergen_catalog.relation.description IS 'What people wrote; null where they wrote nothing. The source''s comment is in the document.';
COMMENT ON COLUMN rivergen_catalog.relation.column_descriptions IS
'What people wrote about columns: {name: text}. The text of a column that has gone stays, for the case that it returns.';
COMMENT ON COLUMN rivergen_catalog.relation.scan_status IS 'How the last scan of the relation''s values ended.';
COMMENT ON COLUMN rivergen_catalog.relation.error_message IS 'Why the last scan failed.';

-- A description is found by its id alone.
CREATE INDEX relation_by_id ON rivergen_catalog.relation (organization_id, relation_id);
