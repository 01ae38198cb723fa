-- data_source_list: filters, order, pages.
CREATE EXTENSION rivergen;
-- A public key without its private half: credentials sealed here are never opened.
INSERT INTO rivergen_catalog.sealing_key (key_id, public_key)
	VALUES (1, '\xde9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
SELECT rivergen.organization_create('Acme') AS acme, rivergen.workspace_create(1, 'main') AS main,
	rivergen.user_create('operator', session_user::text) AS operator;
SELECT rivergen.membership_add(1, 1, 'admin');
SELECT count(rivergen.data_source_create(jsonb_build_object('name', 'source ' || i, 'type', (ARRAY['http_api', 'other'])[i % 2 + 1],
	'credentials', '{}'::jsonb, 'schema_auto_refresh', false, 'workspace_id', CASE WHEN i < 4 THEN 1 END, 'description', CASE WHEN i % 3 = 0 THEN '50%_OFF' END)))
	FROM generate_series(1, 7) i;
CREATE FUNCTION pg_temp.names(answer jsonb) RETURNS text LANGUAGE sql AS
	$$SELECT coalesce(string_agg(item ->> 'id', ' ' ORDER BY place), '-') || ' ' || (answer #> '{data,pagination}')
		FROM jsonb_array_elements(answer #> '{data,items}') WITH ORDINALITY i (item, place)$$;

-- An item, and the pagination block.
SELECT jsonb_pretty(answer #- '{data,items,0,created_at}' #- '{data,items,0,updated_at}')
	FROM rivergen.data_source_list(page_size => 1, sort_by => 'id', sort_order => 'asc') answer;

-- The default: created_at, descending, ties by id in the same direction.
SELECT pg_temp.names(rivergen.data_source_list());
SELECT pg_temp.names(rivergen.data_source_list(page => 2, page_size => 3));
SELECT pg_temp.names(rivergen.data_source_list(page => 3, page_size => 3));
SELECT pg_temp.names(rivergen.data_source_list(page => 4, page_size => 3));
SELECT pg_temp.names(rivergen.data_source_list(page => 9223372036854775807, page_size => 1000));

-- Nulls come last in both directions.
SELECT pg_temp.names(rivergen.data_source_list(sort_by => 'description', sort_order => 'asc'));
SELECT pg_temp.names(rivergen.data_source_list(sort_by => 'description', sort_order => 'desc'));

-- Every field sorts.
SELECT field, rivergen.data_source_list(sort_by => field, sort_order => 'asc') #> '{data,pagination,total_items}' AS total
	FROM unnest('{id,organization_id,workspace_id,name,type,description,host,port,database_name,schema_name,file_path,use_ssh_tunnel,ssh_host,ssh_port,status,last_tested_at,last_successful_connection_at,schema_discovered_at,schema_auto_refresh,tags,created_at,updated_at}'::text[]) field;

-- Filters.
SELECT pg_temp.names(rivergen.data_source_list(workspace_id => 1));
SELECT pg_temp.names(rivergen.data_source_list(workspace_id => 99));
SELECT pg_temp.names(rivergen.data_source_list(type => 'other', sort_by => 'name', sort_order => 'asc'));
SELECT pg_temp.names(rivergen.data_source_list(status_filter => 'inactive', page_size => 2));
SELECT pg_temp.names(rivergen.data_source_list(status_filter => 'active'));
SELECT pg_temp.names(rivergen.data_source_list(search => 'SOURCE 7'));
SELECT pg_temp.names(rivergen.data_source_list(search => '%_off'));
SELECT pg_temp.names(rivergen.data_source_list(search => 'o%e'));
SELECT pg_temp.names(rivergen.data_source_list(NULL, NULL, NULL, NULL, NULL, '', NULL, NULL));

-- Bad values name the good ones.
SELECT rivergen.data_source_list(type => 'postgres', status_filter => 'broken', page => 0, page_size => 1001, sort_by => 'metadata', sort_order => 'down');
\echo :LAST_ERROR_SQLSTATE

DROP EXTENSION rivergen;
