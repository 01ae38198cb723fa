-- What the contract settles about lists.
\ir fixture.psql
SELECT no_plan();

SELECT pg_temp.created(pg_temp.source(jsonb_build_object('name', 'n' || i, 'description', CASE WHEN i > 2 THEN 'd' || i % 2 END, 'type', CASE WHEN i > 3 THEN 'other' ELSE 'http_api' END)))
	FROM generate_series(1, 5) i \g /dev/null
SELECT pg_temp.gets('editor', format('rivergen.data_source_delete(%s)', pg_temp.created(pg_temp.source('{"name": "deleted"}')) #>> '{data,id}')) \g /dev/null

SELECT is(pg_temp.listed('page_size => ' || size) #> '{data,pagination,page_size}', to_jsonb(size), 'page ≥ 1, page_size 1-1000: ' || size) FROM unnest('{1,1000}'::int[]) size;
SELECT pg_temp.refused(pg_temp.listed('page_size => ' || size), 'page ≥ 1, page_size 1-1000: else 400: page_size ' || size, 'page_size: must be between 1 and 1000')
	FROM unnest('{0,1001,-1,9223372036854775807}'::bigint[]) size;
SELECT pg_temp.refused(pg_temp.listed('page => ' || page), 'page ≥ 1, page_size 1-1000: else 400: page ' || page, 'page: must be at least 1') FROM unnest('{0,-1}'::bigint[]) page;
SELECT is(pg_temp.listed('page => ' || page) -> 'data', format('{"items": [], "pagination": {"page": %s, "page_size": 20, "total_items": 5, "total_pages": 1, "has_next": false, "has_previous": true}}', page)::jsonb,
	'A page beyond the end is empty: ' || page) FROM unnest('{2,1000000,9223372036854775807}'::bigint[]) page;
SELECT is(pg_temp.listed($$search => 'no such'$$) -> 'data', '{"items": [], "pagination": {"page": 1, "page_size": 20, "total_items": 0, "total_pages": 0, "has_next": false, "has_previous": false}}'::jsonb,
	'A list without items');
SELECT pg_temp.refused(pg_temp.listed($$status_filter => 'broken'$$), 'Bad … status_filter: 400 naming the valid ones', 'status_filter: must be one of active, inactive, testing, failed, maintenance');
SELECT pg_temp.refused(pg_temp.listed($$type => 'broken'$$), 'Bad … type: 400 naming the valid ones', 'type: must be one of postgresql, mysql, mariadb, sqlserver, oracle, snowflake, bigquery, '
	'redshift, mongodb, elasticsearch, redis, cassandra, dynamodb, csv, excel, json, parquet, orc, delta_lake, iceberg, hudi, s3, http_api, other');
SELECT pg_temp.refused(pg_temp.listed(format('sort_by => %L', given)), 'Bad sort_by: 400 naming the valid ones: ' || given, 'sort_by: must be one of id, organization_id, workspace_id, name, type, description, '
	'host, port, database_name, schema_name, file_path, use_ssh_tunnel, ssh_host, ssh_port, status, last_tested_at, last_successful_connection_at, schema_discovered_at, schema_auto_refresh, tags, created_at, updated_at')
	FROM unnest('{metadata,"",NAME,"id desc","name; DROP TABLE x","1"}'::text[]) given;
SELECT pg_temp.refused(pg_temp.listed($$sort_order => 'up'$$), 'Bad … sort_order: 400 naming the valid ones', 'sort_order: must be asc or desc');
SELECT pg_temp.refused(pg_temp.listed($$sort_order => 'up', page => 0, page_size => 0, status_filter => 'x'$$), 'Every fault of a request in one error: lists too',
	'status_filter: must be one of active, inactive, testing, failed, maintenance', 'page: must be at least 1', 'page_size: must be between 1 and 1000', 'sort_order: must be asc or desc');
SELECT is(pg_temp.item_names(pg_temp.listed(format('sort_by => ''description'', sort_order => %L', direction))), expected, 'Nulls last; ties by id in the direction of the sort: description ' || direction)
	FROM (VALUES ('asc', 'n4 n3 n5 n1 n2'), ('desc', 'n5 n3 n4 n2 n1')) v (direction, expected);
SELECT is(pg_temp.item_names(pg_temp.listed(format('sort_by => ''workspace_id'', sort_order => %L', direction))), expected, 'Nulls last; ties by id in the direction of the sort: all null, ' || direction)
	FROM (VALUES ('asc', 'n1 n2 n3 n4 n5'), ('desc', 'n5 n4 n3 n2 n1')) v (direction, expected);
SELECT is(pg_temp.item_names(pg_temp.listed()), 'n5 n4 n3 n2 n1', 'ties by id in the direction of the sort: the default order, created at the same time');
SELECT is(pg_temp.listed($$search => 'deleted'$$) #> '{data,pagination,total_items}', '0', 'a deleted source disappears from every answer');

SELECT * FROM finish();
ROLLBACK;
