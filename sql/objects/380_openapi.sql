-- The document of GET /api/v1/openapi.json: OpenAPI 3.1, made from the tables of routes (src/http/routes.h), from the tables
-- of 350, 360 and 370, and from the COMMENTs.

CREATE OR REPLACE FUNCTION rivergen_catalog.http_routes(
	OUT "position" integer, OUT operation text, OUT method text, OUT path text, OUT tag text, OUT summary text,
	OUT statement text, OUT argument oid, OUT body text, OUT answer text, OUT is_bare boolean, OUT status integer,
	OUT success text, OUT errors integer[], OUT is_public boolean) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'rg_sql_http_routes'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 30;

CREATE OR REPLACE FUNCTION rivergen_catalog.http_parameters(
	OUT operation text, OUT "position" integer, OUT name text, OUT place text, OUT kind text, OUT is_required boolean,
	OUT initial text, OUT minimum bigint, OUT maximum bigint, OUT among text[], OUT description text) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'rg_sql_http_parameters'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 60;

CREATE OR REPLACE VIEW rivergen_catalog.openapi_tag (name, description) AS
	VALUES
	('Data sources', 'Registering and changing data sources, testing them, their health.'),
	('Discovery', 'The schemas, tables and columns of data sources, and the jobs that discover them.'),
	('Table descriptions', 'Descriptions of tables, for people and for programs that write queries.'),
	('Reading in place', 'Rows and foreign tables of a data source, without a copy.'),
	('Search', 'Finding sources, schemas, tables and columns by their names and texts.'),
	('Reference', 'Reference data about this service, for clients.');

CREATE OR REPLACE FUNCTION rivergen_catalog.error_code(status integer) RETURNS text
	AS 'MODULE_PATHNAME', 'rg_sql_error_code'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- The failures of requests. In the document, a failure that a route does not name is its "default" answer, with the code.
CREATE OR REPLACE VIEW rivergen_catalog.openapi_failure AS
	SELECT status, rivergen_catalog.error_code(status) AS code, name, description, header
	FROM (VALUES
	(400, 'BadRequest', 'Invalid request data or validation error; details names every fault', NULL),
	(401, 'Unauthorized', 'Invalid or missing authentication token', 'WWW-Authenticate'),
	(403, 'Forbidden', 'User is not a member of any organization, or may not do this', NULL),
	(404, 'NotFound', 'The organization of the user has no such resource', NULL),
	(405, 'MethodNotAllowed', 'The path does not take this method; Allow names the methods that it takes', NULL),
	(409, 'Conflict', 'The present state does not allow it: a name is taken, or the resource is in another state', NULL),
	(412, 'PreconditionFailed', 'It was changed since the version that If-Match names', NULL),
	(413, 'PayloadTooLarge', 'The body is too large, or the answer would be', NULL),
	(414, 'UriTooLong', 'The path and the query are too long', NULL),
	(415, 'UnsupportedMediaType', 'The body is not JSON, or compressed', NULL),
	(429, 'TooManyRequests', 'The organization has too many jobs in the queue, or tests too many connections', 'Retry-After'),
	(500, 'InternalError', 'A fault of this server; its log has the details', NULL),
	(501, 'NotImplemented', 'No connector is installed for the type, or the connector cannot do this', NULL),
	(502, 'BadGateway', 'The data source refused or failed; details names the job', NULL),
	(503, 'ServiceUnavailable', 'Not now: no worker, no sealing key, a fault that the operator must mend, or the server is starting', 'Retry-After'),
	(504, 'GatewayTimeout', 'The data source did not answer in time; details names the job', NULL)
	) AS f (status, name, description, header);

CREATE OR REPLACE VIEW rivergen_catalog.openapi_header (name, description, example) AS
	VALUES
	('ETag', 'Names this version: of a data source or table description for If-Match, of another answer for If-None-Match.', '"2024-12-01T11:00:00.000000Z"'),
	('Location', 'The path of the resource.', '/api/v1/data-sources/1'),
	('Preference-Applied', 'The preference of the request that was applied.', 'respond-async'),
	('Retry-After', 'The seconds to wait before the next try.', '5'),
	('WWW-Authenticate', 'How to authenticate.', 'Bearer');

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_headers(VARIADIC names text[]) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_object_agg(n, jsonb_build_object('$ref', '#/components/headers/' || n))
	FROM unnest(names) n WHERE n IS NOT NULL;
END;

-- ---- an operation ----

-- The COMMENT of the function or view that the statement uses last, and the names of its arguments.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_comment(
	statement text, argument oid, OUT comment text, OUT arguments text[]) RETURNS record
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH called AS (
		SELECT substring(statement FROM '.*rivergen\.(\w+)') AS name
	), function AS (
		SELECT obj_description(p.oid, 'pg_proc') AS comment, p.proargnames AS arguments
		FROM pg_proc p
		WHERE p.pronamespace = 'rivergen'::regnamespace AND p.proname = (SELECT name FROM called)
		ORDER BY p.proargtypes[0] = argument DESC NULLS LAST LIMIT 1
	)
	SELECT coalesce(obj_description(to_regclass('rivergen.' || c.name), 'pg_class'), f.comment), f.arguments
	FROM called c
	LEFT JOIN function f ON true;
END;

-- A COMMENT ends with the statuses of failures, some with a reason in parentheses, and with the page it comes from. Sentences
-- about an argument ("name: …") are left out: parameters have descriptions of their own.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_description(comment text, arguments text[]) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT string_agg(s.text, ' ' ORDER BY s.ordinality)
	FROM regexp_split_to_table(regexp_replace(comment, '\s*\m(Errors|Source): .*$', ''), '(?<=\.)\s+')
		WITH ORDINALITY s (text, ordinality)
	WHERE (substring(s.text FROM '^(\w+): ') = ANY (arguments)) IS NOT TRUE;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_reason(comment text, status integer) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT upper(left(r.text, 1) COLLATE "C") || regexp_replace(substr(r.text, 2), '; \w+: .*$', '')
	FROM (SELECT substring(comment FROM 'Errors: .*\m' || status || ' \(((?:[^()]|\([^()]*\))*)\)')) r (text);
END;

-- The schema of a parameter's values. Ids in bodies may be texts, as on the page of the table descriptions.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_value(
	name text, place text, kind text, initial text, minimum bigint, maximum bigint, among text[]) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN name = 'type' THEN rivergen_catalog.openapi_reference('DataSourceTypeEnum')
		WHEN kind = 'opaque' AND place = 'body' THEN '{"type": ["integer", "string"], "minLength": 1}'
		WHEN kind = 'ids' THEN '{"type": "array", "minItems": 1, "maxItems": 10000,
			"items": {"type": ["integer", "string"], "minLength": 1}}'
		WHEN kind = 'texts' THEN '{"type": "array", "items": {"type": "string"}}'
		WHEN kind IN ('id', 'integer') THEN '{"type": "integer", "format": "int64"}'
		WHEN kind = 'boolean' THEN '{"type": "boolean"}'
		ELSE '{"type": "string"}' END::jsonb
		|| jsonb_strip_nulls(jsonb_build_object(
			'minimum', minimum,
			'maximum', maximum,
			'enum', among,
			'default', CASE WHEN kind IN ('integer', 'boolean') THEN initial::jsonb ELSE to_jsonb(initial) END));

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_parameters(operation text) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce(jsonb_agg(jsonb_build_object(
		'name', p.name,
		'in', p.place,
		'required', p.is_required,
		'description', p.description,
		'schema', rivergen_catalog.openapi_value(p.name, p.place, p.kind, p.initial, p.minimum, p.maximum, p.among))
		|| CASE p.kind WHEN 'texts' THEN '{"style": "form", "explode": false}'::jsonb ELSE '{}' END
		ORDER BY p.position), '[]')
	FROM rivergen_catalog.http_parameters() p
	WHERE p.operation = $1 AND p.place <> 'body';
END;

-- The body made of the route's own members; null when the route has none. If all of several name objects and none is
-- required, the body must have one of them.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_members(operation text) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_object(
		'type', 'object',
		'properties', jsonb_object_agg(p.name, jsonb_build_object('description', p.description)
			|| rivergen_catalog.openapi_value(p.name, p.place, p.kind, p.initial, p.minimum, p.maximum, p.among)),
		'required', coalesce(jsonb_agg(p.name ORDER BY p.position) FILTER (WHERE p.is_required), '[]'),
		'additionalProperties', false)
		|| CASE WHEN count(*) > 1 AND NOT bool_or(p.is_required) AND bool_and(p.kind IN ('opaque', 'ids')) THEN jsonb_build_object(
			'oneOf', jsonb_agg(jsonb_build_object('required', jsonb_build_array(p.name)) ORDER BY p.position))
			ELSE '{}' END
	FROM rivergen_catalog.http_parameters() p
	WHERE p.operation = $1 AND p.place = 'body'
	HAVING count(*) > 0;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_content(schema jsonb, operation text, place text) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_object('application/json', jsonb_strip_nulls(jsonb_build_object('schema', $1, 'examples', (
		SELECT jsonb_object_agg(e.name, jsonb_build_object('$ref', '#/components/examples/' || e.operation || '.' || e.name))
		FROM rivergen_catalog.openapi_example e
		WHERE e.operation = $2 AND e.place = $3))));
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_success(answer text, is_bare boolean, success text) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN is_bare THEN rivergen_catalog.openapi_type(answer) ELSE jsonb_build_object(
		'type', 'object',
		'properties', jsonb_build_object(
			'success', '{"const": true, "description": "Always true."}'::jsonb,
			'data', rivergen_catalog.openapi_type(answer) || jsonb_build_object('description', success || '.'),
			'message', '{"type": "string", "description": "The outcome, for people."}'::jsonb),
		'required', '["success", "data", "message"]'::jsonb) END;

-- The answers of a success, by status. A discovery without waiting answers a job. The tag of a body saves sending it again.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_successes(
	operation text, status integer, answer text, is_bare boolean, success text) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_object($2, jsonb_strip_nulls(jsonb_build_object(
			'description', $5,
			'headers', rivergen_catalog.openapi_headers(CASE WHEN $3 IN ('DataSource', 'TableDescription', 'SearchResult', 'SchemaContext') THEN 'ETag' END,
				CASE $2 WHEN 201 THEN CASE $3 WHEN 'DataSource' THEN 'Location' END END),
			'content', rivergen_catalog.openapi_content(rivergen_catalog.openapi_success($3, $4, $5), $1, 'answer'))))
		|| CASE WHEN $3 IN ('SchemaDiscovery', 'TableDescription[]') THEN jsonb_build_object(202, jsonb_build_object(
			'description', 'The discovery goes on in the background; Location is its job',
			'headers', rivergen_catalog.openapi_headers('Location', CASE $3 WHEN 'SchemaDiscovery' THEN 'Preference-Applied' END),
			'content', rivergen_catalog.openapi_content(rivergen_catalog.openapi_success('QueuedJob', false, 'The job'), NULL, NULL)))
			ELSE '{}' END
		|| CASE WHEN $1 IN ('search', 'getSchemaContext') THEN jsonb_build_object(304, jsonb_build_object(
			'description', 'The same as the answer whose ETag the header If-None-Match has; without a body',
			'headers', rivergen_catalog.openapi_headers('ETag'))) ELSE '{}' END;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_failures(statuses integer[], comment text) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_object_agg(f.status, jsonb_strip_nulls(jsonb_build_object(
			'$ref', '#/components/responses/' || f.name,
			'description', CASE WHEN f.status <> 400 THEN rivergen_catalog.openapi_reason($2, f.status) END)))
		|| '{"default": {"$ref": "#/components/responses/Failure"}}'
	FROM rivergen_catalog.openapi_failure f
	WHERE f.status = ANY (statuses || 500);
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_operations()
	RETURNS TABLE ("position" integer, path text, method text, body jsonb)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT r.position, r.path, lower(r.method COLLATE "C"), jsonb_strip_nulls(jsonb_build_object(
		'operationId', r.operation,
		'tags', jsonb_build_array(r.tag),
		'summary', r.summary,
		'description', coalesce(rivergen_catalog.openapi_description(c.comment, c.arguments), r.success || '.'),
		'security', CASE WHEN r.is_public THEN '[]'::jsonb END,
		'parameters', rivergen_catalog.openapi_parameters(r.operation),
		'requestBody', CASE WHEN b.schema IS NOT NULL THEN jsonb_build_object(
			'required', true,
			'content', rivergen_catalog.openapi_content(b.schema, r.operation, 'request')) END,
		'responses', rivergen_catalog.openapi_successes(r.operation, r.status, r.answer, r.is_bare, r.success)
			|| rivergen_catalog.openapi_failures(r.errors, c.comment)))
	FROM rivergen_catalog.http_routes() r
	CROSS JOIN LATERAL (SELECT coalesce(rivergen_catalog.openapi_reference(r.body),
		rivergen_catalog.openapi_members(r.operation)) AS schema) b
	CROSS JOIN LATERAL rivergen_catalog.openapi_comment(r.statement, r.argument) c;
END;

-- ---- the document ----

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_paths() RETURNS json
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT json_object_agg(p.path, p.methods ORDER BY p.position)
	FROM (SELECT o.path, min(o.position) AS position, json_object_agg(o.method, o.body ORDER BY o.position) AS methods
		FROM rivergen_catalog.openapi_operations() o
		GROUP BY o.path) p;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_schemas() RETURNS json
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH schema AS (
		SELECT r.place, r.position, r.name, r.body FROM rivergen_catalog.openapi_requests() r
		UNION ALL
		SELECT 2, o.position, o.name, o.body FROM rivergen_catalog.openapi_objects() o
		UNION ALL
		SELECT 3, row_number() OVER (), e.name, json_build_object('type', 'string', 'description', e.description,
			'enum', e.labels)
		FROM rivergen_catalog.openapi_enumeration e
		UNION ALL
		SELECT 4, 1, 'ErrorCode', json_build_object('type', 'string', 'description', 'The reason of a failure, for programs.',
			'enum', (SELECT json_agg(f.code ORDER BY f.status) FROM rivergen_catalog.openapi_failure f))
	)
	SELECT json_object_agg(name, body ORDER BY place, position) FROM schema;
END;

-- All failures have the same body; its code names the failure.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_failure_answer(description text, headers jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN jsonb_strip_nulls(jsonb_build_object(
		'description', description,
		'headers', headers,
		'content', jsonb_build_object('application/json', jsonb_build_object(
			'schema', rivergen_catalog.openapi_reference('Error')))));

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_components() RETURNS json
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT json_build_object(
		'schemas', rivergen_catalog.openapi_schemas(),
		'responses', (
			SELECT json_object_agg(f.name, rivergen_catalog.openapi_failure_answer(f.description,
				rivergen_catalog.openapi_headers(f.header)) ORDER BY f.status)
			FROM (SELECT * FROM rivergen_catalog.openapi_failure
				WHERE status = 500 OR status IN (SELECT unnest(errors) FROM rivergen_catalog.http_routes())
				UNION ALL VALUES (999, NULL, 'Failure', 'Any other failure', NULL)) f),
		'headers', (
			SELECT json_object_agg(h.name, jsonb_build_object('description', h.description,
				'schema', '{"type": "string"}'::jsonb, 'example', h.example) ORDER BY h.name)
			FROM rivergen_catalog.openapi_header h),
		'examples', (
			SELECT json_object_agg(e.operation || '.' || e.name, json_build_object('summary', e.summary, 'value', e.value)
				ORDER BY e.position)
			FROM rivergen_catalog.openapi_example e),
		'securitySchemes', '{"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT",
			"description": "A JSON Web Token. sub names the user; organization_id chooses the organization, for users of several."}}'::json);
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_document() RETURNS json
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT json_build_object(
		'openapi', '3.1.0',
		'info', json_build_object(
			'title', 'rivergen',
			'summary', 'Registers, discovers and describes an organization''s data sources',
			'description', 'Answers are `{"success": true, "data", "message"}`, failures `{"success": false, "error": {"code", "message", "details"}}`. Times are UTC. Lists count pages from 1.',
			'version', (SELECT extversion FROM pg_extension WHERE extname = 'rivergen'),
			'license', '{"name": "PostgreSQL Licence", "identifier": "PostgreSQL"}'::json),
		'servers', '[{"url": "/", "description": "This server"}]'::json,
		'tags', (SELECT json_agg(json_build_object('name', t.name, 'description', t.description) ORDER BY t.first)
			FROM (SELECT r.tag AS name, min(r.position) AS first, (SELECT d.description FROM rivergen_catalog.openapi_tag d
				WHERE d.name = r.tag) FROM rivergen_catalog.http_routes() r GROUP BY r.tag) t),
		'security', '[{"bearer": []}]'::json,
		'paths', rivergen_catalog.openapi_paths(),
		'components', rivergen_catalog.openapi_components());
END;
