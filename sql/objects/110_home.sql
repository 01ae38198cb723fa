-- Is this catalog where it was made? Its workers ask before they talk to sources.

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
'Does this catalog come from another server or database, without an operator having acknowledged it?';

CREATE OR REPLACE FUNCTION rivergen.acknowledge_copy() RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_acknowledge_copy'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.acknowledge_copy() IS
'For operators: says that this database may connect to the data sources from now on.
It was restored, cloned or upgraded from another; its workers begin at commit. Until then they do nothing. Can be called again. Answers {"was_copy"}.';
REVOKE ALL ON FUNCTION rivergen.acknowledge_copy() FROM PUBLIC;
