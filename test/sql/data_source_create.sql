-- data_source_create: defaults, the body, and every fault of a request in one error.
CREATE EXTENSION rivergen;
-- A public key without its private half: credentials sealed here are never opened.
INSERT INTO rivergen_catalog.sealing_key (key_id, public_key)
	VALUES (1, '\xde9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
SELECT rivergen.organization_create('Acme') AS acme, rivergen.workspace_create(1, 'main') AS main,
	rivergen.user_create('operator', session_user::text) AS operator;
SELECT rivergen.membership_add(1, 1, 'admin');

-- Without a sealing key credentials are refused; a source without any needs none.
BEGIN;
DELETE FROM rivergen_catalog.sealing_key;
SELECT rivergen.data_source_create('{"name": "keyless", "type": "http_api", "credentials": {"api_key": "k"}}');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;

-- The page's example, with its nulls.
SELECT rivergen.data_source_create('{
	"workspace_id": 1, "name": "  Production PostgreSQL\u00a0", "type": "postgresql",
	"description": "Main production database", "host": "db.example.com", "port": 5432,
	"database_name": "production", "schema_name": "public", "connection_string": null, "file_path": null,
	"use_ssh_tunnel": false, "ssh_host": null, "ssh_port": 22, "ssh_username": null, "ssh_local_port": null,
	"connection_pool_size": 5, "connection_timeout": 30, "query_timeout": 300, "max_retries": 3,
	"schema_auto_refresh": false, "schema_refresh_interval": 3600,
	"credentials": {"username": "dbuser", "password": "securepassword", "api_key": null, "oauth_token": null,
		"ssh_private_key": null, "ssh_passphrase": null, "warehouse": null, "role": null},
	"metadata": {}, "tags": ["production", "database", "production"]}') AS answer \gset
SELECT jsonb_pretty(:'answer'::jsonb #- '{data,created_at}' #- '{data,updated_at}');
SELECT :'answer'::jsonb #>> '{data,created_at}' ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$' AS utc,
	:'answer'::jsonb #> '{data,created_at}' = :'answer'::jsonb #> '{data,updated_at}' AS same;
SELECT key_id, key_names, given_by_user_id, position('securepassword' IN encode(sealed, 'escape')) FROM rivergen_catalog.credential;

-- Defaults. A first discovery is queued for a type that a connector serves, and for no other.
BEGIN;
SELECT (answer -> 'data') - '{id,created_at,updated_at}'::text[] AS data FROM rivergen.data_source_create(
	'{"name": "defaults", "type": "postgresql", "host": "h", "port": 1, "database_name": "d", "credentials": {}}') answer;
SELECT rivergen.data_source_create('{"name": "page", "type": "http_api", "credentials": {}}') IS NULL AS failed;
SELECT kind, status, requested_by_user_id, name FROM rivergen_catalog.job JOIN rivergen_catalog.data_source USING (data_source_id);
ROLLBACK;

-- A database that has no type.
SELECT rivergen.data_source_create('{"name": "x", "type": "sqlite", "credentials": {}}');

-- The name is taken, whatever the space around it.
SELECT rivergen.data_source_create('{"name": "Production PostgreSQL ", "type": "http_api", "credentials": {}}');
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.data_source_create('{"name": "production postgresql", "type": "http_api", "credentials": {}}') #>> '{data,name}' AS name;

-- Not even an object.
SELECT rivergen.data_source_create(NULL);
SELECT rivergen.data_source_create('null');
SELECT rivergen.data_source_create('[{"name": "x"}]');
SELECT rivergen.data_source_create('"name"');
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.data_source_create('{}');
SELECT rivergen.data_source_create('{"name": null, "type": null, "credentials": null}');

-- Every fault, in the order of the fields; what is not known comes last.
SELECT rivergen.data_source_create('{"name": " \t ", "type": "postgres", "hots": "db", "port": 70000, "description": 1,
	"max_retries": 2.5, "query_timeout": "300", "connection_timeout": 1e100, "connection_pool_size": 0,
	"use_ssh_tunnel": "yes", "schema_auto_refresh": 1, "schema_refresh_interval": 59, "tags": ["a", ""],
	"metadata": [], "credentials": {"user": "u", "password": 12, "nonsense": null}, "status": "active", "password": "secret", "id": 1,
	"workspace_id": 1.5}');
SELECT rivergen.data_source_create('{"name": "x", "type": 5, "credentials": "secret", "workspace_id": 7}');
SELECT rivergen.data_source_create('{"name": "x", "type": "http_api", "credentials": {}, "workspace_id": 7, "port": 0}');

-- Lengths count characters, not bytes.
SELECT length(rivergen.data_source_create(jsonb_build_object('name', repeat('ü', 255), 'type', 'http_api',
	'credentials', '{}'::jsonb)) #>> '{data,name}');
SELECT rivergen.data_source_create(jsonb_build_object('name', repeat('ü', 256), 'type', 'http_api', 'credentials', '{}'::jsonb));

-- What each type needs.
DO $$
DECLARE
	type text;
	faults text;
BEGIN
	FOREACH type IN ARRAY '{postgresql,mysql,mariadb,sqlserver,oracle,snowflake,bigquery,redshift,mongodb,elasticsearch,
		redis,cassandra,dynamodb,csv,excel,json,parquet,orc,delta_lake,iceberg,hudi,s3,http_api,other}'::text[] LOOP
		BEGIN
			PERFORM rivergen.data_source_create(jsonb_build_object('name', type, 'type', type, 'credentials', '{}'::jsonb));
			RAISE NOTICE '%: nothing', type;
			RAISE EXCEPTION SQLSTATE 'RGOK1';
		EXCEPTION
			WHEN SQLSTATE 'RGOK1' THEN
				NULL;
			WHEN SQLSTATE 'PT400' THEN
				GET STACKED DIAGNOSTICS faults = PG_EXCEPTION_DETAIL;
				RAISE NOTICE '%', replace(faults, E'\n', '; ');
		END;
	END LOOP;
END
$$;

-- Hosts that a client library would read as something else.
SELECT rivergen.data_source_create('{"name": "h", "type": "http_api", "credentials": {}, "host": "/var/run/postgresql"}');
SELECT rivergen.data_source_create('{"name": "h", "type": "http_api", "credentials": {}, "host": "a,b"}');
SELECT rivergen.data_source_create('{"name": "h", "type": "http_api", "credentials": {}, "host": "https://a"}');
SELECT rivergen.data_source_create('{"name": "h", "type": "http_api", "credentials": {}, "host": "a:5432"}');
SELECT rivergen.data_source_create('{"name": "h", "type": "http_api", "credentials": {}, "host": "-oProxyCommand"}');
SELECT rivergen.data_source_create('{"name": "h", "type": "http_api", "credentials": {}, "host": "a;Servername=b"}');
SELECT rivergen.data_source_create('{"name": "h", "type": "http_api", "credentials": {}, "host": ""}');
SELECT rivergen.data_source_create('{"name": "v6", "type": "http_api", "credentials": {}, "host": "2001:db8::1"}') #>> '{data,host}' AS host;

SELECT rivergen.data_source_create('{"name": "h", "type": "http_api", "credentials": {}, "host": "me@db"}');
SELECT rivergen.data_source_create('{"name": "h", "type": "http_api", "credentials": {}, "host": "[::1]:5432"}');
SELECT rivergen.data_source_create('{"name": "h", "type": "http_api", "credentials": {}, "host": "fe80::1%eth0"}');
SELECT rivergen.data_source_create('{"name": "h", "type": "http_api", "credentials": {}, "host": "db example"}');
-- Spaces that cannot be seen inside of a host, and brackets around what is no IPv6 address.
SELECT rivergen.data_source_create(jsonb_build_object('name', 'h', 'type', 'http_api', 'credentials', '{}'::jsonb, 'host', E'db\u00a0example'));
SELECT rivergen.data_source_create('{"name": "h", "type": "http_api", "credentials": {}, "host": "[db.]"}');
-- What is copied along with a host.
SELECT replace(given, E'\uFEFF', '(BOM)') AS given, rivergen.data_source_create(jsonb_build_object('name', given, 'type', 'http_api', 'credentials', '{}'::jsonb,
	'host', given, 'ssh_host', given)) #> '{data}' -> 'host' AS host FROM unnest(ARRAY[E' \tdb.example.com\r\n', E'\uFEFFdb\u00a0',
	'[::1]', '[2001:db8::1] ', 'db.example.com.', 'DB.Example.COM', 'bücher.example']) given;

-- Files.
SELECT rivergen.data_source_create('{"name": "f", "type": "csv", "credentials": {}, "file_path": "organizations/1/files/1/file.csv", "storage_file_id": "old"}') #>> '{data,file_path}' AS file_path;
SELECT rivergen.data_source_create('{"name": "g", "type": "csv", "credentials": {}, "file_path": ""}');
SELECT rivergen.data_source_create('{"name": "g", "type": "csv", "credentials": {}, "file_path": "organizations/2/file.csv"}');
SELECT rivergen.data_source_create('{"name": "g", "type": "csv", "credentials": {}, "file_path": "/organizations/1/file.csv"}');
SELECT rivergen.data_source_create('{"name": "g", "type": "csv", "credentials": {}, "file_path": "organizations/1/../2/file.csv"}');
SELECT rivergen.data_source_create('{"name": "g", "type": "csv", "credentials": {}, "file_path": "organizations/1//file.csv"}');
SELECT rivergen.data_source_create('{"name": "g", "type": "csv", "credentials": {}, "file_path": "organizations/1/"}');
SELECT rivergen.data_source_create(jsonb_build_object('name', 'g', 'type', 'csv', 'credentials', '{}'::jsonb,
	'file_path', 'organizations/1/' || repeat('x', 985)));

-- Tunnels.
SELECT rivergen.data_source_create('{"name": "t", "type": "http_api", "credentials": {}, "use_ssh_tunnel": true}');
SELECT rivergen.data_source_create('{"name": "t", "type": "http_api", "credentials": {}, "use_ssh_tunnel": true, "ssh_host": "b", "ssh_username": "-l root"}');
SELECT rivergen.data_source_create('{"name": "t", "type": "http_api", "credentials": {}, "use_ssh_tunnel": true, "ssh_host": "b", "ssh_username": "$(id)"}');
SELECT answer #> '{data,ssh_port}' AS ssh_port, answer #> '{data,ssh_key_id}' AS ssh_key_id
	FROM rivergen.data_source_create('{"name": "t", "type": "http_api", "use_ssh_tunnel": true, "ssh_host": "b",
		"ssh_username": "u", "credentials": {"ssh_private_key": "k"}}') answer \gset
SELECT :ssh_port AS ssh_port, key_names FROM rivergen_catalog.credential WHERE credential_id = :ssh_key_id;

-- Members of metadata named like a credential key, at any depth and however they are spelt.
SELECT rivergen.data_source_create('{"name": "m", "type": "http_api", "credentials": {}, "metadata": {"password": "p",
	"apiKey": "k", "a": [{"Secret-Access-Key": "k", "username": "fine"}, {"connectionString": "s"}], "username": "u"}}');
SELECT name, rivergen.data_source_create(jsonb_build_object('name', 'm ' || name, 'type', 'http_api', 'credentials', '{}'::jsonb,
	'metadata', jsonb_build_object('a', jsonb_build_object(name, 1)))) IS NOT NULL AS created FROM unnest(
	'{token_url,api_key_header,path,owner,role,key,keys,passenger,tokens_per_minute}'::text[]) name;
-- Certificates however they were pasted.
SELECT replace(pasted, E'\uFEFF', '(BOM)') AS pasted, rivergen.data_source_create(jsonb_build_object('name', 'ca ' || n, 'type', 'http_api', 'credentials', '{}'::jsonb,
	'metadata', jsonb_build_object('x', 1, 'tls', jsonb_build_object('mode', 'verify-ca', 'ca', pasted)))) #> '{data,metadata}' AS metadata
	FROM unnest(ARRAY[E'-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n', E'-----BEGIN CERTIFICATE-----\r\nx\r\n-----END CERTIFICATE-----',
		'-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n', E'\uFEFF  -----BEGIN CERTIFICATE-----  \n  x \n\t-----END CERTIFICATE-----  \n\n\n']) WITH ORDINALITY p (pasted, n);

-- Metadata and tags.
SELECT rivergen.data_source_create('{"name": "m", "type": "http_api", "credentials": {}, "metadata": {"tls": {"mode": "allow", "ca": "x", "cert": 1}}}');
SELECT rivergen.data_source_create('{"name": "m", "type": "http_api", "credentials": {}, "metadata": {"tls": true}}');
SELECT rivergen.data_source_create('{"name": "m", "type": "http_api", "credentials": {}, "metadata": {"a": [{"b": "-----BEGIN RSA PRIVATE KEY-----"}]}}');
SELECT rivergen.data_source_create(jsonb_build_object('name', 'm', 'type', 'http_api', 'credentials', '{}'::jsonb,
	'metadata', jsonb_build_object('a', repeat('x', 65536))));
SELECT rivergen.data_source_create(jsonb_build_object('name', 'm', 'type', 'http_api', 'credentials', '{}'::jsonb,
	'tags', (SELECT jsonb_agg(i::text) FROM generate_series(1, 101) i)));
SELECT rivergen.data_source_create('{"name": "m", "type": "http_api", "credentials": {}, "tags": "a"}');
SELECT rivergen.data_source_create('{"name": "m", "type": "http_api", "credentials": {}, "tags": {"a": "b"}}');
SELECT answer #> '{data,tags}' AS tags, answer #> '{data,metadata}' AS metadata FROM rivergen.data_source_create(
	'{"name": "m", "type": "http_api", "credentials": {}, "tags": ["b", "a", "b"], "metadata": {"tls": {"mode": "verify-full"}, "x": [1, null]}}') answer;

-- Credentials are the page's keys and those of the type; a fault never shows a value.
SELECT rivergen.data_source_create('{"name": "c", "type": "snowflake", "host": "h", "database_name": "d",
	"credentials": {"private_key": "k", "warehouse": "w", "passwort": "hidden", "access_key_id": "hidden", "password": ""}}');
SELECT rivergen.data_source_create('{"name": "c", "type": "snowflake", "host": "h", "database_name": "d",
	"credentials": {"role": "r", "private_key": "k", "warehouse": "w"}}') IS NOT NULL AS created;
SELECT key_names FROM rivergen_catalog.credential ORDER BY credential_id DESC LIMIT 1;

DROP EXTENSION rivergen;
