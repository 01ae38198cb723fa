-- One request of the REST paths, for the gateway: nginx and PostgREST.

CREATE OR REPLACE FUNCTION rivergen.http(bytea) RETURNS json
	AS 'MODULE_PATHNAME', 'rg_sql_http'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.http(bytea) IS
'Answers one request of the paths below /api/v1.
For the HTTP gateway, which calls it through PostgREST: the argument is the body of the request, byte for byte (Content-Type: application/octet-stream); the headers X-Rivergen-Method, X-Rivergen-URI, X-Rivergen-Content-Type, X-Rivergen-Content-Encoding, X-Rivergen-Prefer, X-Rivergen-If-Match and X-Rivergen-If-None-Match, in the setting request.headers, hold what the client sent. The answer is the body of the response; its status and headers are in the settings response.status and response.headers until the end of the transaction. A request that fails is answered too, with {"success": false, "error": {"code", "message", "details"}}, and changes nothing. The functions behind the paths check rights, so any role may be granted this one.';
REVOKE ALL ON FUNCTION rivergen.http(bytea) FROM PUBLIC;
