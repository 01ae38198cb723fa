-- Table descriptions: what is refused, and how it is told.
CREATE EXTENSION rivergen;
SELECT rivergen.organization_create('Acme') AS acme, rivergen.user_create('operator', session_user::text) AS operator;
SELECT rivergen.table_description_get(1);
SELECT rivergen.membership_add(1, 1, 'viewer');
INSERT INTO rivergen_catalog.data_source (organization_id, data_source_id, name, type, use_ssh_tunnel, connection_pool_size,
	connection_timeout, query_timeout, max_retries, schema_auto_refresh, schema_refresh_interval, metadata, tags, created_by_user_id)
	VALUES (1, 1, 'shop', 'postgresql', false, 5, 30, 300, 3, false, 3600, '{}', '{}', 1);
INSERT INTO rivergen_catalog.data_source_state (organization_id, data_source_id) VALUES (1, 1);
INSERT INTO rivergen_catalog.relation (organization_id, data_source_id, schema_name, relation_name, kind, columns_count, hash, document) VALUES
	(1, 1, 'public', 't', 'table', 2, '', '{"columns": [{"name": "customer", "type": "integer", "comment": "who"}, {"name": "total", "type": "numeric"}]}'),
	(1, 1, 'public', 's', 'sequence', 0, '', '{}'), (1, 1, 'public', 'empty', 'collection', 0, '', '{}');
SELECT rivergen_catalog.count_schemas(1, 1);
-- A viewer reads.
SELECT jsonb_pretty(rivergen.table_description_list(page_size => 1));
SELECT rivergen.table_description_update(1, '{"description": "x"}');
SELECT rivergen.table_description_refresh(1);
UPDATE rivergen_catalog.membership SET role = 'editor';
-- A sequence has no description, nor has what is not there.
SELECT rivergen.table_description_get(2);
SELECT rivergen.table_description_get(99);
SELECT rivergen.table_description_get(NULL);
SELECT rivergen.table_description_update(NULL, '{}');
SELECT rivergen.table_description_update(99, '{"nonsense": 1}');
SELECT rivergen.table_description_refresh(NULL);
SELECT rivergen.table_description_refresh(99);
-- Every fault at once.
SELECT rivergen.table_description_list(status => 'scanned', page => 0, page_size => 1001);
SELECT rivergen.table_description_update(1, '{"descripton": "a", "id": "1", "nonsense": 1, "description": 5, "columns": [
	{"name": "custmer", "description": "a"}, {"name": "nothing alike", "description": "a"}, 7, {"description": "a"}, {"name": 5, "description": "a"},
	{"name": "total"}, {"name": "total", "description": []}, {"name": "customer", "description": "a", "data_type": "b", "descr": "c", "zzz": 1}]}');
SELECT rivergen.table_description_update(1, '{"columns": {}}');
SELECT rivergen.table_description_update(1, '{"columns": null}');
SELECT rivergen.table_description_update(1, '[]');
SELECT rivergen.table_description_update(1, NULL);
SELECT rivergen.table_description_update(1, jsonb_build_object('description', repeat('é', 65537)));
SELECT length(rivergen.table_description_update(1, jsonb_build_object('description', repeat('é', 65536))) #>> '{data,description}');
SELECT rivergen.table_description_update(3, '{"columns": [{"name": "a", "description": "b"}]}');
-- An empty text is a text.
SELECT rivergen.table_description_update(1, '{"description": "", "columns": [{"name": "customer", "description": ""}]}')
	#- '{data,columns,1}' -> 'data' AS described;
SELECT rivergen.table_description_update(1, '{"description": null, "columns": [{"name": "customer", "description": null}]}')
	#- '{data,columns,1}' -> 'data' AS described;
SELECT description, column_descriptions FROM rivergen_catalog.relation WHERE relation_id = 1;
-- The view has what the list has.
SELECT rivergen.table_description_update(1, '{"description": "Sales", "columns": [{"name": "total", "description": ""}]}') -> 'success' AS updated;
UPDATE rivergen_catalog.relation SET deprecated_at = now() WHERE relation_id = 3;
SELECT id, table_name, description, description_source, status, columns_count, described_columns_count FROM rivergen.table_descriptions ORDER BY id;
SELECT v.id, v.answer - ARRAY['columns_count', 'described_columns_count', 'data_source_id']
	= (l.value || jsonb_build_object('id', v.id)) - 'db_connection_id' AS is_same
FROM jsonb_array_elements(rivergen.table_description_list() #> '{data,items}') l
LEFT JOIN (SELECT t.id, to_jsonb(t) AS answer FROM rivergen.table_descriptions t) v ON v.id = (l.value ->> 'id')::bigint ORDER BY v.id;
UPDATE rivergen_catalog.data_source SET deleted_at = now();
SELECT count(*) FROM rivergen.table_descriptions;
UPDATE rivergen_catalog.membership SET organization_id = rivergen.organization_create('Other');
UPDATE rivergen_catalog.data_source SET deleted_at = NULL;
SELECT count(*) FROM rivergen.table_descriptions;
DELETE FROM rivergen_catalog.membership;
SELECT count(*) FROM rivergen.table_descriptions;
DROP EXTENSION rivergen;
