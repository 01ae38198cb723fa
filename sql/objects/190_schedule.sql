-- The schedule: sources with schema_auto_refresh are discovered without a caller. 196_queue.sql queues due sources.

-- Jittered, so that sources that were discovered together are not due together.
CREATE OR REPLACE FUNCTION rivergen_catalog.refresh_delay(schema_refresh_interval integer, failures integer) RETURNS interval
	AS 'MODULE_PATHNAME', 'rg_sql_refresh_delay'
	LANGUAGE C VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rivergen_catalog.refresh_delay(integer, integer) IS
'From the end of a discovery to the next: the interval (in seconds), 10 % less to 10 % more by chance, doubled for each failed discovery in a row after the first, up to a day.';

CREATE OR REPLACE FUNCTION rivergen_catalog.test_delay(failures integer) RETURNS interval
	AS 'MODULE_PATHNAME', 'rg_sql_test_delay'
	LANGUAGE C VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rivergen_catalog.test_delay(integer) IS
'From the end of a test or discovery to the next scheduled test: rivergen.health_check_interval, jittered and doubled as refresh_delay does; null when health checks are off.';

CREATE OR REPLACE FUNCTION rivergen_catalog.within_window(metadata jsonb, due timestamptz) RETURNS timestamptz
	AS 'MODULE_PATHNAME', 'rg_sql_within_window'
	LANGUAGE C VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rivergen_catalog.within_window(jsonb, timestamptz) IS
'When a discovery that is due at a time may begin, by metadata.discovery.window: at that time if there is no window or it is open; otherwise at a random time in the first half of the next window.';

-- rivergen.max_connections_per_host counts connections by these keys, which are the same in all databases of the cluster.
CREATE OR REPLACE FUNCTION rivergen_catalog.host_keys(host text, port integer) RETURNS bigint[]
	AS 'MODULE_PATHNAME', 'rg_sql_host_keys'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION rivergen_catalog.host_keys(text, integer) IS
'The keys by which connections to a source are counted, one for each of its hosts and ports; null without a host.';
