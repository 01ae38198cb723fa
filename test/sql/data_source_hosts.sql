-- host may be a list for the types that allow it: how it is written, stored and refused.
CREATE EXTENSION rivergen;
INSERT INTO rivergen_catalog.sealing_key (key_id, public_key)
	VALUES (1, '\xde9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
SELECT rivergen.organization_create('Acme') AS acme, rivergen.workspace_create(1, 'main') AS main,
	rivergen.user_create('operator', session_user::text) AS operator;
SELECT rivergen.membership_add(1, 1, 'admin');
-- host and port as they are stored, or the faults. Nothing is kept.
CREATE FUNCTION pg_temp.stored(type text, host text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	body jsonb;
	faults text;
BEGIN
	body := rivergen.data_source_create(jsonb_build_object('name', 'stored', 'type', type, 'host', host,
		'database_name', '0', 'credentials', '{}'::jsonb, 'schema_auto_refresh', false) || more) -> 'data';
	RAISE EXCEPTION SQLSTATE 'RGOK1' USING MESSAGE = concat_ws(' ', body ->> 'host', coalesce(body ->> 'port', '-'));
EXCEPTION
	WHEN SQLSTATE 'RGOK1' THEN
		RETURN sqlerrm;
	WHEN SQLSTATE 'PT400' THEN
		GET STACKED DIAGNOSTICS faults = PG_EXCEPTION_DETAIL;
		RETURN faults;
END
$$;

SELECT type FROM rivergen.data_source_types WHERE several_hosts;

-- As it is written, and as it is stored.
SELECT host, pg_temp.stored('mongodb', host) AS stored FROM unnest(ARRAY['a:1,b:2', ' a:1 , b:2 ', 'a.:1,B.example.com.:2',
	'[::1]:5,[2001:db8::7]:6', '192.0.2.1:1,b:65535', 'a:1,b:2,c:3,d:4,e:5,f:6,g:7,h:8,i:9,j:10,k:11,l:12,m:13,n:14,o:15,p:16']) host;
-- A host without a port has the port of the definition, which is needed then.
SELECT host, pg_temp.stored('redis', host, '{"port": 7000}') AS stored FROM unnest(ARRAY['a,b', 'a:1,b', '[::1],b:2', 'a']) host;
SELECT host, pg_temp.stored('redis', host) AS faults FROM unnest(ARRAY['a,b', 'a:1,b', 'a']) host;
-- What is refused.
SELECT host, pg_temp.stored('cassandra', host) AS faults FROM unnest(ARRAY['a:1,', ',a:1', 'a:1,,b:2', 'a:0,b:1', 'a:65536,b:1',
	'a:99999999999999999999,b:1', 'a:x,b:1', 'a:1,a:1', 'a:1,A:1', '::1,b:1', '[::1,b:1', '[::1]5,b:1', '[a]x:1,b:1', 'a:1,-b:1', 'a:1,/tmp', 'a:1,u@b:1',
	'a b:1,c:1', 'fe80::1%eth0,b:1', 'a:1,b:2,c:3,d:4,e:5,f:6,g:7,h:8,i:9,j:10,k:11,l:12,m:13,n:14,o:15,p:16,q:17']) host;
SELECT pg_temp.stored('elasticsearch', repeat('a', 5000) || ',b'), pg_temp.stored('cassandra', repeat('a', 256) || ':1,b:1');
SELECT type, pg_temp.stored(type, 'a:1,b:2', '{"port": 1}') AS faults FROM unnest('{postgresql,redshift,mysql,other}'::text[]) type;
SELECT pg_temp.stored('mongodb', 'a:1', '{"port": 1}');

-- In a connection string; beside a field it must say the same.
SELECT string, pg_temp.stored('mongodb', NULL, jsonb_build_object('connection_string', string)) AS stored FROM unnest(ARRAY[
	'mongodb://u:p@a:1,b:2/0', 'mongodb://u:p@a,b:2/0', 'mongodb://u:p@[::1]:5,b/0', 'mongodb://a,,b/0', 'mongodb://a:1,b:2']) string;
SELECT pg_temp.stored('mongodb', ' a:1, b:2', '{"connection_string": "mongodb://a:1,b:2/0"}');
SELECT pg_temp.stored('mongodb', 'a:1,c:2', '{"connection_string": "mongodb://a:1,b:2/0"}');
SELECT pg_temp.stored('redis', NULL, '{"connection_string": "redis://a,b/0", "port": 7000}');

-- What connections are counted under: a key for each host and port, however the host is written.
SELECT rivergen_catalog.host_keys('A.example.com,b:2', 1) = rivergen_catalog.host_keys('a.example.com', 1) || rivergen_catalog.host_keys('b', 2) AS same,
	rivergen_catalog.host_keys(NULL, 1) AS none, cardinality(rivergen_catalog.host_keys('a', NULL)) AS without_port;

DROP EXTENSION rivergen;
