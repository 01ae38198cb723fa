-- catalog_export and catalog_apply.
CREATE EXTENSION rivergen;
-- A public key without its private half: credentials sealed here are never opened.
INSERT INTO rivergen_catalog.sealing_key (key_id, public_key)
	VALUES (1, '\xde9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
SELECT rivergen.organization_create('Acme') AS acme, rivergen.organization_create('Empty') AS empty, rivergen.workspace_create(1, 'main') AS main,
	rivergen.user_create('operator', session_user::text) AS operator;
SELECT rivergen.membership_add(1, 1, 'admin'), rivergen.membership_add(2, 1, 'admin');

-- Nothing is a document too.
SELECT jsonb_pretty(rivergen.catalog_export());

-- The first application makes everything.
-- Until it is committed no worker sees it.
BEGIN;
SELECT jsonb_pretty(rivergen.catalog_apply('{"version": 1, "sources": [
	{"name": "shop", "type": "postgresql", "workspace": "main", "host": "db", "port": 5432, "database_name": "shop", "schema_auto_refresh": false,
		"tags": ["b", "a"], "metadata": {"tls": {"mode": "require"}}, "credentials": {"username": "u", "password": "hunter2"}},
	{"name": " files ", "type": "csv", "workspace": "new", "file_path": "organizations/{organization_id}/x.csv", "description": "text"},
	{"name": "page", "type": "http_api", "workspace": "new", "credentials": {}},
	{"name": "later", "type": "mysql", "host": "h", "port": 3306, "database_name": "d", "use_ssh_tunnel": true, "ssh_host": "b", "ssh_username": "s"}]}'));
SELECT id, name, workspace_id, status, failure_reason, file_path FROM rivergen.data_sources ORDER BY id;
SELECT data_source_id, key_names FROM rivergen_catalog.credential;
SELECT count(*) AS jobs FROM rivergen.jobs;
COMMIT;

-- The export has no secret, and a stable order.
SELECT rivergen.catalog_export() -> 'data' AS document \gset
SELECT jsonb_pretty(:'document'::jsonb);
SELECT :'document' ~ 'hunter2' AS leaks;

-- Applied again it changes nothing.
SELECT jsonb_pretty(rivergen.catalog_apply(:'document') -> 'data');
SELECT count(*) FROM rivergen.data_sources WHERE updated_by_user_id IS NOT NULL;
-- An empty organization becomes the same, after a dry run that changed nothing.
SET rivergen.organization_id = 2;
SELECT jsonb_pretty(rivergen.catalog_apply(:'document', dry_run => true));
SELECT count(*) AS sources, (SELECT count(*) FROM rivergen_catalog.workspace WHERE organization_id = 2) AS workspaces FROM rivergen.data_sources;
BEGIN;
SELECT rivergen.catalog_apply(:'document') #> '{data,credentials_wanted}' AS credentials_wanted;
SELECT rivergen.catalog_export() -> 'data' = :'document'::jsonb AS reproduced;
SELECT rivergen.catalog_apply(:'document') #> '{data,unchanged}' AS unchanged;
SELECT name, file_path, failure_reason FROM rivergen.data_sources ORDER BY name COLLATE "C";
COMMIT;
-- What waited for credentials gets them, by the document or by hand; later ones are passed over.
SELECT rivergen.catalog_apply('{"sources": [{"name": "later", "credentials": {"username": "u", "password": "p"}}]}') #> '{data,changed}' AS changed;
SELECT rivergen.catalog_apply('{"sources": [{"name": "later", "credentials": {"username": "other"}}]}') #> '{data,unchanged}' AS unchanged;
SELECT failure_reason FROM rivergen.data_sources WHERE name = 'later';
RESET rivergen.organization_id;

-- Credentials beside the document: plain or sealed, by the sources' names; the plan says which sources are tested.
SELECT jsonb_pretty(rivergen.catalog_apply('{"sources": [
	{"name": "beside 1", "type": "postgresql", "host": "db", "port": 5432, "database_name": "a"},
	{"name": "beside 2", "type": "postgresql", "host": "db", "port": 5432, "database_name": "b", "credentials": {}},
	{"name": "beside 3", "type": "postgresql", "host": "db", "port": 5432, "database_name": "c", "schema_auto_refresh": false},
	{"name": "beside 4", "type": "postgresql", "host": "db", "port": 5432, "database_name": "d"}]}', dry_run => true,
	credentials => jsonb_build_object('beside 1', '{"username": "u", "password": "hunter2"}'::jsonb,
		'beside 2', jsonb_build_object('sealed', repeat('AAAA', 30), 'key_id', 1, 'keys', '["password"]'::jsonb),
		'beside 3', '{"username": "u", "password": "hunter2"}'::jsonb, 'beside 4', null)) -> 'data') AS plan;
SELECT rivergen.catalog_apply('{"sources": [{"name": "beside 1", "type": "postgresql", "host": "db", "port": 5432, "database_name": "a"},
	{"name": "beside 2", "type": "postgresql", "host": "db", "port": 5432, "database_name": "b"}]}', false,
	jsonb_build_object('beside 1', '{"username": "u", "password": "hunter2"}'::jsonb,
		'beside 2', jsonb_build_object('sealed', repeat('AAAA', 30), 'key_id', 1, 'keys', '["password"]'::jsonb)))
	#> '{data,tests}' AS tests;
SELECT d.name, c.key_names FROM rivergen_catalog.credential c JOIN rivergen.data_sources d ON d.id = c.data_source_id
	WHERE d.name LIKE 'beside%' ORDER BY d.name COLLATE "C";
SELECT count(*) AS discoveries FROM rivergen.jobs j JOIN rivergen.data_sources d ON d.id = j.data_source_id WHERE d.name LIKE 'beside%';
-- A source that has credentials keeps them. One that moves is tested.
SELECT plan -> 'changed' AS changed, plan -> 'tests' AS tests
	FROM jsonb_extract_path(rivergen.catalog_apply('{"sources": [{"name": "beside 1", "host": "other"}, {"name": "beside 2", "description": "x"}]}', true,
		'{"beside 1": {"username": "v"}, "beside 2": {"username": "v"}}'), 'data') AS plan;
-- Faults name no value.
SELECT rivergen.catalog_apply('{"sources": [{"name": "beside 1"}]}', true, '{"beside": {"password": "hidden"}, "password": "hidden"}');
SELECT rivergen.catalog_apply('{"sources": [{"name": "x", "type": "postgresql", "host": "h", "port": 1, "database_name": "d", "credentials": {"username": "u"}},
	{"name": "y", "type": "postgresql", "host": "h", "port": 1, "database_name": "d"}, {"name": "z", "type": "postgresql", "host": "h", "port": 1, "database_name": "d"}]}',
	true, '{"x": {"password": "hidden"}, "y": "hidden", "z": {"pasword": "hidden"}}');
SELECT rivergen.catalog_apply('{"sources": []}', true, '["hidden"]');
DELETE FROM rivergen_catalog.data_source WHERE name LIKE 'beside%';

-- What differs, and nothing else: absent is not null.
SELECT jsonb_pretty(rivergen.catalog_apply('{"sources": [{"name": "shop", "type": "postgresql", "workspace": "main", "port": 5433, "description": null,
	"tags": ["a"], "max_retries": null}, {"name": "files", "description": null}]}') -> 'data');
SELECT port, tags, host, updated_by_user_id FROM rivergen.data_sources WHERE name = 'shop';

-- Every fault of every source at once, and nothing is done.
SELECT rivergen.catalog_apply('{"version": 2, "source": [], "sources": [
	{"name": "fine", "type": "http_api", "credentials": {}},
	7,
	{"name": "shop", "type": "mysql", "port": 0, "workspace": "new", "hots": "x"},
	{"type": "postgresql", "port": "5432", "workspace": 5, "credentials": {"pasword": "hidden"}},
	{"name": "fine", "type": "http_api", "workspace_id": 1, "connection_string": "https://u:hidden@h/"},
	{"name": "later", "credentials": {"nonsense": "hidden"}},
	{"name": "x", "type": "csv", "file_path": "organizations/2/x.csv"}]}');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM rivergen.data_sources WHERE name = 'fine';
SELECT rivergen.catalog_apply(NULL);
SELECT rivergen.catalog_apply('[]');
SELECT rivergen.catalog_apply('{}');
SELECT rivergen.catalog_apply('{"sources": {}}');
SELECT rivergen.catalog_apply(rivergen.catalog_export());
SELECT rivergen.catalog_apply('{"sources": []}') #> '{data,not_in_document}' AS not_in_document;
-- Many faults are cut short.
DO $$
DECLARE
	faults text;
BEGIN
	PERFORM rivergen.catalog_apply(jsonb_build_object('sources', (SELECT jsonb_agg('{"name": 1}'::jsonb) FROM generate_series(1, 150))));
EXCEPTION WHEN SQLSTATE 'PT400' THEN
	GET STACKED DIAGNOSTICS faults = PG_EXCEPTION_DETAIL;
	RAISE NOTICE '% lines, the last: %', regexp_count(faults, E'\n') + 1, substring(faults FROM '[^\n]*$');
END $$;

-- Roles: a viewer exports, an editor applies but makes no workspace.
CREATE ROLE regress_rivergen_document LOGIN;
SELECT rivergen.user_create(role_name => 'regress_rivergen_document') AS id \gset
SELECT rivergen.membership_add(1, :id, 'viewer'), rivergen.grant_access('regress_rivergen_document');
SET SESSION AUTHORIZATION regress_rivergen_document;
SELECT jsonb_array_length(rivergen.catalog_export() #> '{data,sources}') AS sources;
SELECT rivergen.catalog_apply('{"sources": []}');
RESET SESSION AUTHORIZATION;
UPDATE rivergen_catalog.membership SET role = 'editor' WHERE user_id = :id;
SET SESSION AUTHORIZATION regress_rivergen_document;
SELECT rivergen.catalog_apply('{"sources": [{"name": "w", "type": "http_api", "credentials": {}, "workspace": "unheard of"}]}');
SELECT rivergen.catalog_apply('{"sources": [{"name": "w", "type": "http_api", "credentials": {}, "workspace": "new"}]}') #> '{data,created}' AS created;
-- An editor who moves a source with another user's credentials removes them.
SELECT rivergen.catalog_apply('{"sources": [{"name": "shop", "host": "elsewhere"}]}') #> '{data,changed}' AS changed;
SELECT failure_reason FROM rivergen.data_sources WHERE name = 'shop';
SELECT e -> 'credentials' AS credentials FROM jsonb_path_query(rivergen.catalog_export(), '$.data.sources[*] ? (@.name == "shop")') e;
RESET SESSION AUTHORIZATION;
DROP OWNED BY regress_rivergen_document;
DROP ROLE regress_rivergen_document;
DROP EXTENSION rivergen;
