-- When a source that was reached, or not, is tested by the schedule; see rivergen.health_check_interval.
ALTER TABLE rivergen_catalog.data_source_state ADD COLUMN next_test_at timestamptz;
COMMENT ON COLUMN rivergen_catalog.data_source_state.next_test_at IS
'When the schedule tests the source: set whenever a test or a discovery ends; null while it is not to be tested, or when no time was given to it yet.';

-- By status, because the times of failed sources are spread over a day, and must not hide the others.
CREATE INDEX data_source_test_due ON rivergen_catalog.data_source_state
	(status, next_test_at, organization_id, data_source_id) WHERE next_test_at IS NOT NULL;
-- Those that wait for a time: few, unless health checks are off.
CREATE INDEX data_source_untimed ON rivergen_catalog.data_source_state (organization_id, data_source_id)
	WHERE next_test_at IS NULL AND quarantined_at IS NULL AND status IN ('active', 'failed');

ALTER TABLE rivergen_catalog.job ADD COLUMN awaited boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN rivergen_catalog.job.awaited IS
'Somebody came to wait for it while it was queued: it goes before the others. Unlike one that is for_caller it outlives him.';

-- One that ended well replaces the one before.
CREATE INDEX job_tested ON rivergen_catalog.job (organization_id, data_source_id, job_id)
	WHERE kind = 'test' AND status IN ('succeeded', 'cancelled');
