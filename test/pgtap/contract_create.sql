-- What the contract settles about creating: needs of types, bounds, tunnels, connection strings, credentials, names, paths.
\ir fixture.psql
SELECT no_plan();

-- ---- What each type needs ----

CREATE TEMP TABLE need (type text, fields text[]);
INSERT INTO need VALUES ('bigquery', '{database_name}'), ('dynamodb', '{database_name}'), ('snowflake', '{host,database_name}'), ('elasticsearch', '{host,port}'),
	('redis', '{host,port}'), ('http_api', '{}'), ('other', '{}');
INSERT INTO need SELECT type, '{host,port,database_name}' FROM unnest('{postgresql,mysql,mariadb,sqlserver,oracle,redshift,mongodb,cassandra}'::text[]) type;
INSERT INTO need SELECT type, '{file_path}' FROM unnest('{csv,excel,json,parquet,orc,delta_lake,iceberg,hudi,s3}'::text[]) type;
-- The whole a type needs, and which fields are said to be missing.
CREATE FUNCTION pg_temp.enough(fields text[]) RETURNS jsonb LANGUAGE sql AS
	$$SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each('{"host": "h", "port": 1, "database_name": "d", "file_path": "organizations/1/x"}') WHERE key = ANY (fields)$$;
CREATE FUNCTION pg_temp.missing(answer jsonb) RETURNS text[] LANGUAGE sql AS
	$$SELECT CASE WHEN answer ? 'success' THEN '{}' ELSE ARRAY(SELECT split_part(line, ':', 1) FROM regexp_split_to_table(answer ->> 'detail', E'\n') line) END$$;
SELECT is(pg_temp.missing(pg_temp.created(pg_temp.source(jsonb_build_object('type', type)))), fields,
	format('Database types (SQL and NoSQL) need host, port and database_name, or connection_string; exceptions; file types need file_path: %s', type)) FROM need;
SELECT is(pg_temp.missing(pg_temp.created(pg_temp.source(jsonb_build_object('type', type) || pg_temp.enough(fields)))), '{}', 'and nothing more at creation: ' || type) FROM need;
SELECT is(pg_temp.missing(pg_temp.created(pg_temp.source(jsonb_build_object('type', type) || pg_temp.enough(array_remove(fields, field))))), ARRAY[field],
	format('%s without %s', type, field)) FROM need, unnest(fields) field;
SELECT pg_temp.shows(pg_temp.created(pg_temp.source(jsonb_build_object('type', type) || pg_temp.enough(array_remove(fields, 'port')))), 'port', 'null',
	'default port of a type is documentation and hint only; it is never filled in: ' || type) FROM need WHERE type IN ('snowflake', 'bigquery', 'http_api', 's3', 'dynamodb');
SELECT ok(pg_temp.created(pg_temp.database() - 'port') ->> 'hint' LIKE '%5432%', 'default port of a type is documentation and hint only');

-- ---- Tunnels ----

SELECT pg_temp.shows(pg_temp.created(pg_temp.source('{"use_ssh_tunnel": true, "ssh_host": "b", "ssh_username": "u"}')), 'ssh_port', '22', 'ssh_port: 22 is the default when a tunnel is used');
SELECT pg_temp.shows(pg_temp.created(pg_temp.source('{"ssh_port": 22}')), 'ssh_port', 'null', 'without a tunnel a given 22 is not stored');
SELECT pg_temp.shows(pg_temp.created(pg_temp.source('{"ssh_port": 23}')), 'ssh_port', '23', 'without a tunnel … : another one is');
SELECT pg_temp.refused(pg_temp.created(pg_temp.source('{"use_ssh_tunnel": true}' || given)), 'use_ssh_tunnel needs ssh_host and ssh_username: ' || given::text,
	VARIADIC ARRAY(SELECT f || ': is required when use_ssh_tunnel is true' FROM unnest('{ssh_host,ssh_username}'::text[]) f WHERE NOT given ? f))
	FROM unnest('{"{}","{\"ssh_host\": \"b\"}","{\"ssh_username\": \"u\"}"}'::jsonb[]) given;
SELECT pg_temp.refused(pg_temp.created(pg_temp.source('{"credentials": {"ssh_password": "canary"}}')), 'the page knows no SSH password',
	'credentials.ssh_password: is not known; did you mean password?');
CREATE TEMP TABLE tunnel AS SELECT pg_temp.created(pg_temp.source('{"credentials": {"ssh_private_key": "k"}, "ssh_local_port": 6000}')) -> 'data' AS source;
SELECT is(source -> 'ssh_key_id', (SELECT to_jsonb(credential_id) FROM rivergen_catalog.credential WHERE data_source_id = (source ->> 'id')::bigint),
	'ssh_key_id = the credential''s id when it holds an SSH key') FROM tunnel;
SELECT pg_temp.shows(pg_temp.created(pg_temp.source('{"credentials": {"password": "p"}}')), 'ssh_key_id', 'null', 'ssh_key_id = … else null');
SELECT is(source -> 'ssh_local_port', '6000', 'ssh_local_port given by a tenant is kept and shown') FROM tunnel;

-- ---- Bounds ----

CREATE TEMP TABLE bound (field text, least bigint, most bigint, fault text);
INSERT INTO bound VALUES
	('port', 1, 65535, 'must be between 1 and 65535'), ('ssh_port', 1, 65535, 'must be between 1 and 65535'), ('ssh_local_port', 1, 65535, 'must be between 1 and 65535'),
	('connection_pool_size', 1, 100, 'must be between 1 and 100'), ('connection_timeout', 1, 3600, 'must be between 1 and 3600'),
	('query_timeout', 1, 86400, 'must be between 1 and 86400'), ('max_retries', 0, 100, 'must be between 0 and 100'),
	('schema_refresh_interval', 60, 2147483647, 'must be at least 60 and not beyond 2147483647');
SELECT pg_temp.shows(pg_temp.created(pg_temp.source(jsonb_build_object(field, edge))), field, to_jsonb(edge),
	format('Bounds: port 1-65535, pool 1-100, connection_timeout 1-3600, query_timeout 1-86400, max_retries 0-100, schema_refresh_interval ≥ 60: %s = %s', field, edge))
	FROM bound, unnest(ARRAY[least, most]) edge;
SELECT pg_temp.refused(pg_temp.created(pg_temp.source(jsonb_build_object(field, beyond))), format('Bounds: %s = %s', field, beyond), field || ': ' || fault)
	FROM bound, unnest(ARRAY[least - 1, most + 1, -1, 1e30]) beyond;
SELECT pg_temp.refused(pg_temp.updated((source ->> 'id')::bigint, jsonb_build_object(field, beyond)), format('Bounds, in an update: %s = %s', field, beyond), field || ': ' || fault)
	FROM tunnel, bound, unnest(ARRAY[least - 1, most + 1]) beyond;
SELECT pg_temp.shows(pg_temp.created(pg_temp.source(jsonb_build_object(field, 60.0))), field, '60', 'Bounds: 60.0 is an integer in JSON: ' || field) FROM bound;
SELECT is(pg_temp.created(pg_temp.source(jsonb_build_object('metadata', jsonb_build_object('k', repeat('x', 65536 - 9))))) -> 'success', 'true', 'metadata ≤ 64 kB: 65536 bytes');
SELECT pg_temp.refused(pg_temp.created(pg_temp.source(jsonb_build_object('metadata', jsonb_build_object('k', repeat('x', 65537 - 9))))), 'metadata ≤ 64 kB: 65537 bytes',
	'metadata: must be at most 65536 bytes, not 65537');
CREATE FUNCTION pg_temp.tags(n integer) RETURNS jsonb LANGUAGE sql AS $$SELECT jsonb_build_object('tags', jsonb_agg('tag ' || i)) FROM generate_series(1, n) i$$;
SELECT is(pg_temp.created(pg_temp.source(pg_temp.tags(100))) #> '{data}' @> pg_temp.tags(100), true, '100 tags of 100 characters: 100 tags');
SELECT pg_temp.refused(pg_temp.created(pg_temp.source(pg_temp.tags(101))), '100 tags of 100 characters: 101 tags', 'tags: must be at most 100 tags');
SELECT pg_temp.shows(pg_temp.created(pg_temp.source(jsonb_build_object('tags', jsonb_build_array(repeat('ü', 100))))), 'tags', jsonb_build_array(repeat('ü', 100)),
	'100 tags of 100 characters: 100 characters');
SELECT pg_temp.refused(pg_temp.created(pg_temp.source(jsonb_build_object('tags', jsonb_build_array('a', bad)))), '100 tags of 100 characters: not ' || left(bad::text, 20),
	'tags: every tag must be a string of 1 to 100 characters (the one at position 2 is not)')
	FROM unnest(ARRAY[to_jsonb(repeat('ü', 101)), '""', '"  "', '1', 'null', '["a"]', '{}']::jsonb[]) bad;
SELECT pg_temp.shows(pg_temp.created(pg_temp.source('{"tags": ["b", "a", "b", "B", "a"]}')), 'tags', '["b", "a", "B"]', 'tags: duplicates removed, order kept');

-- ---- connection_string ----

CREATE FUNCTION pg_temp.connected(type text, string text, changes jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS
	$$SELECT pg_temp.created(pg_temp.source(jsonb_build_object('type', type, 'connection_string', string) || changes))$$;
SELECT is((SELECT jsonb_object_agg(key, answer -> 'data' -> key) FROM jsonb_object_keys(fields) key), fields,
	format('connection_string is parsed at once (URL and keyword forms): host, port, database … become fields: %s', string))
	FROM (VALUES
		('postgresql', 'postgresql://u:p@h.example.com:5433/d', '{"host": "h.example.com", "port": 5433, "database_name": "d"}'::jsonb),
		('postgresql', 'postgres://h/d%20e', '{"host": "h", "port": 5432, "database_name": "d e"}'),
		('postgresql', 'postgresql://u:p%40ss%2Fw@[2001:db8::1]:5432/d?connect_timeout=7&sslmode=require',
			'{"host": "2001:db8::1", "port": 5432, "database_name": "d", "connection_timeout": 7, "metadata": {"tls": {"mode": "require"}}}'),
		('postgresql', 'host=h port=5434 dbname=d user=u password=''it\''s a p''', '{"host": "h", "port": 5434, "database_name": "d"}'),
		('mysql', 'mysql://u:p@h:3307/shop', '{"host": "h", "port": 3307, "database_name": "shop"}')) v (type, string, fields), pg_temp.connected(type, string) answer;
SELECT pg_temp.connected('postgresql', 'postgresql://u:p@h/d') #>> '{data,id}' AS id \gset
SELECT is((SELECT key_names FROM rivergen_catalog.credential WHERE data_source_id = :id), '{username,password}', 'connection_string …: user and password become credentials');
SELECT is(pg_temp.connected('postgresql', 'postgresql://someuser:canary@h/d')::text ~ 'canary|someuser', false, 'connection_string …: the string itself is not kept: nor shown');
SELECT is((SELECT count(*) FROM rivergen_catalog.data_source d WHERE d::text ~ 'canary|someuser'), 0::bigint, 'connection_string …: the string itself is not kept');
SELECT pg_temp.refused(pg_temp.connected('postgresql', 'postgresql://h:5432/d', given), format('connection_string given beside contradicting fields: 400: %s', given),
	'connection_string: contradicts ' || (SELECT jsonb_object_keys(given)))
	FROM unnest('{"{\"host\": \"i\"}","{\"port\": 5433}","{\"database_name\": \"e\"}"}'::jsonb[]) given;
SELECT pg_temp.refused(pg_temp.connected('postgresql', 'postgresql://u:canary@h/d', '{"credentials": {"password": "other"}}'),
	'connection_string given beside contradicting fields: 400: the password', 'connection_string: contradicts credentials.password');
SELECT is(pg_temp.connected('postgresql', 'postgresql://u:p@h:5432/d', '{"host": "h", "port": 5432, "database_name": "d", "credentials": {"username": "u", "password": "p"}}') -> 'success',
	'true', 'connection_string beside fields that say the same');
SELECT is(ARRAY[a ->> 'sqlstate', (position('canary' IN a::text) > 0)::text], '{PT400,false}', 'connection_string: only safe options: ' || string)
	FROM unnest(ARRAY['postgresql://u:canary@h/d?service=s', 'postgresql://u:canary@h/d?passfile=/etc/passwd', 'postgresql://u:canary@h/d?hostaddr=127.0.0.1',
	'postgresql://u:canary@h/d?options=-c%20x', 'postgresql://u:canary@h/d?sslkey=/x', 'postgresql://u:canary@a,b/d', 'postgresql://u:canary@%2Ftmp/d', 'host=/tmp dbname=d password=canary',
	'host=h dbname=d password=canary service=s', 'mysql://u:canary@h/d', 'canary', 'host=h password=''canary', 'postgresql://u:canary@h:99999/d', 'postgresql://u:can%zzary@h/d']) string,
	pg_temp.connected('postgresql', string) a;

-- ---- Credentials ----

SELECT is(pg_temp.created(pg_temp.source(jsonb_build_object('type', type, 'host', 'h', 'port', 1, 'database_name', 'd', 'file_path', 'organizations/1/x',
	'credentials', jsonb_build_object(key, 'v')))) -> 'success', 'true', format('credentials: the page''s keys for every type, plus the keys that a type''s row names: %s, %s', type, key))
	FROM need, unnest('{username,password,api_key,oauth_token,ssh_private_key,ssh_passphrase,warehouse,role}'::text[]) key
	UNION ALL SELECT is(pg_temp.created(pg_temp.source(jsonb_build_object('type', type, 'host', 'h', 'port', 1, 'database_name', 'd', 'file_path', 'organizations/1/x',
	'credentials', jsonb_build_object(key, 'v')))) -> 'success', 'true', format('credentials: the keys that a type''s row names (AWS keys, service account, TLS …): %s, %s', type, key))
	FROM (VALUES ('s3', 'access_key_id'), ('s3', 'secret_access_key'), ('dynamodb', 'session_token'), ('bigquery', 'service_account'),
		('postgresql', 'tls_client_certificate'), ('postgresql', 'tls_client_key'), ('snowflake', 'private_key')) v (type, key);
SELECT is(pg_temp.created(pg_temp.database(jsonb_build_object('credentials', jsonb_build_object(key, 'canary')))) ->> 'detail' ~ ('^credentials.' || key || ': is not '), true,
	'credentials: others 400: ' || key) FROM unnest('{access_key_id,service_account,passwort,user,host}'::text[]) key;
SELECT pg_temp.created(pg_temp.database('{"credentials": {"username": "u", "password": "p"}}')) #>> '{data,id}' AS id \gset
SELECT is(pg_temp.gets('editor', 'data_source_update_credentials', :'id'::jsonb, '{"api_key": "k"}') -> 'success', 'true', 'update_credentials replaces them all');
SELECT is(key_names, '{api_key}', 'update_credentials replaces them all: what was there is gone') FROM rivergen_catalog.credential WHERE data_source_id = :id;
SELECT is(pg_temp.gets('editor', 'data_source_update_credentials', :'id'::jsonb, '{}') -> 'success', 'true', 'update_credentials replaces them all: by none');
SELECT is((SELECT count(*) FROM rivergen_catalog.credential WHERE data_source_id = :id), 0::bigint, 'update_credentials replaces them all: by none: they are gone');
SELECT pg_temp.shows(pg_temp.created(pg_temp.source(jsonb_build_object('metadata', jsonb_build_object('tls', tls)))), 'metadata', jsonb_build_object('tls', tls),
	'TLS mode and CA live in metadata.tls: ' || tls::text) FROM (SELECT jsonb_build_object('mode', mode) FROM unnest('{disable,prefer,require,verify-ca,verify-full}'::text[]) mode
	UNION ALL SELECT jsonb_build_object('mode', 'verify-ca', 'ca', E'-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----')) t (tls);
SELECT pg_temp.refused(pg_temp.created(pg_temp.source(jsonb_build_object('metadata', jsonb_build_object('tls', tls)))), 'TLS mode and CA live in metadata.tls: ' || tls::text, fault)
	FROM (VALUES ('{"mode": "allow"}'::jsonb, 'metadata.tls.mode: must be one of disable, prefer, require, verify-ca, verify-full'), ('{"mode": 1}', 'metadata.tls.mode: must be one of disable, prefer, require, verify-ca, verify-full'),
		('{"ca": "x"}', 'metadata.tls.ca: must be certificates in PEM form'), ('{"key": "x"}', 'metadata.tls.key: is not known; tls has mode and ca'), ('[]', 'metadata.tls: must be an object with mode and ca')) v (tls, fault);
SELECT pg_temp.refused(pg_temp.created(pg_temp.source(jsonb_build_object('metadata', m))), 'private keys never in metadata: ' || m::text, 'metadata: must not hold a private key')
	FROM unnest('{"{\"a\": [[\"-----BEGIN RSA PRIVATE KEY-----\"]]}","{\"-----BEGIN PRIVATE KEY-----\": 1}","{\"tls\": {\"ca\": \"-----BEGIN CERTIFICATE-----x-----END CERTIFICATE----------BEGIN EC PRIVATE KEY-----\"}}"}'::jsonb[]) m;

-- ---- Names ----

SELECT pg_temp.created(pg_temp.source('{"name": "Taken"}')) #>> '{data,id}' AS taken \gset
CREATE FUNCTION pg_temp.named(person text, name text) RETURNS text LANGUAGE sql AS
	$$SELECT coalesce(a ->> 'sqlstate', a #>> '{data,name}') FROM pg_temp.gets(person, 'data_source_create', pg_temp.source(jsonb_build_object('name', name))) a$$;
SELECT is(pg_temp.named('colleague', '  Taken '), 'PT409', 'Names are unique among the organization''s … sources, compared as given (after trimming)');
SELECT is(pg_temp.named('editor', 'taken'), 'taken', 'Names are … compared as given: case counts');
SELECT is(pg_temp.named('editor', 'Tak en'), 'Tak en', 'Names are … compared as given: inner space counts');
SELECT is(pg_temp.named('stranger', 'Taken'), 'Taken', 'Names are unique among the organization''s … sources: another has its own');
SELECT is(pg_temp.gets('editor', 'data_source_delete', :'taken'::jsonb) -> 'success', 'true', 'Names are unique among the organization''s undeleted sources: deleted');
SELECT is(pg_temp.named('editor', 'Taken'), 'Taken', 'Names are unique among the organization''s undeleted sources: it is free again');
SELECT is(pg_temp.said(pg_temp.gets('editor', 'data_source_restore', :'taken'::jsonb)), 'PT409 Data source with this name already exists', 'Restoring onto a taken name: 409');
SELECT is(pg_temp.said(pg_temp.updated(:id, '{"name": " Taken "}')), 'PT409 Data source with this name already exists', '409 also on update');
SELECT is(pg_temp.updated(:id, (SELECT jsonb_build_object('name', name) FROM rivergen_catalog.data_source WHERE data_source_id = :id)) -> 'success', 'true', '409 also on update: its own name is not taken');

-- ---- file_path ----

SELECT pg_temp.shows(pg_temp.created(pg_temp.file(jsonb_build_object('file_path', rpad('organizations/1/', 1000, 'ü')))), 'file_path', to_jsonb(rpad('organizations/1/', 1000, 'ü')),
	'file_path …: at most 1000 characters: 1000');
SELECT pg_temp.refused(pg_temp.created(pg_temp.file(jsonb_build_object('file_path', rpad('organizations/1/', 1001, 'ü')))), 'file_path …: at most 1000 characters: 1001',
	'file_path: must be at most 1000 characters long, not 1001');
SELECT pg_temp.refused(pg_temp.created(pg_temp.file(jsonb_build_object('file_path', path))), 'file_path …: another organization''s is 400: ' || path,
	'file_path: must begin with organizations/1/') FROM unnest('{organizations/2/x,organizations/11/x,organizations/01/x,Organizations/1/x}'::text[]) path;
SELECT is(pg_temp.gets('stranger', 'data_source_create', pg_temp.file('{"file_path": "organizations/2/x"}')) -> 'success', 'true', 'file_path: organizations/<own id>/…');

-- ---- Every fault of a request in one error ----

SELECT is(pg_temp.said(pg_temp.created('{"name": " ", "type": "postgres", "hots": "h", "port": 0, "tags": "a", "credentials": {"user": "canary", "password": 1}, "status": "active", "workspace_id": 99}')),
	array_to_string('{PT400 Invalid request data,name: must not be empty,type: is not known; did you mean postgresql?,port: must be between 1 and 65535,tags: must be an array of strings,
credentials.user: is not known; did you mean username?,credentials.password: must be a string,hots: is not a field; did you mean host?,status: is read-only,workspace_id: is not a workspace of this organization}'::text[], E'\n'),
	'Every fault of a request in one error (detail lists "field: fault", one per line)');
SELECT is(split_part(pg_temp.created(pg_temp.source(jsonb_build_object(given, 1))) ->> 'detail', '; ', 2), 'did you mean ' || meant || '?', 'Unknown fields: named, with the nearest known one: ' || given)
	FROM (VALUES ('databse_name', 'database_name'), ('Hosts', 'host'), ('tag', 'tags'), ('ssh_user_name', 'ssh_username'), ('query_timeot', 'query_timeout')) v (given, meant);

SELECT * FROM finish();
ROLLBACK;
