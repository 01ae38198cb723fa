-- Tags of tables and columns: setting, limits, versions, what is written, what other organizations see.
CREATE EXTENSION rivergen;
SELECT rivergen.organization_create('Acme') AS acme, rivergen.user_create('operator', session_user::text) AS operator;
SELECT rivergen.membership_add(1, 1, 'editor');
INSERT INTO rivergen_catalog.data_source (organization_id, data_source_id, name, type, use_ssh_tunnel, connection_pool_size,
	connection_timeout, query_timeout, max_retries, schema_auto_refresh, schema_refresh_interval, metadata, tags, created_by_user_id)
	VALUES (1, 1, 'shop', 'postgresql', false, 5, 30, 300, 3, false, 3600, '{}', '{}', 1);
INSERT INTO rivergen_catalog.data_source_state (organization_id, data_source_id) VALUES (1, 1);
INSERT INTO rivergen_catalog.relation (organization_id, data_source_id, schema_name, relation_name, kind, columns_count, hash, document) VALUES
	(1, 1, 'public', 'customer', 'table', 2, '', '{"columns": [{"name": "email", "type": "text"}, {"name": "total", "type": "numeric"}]}'),
	(1, 1, 'public', 'plain', 'table', 0, '', '{}');
SELECT rivergen_catalog.count_schemas(1, 1);
-- A table and a column get tags. Texts stay as they are, a repeated tag counts once.
SELECT t -> 'description' AS description, t -> 'tags' AS tags, jsonb_path_query_array(t, '$.columns[*].tags') AS column_tags, t ->> 'version' <> '' AS has_version
FROM (SELECT rivergen.table_description_update(1, '{"description": "Who buys", "tags": ["sales", "owner:ada", "sales"],
	"columns": [{"name": "email", "tags": ["pii"]}, {"name": "total", "description": "Net"}]}') -> 'data' AS t) u;
-- The same again writes nothing: no row version, no audit entry.
SELECT xmin AS row_version FROM rivergen_catalog.relation WHERE relation_id = 1 \gset
SELECT rivergen.table_description_update(1, '{"description": "Who buys", "tags": ["sales", "owner:ada"], "columns": [{"name": "email", "tags": ["pii"]}]}')
	-> 'success' AS success;
SELECT xmin = :'row_version' AS is_same FROM rivergen_catalog.relation WHERE relation_id = 1;
SELECT action, detail - 'id' AS detail FROM rivergen_catalog.audit WHERE action LIKE 'table%' ORDER BY audit_id;
-- A version.
SELECT rivergen.table_description_get(1) #>> '{data,version}' AS version \gset
SELECT rivergen.table_description_update(1, '{"tags": ["sales"]}', :'version') -> 'success' AS success;
SELECT rivergen.table_description_update(1, '{"tags": ["late"]}', :'version');
SELECT rivergen.table_description_update(1, '{"tag": ["late"]}', :'version');
SELECT rivergen.table_description_update(1, '{"tags": ["sales", "owner:ada"]}') #>> '{data,version}' = :'version' AS is_that_version_again;
-- Every fault at once.
SELECT rivergen.table_description_update(1, jsonb_build_object('tags', ARRAY(SELECT i::text FROM generate_series(1, 101) i), 'version', 'x',
	'columns', '[{"name": "email", "tags": "pii"}, {"name": "total", "tags": ["ok", " "]}, {"name": "emial", "tags": []},
		{"name": "email"}]'::jsonb || jsonb_build_array(jsonb_build_object('name', 'x', 'tags', jsonb_build_array(repeat('é', 101))))));
SELECT rivergen.table_description_update(1, '{"tags": ["a\nb"]}');
SELECT rivergen.table_description_update(1, '{"tags": {}, "columns": [{"name": "email", "tags": [7]}]}');
SELECT cardinality(tags) AS tags FROM rivergen_catalog.relation WHERE relation_id = 1;
SELECT jsonb_array_length(rivergen.table_description_update(1, jsonb_build_object('tags', ARRAY(SELECT repeat('é', 97) || i FROM generate_series(100, 199) i)))
	#> '{data,tags}') AS hundred;
SELECT rivergen.table_description_update(1, '{"tags": ["sales"]}') -> 'success' AS success;
-- The list by tags of tables or columns, and the view.
SELECT rivergen.table_description_list(tags => '{sales,pii}') #>> '{data,items,0,table_name}' AS both,
	rivergen.table_description_list(tags => '{pii}') #>> '{data,pagination,total_items}' AS one,
	rivergen.table_description_list(tags => '{PII}') #>> '{data,pagination,total_items}' AS none,
	rivergen.table_description_list(tags => '{}') #>> '{data,pagination,total_items}' AS "all",
	rivergen.table_description_list(table_schema => '') #>> '{data,pagination,total_items}' AS of_any_schema;
SELECT rivergen.table_description_list(tags => ARRAY(SELECT i::text FROM generate_series(1, 101) i));
SELECT rivergen.table_description_list(tags => '{a,NULL}', page => 0);
SELECT table_name, tags, columns -> 0 -> 'tags' AS first_column, version IS NOT NULL AS has_version FROM rivergen.table_descriptions ORDER BY id;
-- How much is described, for one source and for all; a source without tables has zeros.
INSERT INTO rivergen_catalog.data_source (organization_id, data_source_id, name, type, use_ssh_tunnel, connection_pool_size,
	connection_timeout, query_timeout, max_retries, schema_auto_refresh, schema_refresh_interval, metadata, tags, created_by_user_id)
	VALUES (1, 2, 'empty', 'postgresql', false, 5, 30, 300, 3, false, 3600, '{}', '{}', 1);
SELECT * FROM rivergen.description_coverage ORDER BY data_source_id;
SELECT rivergen.table_description_coverage(1) -> 'data' AS of_one, jsonb_array_length(rivergen.table_description_coverage() -> 'data') AS of_all;
SELECT rivergen.table_description_coverage(99);
-- null and an empty array delete.
SELECT rivergen.table_description_update(1, '{"tags": null, "columns": [{"name": "email", "tags": []}]}') #> '{data,tags}' AS none;
SELECT tags, column_tags FROM rivergen_catalog.relation WHERE relation_id = 1;
-- Another organization, and a viewer.
UPDATE rivergen_catalog.membership SET organization_id = rivergen.organization_create('Other');
SELECT count(*) AS seen FROM rivergen.description_coverage;
SELECT rivergen.table_description_update(1, '{"tags": ["theirs"]}');
SELECT rivergen.table_description_list(tags => '{sales}') #>> '{data,pagination,total_items}' AS seen;
UPDATE rivergen_catalog.membership SET organization_id = 1, role = 'viewer';
SELECT rivergen.table_description_update(1, '{"tags": ["mine"]}');
DROP EXTENSION rivergen;
