-- What workers ask of the queue. src/queue and src/worker call these functions, each as part of a worker's transaction.

CREATE OR REPLACE FUNCTION rivergen_catalog.queue_due_discoveries(
	room_per_organization bigint, most_looked_at bigint, most_queued bigint) RETURNS bigint
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	WITH ready AS MATERIALIZED (
		SELECT t.type, t.has_credentials FROM rivergen_catalog.ready_types() t
	), due AS (
		SELECT s.organization_id, s.data_source_id, s.next_discovery_at,
			d.schema_auto_refresh AND NOT d.maintenance AND d.deleted_at IS NULL
				AND (d.type, c.sealed IS NOT NULL) IN (SELECT r.type, r.has_credentials FROM ready r)
				AND rivergen_catalog.within_window(d.metadata, now()) <= now() AS fit
		FROM (SELECT t.organization_id, t.data_source_id, t.next_discovery_at FROM rivergen_catalog.data_source_state t
			WHERE t.next_discovery_at <= now() ORDER BY t.next_discovery_at LIMIT $2) s
		JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
		LEFT JOIN rivergen_catalog.credential c USING (organization_id, data_source_id)
	), placed AS (
		SELECT due.*, row_number() OVER (PARTITION BY due.organization_id, due.fit ORDER BY due.next_discovery_at) AS place
		FROM due
	), chosen AS MATERIALIZED (
		SELECT p.organization_id, p.data_source_id, p.fit FROM placed p
		WHERE NOT p.fit OR p.place <= $1 AND p.place <= $1 - (SELECT count(*) FROM (
			SELECT FROM rivergen_catalog.job j
			WHERE j.organization_id = p.organization_id AND j.status = 'queued' AND j.kind <> 'test' AND j.run_after <= now()
			LIMIT $1) q)
		ORDER BY p.next_discovery_at LIMIT $3
	), locked AS MATERIALIZED (
		SELECT s.organization_id, s.data_source_id, chosen.fit, d.schema_auto_refresh, d.metadata, d.deleted_at,
			rivergen_catalog.within_window(d.metadata, now()) > now() AS is_early, d.schema_refresh_interval,
			s.discovery_failures
		FROM chosen
		JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id)
		JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
		WHERE s.next_discovery_at <= now()
		FOR NO KEY UPDATE OF s SKIP LOCKED FOR KEY SHARE OF d SKIP LOCKED
	), put_off AS (
		UPDATE rivergen_catalog.data_source_state s
		SET next_discovery_at = CASE WHEN l.schema_auto_refresh AND l.deleted_at IS NULL THEN
			rivergen_catalog.within_window(l.metadata, CASE WHEN l.is_early THEN now()
				ELSE clock_timestamp() + rivergen_catalog.refresh_delay(l.schema_refresh_interval, l.discovery_failures) END) END
		FROM locked l WHERE s.organization_id = l.organization_id AND s.data_source_id = l.data_source_id
		RETURNING 1
	), queued AS (
		INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind)
		SELECT l.organization_id, l.data_source_id, 'discover' FROM locked l
		WHERE l.fit AND NOT EXISTS (SELECT FROM rivergen_catalog.job j
			WHERE j.organization_id = l.organization_id AND j.data_source_id = l.data_source_id AND j.kind = 'discover'
				AND j.status IN ('queued', 'running'))
	)
	SELECT count(*) FROM put_off;
END;
COMMENT ON FUNCTION rivergen_catalog.queue_due_discoveries(bigint, bigint, bigint) IS
'Queues discoveries of due sources, as many of each organization as its queue has room for; returns how many sources it handled.
Every handled source gets a new time, whether a job was queued or not. Sources whose row or state is locked are skipped.';

CREATE OR REPLACE FUNCTION rivergen_catalog.set_test_times(check_interval integer, most bigint) RETURNS bigint
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	WITH untimed AS MATERIALIZED (
		(SELECT s.organization_id, s.data_source_id FROM rivergen_catalog.data_source_state s
		WHERE s.next_test_at IS NULL AND s.quarantined_at IS NULL AND s.status IN ('active', 'failed') LIMIT $2)
		UNION ALL
		(SELECT s.organization_id, s.data_source_id
		FROM (VALUES ('active', $1), ('failed', greatest($1, 86400))) v (status, longest)
		CROSS JOIN LATERAL (SELECT t.organization_id, t.data_source_id FROM rivergen_catalog.data_source_state t
			WHERE t.status = v.status AND t.next_test_at > now() + 1.2 * v.longest * interval '1 second' LIMIT $2) s)
	), locked AS MATERIALIZED (
		SELECT s.organization_id, s.data_source_id,
			s.last_tested_at + rivergen_catalog.test_delay(s.failure_count) AS due
		FROM untimed JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id)
		FOR NO KEY UPDATE OF s SKIP LOCKED
	), timed AS (
		UPDATE rivergen_catalog.data_source_state s
		SET next_test_at = CASE WHEN l.due BETWEEN now() AND now() + 1.1 * $1 * interval '1 second' THEN l.due
			ELSE now() + random() * $1 * interval '1 second' END
		FROM locked l WHERE s.organization_id = l.organization_id AND s.data_source_id = l.data_source_id
		RETURNING 1
	)
	SELECT count(*) FROM timed;
END;
COMMENT ON FUNCTION rivergen_catalog.set_test_times(integer, bigint) IS
'Gives a time of the next test to sources that have none, or one farther away than check_interval (in seconds) allows; returns how many.
A time that follows from the last test is kept if it lies within the interval; other times are spread at random over the interval.';

CREATE OR REPLACE FUNCTION rivergen_catalog.queue_due_tests(
	room_per_organization bigint, most_looked_at bigint, most_queued bigint) RETURNS bigint
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	WITH ready AS MATERIALIZED (
		SELECT t.type, t.has_credentials FROM rivergen_catalog.ready_types() t
	), due AS (
		SELECT s.organization_id, s.data_source_id, s.next_test_at,
			s.status IN ('active', 'failed') AND s.quarantined_at IS NULL AND NOT d.maintenance AND d.deleted_at IS NULL
				AND (d.type, c.sealed IS NOT NULL) IN (SELECT r.type, r.has_credentials FROM ready r) AS fit
		FROM (VALUES ('active'), ('failed'), ('inactive'), ('testing')) v (status)
		CROSS JOIN LATERAL (
			SELECT t.organization_id, t.data_source_id, t.next_test_at, t.status, t.quarantined_at
			FROM rivergen_catalog.data_source_state t
			WHERE t.status = v.status AND t.next_test_at <= now() ORDER BY t.next_test_at LIMIT $2) s
		JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
		LEFT JOIN rivergen_catalog.credential c USING (organization_id, data_source_id)
	), placed AS (
		SELECT due.*, row_number() OVER (PARTITION BY due.organization_id, due.fit ORDER BY due.next_test_at) AS place
		FROM due
	), chosen AS MATERIALIZED (
		SELECT p.organization_id, p.data_source_id, p.fit FROM placed p
		WHERE NOT p.fit OR p.place <= $1 AND p.place <= $1 - (SELECT count(*) FROM (
			SELECT FROM rivergen_catalog.job j
			WHERE j.organization_id = p.organization_id AND j.status = 'queued' AND j.run_after <= now() LIMIT $1) q)
		ORDER BY p.next_test_at LIMIT $3
	), locked AS MATERIALIZED (
		SELECT s.organization_id, s.data_source_id, chosen.fit, s.status, s.quarantined_at, s.failure_count, d.deleted_at
		FROM chosen
		JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id)
		JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
		WHERE s.next_test_at <= now()
		FOR NO KEY UPDATE OF s SKIP LOCKED FOR KEY SHARE OF d SKIP LOCKED
	), put_off AS (
		UPDATE rivergen_catalog.data_source_state s
		SET next_test_at = CASE WHEN l.status = 'inactive' OR l.quarantined_at IS NOT NULL THEN NULL
			WHEN l.deleted_at IS NOT NULL THEN now() + interval '1 day'
			ELSE clock_timestamp() + rivergen_catalog.test_delay(l.failure_count) END
		FROM locked l WHERE s.organization_id = l.organization_id AND s.data_source_id = l.data_source_id
		RETURNING 1
	), queued AS (
		INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind)
		SELECT l.organization_id, l.data_source_id, 'test' FROM locked l
		WHERE l.fit AND NOT EXISTS (SELECT FROM rivergen_catalog.job j
			WHERE j.organization_id = l.organization_id AND j.data_source_id = l.data_source_id
				AND j.status IN ('queued', 'running'))
	)
	SELECT count(*) FROM put_off;
END;
COMMENT ON FUNCTION rivergen_catalog.queue_due_tests(bigint, bigint, bigint) IS
'Queues tests of due sources, as many of each organization as its queue has room for; returns how many sources it handled.
A source with a queued or running job gets no test: that job connects to it anyway. Every handled source gets a new time. Sources whose row or state is locked are skipped.';

CREATE OR REPLACE FUNCTION rivergen_catalog.next_test_after(moment timestamptz) RETURNS timestamptz
	LANGUAGE plpgsql STABLE
AS $$
BEGIN
	RETURN (SELECT min(s.due) FROM (VALUES ('active'), ('failed'), ('inactive'), ('testing')) v (status)
		CROSS JOIN LATERAL (SELECT min(t.next_test_at) AS due FROM rivergen_catalog.data_source_state t
			WHERE t.status = v.status AND t.next_test_at > $1) s);
END $$;
COMMENT ON FUNCTION rivergen_catalog.next_test_after(timestamptz) IS
'The first time of a scheduled test after the moment; null when there is none. One index scan for each status that can have one.';

CREATE OR REPLACE FUNCTION rivergen_catalog.schedule_objection(organization_id bigint, job_id bigint, has_begun boolean)
	RETURNS text
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	SELECT 'not done: the data source ' || CASE
		WHEN d.maintenance THEN 'is in maintenance'
		WHEN s.quarantined_at IS NOT NULL THEN 'is in quarantine'
		WHEN j.kind = 'test' AND s.status = 'inactive' THEN 'is inactive'
		WHEN $3 THEN NULL
		WHEN j.kind = 'test' AND s.status = 'testing' THEN 'is being tested'
		WHEN j.kind = 'test' AND s.last_tested_at > j.queued_at THEN 'was tested meanwhile'
		WHEN j.kind = 'discover' AND j.schema_name IS NULL AND NOT j.full_read
			AND s.full_discovered_at > j.queued_at AND s.full_discovered_at >= d.updated_at
			AND rivergen_catalog.has_current_patterns(j.organization_id, j.data_source_id) THEN 'was discovered meanwhile'
		WHEN j.kind = 'discover' AND rivergen_catalog.within_window(d.metadata, now()) > now() THEN 'has its window closed'
		END
	FROM rivergen_catalog.job j
	JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
	JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id)
	WHERE j.organization_id = $1 AND j.job_id = $2;
END;
COMMENT ON FUNCTION rivergen_catalog.schedule_objection(bigint, bigint, boolean) IS
'Why a job of the schedule must not be done, or must not go on when it has begun; null when it may.';

CREATE OR REPLACE FUNCTION rivergen_catalog.prune_jobs(
	after_finished_at timestamptz, after_job_id bigint, retention_minutes integer, most bigint,
	OUT finished_at timestamptz, OUT job_id bigint, OUT looked_at bigint) RETURNS record
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	WITH old AS MATERIALIZED (
		SELECT j.organization_id, j.data_source_id, j.job_id, j.kind, j.finished_at FROM rivergen_catalog.job j
		WHERE (j.finished_at, j.job_id) > ($1, $2) AND j.finished_at < now() - $3 * interval '1 minute'
		ORDER BY j.finished_at, j.job_id LIMIT $4
	), followed AS MATERIALIZED (
		SELECT j.organization_id, j.job_id FROM old JOIN rivergen_catalog.job j USING (organization_id, job_id)
		WHERE EXISTS (SELECT FROM rivergen_catalog.job n
			WHERE n.organization_id = old.organization_id AND n.data_source_id = old.data_source_id
				AND (n.kind <> 'test' OR old.kind = 'test') AND (n.finished_at, n.job_id) > (old.finished_at, old.job_id))
		FOR UPDATE OF j SKIP LOCKED
	), gone AS (
		DELETE FROM rivergen_catalog.job j USING followed f
		WHERE j.organization_id = f.organization_id AND j.job_id = f.job_id
	)
	SELECT o.finished_at, o.job_id, (SELECT count(*) FROM old) FROM old o ORDER BY o.finished_at DESC, o.job_id DESC LIMIT 1;
END;
COMMENT ON FUNCTION rivergen_catalog.prune_jobs(timestamptz, bigint, integer, bigint) IS
'Deletes jobs that ended longer ago than the retention, in the order of their end from a position on; the newest job of each source stays.
A scheduled test does not count as the newest job. Returns the position of the last job looked at and how many were; nulls when there was none.';
