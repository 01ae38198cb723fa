-- Workers check that this catalog is in its own place before they connect to sources.

CREATE OR REPLACE FUNCTION rivergen_catalog.this_home(OUT system_identifier bigint, OUT database_id oid) RETURNS record
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT c.system_identifier, d.oid FROM pg_control_system() c, pg_database d WHERE d.datname = current_database();
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.is_copy() RETURNS boolean
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT EXISTS (SELECT FROM rivergen_catalog.home h, rivergen_catalog.this_home() t
		WHERE (h.system_identifier, h.database_id) <> (t.system_identifier, t.database_id));
END;
COMMENT ON FUNCTION rivergen_catalog.is_copy() IS
'Whether this catalog comes from another server or database and no operator has acknowledged that.';

CREATE OR REPLACE FUNCTION rivergen.acknowledge_copy() RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_acknowledge_copy'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.acknowledge_copy() IS
'For operators: allows a restored, cloned or upgraded database to connect to its data sources.
Its workers begin at commit; until then they do nothing. Can be called again. Answers {"was_copy"}.';
REVOKE ALL ON FUNCTION rivergen.acknowledge_copy() FROM PUBLIC;
