-- 0.3.0 to 0.4.0: how the connector of a job was confined, and what it dialed.
ALTER TABLE rivergen_catalog.job ADD COLUMN sandbox_level text;
ALTER TABLE rivergen_catalog.job ADD COLUMN sandbox_missing text[];
ALTER TABLE rivergen_catalog.job ADD COLUMN dialed jsonb;
COMMENT ON COLUMN rivergen_catalog.job.sandbox_level IS 'How the connector of the last attempt was confined: basic, filtered, confined or full; null: none was started.';
COMMENT ON COLUMN rivergen_catalog.job.sandbox_missing IS 'What the sandbox lacked, each as feature=reason; empty: nothing; null: no connector was started.';
COMMENT ON COLUMN rivergen_catalog.job.dialed IS
'The addresses that the last attempt dialed: [{"address", "port", "verdict"}], each once, at most 100; null: no connector was started.';
