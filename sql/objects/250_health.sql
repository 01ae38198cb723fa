-- Testing sources, their health and their life cycle.

CREATE OR REPLACE FUNCTION rivergen_catalog.health_body(organization_id bigint, data_source_id bigint, history_limit integer)
	RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH day AS (
		SELECT count(*) AS checks,
			count(*) FILTER (WHERE NOT c.success) AS failures,
			percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY c.response_time_ms) AS times
		FROM rivergen_catalog.connection_check c
		WHERE c.organization_id = $1 AND c.data_source_id = $2 AND c.checked_at > now() - interval '24 hours'
	), history AS (
		SELECT c.* FROM rivergen_catalog.connection_check c
		WHERE c.organization_id = $1 AND c.data_source_id = $2 ORDER BY c.check_id DESC LIMIT $3
	)
	SELECT jsonb_build_object(
		'data_source_id', $2,
		'status', CASE WHEN d.maintenance THEN 'maintenance' ELSE s.status END,
		'server_version', s.server_version,
		'last_tested_at', rivergen_catalog.time_text(s.last_tested_at),
		'last_successful_connection_at', rivergen_catalog.time_text(s.last_successful_connection_at),
		'last_failed_connection_at', rivergen_catalog.time_text(s.last_failed_connection_at),
		'failure_count', s.failure_count,
		'failure_reason', s.failure_reason,
		'quarantined_at', rivergen_catalog.time_text(s.quarantined_at),
		'checks_24h', day.checks,
		'failures_24h', day.failures,
		'uptime_percent', round(100.0 * (day.checks - day.failures) / nullif(day.checks, 0), 2),
		'response_time_ms', jsonb_build_object('p50', day.times[1], 'p95', day.times[2], 'p99', day.times[3]),
		'history', (SELECT coalesce(jsonb_agg(jsonb_build_object(
				'kind', h.kind,
				'checked_at', rivergen_catalog.time_text(h.checked_at),
				'success', h.success,
				'response_time_ms', h.response_time_ms,
				'server_version', h.server_version,
				'ssh_tunnel_established', h.ssh_tunnel_established,
				'failed_step', h.step,
				'error_code', h.error_code,
				'error_message', h.error_message,
				'error_detail', h.error_detail) ORDER BY h.check_id DESC), '[]')
			FROM history h))
	FROM rivergen_catalog.data_source d
	JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id)
	CROSS JOIN day
	WHERE d.organization_id = $1 AND d.data_source_id = $2 AND d.deleted_at IS NULL;
END;

CREATE OR REPLACE FUNCTION rivergen.data_source_test(id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_test_stored'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_test(bigint) IS
'Connects to a data source and reports the outcome.
Answers {"success", "response_time_ms", "server_version", "ssh_tunnel_established", "failed_step", "error_code", "error_message", "error_detail"}. A connection that fails is an answer, not an error; failed_step is configure, resolve, ssh, connect, tls, authenticate or query. ssh_tunnel_established is null for a source without a tunnel. response_time_ms is in milliseconds, from the start of the connector to the authenticated connection. Sets status, counters and history of the source, and leaves a row in the audit trail, with the addresses that were dialed. Needs the role editor. Errors: 400, 401, 403, 404, 409 (maintenance, or not committed yet), 429 (more tests within a minute than rivergen.max_tests_per_minute), 503 (no workers).';

CREATE OR REPLACE FUNCTION rivergen.data_source_test(definition jsonb) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_test_definition'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_test(jsonb) IS
'Tests a definition, as data_source_create takes it, before it is saved.
Only a row in the audit trail is stored. Answers as data_source_test(id) does. Needs the role editor. Errors: 400, 401, 403, 429 (more tests within a minute than rivergen.max_tests_per_minute), 503 (no workers, or no sealing key).';

CREATE OR REPLACE FUNCTION rivergen.data_source_test(definition_text text) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_test_text'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_test(text) IS
'Tests a definition that is given as text, so that data_source_test(''{…}'') needs no cast.
Errors: those of data_source_test(jsonb), 400 (the text is not JSON; the detail names the place).';

CREATE OR REPLACE FUNCTION rivergen.data_source_databases(id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_databases_stored'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_databases(bigint) IS
'Lists the databases of a data source''s server that the source''s user may see.
Answers what data_source_test answers, and {"databases": [name]}, in the order of the names; null if the connection failed. Databases of the server itself (template0, information_schema …) are left out. Sets nothing of the source, and leaves a row in the audit trail. Counts as a test. Needs the role editor. Errors: 400, 401, 403, 404, 409 (maintenance, or not committed yet), 429 (more tests within a minute than rivergen.max_tests_per_minute), 501 (the type''s connector cannot list databases), 503 (no workers).';

CREATE OR REPLACE FUNCTION rivergen.data_source_databases(definition jsonb) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_databases_definition'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_databases(jsonb) IS
'Lists the databases of a server before a data source is saved.
definition: as data_source_create takes it; name and database_name may be absent. Only a row in the audit trail is stored. Answers as data_source_databases(id) does. Needs the role editor. Errors: 400, 401, 403, 429 (more tests within a minute than rivergen.max_tests_per_minute), 501 (the type''s connector cannot list databases), 503 (no workers, or no sealing key).';

CREATE OR REPLACE FUNCTION rivergen.data_source_databases(definition_text text) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_databases_text'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_databases(text) IS
'Lists the databases of a server whose definition is given as text, so that data_source_databases(''{…}'') needs no cast.
Errors: those of data_source_databases(jsonb), 400 (the text is not JSON; the detail names the place).';

CREATE OR REPLACE FUNCTION rivergen.data_source_health(id bigint, history_limit integer DEFAULT 10) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_health'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_health(bigint, integer) IS
'The health of a data source.
Shows its status, the tests and discoveries of the last 24 hours (checks_24h, failures_24h, uptime_percent = share of them that connected, response_time_ms percentiles in milliseconds; null without checks), and the newest of them as history. history_limit: 0-1000. Rows are kept for rivergen.health_retention. Errors: 400, 401, 403, 404.';

CREATE OR REPLACE FUNCTION rivergen.data_source_set_status(id bigint, status text, if_updated_at text DEFAULT NULL) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_set_status'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_set_status(bigint, text, text) IS
'Sets the status of a data source and returns it.
maintenance: no worker connects to the source until maintenance ends. active: ends maintenance; the status is the outcome of the last test or discovery. inactive: ends maintenance and drops that outcome. Workers set the other statuses. if_updated_at: updated_at as it was read; if the source was changed since, nothing is changed and the answer is 409. Needs the role editor. Errors: 400, 401, 403, 404, 409 (if_updated_at: the source was changed since).';

CREATE OR REPLACE FUNCTION rivergen.data_source_forget_host_key(id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_forget_host_key'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_forget_host_key(bigint) IS
'Forgets the host key that the SSH server of a source''s tunnel has shown, and returns the source.
The next connection takes the key that the server shows then. Call it when the server''s key was changed on purpose. Keys of metadata.ssh.host_key are changed by data_source_update. Needs the role admin. Errors: 400, 401, 403, 404, 409 (no key is known).';

CREATE OR REPLACE FUNCTION rivergen.data_source_restore(id bigint, if_updated_at text DEFAULT NULL) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_restore'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_restore(bigint, text) IS
'Restores a deleted data source, with its credentials and everything discovered, and returns it.
if_updated_at: updated_at as it was read; if the source was changed since, nothing is changed and the answer is 409. Needs the role editor. Errors: 400, 401, 403, 404 (no such source, or deleted with force), 409 (it is not deleted, its name is taken meanwhile, or if_updated_at: the source was changed since).';

REVOKE ALL ON FUNCTION rivergen.data_source_test(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_test(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_test(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_databases(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_databases(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_databases(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_health(bigint, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_set_status(bigint, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_forget_host_key(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_restore(bigint, text) FROM PUBLIC;
