-- The roles of the gateway; for psql, as a superuser, in the database that has the extension. It may be run again: do so
-- after ALTER EXTENSION rivergen UPDATE, which may bring functions that are to be granted.

-- As whom PostgREST logs in. It has no rights but those of rivergen_web, and rivergen.gateway_roles must name it.
SELECT 'CREATE ROLE rivergen_gateway LOGIN NOINHERIT' WHERE to_regrole('rivergen_gateway') IS NULL \gexec
-- As whom every request runs: what tenants may, and nothing else.
SELECT 'CREATE ROLE rivergen_web NOLOGIN' WHERE to_regrole('rivergen_web') IS NULL \gexec
GRANT rivergen_web TO rivergen_gateway;
SELECT rivergen.grant_access('rivergen_web');

-- A little longer than rivergen.discovery_timeout, a little shorter than nginx's proxy_read_timeout.
ALTER ROLE rivergen_gateway SET statement_timeout = '3660s';

-- Bodies, in which credentials are, reach the server as parameters: never into its log, whatever it logs. Nor by way of
-- the context of an error: what PostgreSQL's JSON parser rejects of a body for /rpc/… it would quote there.
ALTER ROLE rivergen_gateway SET log_parameter_max_length = 0;
ALTER ROLE rivergen_gateway SET log_parameter_max_length_on_error = 0;
ALTER ROLE rivergen_gateway SET log_error_verbosity = 'terse';
-- Nor with the plans that auto_explain logs, where that is loaded.
ALTER ROLE rivergen_gateway SET auto_explain.log_verbose = off;
SELECT 'ALTER ROLE rivergen_gateway SET auto_explain.log_parameter_max_length = 0'
	WHERE current_setting('server_version_num')::integer >= 160000 \gexec

-- PostgREST learns of new functions.
NOTIFY pgrst, 'reload schema';
