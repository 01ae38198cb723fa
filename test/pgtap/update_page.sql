-- The page Update Data Source, sentence by sentence.
\ir fixture.psql
SELECT no_plan();

SELECT pg_temp.created('{"workspace_id": 1, "name": "Production PostgreSQL", "type": "postgresql", "description": "Main production database",
	"host": "db.example.com", "port": 5432, "database_name": "production", "schema_name": "public", "max_retries": 3,
	"credentials": {"username": "dbuser", "password": "securepassword"}, "tags": ["production", "database"]}') AS source \gset
UPDATE rivergen_catalog.data_source_state SET status = 'active' WHERE data_source_id = 1;
SELECT pg_temp.created(pg_temp.database('{"name": "taken"}')) #>> '{data,id}' AS taken \gset
SELECT pg_temp.gets('stranger', 'data_source_create', pg_temp.source()) #>> '{data,id}' AS foreign \gset

-- ---- Request Body, Response ----

CREATE TEMP TABLE example AS SELECT pg_temp.updated(1, '{
	"name": "Updated PostgreSQL",
	"description": "Updated description",
	"host": "newhost.example.com",
	"port": 5433,
	"connection_pool_size": 10,
	"connection_timeout": 60,
	"tags": ["updated", "production"]
}') AS answer;
SELECT is(jsonb_build_object('success', answer -> 'success', 'message', answer -> 'message', 'data', (SELECT jsonb_object_agg(k, answer #> ARRAY['data', k])
	FROM unnest('{id,organization_id,workspace_id,name,type,description,host,port,database_name,schema_name,connection_pool_size,
	connection_timeout,query_timeout,max_retries,status,tags,updated_by_user_id}'::text[]) k)), '{
	"success": true,
	"data": {
		"id": 1,
		"organization_id": 1,
		"workspace_id": 1,
		"name": "Updated PostgreSQL",
		"type": "postgresql",
		"description": "Updated description",
		"host": "newhost.example.com",
		"port": 5433,
		"database_name": "production",
		"schema_name": "public",
		"connection_pool_size": 10,
		"connection_timeout": 60,
		"query_timeout": 300,
		"max_retries": 3,
		"status": "active",
		"tags": ["updated", "production"],
		"updated_by_user_id": 1
	},
	"message": "Data source updated successfully"
}'::jsonb, 'Request Body, Response, Success (200): the page''s example') FROM example;
SELECT matches(answer #>> '{data,updated_at}', '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$', 'Response: "updated_at" is a time like "2024-12-01T11:00:00Z"') FROM example;
SELECT is(pg_temp.key_set(answer -> 'data'), pg_temp.key_set(:'source'::jsonb -> 'data'), 'Response: the whole source, as the create page shows it') FROM example;
SELECT is(answer, jsonb_set(pg_temp.gets('editor', 'data_source_get', '1'), '{message}', answer -> 'message'), 'Response: what data_source_get shows') FROM example;

-- ---- Parameters ----

-- changed: another value than the source has; cleared: what null makes of it (null itself, a default, or an error).
CREATE TEMP TABLE field (name text, type text, changed jsonb, cleared jsonb, sentence text);
INSERT INTO field VALUES
	('name', 'string', '"N"', NULL, 'name | string | No | Data source name (1-255 characters)'),
	('description', 'string', '"D"', 'null', 'description | string | No | Description'),
	('host', 'string', '"h"', 'null', 'host | string | No | Database host'),
	('port', 'integer', '6000', 'null', 'port | integer | No | Database port'),
	('database_name', 'string', '"d"', 'null', 'database_name | string | No | Database name'),
	('schema_name', 'string', '"s"', 'null', 'schema_name | string | No | Schema name'),
	('file_path', 'string', '"organizations/1/x"', 'null', 'file_path | string | No | Object path in storage for file-based sources (max 1000 characters)'),
	('use_ssh_tunnel', 'boolean', 'false', 'false', 'use_ssh_tunnel | boolean | No | Use SSH tunnel'),
	('ssh_host', 'string', '"b"', 'null', 'ssh_host | string | No | SSH tunnel host'),
	('ssh_port', 'integer', '2222', 'null', 'ssh_port | integer | No | SSH tunnel port'),
	('ssh_username', 'string', '"u"', 'null', 'ssh_username | string | No | SSH username'),
	('ssh_local_port', 'integer', '6001', 'null', 'ssh_local_port | integer | No | SSH local port'),
	('connection_pool_size', 'integer', '11', '5', 'connection_pool_size | integer | No | Connection pool size'),
	('connection_timeout', 'integer', '61', '30', 'connection_timeout | integer | No | Connection timeout in seconds'),
	('query_timeout', 'integer', '301', '300', 'query_timeout | integer | No | Query timeout in seconds'),
	('max_retries', 'integer', '4', '3', 'max_retries | integer | No | Maximum retry attempts'),
	('schema_auto_refresh', 'boolean', 'false', 'true', 'schema_auto_refresh | boolean | No | Enable automatic schema refresh'),
	('schema_refresh_interval', 'integer', '3601', '3600', 'schema_refresh_interval | integer | No | Schema refresh interval in seconds'),
	('metadata', 'object', '{"a": [1, null]}', '{}', 'metadata | object | No | Additional metadata'),
	('tags', 'array', '["a", "b"]', '[]', 'tags | array[string] | No | Tags for categorization');
CREATE TEMP TABLE sample (type text, value jsonb);
INSERT INTO sample VALUES ('string', '"1"'), ('integer', '1'), ('fraction', '1.5'), ('boolean', 'true'), ('array', '[1]'), ('object', '{"a": 1}');
CREATE TEMP TABLE fault (type text, text text);
INSERT INTO fault VALUES ('string', 'must be a string'), ('integer', 'must be an integer'), ('boolean', 'must be true or false'),
	('object', 'must be an object'), ('array', 'must be an array of strings');
-- One source for each field; changing and clearing it leaves the others as they are.
CREATE TEMP TABLE target AS SELECT f.*, pg_temp.created(pg_temp.source()) -> 'data' AS source FROM field f;
CREATE TEMP TABLE changed AS SELECT t.*, pg_temp.updated((t.source ->> 'id')::bigint, jsonb_build_object(t.name, t.changed)) AS answer FROM target t;
CREATE TEMP TABLE cleared AS SELECT t.*, pg_temp.updated((t.source ->> 'id')::bigint, jsonb_build_object(t.name, NULL)) AS clearing FROM changed t;
SELECT is(answer -> 'data', source || jsonb_build_object(name, changed, 'updated_by_user_id', 1, 'updated_at', answer #> '{data,updated_at}'),
	sentence || ': only it is changed') FROM changed;
SELECT is(clearing -> 'data', source || jsonb_build_object(name, cleared, 'updated_by_user_id', 1, 'updated_at', clearing #> '{data,updated_at}'),
	sentence || ': null clears it, or resets it to its default') FROM cleared WHERE cleared IS NOT NULL;
SELECT pg_temp.refused(clearing, sentence || ': never null', name || ': must not be null') FROM cleared WHERE cleared IS NULL;
SELECT pg_temp.refused(pg_temp.updated(1, jsonb_build_object(f.name, s.value)),
	format('%s: not %s', f.sentence, s.value), f.name || ': ' ||
	CASE WHEN f.name = 'tags' AND s.type = 'array' THEN 'every tag must be a string of 1 to 100 characters (the one at position 1 is not)' ELSE e.text END)
	FROM field f JOIN fault e USING (type) JOIN sample s ON s.type <> f.type OR f.name = 'tags' AND s.type = 'array';
SELECT pg_temp.shows(pg_temp.updated(1, jsonb_build_object('name', repeat('n', n))), 'name', to_jsonb(repeat('n', n)),
	format('name | string | No | Data source name (1-255 characters): %s', n)) FROM unnest('{1,255}'::int[]) n;
SELECT pg_temp.refused(pg_temp.updated(1, jsonb_build_object('name', given)), 'name | string | No | Data source name (1-255 characters): ' || fault, 'name: ' || fault)
	FROM (VALUES ('', 'must not be empty'), ('  ', 'must not be empty'), (repeat('n', 256), 'must be at most 255 characters long, not 256')) v (given, fault);
SELECT pg_temp.shows(pg_temp.updated(1, jsonb_build_object('file_path', rpad('organizations/1/', 1000, 'ü'))), 'file_path', to_jsonb(rpad('organizations/1/', 1000, 'ü')),
	'file_path | string | No | Object path in storage for file-based sources (max 1000 characters): 1000');
SELECT pg_temp.refused(pg_temp.updated(1, jsonb_build_object('file_path', rpad('organizations/1/', 1001, 'x'))),
	'file_path | string | No | Object path in storage for file-based sources (max 1000 characters): 1001', 'file_path: must be at most 1000 characters long, not 1001');
SELECT is(pg_temp.updated(1, '{"connection_string": "postgresql://string.example.com:6432/other"}') -> 'data' @>
	'{"host": "string.example.com", "port": 6432, "database_name": "other"}', true, 'connection_string | string | No | Full connection string');
SELECT pg_temp.refused(pg_temp.updated(1, jsonb_build_object('connection_string', value)), format('connection_string | string | No: not %s', value),
	'connection_string: must be a string') FROM sample WHERE type <> 'string';

-- ---- Error Codes ----

SELECT is(pg_temp.gets('editor', format('rivergen.data_source_update(1, %L::jsonb)', changes)) ->> 'sqlstate', 'PT400',
	'400 | BAD_REQUEST | Invalid request data: ' || changes) FROM unnest(ARRAY['null', '[]', '"a"', '1', 'true', '{"nonsense": 1}', '{"port": 0}']) changes;
SELECT is(pg_temp.said(pg_temp.session_gets('contract_gateway', '{"sub": "ghost"}', $$rivergen.data_source_update(1, '{}')$$)),
	E'PT401 Invalid or missing authentication token\nThe subject of the claims is not a user.', '401 | UNAUTHORIZED | Invalid or missing authentication token');
SELECT is(pg_temp.said(pg_temp.gets('outsider', 'data_source_update', '1', '{}')), 'PT403 User is not a member of any organization',
	'403 | FORBIDDEN | User is not a member of any organization');
SELECT is(pg_temp.said(pg_temp.updated(id, '{"port": 1}')), format('PT404 data source %s not found', id), '404 | NOT_FOUND | Data source not found: ' || id)
	FROM unnest('{99999,0,-1,9223372036854775807,-9223372036854775808}'::bigint[]) id;

-- ---- Features ----

SELECT is(pg_temp.updated(1, '{}') - 'message', pg_temp.gets('editor', 'data_source_get', '1') - 'message',
	'All fields are optional. Only provided fields will be updated: none, not even updated_at');
SELECT is(pg_temp.updated(1, '{"port": 7000}') #- '{data,updated_at}', jsonb_set(before, '{data,port}', '7000') #- '{data,updated_at}' || '{"message": "Data source updated successfully"}',
	'Partial updates (only provided fields are updated)') FROM pg_temp.gets('editor', 'data_source_get', '1') before;
SELECT is(pg_temp.said(pg_temp.updated(:foreign, '{"port": 1}')), replace(pg_temp.said(pg_temp.updated(99999, '{"port": 1}')), '99999', :'foreign'),
	'Organization-scoped access control: another organization''s source answers as a missing one');
SELECT is((SELECT to_jsonb(d) FROM rivergen_catalog.data_source d WHERE data_source_id = :foreign) -> 'port', 'null', 'Organization-scoped access control: and is as it was');
CREATE TEMP TABLE twice AS SELECT pg_temp.updated(:taken, '{"port": 1}') -> 'data' AS first, NULL::jsonb AS second;
UPDATE twice SET second = pg_temp.gets('admin', 'data_source_update', :'taken'::jsonb, '{"port": 2}') -> 'data';
SELECT ok((first ->> 'updated_at')::timestamptz > (first ->> 'created_at')::timestamptz AND (second ->> 'updated_at')::timestamptz > (first ->> 'updated_at')::timestamptz,
	'Updates updated_at and updated_by_user_id automatically: updated_at') FROM twice;
SELECT is(array[first -> 'updated_by_user_id', second -> 'updated_by_user_id'], '{1,2}'::jsonb[], 'Updates updated_at and updated_by_user_id automatically: updated_by_user_id') FROM twice;
SELECT pg_temp.refused(pg_temp.updated(1, jsonb_build_object(name, 1)), 'Updates updated_at and updated_by_user_id automatically: not by the request', name || ': is read-only')
	FROM unnest('{updated_at,updated_by_user_id}'::text[]) name;

-- ---- Example, Related Endpoints ----

SELECT is(pg_temp.updated(1, '{
	"name": "Updated PostgreSQL",
	"connection_pool_size": 10
}') -> 'data' @> '{"name": "Updated PostgreSQL", "connection_pool_size": 10}', true, 'Example: what curl sends');
SELECT has_function('rivergen', name, sentence) FROM (VALUES ('data_source_get', 'Get Data Source - Get current data source details'),
	('data_source_update_credentials', 'Update Credentials - Update connection credentials separately')) v (name, sentence);
SELECT is(pg_temp.updated(1, '{"credentials": {"password": "new"}}') ->> 'sqlstate', 'PT400', 'Update Credentials - Update connection credentials separately: not here');

SELECT * FROM finish();
ROLLBACK;
