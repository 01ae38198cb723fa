-- From 0.1.0: functions and views are made anew by the parts that follow; tables keep their rows.
SET LOCAL search_path = pg_catalog, pg_temp;

DO $$
BEGIN
	EXECUTE (SELECT 'DROP VIEW ' || string_agg(c.oid::regclass::text, ', ')
		FROM pg_class c
		WHERE c.relnamespace IN ('rivergen'::regnamespace, 'rivergen_catalog'::regnamespace) AND c.relkind = 'v');
	EXECUTE (SELECT 'DROP FUNCTION ' || string_agg(p.oid::regprocedure::text, ', ')
		FROM pg_proc p
		WHERE p.pronamespace IN ('rivergen'::regnamespace, 'rivergen_catalog'::regnamespace));
END
$$;

ALTER TABLE rivergen_catalog.app_user ADD COLUMN disabled_at timestamptz;
DROP INDEX rivergen_catalog.data_source_created;
CREATE INDEX data_source_created ON rivergen_catalog.data_source (organization_id, created_at, data_source_id)
	INCLUDE (type, workspace_id, maintenance) WHERE deleted_at IS NULL;
CREATE INDEX job_due ON rivergen_catalog.job (run_after) WHERE status = 'queued';
