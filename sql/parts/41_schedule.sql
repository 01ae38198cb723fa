-- The schedule: sources with schema_auto_refresh are discovered by themselves. src/queue/schedule.c takes up what is due.

-- Jittered, so that what was discovered together does not come back together.
CREATE FUNCTION rivergen_catalog.refresh_delay(schema_refresh_interval integer, failures integer) RETURNS interval
	AS 'MODULE_PATHNAME', 'rg_refresh_delay'
	LANGUAGE C VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rivergen_catalog.refresh_delay(integer, integer) IS
'From the end of a discovery to the next: the interval (in seconds), 10 % less to 10 % more by chance, doubled for each failed discovery in a row after the first, up to a day.';
