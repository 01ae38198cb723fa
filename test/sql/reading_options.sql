-- metadata.query: what it may hold, and who may switch it on.
CREATE EXTENSION rivergen;
SET client_min_messages = warning;
SELECT rivergen.quick_start('Acme') IS NOT NULL AS ready;
CREATE ROLE reading_editor LOGIN;
SELECT rivergen.user_create('reading-editor', 'reading_editor') AS editor \gset
SELECT rivergen.membership_add(1, :editor, 'editor') IS NOT NULL AS added;
SELECT rivergen.grant_access('reading_editor') IS NOT NULL AS granted;
CREATE FUNCTION source(query jsonb) RETURNS jsonb LANGUAGE sql RETURN
	'{"name": "Shop", "type": "postgresql", "host": "db.example.com", "port": 5432, "database_name": "shop", "credentials": {"username": "u", "password": "p"},
	"schema_auto_refresh": false}'::jsonb || jsonb_build_object('metadata', jsonb_build_object('query', query));

SELECT rivergen.data_source_create(source('{"enabled": 1, "viewers": "yes", "masking": null, "max_rows": 0, "timeout": 1.5, "limit": 5}'));
SELECT rivergen.data_source_create(source('{"max_rows": 1000000000001, "timeout": 86401}'));
SELECT rivergen.data_source_create(source('[true]'));
SET SESSION AUTHORIZATION reading_editor;
SELECT rivergen.data_source_create(source('{"enabled": true}'));
SELECT rivergen.data_source_create(source('{"enabled": false, "max_rows": 10, "timeout": 86400, "viewers": true, "masking": true}'))
	-> 'data' -> 'id' AS id;
SELECT rivergen.data_source_update(1, '{"metadata": {"query": {"enabled": true}}}');
SELECT rivergen.catalog_apply('{"version": 1, "sources": [{"name": "Shop", "metadata": {"query": {"enabled": true}}}]}');
RESET SESSION AUTHORIZATION;
SELECT rivergen.data_source_update(1, '{"metadata": {"query": {"enabled": true, "max_rows": 10}}}') #> '{data,metadata,query}' AS query;
SET SESSION AUTHORIZATION reading_editor;
-- An editor may leave it as it is, and switch it off, and nothing else.
SELECT rivergen.data_source_update(1, '{"tags": ["read"], "metadata": {"query": {"enabled": true, "max_rows": 10}}}') #> '{data,metadata,query}' AS query;
SELECT rivergen.data_source_update(1, '{"metadata": {"query": {"enabled": true}}}');
SELECT rivergen.data_source_update(1, '{"metadata": {"query": {"enabled": false}}}') #> '{data,metadata,query}' AS query;
RESET SESSION AUTHORIZATION;

-- What a reader may do.
CREATE VIEW target AS SELECT max_rows, timeout, masking, status, message, detail, hint FROM rivergen_catalog.reading_target(NULL, 1, 1, 1);
\x on
TABLE target;
SELECT rivergen.data_source_update(1, '{"metadata": {"query": {"enabled": true, "viewers": true, "max_rows": 10, "timeout": 60, "masking": true}}}') IS NOT NULL AS updated;
TABLE target;
SELECT rivergen.data_source_set_status(1, 'maintenance') IS NOT NULL AS set;
TABLE target;
SELECT rivergen.data_source_set_status(1, 'active') IS NOT NULL AS set;
SELECT status, message, detail FROM rivergen_catalog.reading_target(NULL, 1, 1, 99);
SELECT rivergen.user_create('reading-viewer') AS viewer \gset
SELECT rivergen.membership_add(1, :viewer, 'viewer') IS NOT NULL AS added;
SELECT o, status, message, detail FROM unnest('{read,query}'::text[]) o, rivergen_catalog.reading_target(NULL, 1, 1, :viewer, o);
SELECT rivergen.user_disable(:editor) IS NOT NULL AS disabled;
SELECT status, message, detail FROM rivergen_catalog.reading_target(NULL, 1, 1, :editor);
SELECT status, message, detail, hint FROM rivergen_catalog.reading_target(NULL, 1, 2, 1);
SELECT status, message, detail, hint FROM rivergen_catalog.reading_target('rivergen_1', NULL, NULL, NULL);
SELECT rivergen.data_source_delete(1) IS NOT NULL AS deleted;
SELECT status, message FROM rivergen_catalog.reading_target(NULL, 1, 1, 1);
\x off
DROP VIEW target;
DROP FUNCTION source;
DROP OWNED BY reading_editor;
DROP ROLE reading_editor;
DROP EXTENSION rivergen;
