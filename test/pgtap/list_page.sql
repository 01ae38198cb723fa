-- The page List Data Sources, sentence by sentence.
\ir fixture.psql
SELECT no_plan();

-- Twenty-five sources, among them the page's own item; the other organization has three.
SELECT pg_temp.gets('editor', 'data_source_create', '{"workspace_id": 1, "name": "Production PostgreSQL", "type": "postgresql",
	"description": "Main production database", "host": "db.example.com", "port": 5432, "database_name": "production",
	"schema_name": "public", "tags": ["production", "database"], "credentials": {"username": "canary", "password": "canary"}}') \g /dev/null
SELECT pg_temp.created(pg_temp.source(jsonb_build_object('name', 'n' || to_char(25 - i, 'FM00'), 'type', (ARRAY['mysql', 'csv', 'other'])[i % 3 + 1],
	'file_path', 'organizations/1/' || i, 'database_name', 'd' || i % 4, 'port', 1000 + i % 5, 'host', CASE WHEN i % 2 = 0 OR i % 3 = 0 THEN 'h' || i END, 'description',
	CASE i % 4 WHEN 0 THEN '50% OFF' WHEN 1 THEN 'under_score' WHEN 2 THEN 'back\slash ÄÖ' END, 'schema_name', 's' || i % 3,
	'schema_auto_refresh', i % 2 = 0, 'use_ssh_tunnel', i % 6 = 0, 'ssh_host', 'b', 'ssh_username', 'u', 'ssh_port', 3000 - i)))
	FROM generate_series(1, 24) i \g /dev/null
SELECT pg_temp.gets('stranger', 'data_source_create', pg_temp.source('{"description": "Main production database"}')) FROM generate_series(1, 3) \g /dev/null
UPDATE rivergen_catalog.data_source SET created_at = now() - data_source_id % 7 * interval '1 hour', updated_at = now() - data_source_id % 5 * interval '1 hour',
	maintenance = data_source_id % 11 = 10 WHERE organization_id = :acme;
UPDATE rivergen_catalog.data_source_state SET status = (ARRAY['active', 'inactive', 'testing', 'failed'])[data_source_id % 4 + 1],
	last_tested_at = CASE WHEN data_source_id % 3 > 0 THEN now() - data_source_id % 3 * interval '1 minute' END,
	last_successful_connection_at = CASE WHEN data_source_id % 5 > 0 THEN now() - data_source_id % 5 * interval '1 minute' END,
	schema_discovered_at = CASE WHEN data_source_id % 2 > 0 THEN now() - data_source_id * interval '1 minute' END WHERE organization_id = :acme;
UPDATE rivergen_catalog.data_source SET created_at = '2024-12-01 08:00+00', updated_at = '2024-12-01 10:00+00', maintenance = false WHERE data_source_id = 1;
UPDATE rivergen_catalog.data_source_state SET status = 'active', last_tested_at = '2024-12-01 10:00+00', last_successful_connection_at = '2024-12-01 10:00+00',
	schema_discovered_at = '2024-12-01 09:00+00' WHERE data_source_id = 1;

-- What each source shows, read by other means than the list.
CREATE TEMP TABLE shown AS SELECT pg_temp.gets('editor', 'data_source_get', to_jsonb(data_source_id)) -> 'data' AS source, data_source_id AS id
	FROM rivergen_catalog.data_source WHERE organization_id = :acme;
SELECT is(count(*), 25::bigint, 'there are twenty-five') FROM shown;

-- ---- Response ----

SELECT is(pg_temp.listed($$search => 'production PostgreSQL'$$), '{
	"success": true,
	"data": {
		"items": [
			{
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
				"status": "active",
				"last_tested_at": "2024-12-01T10:00:00.000000Z",
				"last_successful_connection_at": "2024-12-01T10:00:00.000000Z",
				"schema_discovered_at": "2024-12-01T09:00:00.000000Z",
				"schema_auto_refresh": true,
				"tags": ["production", "database"],
				"created_at": "2024-12-01T08:00:00.000000Z",
				"updated_at": "2024-12-01T10:00:00.000000Z"
			}
		],
		"pagination": {
			"page": 1,
			"page_size": 20,
			"total_items": 1,
			"total_pages": 1,
			"has_next": false,
			"has_previous": false
		}
	},
	"message": "Data sources retrieved successfully"
}'::jsonb, 'Response, Success (200): the page''s example, with the times to the microsecond');
SELECT is((SELECT count(*) FROM jsonb_array_elements(pg_temp.listed('page_size => 1000') #> '{data,items}') item
	JOIN shown s ON s.id = (item ->> 'id')::bigint WHERE s.source @> item), 25::bigint, 'Response: every item shows what the source shows');
SELECT is(pg_temp.listed('page_size => 1000')::text ~ 'canary', false, 'Response: no credentials');

-- ---- Query Parameters ----

-- condition: what the sources that are found have in common, in terms of s.source.
CREATE FUNCTION pg_temp.finds(arguments text, condition text, sentence text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	expected bigint[];
BEGIN
	EXECUTE 'SELECT array_agg(s.id ORDER BY s.id) FROM shown s WHERE ' || condition INTO expected;
	RETURN is((SELECT array_agg((item ->> 'id')::bigint ORDER BY (item ->> 'id')::bigint)
		FROM jsonb_array_elements(pg_temp.listed(arguments || ', page_size => 100') #> '{data,items}') item), expected, sentence);
END
$$;
SELECT pg_temp.finds('workspace_id => 1', $$s.source -> 'workspace_id' = '1'$$, 'workspace_id | integer | No | Filter by workspace ID');
SELECT pg_temp.finds('workspace_id => ' || id, 'false', 'workspace_id | integer | No | Filter by workspace ID: another organization''s, or none''s, is empty: ' || id) FROM unnest('{2,99,0,-1}'::int[]) id;
SELECT pg_temp.finds(format('type => %L', type), format('s.source ->> ''type'' = %L', type),
	'type | string | No | Filter by data source type (e.g., "postgresql", "mysql", "csv"): ' || type) FROM unnest('{postgresql,mysql,csv,other,s3}'::text[]) type;
SELECT pg_temp.finds(format('status_filter => %L', status), format('s.source ->> ''status'' = %L', status),
	'status_filter | string | No | Filter by status (active, inactive, testing, failed, maintenance): ' || status)
	FROM unnest('{active,inactive,testing,failed,maintenance}'::text[]) status;
SELECT pg_temp.refused(pg_temp.listed(format('status_filter => %L', given)), 'status_filter | string | No | Filter by status (…): not ' || given,
	'status_filter: must be one of active, inactive, testing, failed, maintenance') FROM unnest('{ACTIVE,deleted,""}'::text[]) given;
SELECT ok(pg_temp.listed('page => 1') = pg_temp.listed(), 'page | integer | No | Page number (default: 1)');
SELECT ok(pg_temp.listed('page_size => 20') = pg_temp.listed(), 'page_size | integer | No | Items per page (default: 20)');
SELECT is(jsonb_array_length(pg_temp.listed() #> '{data,items}'), 20, 'page_size | integer | No | Items per page (default: 20): as many are shown');
SELECT pg_temp.finds(format('search => %L', given), format('strpos(lower((s.source ->> ''name'') COLLATE "und-x-icu"), lower(%1$L COLLATE "und-x-icu")) > 0
	OR strpos(lower((s.source ->> ''description'') COLLATE "und-x-icu"), lower(%1$L COLLATE "und-x-icu")) > 0', given),
	format('search | string | No | Search by name or description: "%s"', given))
	FROM unnest(ARRAY['postgres', 'MAIN PROD', 'n0', '%', '50%', '_', 'under_', '\', 'äö', '', 'n_1', '.', 'nothing like it', 'db.example.com', 'canary']) given;
SELECT ok(pg_temp.listed($$sort_by => 'created_at'$$) = pg_temp.listed(), 'sort_by | string | No | Sort field (default: "created_at")');
SELECT ok(pg_temp.listed($$sort_order => 'desc'$$) = pg_temp.listed(), 'sort_order | string | No | Sort order: "asc" or "desc" (default: "desc")');
SELECT pg_temp.refused(pg_temp.listed(format('sort_order => %L', given)), format('sort_order | string | No | Sort order: "asc" or "desc": not "%s"', given),
	'sort_order: must be asc or desc') FROM unnest('{ASC,up,""}'::text[]) given;
SELECT ok(pg_temp.listed(name || ' => NULL') = pg_temp.listed(), name || ' | No |: null is as if it was not given')
	FROM unnest('{workspace_id,type,status_filter,page,page_size,search,sort_by,sort_order}'::text[]) name;

-- ---- Error Codes ----

SELECT is(pg_temp.said(pg_temp.session_gets('contract_gateway', '{"sub": "ghost"}', 'rivergen.data_source_list()')),
	E'PT401 Invalid or missing authentication token\nThe subject of the claims is not a user.', '401 | UNAUTHORIZED | Invalid or missing authentication token');
SELECT is(pg_temp.said(pg_temp.gets('outsider', 'rivergen.data_source_list()')), 'PT403 User is not a member of any organization',
	'403 | FORBIDDEN | User is not a member of any organization');

-- ---- Features ----

SELECT is(pg_temp.listed(format('page => %s, page_size => 10', page)) #> '{data,pagination}', jsonb_build_object('page', page, 'page_size', 10,
	'total_items', 25, 'total_pages', 3, 'has_next', page < 3, 'has_previous', page > 1), 'Pagination support: the block of page ' || page)
	FROM generate_series(1, 5) page;
SELECT is((SELECT string_agg(pg_temp.item_names(pg_temp.listed(format('page => %s, page_size => 10, sort_by => %L', page, field))), ' ' ORDER BY page) FROM generate_series(1, 3) page),
	pg_temp.item_names(pg_temp.listed(format('page_size => 100, sort_by => %L', field))), 'Pagination support: the pages together are the whole, sorted by ' || field)
	FROM unnest('{created_at,status,port,description}'::text[]) field;
SELECT is((pg_temp.listed(format('page_size => %s', size)) #> '{data,pagination}') - '{page,page_size,total_items,has_previous}'::text[],
	jsonb_build_object('total_pages', pages, 'has_next', pages > 1), 'Pagination support: pages of ' || size)
	FROM (VALUES (1, 25), (5, 5), (24, 2), (25, 1), (26, 1), (1000, 1)) v (size, pages);
SELECT pg_temp.finds($$workspace_id => 1, type => 'postgresql', status_filter => 'active'$$, $$s.id = 1$$, 'Filtering by workspace, type, and status: together');
SELECT pg_temp.finds($$type => 'mysql', status_filter => 'failed', search => 'n'$$,
	$$s.source ->> 'type' = 'mysql' AND s.source ->> 'status' = 'failed' AND (s.source ->> 'name' LIKE '%n%' OR s.source ->> 'description' ILIKE '%n%')$$,
	'Filtering by workspace, type, and status; Search by name or description: together');

-- The order of a field as its JSON type has it; nulls last, ties by id in the direction of the sort.
CREATE FUNCTION pg_temp.sorts(field text, direction text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	expected text;
	key text := CASE WHEN field IN ('id', 'organization_id', 'workspace_id', 'port', 'ssh_port') THEN '(source ->> %1$L)::bigint'
		WHEN field LIKE '%\_at' THEN '(source ->> %1$L)::timestamptz' ELSE 'source ->> %1$L' END;
BEGIN
	EXECUTE format('SELECT string_agg(source ->> ''name'', '' '' ORDER BY ' || key || ' %2$s NULLS LAST, id %2$s) FROM shown', field, direction) INTO expected;
	RETURN is(pg_temp.item_names(pg_temp.listed(format('page_size => 100, sort_by => %L, sort_order => %L', field, direction))), expected,
		format('Sorting by any field: %s, %s', field, direction));
END
$$;
SELECT pg_temp.sorts(field, direction) FROM unnest('{id,organization_id,workspace_id,name,type,description,host,port,database_name,schema_name,file_path,
	use_ssh_tunnel,ssh_host,ssh_port,status,last_tested_at,last_successful_connection_at,schema_discovered_at,schema_auto_refresh,created_at,
	updated_at}'::text[]) field, unnest('{asc,desc}'::text[]) direction;
SELECT is(jsonb_array_length(pg_temp.gets(subject, 'rivergen.data_source_list(page_size => 100)') #> '{data,items}'), total,
	'Organization-scoped (only shows data sources in user''s organization): ' || subject)
	FROM (VALUES ('editor', 25), ('viewer', 25), ('admin', 25), ('stranger', 3), ('both', 25)) v (subject, total);
SELECT is(pg_temp.gets('stranger', $$rivergen.data_source_list(search => 'Production PostgreSQL')$$) #> '{data,pagination,total_items}', '0',
	'Organization-scoped (only shows data sources in user''s organization): nor its count');
SELECT pg_temp.finds($$page => 1, type => 'postgresql', status_filter => 'active'$$, 's.id = 1', 'Example: ?page=1&page_size=20&type=postgresql&status_filter=active');
SELECT has_function('rivergen', name, sentence) FROM (VALUES ('data_source_get', 'Get Data Source - Get single data source details'),
	('data_source_create', 'Create Data Source - Create new data source')) v (name, sentence);

SELECT * FROM finish();
ROLLBACK;
