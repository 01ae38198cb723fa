-- Where this catalog lives. A database that was restored, copied or upgraded into another place must not begin to talk
-- to the sources of the one that it was made from: its workers wait until an operator says that it may.

-- One row, written by the first worker; after a restore, beside it, what the dump brought. No key: a restore that meets
-- the row of a worker that was quicker must not fail.
CREATE TABLE rivergen_catalog.home (
	system_identifier bigint NOT NULL,
	database_id oid NOT NULL,
	recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE rivergen_catalog.home IS 'The server and database in which this catalog lives; any other row says that it is a copy.';

CREATE FUNCTION rivergen_catalog.this_home(OUT system_identifier bigint, OUT database_id oid) RETURNS record
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT c.system_identifier, d.oid FROM pg_control_system() c, pg_database d WHERE d.datname = current_database();
END;

CREATE FUNCTION rivergen_catalog.is_copy() RETURNS boolean
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT EXISTS (SELECT FROM rivergen_catalog.home h, rivergen_catalog.this_home() t
		WHERE (h.system_identifier, h.database_id) <> (t.system_identifier, t.database_id));
END;
COMMENT ON FUNCTION rivergen_catalog.is_copy() IS
'Does this catalog come from another server or database, without an operator having acknowledged it?';

CREATE FUNCTION rivergen.acknowledge_copy() RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_operator_acknowledge_copy'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.acknowledge_copy() IS
'For operators: says that this database may connect to the data sources from now on.
It was restored, cloned or upgraded from another; its workers begin at commit. Until then they do nothing. Can be called again. Answers {"was_copy"}.';
REVOKE ALL ON FUNCTION rivergen.acknowledge_copy() FROM PUBLIC;
