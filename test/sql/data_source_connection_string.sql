-- connection_string: parsed into fields and credentials, never kept, never quoted.
CREATE EXTENSION rivergen;
-- A public key without its private half: credentials sealed here are never opened.
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
	FROM unnest('{service,servicefile,passfile,sslkey,sslcert,sslrootcert,sslcrl,sslpassword,hostaddr,options,requirepeer,krbsrvname,require_auth,ssl_max_protocol_version,sslcrldir}'::text[]) option;
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
-- A DNS record names the hosts and their ports; TLS is on unless the string says otherwise.
SELECT string, pg_temp.parsed('mongodb', string) AS parsed FROM unnest('{mongodb+srv://h.example.com/d,mongodb+srv://h.example.com/d?tls=false,mongodb+srv://h.example.com:27017/d,"mongodb+srv://a.example.com,b.example.com/d"}'::text[]) string;
SELECT pg_temp.parsed('mongodb', 'mongodb+srv://h.example.com/d', '{"metadata": {"srv": true}}'), pg_temp.parsed('mongodb', 'mongodb+srv://h.example.com/d', '{"metadata": {"srv": false}}'), pg_temp.parsed('mongodb', 'mongodb://h.example.com/d', '{"metadata": {"srv": true}}');
SELECT pg_temp.parsed('sqlserver', 'Driver={x};Server=h;Servername=i;Pwd=secret');
SELECT pg_temp.parsed('csv', 'file:///etc/passwd', '{"file_path": "organizations/1/a"}');
SELECT pg_temp.parsed('postgresql', '');
SELECT pg_temp.parsed('postgresql', 'postgresql://h/' || repeat('d', 8200));
SELECT rivergen.data_source_create('{"name": "n", "type": "postgresql", "connection_string": 5, "credentials": {}}');
SELECT rivergen.data_source_create('{"name": "n", "type": "postgresql", "connection_string": "postgresql://u:pa/ss@h/d", "credentials": {}}');

-- What providers hand out, and what is copied along.
SELECT handed_out, pg_temp.parsed(type, handed_out) AS parsed FROM (VALUES
	('postgresql', 'postgresql://u:p@ep-cool-1-pooler.us-east-2.aws.neon.tech/neondb?sslmode=require&channel_binding=require'),
	('postgresql', 'psql ''postgresql://u:p@ep-cool-1.aws.neon.tech/neondb?sslmode=require&options=endpoint%3Dep-cool-1'''),
	('postgresql', 'postgresql://postgres.ref:[YOUR-PASSWORD]@aws-0-eu.pooler.supabase.com:6543/postgres?pgbouncer=true&connection_limit=1'),
	('postgresql', 'postgres://u:p@ec2-1.compute-1.amazonaws.com:5432/d?ssl=true&uselibpqcompat=true'),
	('postgresql', 'postgres://avnadmin:p@pg-1.aivencloud.com:12345/defaultdb?sslmode=require'),
	('postgresql', 'postgresql://u%40server:p@server.postgres.database.azure.com/postgres?sslmode=require'),
	('postgresql', 'host=server.postgres.database.azure.com port=5432 dbname=postgres user=u password=p sslmode=require target_session_attrs=read-write'),
	('postgresql', 'postgresql+psycopg2://u:p@h/d?schema=sales&connect_timeout=10&keepalives=1&sslnegotiation=direct'),
	('postgresql', 'jdbc:postgresql://h:5433/d?user=u&password=p&ssl=true&sslmode=verify-full&currentSchema=sales&ApplicationName=app'),
	('postgresql', 'postgresql://u:p@c.cockroachlabs.cloud:26257/defaultdb?sslmode=verify-full&sslrootcert=system&options=--cluster%3Dc-1'),
	('mysql', 'mysql://avnadmin:p@mysql-1.aivencloud.com:12345/defaultdb?ssl-mode=REQUIRED'),
	('mysql', 'mysql://u:pscale_pw_1@aws.connect.psdb.cloud/d?sslaccept=strict'),
	('mysql', 'mysql://u:pscale_pw_1@aws.connect.psdb.cloud/d?ssl={"rejectUnauthorized":true}'),
	('mysql', 'jdbc:mysql://h/d?useSSL=true&requireSSL=true&serverTimezone=UTC'),
	('mongodb', 'mongodb://u:p@h.mongodb.net/d?ssl=true&replicaSet=atlas-1&authSource=admin&retryWrites=true&w=majority&appName=app'),
	('redis', 'redis://default:p@redis-1.c1.us-east-1-2.ec2.redns.redis-cloud.com:12345'),
	('redis', 'rediss://default:p@x.upstash.io'),
	('elasticsearch', 'https://elastic:p@d.es.us-east-1.aws.found.io'),
	('http_api', 'http://h'),
	('http_api', 'https://h'),
	('cassandra', 'cassandra://u:p@h/k'),
	('sqlserver', 'mssql+pyodbc://u:p@h/d')) v (type, handed_out);
SELECT pg_temp.parsed('postgresql', E' \uFEFF\r\n\tpostgresql://u:p@h/d\u00a0\r\n');
SELECT pg_temp.parsed('postgresql', E'\u200b host=h dbname=d user=u \r\n');
SELECT pg_temp.parsed('postgresql', '"postgresql://u:p@h/d"');
SELECT pg_temp.parsed('postgresql', E' \u00a0 ');
-- A port that stands beside the string is the port; several hosts are refused by name.
SELECT pg_temp.parsed('postgresql', 'postgresql://u:p@h/d', '{"port": 6543}');
SELECT type, pg_temp.parsed(type, string) AS parsed FROM (VALUES
	('postgresql', 'postgresql://u:p@one:5432,two:5433/shop'), ('redshift', 'redshift://u:p@one,two/shop'),
	('postgresql', 'host=one,two dbname=shop'), ('mongodb', 'mongodb://u:p@one:27017,two:27017/d?replicaSet=r'),
	('cassandra', 'cassandra://u:p@one,two:9042/k'), ('elasticsearch', 'https://u:p@one:9200,two:9200'),
	('mongodb', 'mongodb+srv://u:p@cluster0.abc.mongodb.net/d?retryWrites=true&w=majority')) v (type, string);
-- What would weaken a connection, or contradicts itself, is refused by name.
SELECT option, pg_temp.parsed('postgresql', 'postgresql://h/d?' || option) AS faults FROM unnest(
	'{channel_binding=require&sslmode=disable,channel_binding=perhaps,gssencmode=require,options=-csearch_path%3Dx,sslrootcert=/etc/ca,options=endpoint%3Dx%20-c%20y}'::text[]) option;

-- A changed connection string changes what it names. It may not lose credentials that it does not name.
SELECT rivergen.data_source_create('{"name": "n", "type": "postgresql", "host": "h", "port": 1, "database_name": "d",
	"schema_auto_refresh": false, "credentials": {"username": "u", "password": "p"}, "metadata": {"x": 1}}') IS NOT NULL AS created;
SELECT d -> 'host' AS host, d -> 'port' AS port, d -> 'metadata' AS metadata
	FROM rivergen.data_source_update(currval('rivergen_catalog.data_source_id_seq'), '{"connection_string": "postgres://i:2/d?sslmode=prefer"}') u, jsonb_path_query(u, '$.data') d;
SELECT rivergen.data_source_update(currval('rivergen_catalog.data_source_id_seq'), '{"connection_string": "postgres://v@i:2/d"}');
SELECT rivergen.data_source_update(currval('rivergen_catalog.data_source_id_seq'), '{"connection_string": "postgres://v:q@i:2/d"}') ->> 'message' AS message;
SELECT key_names FROM rivergen_catalog.credential;
-- Hosts of one's own end what a DNS record says.
SELECT rivergen.data_source_create('{"name": "m", "type": "mongodb", "connection_string": "mongodb+srv://u:p@h.example.com/d", "schema_auto_refresh": false, "credentials": {}}') IS NOT NULL AS created;
SELECT d -> 'host' AS host, d -> 'metadata' AS metadata
	FROM rivergen.data_source_update(currval('rivergen_catalog.data_source_id_seq'), '{"connection_string": "mongodb://u:p@i:1/d"}') u, jsonb_path_query(u, '$.data') d;

DROP EXTENSION rivergen;
