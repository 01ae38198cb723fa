-- Workers check that this catalog is in its own place before they connect to sources.

-- Each worker and each stream asks this, and the server plans the body of an SQL function at each call.
CREATE OR REPLACE FUNCTION rivergen_catalog.this_home(OUT system_identifier bigint, OUT database_id oid) RETURNS record
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	SELECT c.system_identifier, d.oid INTO system_identifier, database_id
	FROM pg_control_system() c, pg_database d WHERE d.datname = current_database();
END;
$$;

CREATE OR REPLACE FUNCTION rivergen_catalog.is_copy() RETURNS boolean
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	here record;
BEGIN
	here := rivergen_catalog.this_home();
	RETURN EXISTS (SELECT FROM rivergen_catalog.home h
		WHERE (h.system_identifier, h.database_id) <> (here.system_identifier, here.database_id));
END;
$$;
COMMENT ON FUNCTION rivergen_catalog.is_copy() IS
'Whether this catalog comes from another server or database and no operator has acknowledged that.';

CREATE OR REPLACE FUNCTION rivergen.acknowledge_copy() RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_acknowledge_copy'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.acknowledge_copy() IS
'For operators: allows a restored, cloned or upgraded database to connect to its data sources.
Its workers begin at commit; until then they do nothing. Can be called again. Answers {"was_copy"}.';
REVOKE ALL ON FUNCTION rivergen.acknowledge_copy() FROM PUBLIC;
