-- What the contract settles beside the pages: shapes, arguments, PATCH.
\ir fixture.psql
SELECT no_plan();

SELECT pg_temp.created(pg_temp.database('{"name": "first", "description": "D", "schema_name": "s", "ssh_host": "b", "ssh_username": "u", "ssh_local_port": 1,
	"max_retries": 9, "tags": ["t"], "metadata": {"k": 1}, "credentials": {"username": "u", "password": "p"}}')) #>> '{data,id}' AS id \gset
SELECT pg_temp.created(pg_temp.database('{"name": "second"}')) #>> '{data,id}' AS second \gset
-- Every function that answers with a whole source.
CREATE TEMP TABLE whole AS
	SELECT 'create' AS what, pg_temp.created(pg_temp.source()) AS answer
	UNION ALL SELECT 'get', pg_temp.gets('viewer', 'data_source_get', :'id'::jsonb)
	UNION ALL SELECT 'update', pg_temp.updated(:id, '{"port": 2}')
	UNION ALL SELECT 'update without a change', pg_temp.updated(:id, '{}')
	UNION ALL SELECT 'update_credentials', pg_temp.gets('editor', 'data_source_update_credentials', :'id'::jsonb, '{"username": "u"}')
	UNION ALL SELECT 'set_status', pg_temp.gets('editor', format('rivergen.data_source_set_status(%s, ''maintenance'')', :id));
SELECT pg_temp.gets('editor', 'data_source_delete', :'second'::jsonb) AS deletion \gset
INSERT INTO whole SELECT 'restore', pg_temp.gets('editor', 'data_source_restore', :'second'::jsonb);

SELECT is(pg_typeof(data_source_id)::text, 'bigint', 'Ids are bigint') FROM rivergen_catalog.data_source LIMIT 1;
SELECT is(provolatile::text || ' ' || format_type(prorettype, NULL), 'v bigint', 'organization_create, workspace_create, user_create → bigint: ' || proname)
	FROM pg_proc WHERE pronamespace = 'rivergen'::regnamespace AND proname IN ('organization_create', 'workspace_create', 'user_create');
SELECT is(ARRAY(SELECT key FROM jsonb_each_text(answer -> 'data') WHERE key LIKE '%\_at' AND value !~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$'), '{}',
	'Timestamps are UTC, six decimals, Z: ' || what) FROM whole;
SET LOCAL timezone = 'Asia/Kathmandu';
SET LOCAL datestyle = 'German';
SELECT is(pg_temp.gets('viewer', 'data_source_get', :'id'::jsonb) #>> '{data,created_at}',
	to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'Timestamps are UTC, six decimals, Z: whatever the session''s time zone and style');
RESET timezone;
RESET datestyle;
SELECT is(pg_temp.key_set(answer -> 'data'), ARRAY(SELECT k FROM unnest('{id,organization_id,workspace_id,name,type,description,host,port,
	database_name,schema_name,file_path,use_ssh_tunnel,ssh_host,ssh_port,ssh_username,ssh_key_id,ssh_local_port,connection_pool_size,
	connection_timeout,query_timeout,max_retries,status,last_tested_at,last_successful_connection_at,last_failed_connection_at,
	failure_count,failure_reason,schema_discovered_at,schema_auto_refresh,schema_refresh_interval,metadata,tags,created_by_user_id,
	created_at,updated_at,updated_by_user_id}'::text[]) k ORDER BY k COLLATE "C"),
	'create, get and update return the whole source (the create page''s fields): ' || what) FROM whole;
SELECT is(ARRAY[jsonb_typeof(d -> 'id'), jsonb_typeof(d -> 'port'), jsonb_typeof(d -> 'use_ssh_tunnel'), jsonb_typeof(d -> 'metadata'), jsonb_typeof(d -> 'tags'),
	jsonb_typeof(d -> 'failure_count'), jsonb_typeof(d -> 'created_at')], '{number,number,boolean,object,array,number,string}', 'create, get and update: JSON types')
	FROM (SELECT answer -> 'data' AS d FROM whole WHERE what = 'get') a;
SELECT is(pg_temp.key_set(pg_temp.listed() #> '{data,items,0}'), ARRAY(SELECT k FROM unnest('{id,organization_id,workspace_id,name,type,description,host,port,
	database_name,schema_name,file_path,use_ssh_tunnel,ssh_host,ssh_port,status,last_tested_at,last_successful_connection_at,schema_discovered_at,
	schema_auto_refresh,tags,created_at,updated_at}'::text[]) k ORDER BY k COLLATE "C"), 'list items carry the list page''s fields');

-- Calls that answer without a worker.
CREATE TEMP TABLE body AS SELECT what, answer FROM whole
	UNION ALL SELECT 'list', pg_temp.listed()
	UNION ALL SELECT 'health', pg_temp.gets('viewer', 'data_source_health', :'id'::jsonb)
	UNION ALL SELECT 'schemas', pg_temp.gets('viewer', 'data_source_schemas', :'id'::jsonb)
	UNION ALL SELECT 'job_list', pg_temp.gets('viewer', 'rivergen.job_list()')
	UNION ALL SELECT 'job_get', pg_temp.gets('viewer', format('rivergen.job_get(%s)', (SELECT max(job_id) FROM rivergen_catalog.job)))
	UNION ALL SELECT 'job_cancel', pg_temp.gets('editor', format('rivergen.job_cancel(%s)', (SELECT max(job_id) FROM rivergen_catalog.job)))
	UNION ALL SELECT 'discover_schema(wait => false)', pg_temp.gets('editor', format('rivergen.discover_schema(%s, wait => false)', :second))
	UNION ALL SELECT 'delete', :'deletion';
SELECT is(pg_temp.key_set(answer), '{data,message,success}', '{"success": true, "data", "message"} everywhere: ' || what) FROM body;
SELECT is(answer -> 'success', 'true', '{"success": true, "data", "message"} everywhere: true, ' || what) FROM body;
SELECT is(pg_temp.key_set(answer -> 'data'), '{job_id,status}', 'wait => false: 202, {"job_id", "status": "queued"}') FROM body WHERE what LIKE 'discover%';
SELECT is(ARRAY[answer #>> '{data,status}', answer ->> 'message'], '{queued,Schema discovery started}', 'wait => false: "status": "queued", message "Schema discovery started"')
	FROM body WHERE what LIKE 'discover%';

-- ---- Arguments ----

SELECT is(array_agg(DISTINCT t.typname::text), '{text}', 'Filters and sort arguments are text, never enums, so that a bad value is our 400 and not a cast error')
	FROM pg_proc p, unnest(p.proargnames, p.proargtypes) a (name, type) JOIN pg_type t ON t.oid = a.type
	WHERE p.pronamespace = 'rivergen'::regnamespace AND a.name IN ('status_filter', 'sort_by', 'sort_order', 'search', 'status', 'type');
SELECT is(proargnames[2], 'changes', 'The second parameter of data_source_update is changes') FROM pg_proc WHERE oid::regproc::text = 'rivergen.data_source_update';
SELECT is(proargnames[2], 'history_limit', 'of health history_limit') FROM pg_proc WHERE oid::regproc::text = 'rivergen.data_source_health';
SELECT is(pg_temp.gets('viewer', format('rivergen.data_source_health(id => %s, history_limit => 3)', :id)) -> 'success', 'true', 'optional arguments have defaults and names: health');
SELECT is(pg_temp.gets('editor', format($$rivergen.data_source_update(id => %s, changes => '{}')$$, :id)) -> 'success', 'true', 'so f(a => 1) works: update');
SELECT is(proname || ' ' || coalesce(array_position(proargnames, '') || '', array_position(proargnames, NULL) || '', 'named'), proname || ' named',
	'optional arguments have defaults and names: ' || oid::regprocedure) FROM pg_proc WHERE pronamespace = 'rivergen'::regnamespace AND pronargs > 1;
SELECT is(pg_get_function_arguments(oid),
	'data_source_id bigint, schema_name text DEFAULT NULL::text, refresh boolean DEFAULT false, wait boolean DEFAULT true, "full" boolean DEFAULT false',
	'discover_schema(data_source_id, schema_name = null, refresh = false, wait = true, "full" = false)') FROM pg_proc WHERE oid::regproc::text = 'rivergen.discover_schema';

-- ---- PATCH ----

SELECT is(pg_temp.updated(:id, '{"description": null, "schema_name": null, "ssh_host": null, "ssh_username": null, "ssh_local_port": null}') -> 'data' @>
	'{"description": null, "schema_name": null, "ssh_host": null, "ssh_username": null, "ssh_local_port": null}', true, 'PATCH: null clears a nullable field');
SELECT is(pg_temp.updated(:id, '{"max_retries": null, "tags": null, "metadata": null}') -> 'data' @> '{"max_retries": 3}', true, 'PATCH: null resets a field that has a default');
SELECT is(pg_temp.gets('viewer', 'data_source_get', :'id'::jsonb) -> 'data' -> field, value, 'PATCH: null resets a field that has a default: ' || field)
	FROM (VALUES ('max_retries', '3'::jsonb), ('tags', '[]'), ('metadata', '{}')) v (field, value);
SELECT pg_temp.refused(pg_temp.updated(:id, '{"name": null}'), 'PATCH: null is a fault on name', 'name: must not be null');
SELECT pg_temp.refused(pg_temp.updated(:id, jsonb_build_object(field, NULL)), 'For database types, either host/port/database_name or connection_string is required: null on ' || field,
	field || ': is required for type postgresql') FROM unnest('{host,port,database_name}'::text[]) field;
SELECT pg_temp.refused(pg_temp.created(pg_temp.source(jsonb_build_object(field, NULL))), 'On create null = absent, except name, type, credentials: ' || field, fault)
	FROM (VALUES ('name', 'name: must not be null'), ('type', 'type: is required'), ('credentials', 'credentials: must not be null')) v (field, fault);
SELECT is((pg_temp.created(pg_temp.source(nulls)) -> 'data') - '{id,name,created_at,updated_at}'::text[],
	(pg_temp.created(pg_temp.source()) -> 'data') - '{id,name,created_at,updated_at}'::text[], 'On create null = absent, except name, type, credentials')
	FROM (SELECT jsonb_object_agg(f, NULL) AS nulls FROM unnest('{workspace_id,description,host,port,database_name,schema_name,connection_string,file_path,storage_file_id,
	use_ssh_tunnel,ssh_host,ssh_port,ssh_username,ssh_local_port,connection_pool_size,connection_timeout,query_timeout,max_retries,schema_auto_refresh,
	schema_refresh_interval,metadata,tags}'::text[]) f) n;
SELECT pg_temp.refused(pg_temp.updated(:id, jsonb_build_object(field, value)), format('Read-only fields … in a PATCH: 400: %s = %s', field, coalesce(value::text, 'NULL')),
	field || ': ' || CASE WHEN field = 'workspace_id' THEN 'cannot be changed' ELSE 'is read-only' END)
	FROM unnest('{workspace_id,id,organization_id,ssh_key_id,status,last_tested_at,last_successful_connection_at,last_failed_connection_at,failure_count,failure_reason,
	schema_discovered_at,created_by_user_id,created_at,updated_at,updated_by_user_id}'::text[]) field, unnest('{1,null,"\"x\""}'::jsonb[]) value;
SELECT pg_temp.refused(pg_temp.created(pg_temp.source(jsonb_build_object('workspace_id', id))), 'a workspace of another organization: 400: ' || id,
	'workspace_id: is not a workspace of this organization') FROM unnest(ARRAY[:other_workspace, 99]) id;
SELECT pg_temp.refused(pg_temp.updated(:id, '{"type": "mysql"}'), 'type is refused in an update', 'type: cannot be changed');
SELECT pg_temp.refused(pg_temp.updated(:id, '{"credentials": {"password": "canary"}}'), 'credentials are refused in an update', 'credentials: cannot be changed here');

SELECT * FROM finish();
ROLLBACK;
