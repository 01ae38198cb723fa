-- What scanning finds in the values of a relation, beside the status of its last scan. A discovery moves it to the new
-- names of columns, where they have ids, and forgets what was found in those that have gone: src/merge/README.md.
ALTER TABLE rivergen_catalog.relation
	ADD COLUMN categories jsonb NOT NULL DEFAULT '{}',
	ADD COLUMN examples jsonb NOT NULL DEFAULT '[]',
	ADD COLUMN scanned_at timestamptz;
COMMENT ON COLUMN rivergen_catalog.relation.categories IS 'The values of the columns that have few: {column: [text]}.';
COMMENT ON COLUMN rivergen_catalog.relation.examples IS 'A few rows: [{column: text or null}], with *** for what looks private.';
COMMENT ON COLUMN rivergen_catalog.relation.scanned_at IS 'When the last scan of the values ended, well or badly.';

ALTER TABLE rivergen_catalog.job
	DROP CONSTRAINT job_kind_check,
	ADD CONSTRAINT job_kind_check CHECK (kind IN ('discover', 'test', 'scan')),
	ADD COLUMN relation_ids bigint[];
COMMENT ON COLUMN rivergen_catalog.job.relation_ids IS 'What a scan is to look at; null for everything that the source has.';
