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
ALTER TABLE rivergen_catalog.data_source_state ADD COLUMN next_discovery_at timestamptz,
	ADD COLUMN discovery_failures integer NOT NULL DEFAULT 0;
UPDATE rivergen_catalog.data_source_state s SET next_discovery_at = now() + random() * d.schema_refresh_interval * interval '1 second'
	FROM rivergen_catalog.data_source d
	WHERE d.organization_id = s.organization_id AND d.data_source_id = s.data_source_id
		AND d.schema_auto_refresh AND d.deleted_at IS NULL;
CREATE INDEX data_source_due ON rivergen_catalog.data_source_state (next_discovery_at, organization_id, data_source_id)
	WHERE next_discovery_at IS NOT NULL;
CREATE INDEX job_ended ON rivergen_catalog.job (finished_at, job_id) WHERE finished_at IS NOT NULL;
