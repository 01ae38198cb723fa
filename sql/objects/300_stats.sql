-- Figures about queue, schedule and connectors of all organizations, for operators.

CREATE OR REPLACE FUNCTION rivergen_catalog.connector_stats() RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(c.type, jsonb_build_object(
		'connections', c.connections,
		'failures', c.failures,
		'p50_ms', c.percentiles[1],
		'p95_ms', c.percentiles[2],
		'p99_ms', c.percentiles[3])), '{}')
	FROM (SELECT d.type,
			count(*) AS connections,
			count(*) FILTER (WHERE NOT k.success) AS failures,
			percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY k.response_time_ms) AS percentiles
		FROM rivergen_catalog.connection_check k
		JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
		WHERE k.checked_at > now() - interval '24 hours'
		GROUP BY d.type) c;
END;

CREATE OR REPLACE FUNCTION rivergen.stats(
	OUT queued bigint,
	OUT oldest_queued interval,
	OUT waiting bigint,
	OUT running bigint,
	OUT failed_last_hour bigint,
	OUT failed_last_day bigint,
	OUT due_sources bigint,
	OUT due_tests bigint,
	OUT oldest_discovery_at timestamptz,
	OUT never_discovered bigint,
	OUT quarantined bigint,
	OUT paused bigint,
	OUT is_copy boolean,
	OUT connectors jsonb) RETURNS record
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT q.queued, q.oldest_queued, q.waiting,
		(SELECT count(*) FROM rivergen_catalog.job WHERE status = 'running'),
		f.last_hour, f.last_day,
		(SELECT count(*) FROM rivergen_catalog.data_source_state WHERE next_discovery_at <= now()),
		(SELECT count(*) FROM rivergen_catalog.data_source_state WHERE next_test_at <= now()
			AND status IN ('active', 'failed')),
		s.oldest, s.never,
		(SELECT count(*) FROM rivergen_catalog.data_source_state t
			JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
			WHERE t.quarantined_at IS NOT NULL AND d.deleted_at IS NULL),
		(SELECT count(*) FROM rivergen_catalog.data_source WHERE maintenance AND deleted_at IS NULL),
		rivergen_catalog.is_copy(),
		rivergen_catalog.connector_stats()
	FROM (SELECT count(*) FILTER (WHERE run_after <= now()) AS queued,
			now() - min(run_after) FILTER (WHERE run_after <= now()) AS oldest_queued,
			count(*) FILTER (WHERE run_after > now()) AS waiting
		FROM rivergen_catalog.job WHERE status = 'queued') q
	CROSS JOIN (SELECT count(*) FILTER (WHERE finished_at > now() - interval '1 hour') AS last_hour, count(*) AS last_day
		FROM rivergen_catalog.job WHERE finished_at > now() - interval '24 hours' AND status = 'failed') f
	CROSS JOIN (SELECT min(t.full_discovered_at) AS oldest, count(*) FILTER (WHERE t.full_discovered_at IS NULL) AS never
		FROM rivergen_catalog.data_source d
		JOIN rivergen_catalog.data_source_state t USING (organization_id, data_source_id)
		WHERE d.schema_auto_refresh AND NOT d.maintenance AND d.deleted_at IS NULL) s;
END;
COMMENT ON FUNCTION rivergen.stats() IS
'For operators: one row about this database, all organizations together.
queued: jobs that could run now, oldest_queued: for how long the first of them could; waiting: jobs that wait for their next try; running; failed_last_hour, failed_last_day: jobs that failed for good; due_sources: sources whose scheduled discovery is due and not queued yet, due_tests: the same of scheduled tests; oldest_discovery_at: the oldest complete discovery among sources with schema_auto_refresh that are not in maintenance, never_discovered: how many of them have none; quarantined: sources that are not connected to after crashes; paused: sources in maintenance; is_copy: workers wait for rivergen.acknowledge_copy(); connectors: by type of source {"connections", "failures", "p50_ms", "p95_ms", "p99_ms"} of the last 24 hours, the times (milliseconds) being those from the start of a connector to its connection.';

REVOKE ALL ON FUNCTION rivergen.stats() FROM PUBLIC;
