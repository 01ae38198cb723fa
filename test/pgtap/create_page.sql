-- The page Create Data Source, sentence by sentence.
\ir fixture.psql
SELECT no_plan();

-- ---- Request Body, Response ----

CREATE TEMP TABLE example AS SELECT pg_temp.created('{
	"workspace_id": 1,
	"name": "Production PostgreSQL",
	"type": "postgresql",
	"description": "Main production database",
	"host": "db.example.com",
	"port": 5432,
	"database_name": "production",
	"schema_name": "public",
	"connection_string": null,
	"file_path": null,
	"use_ssh_tunnel": false,
	"ssh_host": null,
	"ssh_port": 22,
	"ssh_username": null,
	"ssh_local_port": null,
	"connection_pool_size": 5,
	"connection_timeout": 30,
	"query_timeout": 300,
	"max_retries": 3,
	"schema_auto_refresh": true,
	"schema_refresh_interval": 3600,
	"credentials": {
		"username": "dbuser",
		"password": "securepassword",
		"api_key": null,
		"oauth_token": null,
		"ssh_private_key": null,
		"ssh_passphrase": null,
		"warehouse": null,
		"role": null
	},
	"metadata": {},
	"tags": ["production", "database"]
}') AS answer;

SELECT is(answer #- '{data,created_at}' #- '{data,updated_at}', '{
	"success": true,
	"data": {
		"id": 1,
		"organization_id": 1,
		"workspace_id": 1,
		"name": "Production PostgreSQL",
		"type": "postgresql",
		"description": "Main production database",
		"host": "db.example.com",
		"port": 5432,
		"database_name": "production",
		"schema_name": "public",
		"file_path": null,
		"use_ssh_tunnel": false,
		"ssh_host": null,
		"ssh_port": null,
		"ssh_username": null,
		"ssh_key_id": null,
		"ssh_local_port": null,
		"connection_pool_size": 5,
		"connection_timeout": 30,
		"query_timeout": 300,
		"max_retries": 3,
		"status": "inactive",
		"last_tested_at": null,
		"last_successful_connection_at": null,
		"last_failed_connection_at": null,
		"failure_count": 0,
		"failure_reason": null,
		"schema_discovered_at": null,
		"schema_auto_refresh": true,
		"schema_refresh_interval": 3600,
		"metadata": {},
		"tags": ["production", "database"],
		"created_by_user_id": 1,
		"updated_by_user_id": null
	},
	"message": "Data source created successfully"
}'::jsonb, 'Request Body, Response, Success (201): the page''s example') FROM example;

SELECT matches(answer #>> ARRAY['data', field], '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$',
	format('Response: "%s" is a time like "2024-12-01T08:00:00Z"', field))
	FROM example, unnest('{created_at,updated_at}'::text[]) field;
SELECT is(answer #> '{data,created_at}', answer #> '{data,updated_at}', 'Response: "created_at" and "updated_at" are the same at first') FROM example;

-- ---- Parameters ----

-- example: a value that is accepted and shown; initial: what is shown when it is not given. Only required fields
-- are refused when absent or null.
CREATE TEMP TABLE field (name text, type text, required boolean, example jsonb, initial jsonb, sentence text);
INSERT INTO field VALUES
	('workspace_id', 'integer', false, '1', 'null', 'workspace_id | integer | No | Workspace ID'),
	('name', 'string', true, '"N"', NULL, 'name | string | Yes | Data source name (1-255 characters, cannot be empty)'),
	('type', 'string', true, '"http_api"', NULL, 'type | string | Yes | Data source type (see DataSourceTypeEnum)'),
	('description', 'string', false, '"D"', 'null', 'description | string | No | Description'),
	('host', 'string', false, '"h"', 'null', 'host | string | No | Database host'),
	('port', 'integer', false, '1', 'null', 'port | integer | No | Database port'),
	('database_name', 'string', false, '"d"', 'null', 'database_name | string | No | Database name'),
	('schema_name', 'string', false, '"s"', 'null', 'schema_name | string | No | Schema name'),
	('file_path', 'string', false, '"organizations/1/files/1/file.csv"', 'null', 'file_path | string | No | Object path in storage for file-based sources (e.g., "organizations/1/files/1/file.csv")'),
	('use_ssh_tunnel', 'boolean', false, 'false', 'false', 'use_ssh_tunnel | boolean | No | Use SSH tunnel (default: false)'),
	('ssh_host', 'string', false, '"bastion"', 'null', 'ssh_host | string | No | SSH tunnel host'),
	('ssh_port', 'integer', false, '2222', 'null', 'ssh_port | integer | No | SSH tunnel port'),
	('ssh_username', 'string', false, '"u"', 'null', 'ssh_username | string | No | SSH username'),
	('ssh_local_port', 'integer', false, '6000', 'null', 'ssh_local_port | integer | No | SSH local port (auto-assigned if not provided)'),
	('connection_pool_size', 'integer', false, '6', '5', 'connection_pool_size | integer | No | Connection pool size (default: 5)'),
	('connection_timeout', 'integer', false, '31', '30', 'connection_timeout | integer | No | Connection timeout in seconds (default: 30)'),
	('query_timeout', 'integer', false, '301', '300', 'query_timeout | integer | No | Query timeout in seconds (default: 300)'),
	('max_retries', 'integer', false, '4', '3', 'max_retries | integer | No | Maximum retry attempts (default: 3)'),
	('schema_auto_refresh', 'boolean', false, 'false', 'true', 'schema_auto_refresh | boolean | No | Enable automatic schema refresh (default: true)'),
	('schema_refresh_interval', 'integer', false, '3601', '3600', 'schema_refresh_interval | integer | No | Schema refresh interval in seconds (default: 3600)'),
	('metadata', 'object', false, '{"a": [1, null]}', '{}', 'metadata | object | No | Additional metadata'),
	('tags', 'array', false, '["a"]', '[]', 'tags | array[string] | No | Tags for categorization');
CREATE TEMP TABLE sample (type text, value jsonb);
INSERT INTO sample VALUES ('string', '"1"'), ('integer', '1'), ('fraction', '1.5'), ('boolean', 'true'), ('array', '[1]'), ('object', '{"a": 1}');
CREATE TEMP TABLE fault (type text, text text);
INSERT INTO fault VALUES ('string', 'must be a string'), ('integer', 'must be an integer'), ('boolean', 'must be true or false'),
	('object', 'must be an object'), ('array', 'must be an array of strings'), ('connection_string', 'must be a string');

SELECT pg_temp.shows(pg_temp.created(pg_temp.source(jsonb_build_object(f.name, f.example))), f.name, f.example,
	f.sentence || ': is kept and shown') FROM field f;
SELECT pg_temp.refused(pg_temp.created(pg_temp.source(jsonb_build_object(f.name, s.value))),
	format('%s: not %s', f.sentence, s.value), f.name || ': ' ||
	CASE WHEN f.name = 'tags' AND s.type = 'array' THEN 'every tag must be a string of 1 to 100 characters (the one at position 1 is not)' ELSE e.text END)
	FROM field f JOIN fault e USING (type) JOIN sample s ON s.type <> f.type OR f.name = 'tags' AND s.type = 'array';
SELECT pg_temp.shows(pg_temp.created(pg_temp.source() - f.name), f.name, f.initial, f.sentence || ': when it is not given')
	FROM field f WHERE NOT f.required;
SELECT pg_temp.refused(pg_temp.created(pg_temp.source() - f.name), f.sentence || ': required', f.name || ': is required')
	FROM field f WHERE f.required;
SELECT pg_temp.refused(pg_temp.created(pg_temp.source() - 'credentials'),
	'credentials | object | Yes | Connection credentials (see DataSourceCredentials): required', 'credentials: is required');
SELECT pg_temp.refused(pg_temp.created(pg_temp.source(jsonb_build_object('credentials', s.value))),
	format('credentials | object | Yes: not %s', s.value), 'credentials: must be an object')
	FROM sample s WHERE s.type <> 'object';
SELECT pg_temp.refused(pg_temp.created(pg_temp.source(jsonb_build_object('connection_string', s.value))),
	format('connection_string | string | No | Full connection string (alternative to host/port/database): not %s', s.value),
	'connection_string: must be a string')
	FROM sample s WHERE s.type <> 'string';
SELECT is(pg_temp.created(pg_temp.source(jsonb_build_object('storage_file_id', s.value))) #> '{success}', 'true',
	format('storage_file_id | integer | No | [DEPRECATED] Use file_path instead. This field is ignored.: %s', s.value))
	FROM sample s;

-- ---- DataSourceTypeEnum ----

CREATE TEMP TABLE source_type AS
	SELECT k.kind, t.name FROM (VALUES
		('SQL', '{postgresql,mysql,mariadb,sqlserver,oracle,snowflake,bigquery,redshift}'::text[]),
		('NoSQL', '{mongodb,elasticsearch,redis,cassandra,dynamodb}'),
		('Files', '{csv,excel,json,parquet,orc,delta_lake,iceberg,hudi,s3}'),
		('Other', '{http_api,other}')) k (kind, names), unnest(k.names) t (name);
SELECT pg_temp.shows(pg_temp.created(CASE kind WHEN 'Files' THEN pg_temp.file(jsonb_build_object('type', name))
	WHEN 'Other' THEN pg_temp.source(jsonb_build_object('type', name)) ELSE pg_temp.database(jsonb_build_object('type', name)) END),
	'type', to_jsonb(name), format('DataSourceTypeEnum Values, %s: %s', kind, name)) FROM source_type;
SELECT pg_temp.refused(pg_temp.created(pg_temp.source(jsonb_build_object('type', given))),
	format('DataSourceTypeEnum Values: "%s" is none', given), 'type: is not known' || suggestion)
	FROM (VALUES ('postgres', '; did you mean postgresql?'), ('PostgreSQL', '; did you mean postgresql?'), ('', ''), ('sqlite3x', '')) v (given, suggestion);
SELECT ok(pg_temp.created(pg_temp.source('{"type": "nonsense"}')) ->> 'hint' LIKE 'Types are: ' || (SELECT string_agg(name, ', ') FROM source_type) || '.%',
	'type | see DataSourceTypeEnum: the hint lists the values');

-- ---- DataSourceCredentials Object ----

CREATE TEMP TABLE credential_field (name text, sentence text);
INSERT INTO credential_field VALUES
	('username', 'username | string | No | Database username'), ('password', 'password | string | No | Database password'),
	('api_key', 'api_key | string | No | API key for API-based sources'), ('oauth_token', 'oauth_token | string | No | OAuth token'),
	('ssh_private_key', 'ssh_private_key | string | No | SSH private key for tunnel'),
	('ssh_passphrase', 'ssh_passphrase | string | No | SSH key passphrase'),
	('warehouse', 'warehouse | string | No | Snowflake warehouse'), ('role', 'role | string | No | Snowflake role');
SELECT is(pg_temp.created(pg_temp.source(jsonb_build_object('credentials', jsonb_build_object(c.name, 'canary'), 'tags', '["keep"]'::jsonb))) -> 'success',
	'true', c.sentence) FROM credential_field c;
SELECT is((SELECT array_agg(c.key_names::text ORDER BY c.credential_id DESC) FROM (SELECT * FROM rivergen_catalog.credential ORDER BY credential_id DESC LIMIT 8) c),
	(SELECT array_agg('{' || f.name || '}' ORDER BY place DESC) FROM (SELECT *, row_number() OVER () AS place FROM credential_field) f),
	'DataSourceCredentials Object: each is stored');
SELECT is(pg_temp.created(pg_temp.source(jsonb_build_object('credentials', jsonb_build_object(c.name, NULL)))) -> 'success', 'true',
	c.sentence || ': null, as in the example') FROM credential_field c;
SELECT pg_temp.refused(pg_temp.created(pg_temp.source(jsonb_build_object('credentials', jsonb_build_object(c.name, s.value)))),
	format('%s: not %s', c.sentence, s.value), format('credentials.%s: must be a string', c.name))
	FROM credential_field c, sample s WHERE s.type <> 'string';

-- ---- Response ----

SELECT is(pg_temp.key_set(answer -> 'data'), ARRAY(SELECT k FROM unnest('{id,organization_id,workspace_id,name,type,description,host,port,
	database_name,schema_name,file_path,use_ssh_tunnel,ssh_host,ssh_port,ssh_username,ssh_key_id,ssh_local_port,connection_pool_size,
	connection_timeout,query_timeout,max_retries,status,last_tested_at,last_successful_connection_at,last_failed_connection_at,
	failure_count,failure_reason,schema_discovered_at,schema_auto_refresh,schema_refresh_interval,metadata,tags,created_by_user_id,
	created_at,updated_at,updated_by_user_id}'::text[]) k ORDER BY k COLLATE "C"), 'Response: the fields of "data", no more and no less') FROM example;
SELECT is(pg_temp.key_set(answer), '{data,message,success}', 'Response: "success", "data", "message"') FROM example;

-- ---- Error Codes ----

SELECT is(pg_temp.gets('editor', format('rivergen.data_source_create(%L::jsonb)', request)) ->> 'sqlstate', 'PT400', '400 | BAD_REQUEST | Invalid request data or validation error: ' || request::text)
	FROM unnest('{"null","[]","\"a\"","1","true","{}"}'::jsonb[]) request;
SELECT is(pg_temp.said(pg_temp.session_gets('contract_gateway', claims, format('rivergen.data_source_create(%L)', pg_temp.source()))),
	'PT401 Invalid or missing authentication token' || E'\n' || detail,
	'401 | UNAUTHORIZED | Invalid or missing authentication token: ' || detail)
	FROM (VALUES ('', 'The request carries no claims.'), ('{"sub"', 'request.jwt.claims is not JSON.'), ('[]', 'request.jwt.claims is not an object.'),
		('{}', 'The claims name no subject (sub).'), ('{"sub": "ghost"}', 'The subject of the claims is not a user.')) v (claims, detail);
SELECT is(pg_temp.said(pg_temp.gets('outsider', 'data_source_create', pg_temp.source())), 'PT403 User is not a member of any organization',
	'403 | FORBIDDEN | User is not a member of any organization');
SELECT is(pg_temp.said(pg_temp.created(pg_temp.source('{"name": "Production PostgreSQL"}'))), 'PT409 Data source with this name already exists',
	'409 | CONFLICT | Data source with this name already exists');

-- ---- Validations ----

SELECT pg_temp.shows(pg_temp.created(pg_temp.source(jsonb_build_object('name', given))), 'name', to_jsonb(kept),
	'name must be 1-255 characters and cannot be empty (whitespace is trimmed): ' || what)
	FROM (VALUES ('x', 'x', '1 character'), (repeat('n', 255), repeat('n', 255), '255 characters'),
		(repeat('ü', 255), repeat('ü', 255), '255 characters, not bytes'), (E' \t\n both ends ', 'both ends', 'trimmed'),
		('   ' || repeat('t', 255) || '  ', repeat('t', 255), '255 characters after trimming'),
		(U&'\00a0\2003wide\3000', 'wide', 'white space of Unicode')) v (given, kept, what);
SELECT pg_temp.refused(pg_temp.created(pg_temp.source(jsonb_build_object('name', given))),
	'name must be 1-255 characters and cannot be empty (whitespace is trimmed): ' || what, 'name: ' || fault)
	FROM (VALUES ('', 'must not be empty', 'empty'), (E' \t\n\r ', 'must not be empty', 'white space only'),
		(repeat('n', 256), 'must be at most 255 characters long, not 256', '256 characters')) v (given, fault, what);
SELECT pg_temp.shows(pg_temp.created(pg_temp.file(jsonb_build_object('file_path', path))), 'file_path', to_jsonb(path),
	'file_path must be a valid storage path format (e.g., "organizations/1/files/1/file.csv"): ' || path)
	FROM unnest('{organizations/1/files/1/file.csv,organizations/1/x,organizations/1/a b/ü.csv,organizations/1/..a/b..}'::text[]) path;
SELECT pg_temp.refused(pg_temp.created(pg_temp.file(jsonb_build_object('file_path', path))),
	'file_path must be a valid storage path format (e.g., "organizations/1/files/1/file.csv"): ' || translate(path, E'\n', '?'), 'file_path: ' || fault)
	FROM (VALUES ('file.csv', 'must begin with organizations/1/'), ('/organizations/1/x', 'must begin with organizations/1/'),
		('organizations/1', 'must begin with organizations/1/'), ('organizations/1/', 'must not end with a slash'),
		('organizations/1/a//b', 'must not contain empty parts, . or ..'), ('organizations/1/a/', 'must not end with a slash'),
		('organizations/1/../2/x', 'must not contain empty parts, . or ..'), ('organizations/1/./x', 'must not contain empty parts, . or ..'),
		('organizations/1/x/..', 'must not contain empty parts, . or ..'), (E'organizations/1/a\nb', 'must not contain control characters'),
		('s3://bucket/organizations/1/x', 'must begin with organizations/1/')) v (path, fault);
SELECT pg_temp.refused(pg_temp.created(pg_temp.source('{"file_path": ""}')), 'file_path cannot be empty if provided', 'file_path: must not be empty');
SELECT pg_temp.shows(pg_temp.created(pg_temp.file('{"storage_file_id": 99}')), 'file_path', '"organizations/1/files/1/file.csv"',
	'storage_file_id is deprecated and ignored if provided');
SELECT pg_temp.refused(pg_temp.created(pg_temp.file('{"storage_file_id": 99}') - 'file_path'),
	'storage_file_id is deprecated and ignored if provided: it is no path', 'file_path: is required for type csv');
SELECT pg_temp.refused(pg_temp.created(pg_temp.file(jsonb_build_object('type', name)) - 'file_path'),
	'For file-based data sources, file_path is required: ' || name, format('file_path: is required for type %s', name))
	FROM source_type WHERE kind = 'Files';
SELECT pg_temp.refused(pg_temp.created(pg_temp.database() - missing::text[]),
	format('For database types, either host/port/database_name or connection_string is required: without %s', missing),
	VARIADIC ARRAY(SELECT m || ': is required for type postgresql' FROM unnest(missing::text[]) m))
	FROM unnest(ARRAY['{host}', '{port}', '{database_name}', '{host,port}', '{host,port,database_name}']) missing;
SELECT is(pg_temp.created(pg_temp.source('{"type": "postgresql", "connection_string": "postgresql://db.example.com:5433/production"}'))
	#- '{data,name}' -> 'data' @> '{"host": "db.example.com", "port": 5433, "database_name": "production"}', true,
	'For database types, either host/port/database_name or connection_string is required: connection_string');

-- ---- Features ----

SELECT is((SELECT count(DISTINCT type) FROM rivergen_catalog.data_source), 24::bigint, 'Supports all data source types (SQL, NoSQL, Files, API)');
SELECT is(pg_temp.created(pg_temp.database('{"use_ssh_tunnel": true, "ssh_host": "bastion.example.com", "ssh_username": "tunnel",
	"ssh_local_port": 6001, "credentials": {"ssh_private_key": "key", "ssh_passphrase": "phrase"}}')) -> 'data' @>
	'{"use_ssh_tunnel": true, "ssh_host": "bastion.example.com", "ssh_port": 22, "ssh_username": "tunnel", "ssh_local_port": 6001}', true,
	'SSH tunnel configuration; SSH tunnel port (default: 22)');
SELECT pg_temp.shows(pg_temp.created(pg_temp.database('{"connection_pool_size": 17}')), 'connection_pool_size', '17', 'Connection pooling configuration');

-- Every row of the catalog, as text and as the bytes behind it.
CREATE FUNCTION pg_temp.rows_with(needle text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	found bigint := 0;
	one bigint;
	name regclass;
BEGIN
	FOR name IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'rivergen_catalog'::regnamespace LOOP
		EXECUTE format('SELECT count(*) FROM %s t WHERE position($1 IN t::text) > 0 OR position(encode($1::bytea, ''hex'') IN t::text) > 0', name)
			INTO one USING needle;
		found := found + one;
	END LOOP;
	RETURN found;
END
$$;
SELECT is(pg_temp.rows_with('securepassword'), 0::bigint, 'Credentials are encrypted at rest: no row of the catalog holds them');
SELECT cmp_ok(pg_temp.rows_with('Production PostgreSQL'), '>=', 1::bigint, 'Credentials are encrypted at rest: and the search for them does find what is there');
SELECT is((SELECT count(*) FROM rivergen_catalog.credential WHERE data_source_id = 1), 1::bigint, 'Credentials are encrypted at rest: and they are there');
SELECT is(answer::text ~ 'securepassword|dbuser', false, 'Credentials are encrypted at rest: and not in the answer') FROM example;
SELECT is((SELECT array_agg(pg_temp.gets(p.subject, 'data_source_create', pg_temp.source()) #>> '{data,organization_id}' ORDER BY p.subject)
	FROM person p WHERE p.subject IN ('editor', 'stranger')), '{1,2}', 'Automatic organization assignment');
SELECT pg_temp.refused(pg_temp.created(pg_temp.source('{"organization_id": 2}')), 'Automatic organization assignment: it cannot be given', 'organization_id: is read-only');
SELECT pg_temp.refused(pg_temp.created(pg_temp.file() - 'file_path'), 'File-based sources require file_path from storage API', 'file_path: is required for type csv');
SELECT is((SELECT array_agg(kind || ' ' || status) FROM rivergen_catalog.job WHERE data_source_id = 1), '{discover queued}',
	'enabling quick connection setup with automatic schema discovery');
SELECT is(pg_temp.gets('viewer', 'data_source_health', '1') #> '{data,status}', '"inactive"', 'enabling quick connection setup with … health monitoring');

-- ---- Example, Related Endpoints ----

SELECT is(pg_temp.gets('stranger', 'data_source_create', '{
	"name": "Production PostgreSQL",
	"type": "postgresql",
	"host": "db.example.com",
	"port": 5432,
	"database_name": "production",
	"credentials": {
		"username": "dbuser",
		"password": "securepassword"
	}
}') -> 'success', 'true', 'Example: what curl sends');
SELECT has_function('rivergen', name, sentence) FROM (VALUES ('data_source_test', 'Test Connection - Test the connection after creation'),
	('discover_schema', 'Discover Schema - Discover database schema'), ('data_source_list', 'List Data Sources - List all data sources')) v (name, sentence);

SELECT * FROM finish();
ROLLBACK;
