-- What the foreign data wrapper calls. The wrapper itself cannot be replaced: tables/061_wrapper.sql.

CREATE OR REPLACE FUNCTION rivergen_catalog.wrapper_handler() RETURNS fdw_handler
	AS 'MODULE_PATHNAME', 'rg_sql_fdw_handler'
	LANGUAGE C STRICT;
COMMENT ON FUNCTION rivergen_catalog.wrapper_handler() IS 'The callbacks of the foreign data wrapper rivergen.';

CREATE OR REPLACE FUNCTION rivergen_catalog.wrapper_validator(options text[], catalog oid) RETURNS void
	AS 'MODULE_PATHNAME', 'rg_sql_fdw_validator'
	LANGUAGE C STRICT;
COMMENT ON FUNCTION rivergen_catalog.wrapper_validator(text[], oid) IS
'Checks the options of foreign tables, their columns, servers and user mappings.';
