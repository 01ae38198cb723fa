-- Discovering all sources of an organization.

-- Why a source cannot be discovered with all the others; null when it can.
CREATE OR REPLACE FUNCTION rivergen_catalog.unfit_reason(
	maintenance boolean, has_connector boolean, is_ready boolean,
	quarantined_at timestamptz, full_discovered_at timestamptz, status text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN maintenance THEN 'maintenance'
		WHEN NOT has_connector THEN 'no_connector'
		WHEN NOT is_ready THEN 'no_credentials'
		WHEN quarantined_at IS NOT NULL THEN 'quarantined'
		WHEN full_discovered_at IS NOT NULL AND status IN ('failed', 'inactive') THEN status END;

-- Locks sources in the order of their ids, as every call does that needs several. Queues sources that were discovered
-- longest ago first, and skips those for which the queue has no room. Names at most 100 of the skipped sources.
CREATE OR REPLACE FUNCTION rivergen_catalog.discover_all(
	organization_id bigint, workspace_id bigint, type text, full_read boolean, user_id bigint, room bigint) RETURNS jsonb
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	WITH ready AS MATERIALIZED (
		SELECT t.type, t.has_credentials FROM rivergen_catalog.ready_types() t
	), looked_at AS MATERIALIZED (
		SELECT d.data_source_id, s.full_discovered_at,
			rivergen_catalog.unfit_reason(d.maintenance, d.type IN (SELECT r.type FROM ready r),
				(d.type, c.sealed IS NOT NULL) IN (SELECT r.type, r.has_credentials FROM ready r),
				s.quarantined_at, s.full_discovered_at, s.status) AS reason,
			EXISTS (SELECT FROM rivergen_catalog.job j
				WHERE j.organization_id = d.organization_id AND j.data_source_id = d.data_source_id AND j.kind = 'discover'
					AND j.schema_name IS NULL AND (j.full_read OR NOT $4) AND j.status = 'queued' AND j.run_after <= now()
					AND NOT j.for_caller AND j.requested_by_user_id IS NOT NULL AND NOT j.cancel_requested) AS queued
		FROM rivergen_catalog.data_source d
		JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id)
		LEFT JOIN rivergen_catalog.credential c USING (organization_id, data_source_id)
		WHERE d.organization_id = $1 AND d.deleted_at IS NULL
			AND ($2 IS NULL OR d.workspace_id = $2) AND ($3 IS NULL OR d.type = $3)
	), placed AS MATERIALIZED (
		SELECT l.data_source_id,
			row_number() OVER (ORDER BY l.full_discovered_at NULLS FIRST, l.data_source_id) AS place
		FROM looked_at l WHERE l.reason IS NULL AND NOT l.queued
	), held AS MATERIALIZED (
		SELECT d.data_source_id FROM rivergen_catalog.data_source d
		WHERE d.organization_id = $1 AND d.deleted_at IS NULL
			AND d.data_source_id IN (SELECT p.data_source_id FROM placed p WHERE p.place <= $6)
		ORDER BY d.data_source_id FOR KEY SHARE
	), inserted AS (
		INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind, full_read, requested_by_user_id)
		SELECT $1, p.data_source_id, 'discover', $4, $5 FROM placed p JOIN held h USING (data_source_id) ORDER BY p.place
		RETURNING data_source_id
	), skipped AS (
		SELECT l.data_source_id, l.reason FROM looked_at l WHERE l.reason IS NOT NULL
		UNION ALL
		SELECT p.data_source_id, 'queue_full' FROM placed p WHERE p.place > $6
	)
	SELECT jsonb_build_object(
		'queued', (SELECT count(*) FROM inserted),
		'already_queued', (SELECT count(*) FROM looked_at l WHERE l.reason IS NULL AND l.queued),
		'skipped_count', (SELECT count(*) FROM skipped),
		'skipped', (SELECT coalesce(jsonb_agg(jsonb_build_object(
			'data_source_id', f.data_source_id,
			'reason', f.reason) ORDER BY f.data_source_id), '[]')
			FROM (SELECT * FROM skipped ORDER BY data_source_id LIMIT 100) f));
END;

CREATE OR REPLACE FUNCTION rivergen.discover_all(
	workspace_id bigint DEFAULT NULL,
	type text DEFAULT NULL,
	"full" boolean DEFAULT false) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_discover_all'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.discover_all(bigint, text, boolean) IS
'Queues a discovery of every data source of the organization.
Only sources that are active or were never discovered, and only those of the workspace and type, if given. full: read everything, even relations that seem unchanged. At most rivergen.max_workers_per_organization discoveries run at once; sources discovered longest ago come first, after discoveries that a caller waits for. Answers {"queued", "already_queued", "skipped_count", "skipped": [{"data_source_id", "reason"}]}, skipped naming at most 100; reason is maintenance, no_connector, no_credentials, quarantined, failed, inactive or queue_full (rivergen.max_queued_per_organization: call again later). Needs the role editor. Errors: 400, 401, 403, 404 (no such workspace), 429 (the queue is full already).';
REVOKE ALL ON FUNCTION rivergen.discover_all(bigint, text, boolean) FROM PUBLIC;
