-- data_source_update with if_updated_at: no user's change is overwritten unseen.
CREATE EXTENSION rivergen;
SELECT rivergen.organization_create('Acme') AS acme, rivergen.user_create('operator', session_user::text) AS operator;
SELECT rivergen.membership_add(1, 1, 'admin');
\set VERBOSITY terse
SELECT rivergen.data_source_create('{"name": "a", "type": "http_api", "credentials": {}}') #>> '{data,updated_at}' AS read \gset
\set VERBOSITY default
SELECT answer #>> '{data,port}' AS port, answer #>> '{data,updated_at}' AS read FROM rivergen.data_source_update(1, '{"port": 1}', :'read') answer \gset second_
SELECT :second_port AS port;

-- Stale: 409, and nothing is changed. The two times differ from run to run.
CREATE FUNCTION pg_temp.stale(changes jsonb, if_updated_at text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
	hint text;
BEGIN
	RETURN rivergen.data_source_update(1, changes, if_updated_at) ->> 'message';
EXCEPTION WHEN SQLSTATE 'PT409' THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(E'\n', sqlerrm, regexp_replace(detail, '\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z', '<time>', 'g'), hint);
END $$;
SELECT pg_temp.stale('{"port": 2}', :'read');
SELECT pg_temp.stale('{}', :'read');
SELECT rivergen.data_source_get(1) #> '{data,port}' AS port;

-- Any spelling of the same moment, and none at all.
SELECT pg_temp.stale('{"port": 3}', (SELECT (updated_at AT TIME ZONE 'Asia/Tokyo')::text || '+09' FROM rivergen.data_sources));
SELECT pg_temp.stale('{"port": 4}', NULL);
-- New credentials are a change too.
SELECT rivergen.data_source_get(1) #>> '{data,updated_at}' AS read \gset
SELECT rivergen.data_source_update_credentials(1, '{}') ->> 'message' AS message;
SELECT pg_temp.stale('{"port": 5}', :'read');

-- Every other change of a source takes it too.
CREATE FUNCTION pg_temp.stale_call(call text, if_updated_at text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer jsonb;
BEGIN
	EXECUTE format('SELECT rivergen.%s', format(call, if_updated_at)) INTO answer;
	RETURN answer ->> 'message';
EXCEPTION WHEN SQLSTATE 'PT409' THEN
	RETURN sqlerrm;
END $$;
CREATE FUNCTION pg_temp.now_read() RETURNS text LANGUAGE sql AS $$
	SELECT rivergen_catalog.time_text(updated_at) FROM rivergen_catalog.data_source WHERE data_source_id = 1 $$;
SELECT call, pg_temp.stale_call(call, :'read') AS stale FROM unnest(ARRAY[
	'data_source_set_status(1, ''maintenance'', %L)', 'data_source_update_credentials(1, ''{}'', %L)', 'data_source_delete(1, if_updated_at => %L)',
	'data_source_delete(1, true, %L)']) call;
SELECT status FROM rivergen.data_sources;
SELECT pg_temp.stale_call('data_source_set_status(1, ''maintenance'', %L)', pg_temp.now_read());
SELECT pg_temp.stale_call('data_source_update_credentials(1, ''{}'', %L)', pg_temp.now_read());
SELECT pg_temp.stale_call('data_source_delete(1, if_updated_at => %L)', pg_temp.now_read());
SELECT pg_temp.stale_call('data_source_restore(1, %L)', :'read');
SELECT pg_temp.stale_call('data_source_restore(1, %L)', pg_temp.now_read());
SELECT rivergen.data_source_set_status(1, 'broken', 'x');
SELECT rivergen.data_source_update_credentials(1, '{"pasword": "x"}', 'x');
SELECT rivergen.data_source_delete(1, if_updated_at => 'x');
SELECT rivergen.data_source_restore(99, 'x');
SELECT rivergen.data_source_get(1) #>> '{data,updated_at}' AS read \gset

-- What is wrong with the request is told before what changed; a missing source before both.
SELECT rivergen.data_source_update(1, '{"port": 0}', :'read');
SELECT rivergen.data_source_update(1, '{"port": 0}', if_updated_at => 'yesterday evening');
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.data_source_update(1, '{}', if_updated_at => '');
SELECT rivergen.data_source_update(1, '{}', if_updated_at => 'infinity');
SELECT rivergen.data_source_update(1, '{}', if_updated_at => '2024-13-01T00:00:00Z');
SELECT rivergen.data_source_update(99, '{}', if_updated_at => 'x');

DROP EXTENSION rivergen;
