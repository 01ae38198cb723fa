-- connection_string: parsed into fields and credentials, never kept, never quoted.
CREATE EXTENSION rivergen;
-- A public key whose private half nobody has: what is sealed here is never opened.
INSERT INTO rivergen_catalog.sealing_key (key_id, public_key)
	VALUES (1, '\xde9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
SELECT rivergen.organization_create('Acme') AS acme, rivergen.workspace_create(1, 'main') AS main,
	rivergen.user_create('operator', session_user::text) AS operator;
SELECT rivergen.membership_add(1, 1, 'admin');
-- What becomes of a connection string, and which credentials are in it. Nothing is kept.
CREATE FUNCTION pg_temp.parsed(type text, connection_string text, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	body jsonb;
	faults text;
	hint text;
BEGIN
	BEGIN
		body := rivergen.data_source_create(jsonb_build_object('name', 'parsed', 'type', type, 'connection_string',
			connection_string, 'credentials', '{}'::jsonb, 'schema_auto_refresh', false) || more) -> 'data';
		RAISE EXCEPTION SQLSTATE 'RGOK1' USING MESSAGE = jsonb_strip_nulls(jsonb_build_object(
			'host', body -> 'host', 'port', body -> 'port', 'database', body -> 'database_name',
			'schema', body -> 'schema_name', 'timeout', nullif(body -> 'connection_timeout', '30'),
			'metadata', nullif(body -> 'metadata', '{}'),
			'keys', (SELECT key_names FROM rivergen_catalog.credential WHERE data_source_id = (body ->> 'id')::bigint)));
	EXCEPTION
		WHEN SQLSTATE 'RGOK1' THEN
			RETURN sqlerrm;
		WHEN SQLSTATE 'PT400' THEN
			GET STACKED DIAGNOSTICS faults = PG_EXCEPTION_DETAIL;
			RETURN to_jsonb(string_to_array(faults, E'\n'));
	END;
END
$$;

-- URLs.
SELECT pg_temp.parsed('postgresql', 'postgresql://me:secret@db.example.com:5433/shop');
SELECT pg_temp.parsed('postgresql', 'postgres://me@db.example.com/shop');
SELECT pg_temp.parsed('postgresql', 'POSTGRES://db.example.com/shop?sslmode=verify-full&connect_timeout=7&application_name=a%20b');
SELECT pg_temp.parsed('postgresql', 'postgresql://h/d?user=u&password=p&port=1');
SELECT pg_temp.parsed('postgresql', 'postgresql://[2001:db8::7]:5433/shop');
SELECT pg_temp.parsed('postgresql', 'postgresql://u:p%40%2F%3A%3F%23%5B%5D%25%26%3D%27%22%5C%20%C3%BC@h/my%20db%2Fx');
SELECT pg_temp.parsed('postgresql', 'postgresql://u:a:b@c@h/d');
SELECT pg_temp.parsed('mysql', 'mysql://u:p@h:3306/d?ssl-mode=VERIFY_IDENTITY');
SELECT pg_temp.parsed('mongodb', 'mongodb://u:p@h:27017/d?tls=true');
SELECT pg_temp.parsed('redis', 'rediss://:p@h:6379/0');
SELECT pg_temp.parsed('elasticsearch', 'https://u:p@h:9200/');
SELECT pg_temp.parsed('snowflake', 'snowflake://u:p@acme.snowflakecomputing.com/d/s?warehouse=w&role=r');
SELECT pg_temp.parsed('bigquery', 'bigquery://project/dataset');
SELECT pg_temp.parsed('redshift', 'redshift://u:p@h:5439/d');
SELECT pg_temp.parsed('other', 'cobol://u:p@h:1/d');

-- Keywords, with libpq's quoting.
SELECT pg_temp.parsed('postgresql', 'host=h port = 5432 dbname=''a b'' user=me password=''it\''s \\ #@/?'' sslmode=require');
SELECT pg_temp.parsed('postgresql', '  host=h dbname=d password=a\ b  connect_timeout=''9''  user='''' ');
SELECT pg_temp.parsed('mysql', 'host=h port=1 dbname=d');

-- Beside fields: the same is fine, another is a contradiction.
SELECT pg_temp.parsed('postgresql', 'postgresql://u:p@h:1/d', '{"host": "h", "port": 1, "database_name": "d", "credentials": {"username": "u"}, "metadata": {"x": 1}}');
SELECT pg_temp.parsed('postgresql', 'postgresql://u:p@h:1/d?sslmode=require', '{"host": "i", "port": 2, "database_name": "e", "credentials": {"username": "v", "password": "q"}, "metadata": {"tls": {"mode": "disable"}}}');

-- What is refused is named; what may be a piece of a password is not.
SELECT option, pg_temp.parsed('postgresql', format('host=h port=1 dbname=d %s=1', option)) AS faults
	FROM unnest('{service,servicefile,passfile,sslkey,sslcert,sslrootcert,sslcrl,sslpassword,hostaddr,options,requirepeer,krbsrvname,gssencmode,replication,target_session_attrs,channel_binding,client_encoding,keepalives}'::text[]) option;
SELECT pg_temp.parsed('postgresql', 'host=h dbname=d password=my secret');
SELECT pg_temp.parsed('postgresql', 'host=h dbname=d password=my hunter2=x');
SELECT pg_temp.parsed('postgresql', 'host=h dbname=d password=''open');
SELECT pg_temp.parsed('postgresql', 'host=/tmp port=1 dbname=d');
SELECT pg_temp.parsed('postgresql', 'host=@abstract port=1 dbname=d');
SELECT pg_temp.parsed('postgresql', 'host=a,b port=1,2 dbname=d');
SELECT pg_temp.parsed('postgresql', 'postgresql://a:1,b:2/d');
SELECT pg_temp.parsed('postgresql', 'postgresql://%2Ftmp/d');
SELECT pg_temp.parsed('postgresql', 'postgresql://u:pa/ss@h/d');
SELECT pg_temp.parsed('postgresql', 'postgresql://u:pa?ss@h/d');
SELECT pg_temp.parsed('postgresql', 'postgresql://u:pa#ss@h/d');
SELECT pg_temp.parsed('postgresql', 'postgresql://u:100%@h/d');
SELECT pg_temp.parsed('postgresql', 'postgresql://u:%00@h/d');
SELECT pg_temp.parsed('postgresql', 'postgresql://u:%ff@h/d');
SELECT pg_temp.parsed('postgresql', 'postgresql://2001:db8::7/d');
SELECT pg_temp.parsed('postgresql', 'postgresql://[::1/d');
SELECT pg_temp.parsed('postgresql', 'postgresql://h/d/e');
SELECT pg_temp.parsed('postgresql', 'postgresql:///d');
SELECT pg_temp.parsed('postgresql', 'postgresql://h:99999/d?sslmode=allow&connect_timeout=0');
SELECT pg_temp.parsed('postgresql', 'mysql://h/d');
SELECT pg_temp.parsed('mongodb', 'mongodb+srv://h/d');
SELECT pg_temp.parsed('sqlserver', 'Driver={x};Server=h;Servername=i;Pwd=secret');
SELECT pg_temp.parsed('csv', 'file:///etc/passwd', '{"file_path": "organizations/1/a"}');
SELECT pg_temp.parsed('postgresql', '');
SELECT pg_temp.parsed('postgresql', 'postgresql://h/' || repeat('d', 8200));
SELECT rivergen.data_source_create('{"name": "n", "type": "postgresql", "connection_string": 5, "credentials": {}}');
SELECT rivergen.data_source_create('{"name": "n", "type": "postgresql", "connection_string": "postgresql://u:pa/ss@h/d", "credentials": {}}');

-- A changed connection string changes what it names. It may not lose credentials that it does not name.
SELECT rivergen.data_source_create('{"name": "n", "type": "postgresql", "host": "h", "port": 1, "database_name": "d",
	"schema_auto_refresh": false, "credentials": {"username": "u", "password": "p"}, "metadata": {"x": 1}}') IS NOT NULL AS created;
SELECT d -> 'host' AS host, d -> 'port' AS port, d -> 'metadata' AS metadata
	FROM rivergen.data_source_update(currval('rivergen_catalog.data_source_id_seq'), '{"connection_string": "postgres://i:2/d?sslmode=prefer"}') u, jsonb_path_query(u, '$.data') d;
SELECT rivergen.data_source_update(currval('rivergen_catalog.data_source_id_seq'), '{"connection_string": "postgres://v@i:2/d"}');
SELECT rivergen.data_source_update(currval('rivergen_catalog.data_source_id_seq'), '{"connection_string": "postgres://v:q@i:2/d"}') ->> 'message' AS message;
SELECT key_names FROM rivergen_catalog.credential;

DROP EXTENSION rivergen;
