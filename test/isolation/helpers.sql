-- What the specs share. The source is fake (test/lib/fake-connector): its discoveries stop half way until the gate is
-- opened, which is a file. Every function that waits polls for a condition that others bring about.
CREATE SCHEMA race;
CREATE TABLE race.gate (path text NOT NULL);
CREATE TABLE race.seen (job_id bigint, started_at timestamptz);

CREATE FUNCTION race.wait_until(condition text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	holds boolean;
BEGIN
	LOOP
		EXECUTE 'SELECT ' || condition INTO holds;
		EXIT WHEN holds;
		PERFORM pg_sleep(0.01);
	END LOOP;
END $$;

CREATE FUNCTION race.source() RETURNS bigint LANGUAGE sql AS $$
	SELECT max(data_source_id) FROM rivergen_catalog.data_source WHERE name = 'raced'
$$;

CREATE FUNCTION race.newest_job() RETURNS bigint LANGUAGE sql AS $$
	SELECT max(job_id) FROM rivergen_catalog.job WHERE data_source_id = race.source()
$$;

-- A new source behind a new gate; whatever an earlier permutation left is removed.
CREATE FUNCTION race.begin() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM rivergen.data_source_delete(d.data_source_id, force => true) FROM rivergen_catalog.data_source d;
	TRUNCATE race.gate, race.seen;
	INSERT INTO race.gate SELECT format('%s/%s', current_setting('race.gates'), gen_random_uuid());
	PERFORM rivergen.data_source_create(jsonb_build_object('name', 'raced', 'type', 'other', 'host', '127.0.0.1',
		'schema_auto_refresh', false, 'max_retries', 0, 'connection_timeout', 60, 'query_timeout', 300,
		'credentials', '{"username": "one", "password": "fake-secret"}'::jsonb,
		'metadata', jsonb_build_object('behaviour', 'slow', 'whereabouts', true, 'schemas', 2, 'relations', 1,
			'gate', (SELECT path FROM race.gate))));
END $$;

CREATE FUNCTION race.open_gate() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('COPY (SELECT) TO %L', (SELECT path FROM race.gate));
END $$;

-- Until a connector has read half of the source; called again, until another attempt has.
CREATE FUNCTION race.half_way() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM race.wait_until($c$EXISTS (SELECT FROM rivergen.jobs j WHERE phase = 'read'
		AND NOT EXISTS (SELECT FROM race.seen s WHERE s.job_id = j.job_id AND s.started_at = j.started_at))$c$);
	INSERT INTO race.seen SELECT job_id, started_at FROM rivergen_catalog.job WHERE status = 'running';
END $$;

-- Until the session of the spec waits for a worker.
CREATE FUNCTION race.waits(session text) RETURNS void LANGUAGE sql AS $$
	SELECT race.wait_until(format($c$EXISTS (SELECT FROM pg_stat_activity
		WHERE application_name LIKE 'isolation/%%/%s' AND wait_event = 'Extension')$c$, session))
$$;

-- Two sources beside the raced one, which is in maintenance; the second was discovered longer ago than the first.
CREATE FUNCTION race.two_sources() RETURNS void LANGUAGE sql AS $$
	SELECT rivergen.data_source_set_status(race.source(), 'maintenance');
	SELECT rivergen.data_source_create(jsonb_build_object('name', name, 'type', 'other', 'host', '127.0.0.1',
		'schema_auto_refresh', false, 'credentials', '{"username": "one", "password": "fake-secret"}'::jsonb,
		'metadata', '{"behaviour": "one"}'::jsonb)) FROM unnest('{a,b}'::text[]) AS name;
	UPDATE rivergen_catalog.data_source_state s SET status = 'active', full_discovered_at =
		CASE d.name WHEN 'a' THEN now() ELSE now() - interval '1 day' END
		FROM rivergen_catalog.data_source d WHERE d.data_source_id = s.data_source_id;
$$;

CREATE FUNCTION race.named(name text) RETURNS bigint LANGUAGE sql AS $$
	SELECT data_source_id FROM rivergen_catalog.data_source d WHERE d.name = $1 AND deleted_at IS NULL
$$;

-- A document that changes both; how many it changed.
CREATE FUNCTION race.apply(one text, other text, description text) RETURNS integer LANGUAGE sql AS $$
	SELECT jsonb_array_length(rivergen.catalog_apply(jsonb_build_object('version', 1, 'sources', (
		SELECT jsonb_agg(jsonb_build_object('name', name, 'type', 'other', 'description', description) ORDER BY ordinality)
		FROM unnest(ARRAY[one, other]) WITH ORDINALITY n (name, ordinality)))) #> '{data,changed}')
$$;

CREATE FUNCTION race.change(name text) RETURNS text LANGUAGE sql AS $$
	SELECT rivergen.data_source_update(race.named(name), '{"description": "changed"}') ->> 'message'
$$;

CREATE FUNCTION race.purge(name text) RETURNS text LANGUAGE sql AS $$
	SELECT rivergen.data_source_delete(race.named(name), force => true) ->> 'message'
$$;

CREATE FUNCTION race.descriptions() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(concat_ws(' ', name, description), ', ' ORDER BY name) FROM rivergen_catalog.data_source WHERE name <> 'raced'
$$;

-- Until a worker wants a lock that a session holds.
CREATE FUNCTION race.worker_is_blocked() RETURNS void LANGUAGE sql AS $$
	SELECT race.wait_until($c$EXISTS (SELECT FROM pg_stat_activity
		WHERE backend_type = 'rivergen worker' AND wait_event_type = 'Lock')$c$)
$$;

CREATE FUNCTION race.workers_are_gone() RETURNS void LANGUAGE sql AS $$
	SELECT race.wait_until($c$NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'rivergen worker')$c$)
$$;

CREATE FUNCTION race.jobs_are(wanted text) RETURNS void LANGUAGE sql AS $$
	SELECT race.wait_until(format($c$%L = (SELECT string_agg(status, ' ' ORDER BY job_id) FROM rivergen_catalog.job)$c$, wanted))
$$;

-- How all jobs of the source have ended, once they have.
CREATE FUNCTION race.ended(OUT job bigint, OUT status text, OUT code text, OUT attempts integer, OUT ends bigint)
	RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
	PERFORM race.wait_until($c$NOT EXISTS (SELECT FROM rivergen_catalog.job j WHERE j.status IN ('queued', 'running'))$c$);
	RETURN QUERY SELECT row_number() OVER (ORDER BY j.job_id), j.status, j.error_code, j.attempts,
		(SELECT count(*) FROM rivergen_catalog.connection_check) FROM rivergen_catalog.job j;
END $$;

-- Where the source was found to lie, by the relation that says so.
CREATE FUNCTION race.found() RETURNS TABLE (found text, tables bigint) LANGUAGE sql AS $$
	SELECT max(table_name) FILTER (WHERE table_name LIKE '% %'), count(*) FROM rivergen.tables
$$;

CREATE FUNCTION race.discover(refresh boolean DEFAULT false, schema_name text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT rivergen.discover_schema(race.source(), schema_name, refresh => refresh) #>> '{data,total_tables}'
$$;

CREATE FUNCTION race.enqueue(schema_name text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT rivergen.discover_schema(race.source(), schema_name, refresh => true, wait => false) #>> '{data,status}'
$$;

CREATE FUNCTION race.cancel() RETURNS text LANGUAGE sql AS $$
	SELECT rivergen.job_cancel(race.newest_job()) #>> '{data,status}'
$$;

CREATE FUNCTION race.update(changes jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT rivergen.data_source_update(race.source(), changes) ->> 'message'
$$;

-- What a statement says, without the numbers that no run repeats.
CREATE FUNCTION race.says(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE command INTO answer;
	RETURN answer;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || regexp_replace(SQLERRM, '\d+', 'N');
END $$;

-- The same as race.discover, for steps that are meant to be waited for.
CREATE FUNCTION race.result(refresh boolean DEFAULT false) RETURNS text LANGUAGE sql AS $$
	SELECT race.discover(refresh)
$$;

-- What isolationtester asks: does this session wait for another one? Beside locks, who waits for a worker does.
-- (A function of the server's own is found by its number: replacing it would change nothing.)
ALTER FUNCTION pg_catalog.pg_isolation_test_session_is_blocked(integer, integer[]) RENAME TO sees_locks_only;
CREATE FUNCTION pg_catalog.pg_isolation_test_session_is_blocked(integer, integer[]) RETURNS boolean LANGUAGE sql AS $$
	SELECT pg_blocking_pids($1) <> '{}' OR EXISTS (SELECT FROM pg_stat_activity
		WHERE pid = $1 AND wait_event = 'Extension' AND query LIKE '%race.discover(%')
$$;

-- The schedule has queued a test of the source, and a worker comes to see it.
CREATE FUNCTION race.test_due() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind) VALUES (1, race.source(), 'test');
	PERFORM rivergen.data_source_update_credentials(race.source(), '{"username": "one", "password": "fake-secret"}');
END $$;
