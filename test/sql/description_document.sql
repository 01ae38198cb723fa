-- Descriptions and tags as a document: export, edit, apply; what becomes of each entry.
CREATE EXTENSION rivergen;
SELECT rivergen.organization_create('Acme') AS acme, rivergen.user_create('operator', session_user::text) AS operator;
SELECT rivergen.table_description_export();
SELECT rivergen.membership_add(1, 1, 'viewer');
INSERT INTO rivergen_catalog.data_source (organization_id, data_source_id, name, type, use_ssh_tunnel, connection_pool_size,
	connection_timeout, query_timeout, max_retries, schema_auto_refresh, schema_refresh_interval, metadata, tags, created_by_user_id)
	SELECT 1, i, 'shop' || i, 'postgresql', false, 5, 30, 300, 3, false, 3600, '{}', '{}', 1 FROM generate_series(1, 2) i;
INSERT INTO rivergen_catalog.data_source_state (organization_id, data_source_id) VALUES (1, 1), (1, 2);
INSERT INTO rivergen_catalog.relation (organization_id, data_source_id, schema_name, relation_name, kind, columns_count, hash, document) VALUES
	(1, 1, 'public', 'customer', 'table', 2, '', '{"comment": "Who", "columns": [{"name": "email", "type": "text"}, {"name": "total", "type": "numeric", "comment": "EUR"}]}'),
	(1, 1, 'public', 'numbers', 'sequence', 0, '', '{}'), (1, 1, 'public', 'gone', 'table', 0, '', '{}'), (1, 2, '', 'file', 'file', 0, '', '{}');
UPDATE rivergen_catalog.relation SET deprecated_at = now(), description = 'It was' WHERE relation_name = 'gone';
SELECT rivergen_catalog.count_schemas(1, i) FROM generate_series(1, 2) i;
-- A viewer exports, an editor applies.
SELECT jsonb_pretty(rivergen.table_description_export(1) -> 'data');
SELECT rivergen.table_description_apply('{"descriptions": []}');
UPDATE rivergen_catalog.membership SET role = 'editor';
SELECT rivergen.table_description_export(only_described => true) -> 'data' AS nothing_yet;
-- The document as it is changes nothing.
SELECT rivergen.table_description_apply(rivergen.table_description_export() -> 'data') #> '{data,counts}' AS counts;
SELECT count(*) AS trail FROM rivergen_catalog.audit WHERE action LIKE 'table%';
-- Edited.
CREATE TEMPORARY TABLE edited AS SELECT jsonb_set(jsonb_set(jsonb_set(d, '{descriptions,0,description}', '"Who buys"'),
	'{descriptions,0,columns,0,tags}', '["pii"]'), '{descriptions,1,tags}', '["raw"]') AS document
	FROM (SELECT rivergen.table_description_export() -> 'data' AS d) e;
SELECT rivergen.table_description_apply(document, check_only => true) AS checked FROM edited;
SELECT count(*) AS described FROM rivergen_catalog.relation WHERE tags <> '{}';
SELECT rivergen.table_description_apply(document) AS applied FROM edited;
SELECT jsonb_pretty(jsonb_path_query_array(rivergen.table_description_export(only_described => true), '$.data.descriptions[*]') #- '{0,version}' #- '{1,version}') AS document;
SELECT detail - 'id' AS detail FROM rivergen_catalog.audit WHERE action LIKE 'table%' ORDER BY audit_id;
-- The same document again: everything is as it says, whatever its versions.
SELECT rivergen.table_description_apply(document) #> '{data,counts}' AS again FROM edited;
-- A user has changed a table since: told, and not overwritten; without a version it is.
SELECT rivergen.table_description_update(1, '{"description": "Buyers"}') -> 'success' AS changed;
SELECT jsonb_path_query(rivergen.table_description_apply(document), '$.data.entries[*] ? (@.result != "unchanged")') - 'details' AS late FROM edited;
SELECT rivergen.table_description_apply(document #- '{descriptions,0,version}') #> '{data,counts,changed}' AS late FROM edited;
-- What is not named stays; null and [] delete.
SELECT rivergen.table_description_apply('{"descriptions": [{"data_source": "shop1", "table_schema": "public", "table_name": "customer",
	"columns": [{"name": "total", "description": "Net"}]}]}') #> '{data,counts,changed}' AS changed;
SELECT rivergen.table_description_apply('{"descriptions": [{"data_source": "shop1", "table_schema": "public", "table_name": "customer",
	"description": null, "columns": [{"name": "email", "tags": null}]}]}') #> '{data,counts,changed}' AS changed;
SELECT description, column_descriptions, tags, column_tags FROM rivergen_catalog.relation WHERE relation_id = 1;
-- What is wrong with one entry does not keep the others from being written.
SELECT jsonb_pretty(rivergen.table_description_apply('{"version": 1, "descriptions": [
	{"data_source": "shop1", "table_schema": "public", "table_name": "customer", "description": "Kept", "columns": [{"name": "emial", "description": "x"}]},
	7, {}, {"data_source": 1, "table_schema": "public", "table_name": null},
	{"data_source": "shop1", "table_schema": "public", "table_name": "gone", "description": "x"},
	{"data_source": "shop1", "table_schema": "public", "table_name": "numbers", "description": "x"},
	{"data_source": "absent", "table_schema": "public", "table_name": "customer", "description": "x"},
	{"data_source": "shop2", "table_schema": "", "table_name": "file", "description": "Orders of the day", "descripton": "x", "version": 5, "tags": "raw"},
	{"data_source": "shop2", "table_schema": "", "table_name": "file", "description": "Orders of the day"},
	{"data_source": "shop1", "table_schema": "public", "table_name": "customer", "tags": ["sales"]}]}') -> 'data');
SELECT relation_name, description, tags FROM rivergen_catalog.relation WHERE relation_id IN (1, 4) ORDER BY relation_id;
SELECT rivergen.table_description_apply('{"descriptions": [{"data_source": "shop1", "table_schema": "public", "table_name": "customer", "tags": ["sales", "eu"]}]}') #> '{data,counts,changed}' AS changed;
-- A column about which nothing is said may be gone or named twice; it has a name.
SELECT d AS columns, r #> '{result}' AS result, r #> '{details}' AS details
	FROM (VALUES ('[{"name": "gone"}, {"name": "email"}, {"name": "email", "comment": "x"}]'::jsonb), ('[{}, {"name": 5}]'),
		('[{"name": "email"}, {"name": "email", "description": "x"}]')) v (d)
	CROSS JOIN LATERAL (SELECT rivergen.table_description_apply(jsonb_build_object('descriptions', jsonb_build_array(
		jsonb_build_object('data_source', 'shop1', 'table_schema', 'public', 'table_name', 'customer', 'columns', d)))) #> '{data,entries,0}' AS r) a;
-- No document.
SELECT rivergen.table_description_apply(NULL);
SELECT rivergen.table_description_apply('[]');
SELECT rivergen.table_description_apply('{"version": 2, "sources": []}');
SELECT rivergen.table_description_apply(rivergen.table_description_export());
SELECT rivergen.table_description_apply(jsonb_build_object('descriptions', (SELECT jsonb_agg(i) FROM generate_series(1, 100001) i)));
-- Parts of it.
SELECT jsonb_array_length(rivergen.table_description_export(2) #> '{data,descriptions}') AS of_source,
	jsonb_array_length(rivergen.table_description_export(table_schema => 'public') #> '{data,descriptions}') AS of_schema,
	jsonb_array_length(rivergen.table_description_export(tags => '{sales,eu}') #> '{data,descriptions}') AS of_tags;
SELECT rivergen.table_description_export(99);
SELECT rivergen.table_description_export(tags => '{NULL}');
SET rivergen.max_answer_bytes = '64kB';
UPDATE rivergen_catalog.relation SET description = repeat('x', 65000) WHERE relation_id = 4;
SELECT rivergen.table_description_export();
RESET rivergen.max_answer_bytes;
-- Another organization.
UPDATE rivergen_catalog.membership SET organization_id = rivergen.organization_create('Other');
SELECT rivergen.table_description_export() -> 'data' AS theirs;
SELECT rivergen.table_description_apply(document) #> '{data,counts}' AS theirs FROM edited;
DROP EXTENSION rivergen;
