-- data_source_list beyond the specification's page: tags, cursors, search in every alphabet.
CREATE EXTENSION rivergen;
SELECT rivergen.organization_create('Acme') AS acme, rivergen.organization_create('Other') AS other,
	rivergen.user_create('operator', session_user::text) AS operator;
SELECT rivergen.membership_add(1, 1, 'admin'), rivergen.membership_add(2, 1, 'admin');
CREATE FUNCTION pg_temp.add(name text, tags text[] DEFAULT '{}', description text DEFAULT NULL, port int DEFAULT NULL) RETURNS int
	LANGUAGE sql AS $$SELECT (rivergen.data_source_create(jsonb_build_object('name', name, 'type', 'http_api', 'credentials', '{}'::jsonb, 'schema_auto_refresh', false,
		'tags', tags, 'description', description, 'port', port)) #>> '{data,id}')::int$$;
CREATE FUNCTION pg_temp.names(answer jsonb) RETURNS text LANGUAGE sql AS
	$$SELECT coalesce(string_agg(item ->> 'name', ', ' ORDER BY place), '-')
		FROM jsonb_array_elements(answer #> '{data,items}') WITH ORDINALITY i (item, place)$$;
SELECT pg_temp.add('orders', '{production,eu}'), pg_temp.add('ORDERS archive', '{archive,eu}', 'Since 1999'),
	pg_temp.add('Zahlungen für Österreich', '{production}', port => 80), pg_temp.add('ЗАКАЗЫ', '{Production}', '100% of ΣΊΣΥΦΟΣ'),
	pg_temp.add('注文データ', port => 80), pg_temp.add('a_b', description => 'C:\dir\new', port => 79);

-- tags: a source that has all of them.
SELECT pg_temp.names(rivergen.data_source_list(tags => '{production}', sort_by => 'name', sort_order => 'asc'));
SELECT pg_temp.names(rivergen.data_source_list(tags => '{eu,production}'));
SELECT pg_temp.names(rivergen.data_source_list(tags => '{eu,asia}'));
SELECT rivergen.data_source_list(tags => '{}') #> '{data,pagination,total_items}' AS all_of_them;
SELECT pg_temp.names(rivergen.data_source_list(tags => '{eu}', search => 'archive'));

-- search: without regard to case in any alphabet, letters composed or not, wildcards and backslashes as they are.
SELECT needle, pg_temp.names(rivergen.data_source_list(search => needle, sort_by => 'id', sort_order => 'asc')) AS found FROM unnest(ARRAY[
	'ORDER', 'für öster', 'FÜR ÖSTER', U&'fu\0308r', 'заказы', 'ΣίΣΥ', '注文', 'データ', '文データ', '100%', 'a_b', 'a%b', '_b', '\dir\', 'C:\D', '%',
	'archivesince', 'nothing']) needle;

-- A search and the index agree, also when the index is the only way.
SET enable_seqscan = off;
SET enable_indexscan = off;
SELECT pg_temp.names(rivergen.data_source_list(search => 'ORDERS', tags => '{eu}', sort_by => 'id'));
SELECT pg_temp.names(rivergen.data_source_list(search => 'データ'));
RESET enable_seqscan;
RESET enable_indexscan;

-- Another organization's sources are not found.
SET rivergen.organization_id = 2;
SELECT pg_temp.names(rivergen.data_source_list(search => 'orders')), pg_temp.names(rivergen.data_source_list(tags => '{eu}'));
RESET rivergen.organization_id;

-- The total of a status alone is that of its items, also beside hidden sources.
BEGIN;
UPDATE rivergen_catalog.data_source_state SET status = 'failed' WHERE data_source_id <= 4;
UPDATE rivergen_catalog.data_source SET maintenance = true WHERE data_source_id IN (1, 5);
UPDATE rivergen_catalog.data_source SET deleted_at = now() WHERE data_source_id IN (2, 6);
SELECT status, answer #> '{data,pagination,total_items}' AS total, pg_temp.names(answer)
	FROM unnest('{failed,inactive,active,testing,maintenance}'::text[]) status, rivergen.data_source_list(status_filter => status) answer;
ROLLBACK;

-- A walk: an empty cursor begins; the end has none. Every order gives every source once, as the pages do.
SELECT jsonb_object_keys(rivergen.data_source_list(after => '') -> 'data') AS members;
CREATE FUNCTION pg_temp.walk(sort_by text, sort_order text, size int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer jsonb;
	walked text := '';
	cursor text := '';
BEGIN
	LOOP
		answer := rivergen.data_source_list(sort_by => sort_by, sort_order => sort_order, page_size => size, after => cursor);
		walked := walked || coalesce((SELECT string_agg(item ->> 'id', ' ' ORDER BY place) || ' '
			FROM jsonb_array_elements(answer #> '{data,items}') WITH ORDINALITY i (item, place)), '');
		cursor := answer #>> '{data,next_cursor}';
		EXIT WHEN cursor IS NULL;
	END LOOP;
	RETURN walked;
END $$;
SELECT sort_by, sort_order, pg_temp.walk(sort_by, sort_order, 100) AS walked FROM unnest('{port,created_at}'::text[]) sort_by, unnest('{asc,desc}'::text[]) sort_order;
SELECT count(*) AS orders, count(*) FILTER (WHERE pg_temp.walk(sort_by, sort_order, size) = pg_temp.walk(sort_by, sort_order, 100)) AS agree
	FROM unnest('{id,organization_id,workspace_id,name,type,description,host,port,database_name,schema_name,file_path,use_ssh_tunnel,ssh_host,ssh_port,status,last_tested_at,last_successful_connection_at,schema_discovered_at,schema_auto_refresh,tags,created_at,updated_at}'::text[]) sort_by,
		unnest('{asc,desc}'::text[]) sort_order, generate_series(1, 4) size;
-- What comes and goes on the way does not move the rest.
SELECT rivergen.data_source_list(sort_by => 'name', sort_order => 'asc', page_size => 3, after => '') #>> '{data,next_cursor}' AS cursor \gset
SELECT rivergen.data_source_delete(1) ->> 'message' AS message, pg_temp.add('AAA') > 0 AS added;
SELECT pg_temp.names(rivergen.data_source_list(sort_by => 'name', sort_order => 'asc', after => :'cursor'));

-- Cursors of another order, and what is none.
SELECT rivergen.data_source_list(sort_by => 'name', sort_order => 'desc', after => :'cursor');
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.data_source_list(after => 'next', page => 2, page_size => 0, tags => '{a,NULL}', sort_order => 'up');
CREATE FUNCTION pg_temp.made_up(plain bytea, sort_by text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN pg_temp.names(rivergen.data_source_list(sort_by => sort_by, sort_order => 'asc', after => encode(plain, 'hex')));
EXCEPTION WHEN SQLSTATE 'PT400' THEN
	RETURN sqlerrm;
END $$;
SELECT plain, sort_by, pg_temp.made_up(plain::bytea, sort_by) FROM (VALUES
	('', 'port'), ('port', 'port'), ('port.a', 'port'), ('port.a.', 'port'), ('port.a.5', 'port'), ('port.a.5=', 'port'), ('port.a.5=x', 'port'),
	('port.a.5=79', 'port'), ('port.a.5=79x', 'port'), ('port.a.5-', 'port'), ('port.a.5-x', 'port'), ('port.a.99999999999999999999=1', 'port'),
	('port.a.5=99999999999999999999', 'port'), ('name.a.5-', 'name'), ('name.a.5=\000', 'name'), ('name.a.5=\303', 'name'), ('name.a.5=', 'name'),
	('created_at.a.5=9223372036854775807', 'created_at'), ('created_at.a.5=-9223372036854775807', 'created_at'),
	('created_at.a.5=0', 'created_at'), ('use_ssh_tunnel.a.5=1', 'use_ssh_tunnel')) v (plain, sort_by);

DROP EXTENSION rivergen;
