CREATE SEQUENCE rivergen_catalog.job_id_seq;

-- One row per organization, made with it. Claiming a job locks this row; enqueueing need not lock anything.
CREATE TABLE rivergen_catalog.organization_queue (
	organization_id bigint PRIMARY KEY REFERENCES rivergen_catalog.organization ON DELETE CASCADE,
	last_claimed_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);

CREATE TABLE rivergen_catalog.job (
	organization_id bigint NOT NULL,
	job_id bigint NOT NULL DEFAULT nextval('rivergen_catalog.job_id_seq'),
	data_source_id bigint NOT NULL,
	kind text NOT NULL CHECK (kind = ANY (rivergen_catalog.job_kinds())),
	schema_name text,
	full_read boolean NOT NULL DEFAULT false,
	status text NOT NULL DEFAULT 'queued' CHECK (status = ANY (rivergen_catalog.job_statuses())),
	cancel_requested boolean NOT NULL DEFAULT false,
	for_caller boolean NOT NULL DEFAULT false,
	attempts integer NOT NULL DEFAULT 0,
	times_put_off integer NOT NULL DEFAULT 0, -- how often this job gave way to a waiting caller; bounded
	run_after timestamptz NOT NULL DEFAULT now(),
	requested_by_user_id bigint,
	queued_at timestamptz NOT NULL DEFAULT now(),
	started_at timestamptz,
	finished_at timestamptz,
	error_code text,
	error_message text,
	error_detail text,
	result jsonb,
	relation_ids bigint[],
	awaited boolean NOT NULL DEFAULT false,
	sandbox_level text,
	sandbox_missing text[],
	dialed jsonb,
	PRIMARY KEY (organization_id, job_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
) WITH (fillfactor = 70);
CREATE INDEX job_queued ON rivergen_catalog.job (organization_id, run_after, job_id) WHERE status = 'queued';
CREATE INDEX job_due ON rivergen_catalog.job (run_after) WHERE status = 'queued';
CREATE INDEX job_running ON rivergen_catalog.job (organization_id, data_source_id) WHERE status = 'running';
CREATE INDEX job_ended ON rivergen_catalog.job (finished_at, job_id) WHERE finished_at IS NOT NULL;
CREATE INDEX job_source ON rivergen_catalog.job (organization_id, data_source_id, job_id);
-- A successful scheduled test deletes its successful predecessor; this index finds it.
CREATE INDEX job_tested ON rivergen_catalog.job (organization_id, data_source_id, job_id)
	WHERE kind = 'test' AND status IN ('succeeded', 'cancelled');
COMMENT ON COLUMN rivergen_catalog.job.relation_ids IS 'The relations that a scan reads; null: all of the source.';
COMMENT ON COLUMN rivergen_catalog.job.awaited IS
'A caller began to wait for it while it was queued, so it goes before the others. Unlike a job that is for_caller, it stays when the caller leaves.';
COMMENT ON COLUMN rivergen_catalog.job.sandbox_level IS 'How the connector of the last attempt was confined: basic, filtered, confined or full; null: none was started.';
COMMENT ON COLUMN rivergen_catalog.job.sandbox_missing IS 'What the sandbox lacked, each as feature=reason; empty: nothing; null: no connector was started.';
COMMENT ON COLUMN rivergen_catalog.job.dialed IS
'The addresses that the last attempt dialed: [{"address", "port", "verdict"}], each once, at most 100; null: no connector was started.';
