-- data_source_update, data_source_update_credentials, data_source_delete.
CREATE EXTENSION rivergen;
-- A public key without its private half: credentials sealed here are never opened.
INSERT INTO rivergen_catalog.sealing_key (key_id, public_key)
	VALUES (1, '\xde9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
SELECT rivergen.organization_create('Acme') AS acme, rivergen.workspace_create(1, 'main') AS main,
	rivergen.user_create('operator', session_user::text) AS operator;
SELECT rivergen.membership_add(1, 1, 'admin');
CREATE ROLE regress_rivergen_editor LOGIN;
CREATE ROLE regress_rivergen_viewer LOGIN;
SELECT rivergen.user_create(role_name => 'regress_rivergen_editor') AS editor,
	rivergen.user_create(role_name => 'regress_rivergen_viewer') AS viewer;
SELECT rivergen.membership_add(1, 2), rivergen.membership_add(1, 3, 'viewer');
SELECT rivergen.grant_access('regress_rivergen_editor'), rivergen.grant_access('regress_rivergen_viewer');
SELECT rivergen.data_source_create('{"name": "first", "type": "postgresql", "host": "h", "port": 1, "database_name": "d",
	"schema_auto_refresh": false, "description": "text", "max_retries": 9, "tags": ["a"], "metadata": {"x": 1},
	"credentials": {"username": "u", "password": "p"}}') IS NOT NULL AS created;
SELECT rivergen.data_source_create('{"name": "second", "type": "http_api", "schema_auto_refresh": false, "credentials": {}}') IS NOT NULL AS created;

-- Absent is not null: only what is given changes; null clears, or resets to the default.
SELECT jsonb_pretty(answer #- '{data,created_at}' #- '{data,updated_at}') FROM rivergen.data_source_update(1, '{"port": 2, "description": null,
	"max_retries": null, "tags": null, "metadata": null}') answer;
SELECT updated_at > created_at AS later, updated_by_user_id FROM rivergen.data_sources WHERE id = 1;

-- Nothing given, nothing changed.
SELECT answer #> '{data,updated_by_user_id}' AS updated_by_user_id FROM rivergen.data_source_update(2, '{}') answer;

-- Faults.
SELECT rivergen.data_source_update(1, '{"name": null, "type": "mysql", "credentials": {"password": "hidden"}, "workspace_id": null, "host": null,
	"status": "active", "updated_at": 1, "port": "2", "descripton": ""}');
SELECT rivergen.data_source_update(1, NULL);
SELECT rivergen.data_source_update(1, '{"name": "second"}');
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.data_source_update(1, '{"use_ssh_tunnel": true}');

-- A missing source is told before what is wrong with the request.
SELECT rivergen.data_source_update(99, '{"nonsense": 1}');
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.data_source_update(NULL, '{}');
SELECT rivergen.data_source_get(99);
SELECT rivergen.data_source_update_credentials(99, '{"nonsense": 1}');
SELECT rivergen.data_source_delete(99);

-- The tunnel's port: 22 with a tunnel, not kept without one.
SELECT u #> '{data,ssh_port}' AS with_tunnel FROM rivergen.data_source_update(1, '{"use_ssh_tunnel": true, "ssh_host": "b", "ssh_username": "u"}') u;
SELECT u #> '{data,ssh_port}' AS without_tunnel FROM rivergen.data_source_update(1, '{"use_ssh_tunnel": false}') u;

-- Credentials are replaced as a whole; an empty object takes them away.
SELECT rivergen.data_source_update_credentials(1, '{"username": "u", "password": "q", "ssh_private_key": "k"}') ->> 'message' AS message;
SELECT key_names, version = credential_id AS fresh FROM rivergen_catalog.credential;
SELECT rivergen.data_source_update_credentials(1, '{"pasword": "hidden"}');
SELECT rivergen.data_source_update_credentials(1, '"hidden"');
SELECT rivergen.data_source_update_credentials(1, '{}') #> '{data,ssh_key_id}' AS ssh_key_id;
SELECT count(*) FROM rivergen_catalog.credential;

-- Who may take the credentials to another destination: an admin, or who gave them.
SELECT rivergen.data_source_update_credentials(1, '{"username": "u", "password": "q"}') ->> 'message' AS message;
UPDATE rivergen_catalog.data_source_state SET status = 'active' WHERE data_source_id = 1;
SELECT u #>> '{data,status}' AS admin FROM rivergen.data_source_update(1, '{"host": "moved.example.com"}') u;
SET SESSION AUTHORIZATION regress_rivergen_editor;
SELECT u #>> '{data,status}' AS not_moved FROM rivergen.data_source_update(1, '{"host": "moved.example.com", "database_name": "e", "metadata": {"y": 1}}') u;
SELECT u #>> '{data,status}' AS moved, u #>> '{data,failure_reason}' AS reason FROM rivergen.data_source_update(1, '{"metadata": {"tls": {"mode": "disable"}}}') u;
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM rivergen_catalog.credential;
SET SESSION AUTHORIZATION regress_rivergen_editor;
SELECT u #> '{data,failure_reason}' AS reason FROM rivergen.data_source_update_credentials(1, '{"username": "u", "password": "q"}') u;
SELECT u #>> '{data,status}' AS own FROM rivergen.data_source_update(1, '{"port": 77}') u;

-- A viewer reads.
SET SESSION AUTHORIZATION regress_rivergen_viewer;
SELECT rivergen.data_source_get(1) #>> '{data,name}' AS name;
SELECT rivergen.data_source_update(1, '{"port": 3}');
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.data_source_create('{}');
SELECT rivergen.data_source_update_credentials(1, '{}');
SELECT rivergen.data_source_delete(1);
RESET SESSION AUTHORIZATION;
SELECT given_by_user_id, key_names FROM rivergen_catalog.credential;

-- Maintenance is shown in place of the status.
UPDATE rivergen_catalog.data_source SET maintenance = true WHERE data_source_id = 1;
SELECT rivergen.data_source_get(1) #>> '{data,status}' AS status;
SELECT status FROM rivergen.data_sources WHERE id = 1;

-- Deleted: gone from every answer, and the name is free. With force, gone for good.
SELECT rivergen.data_source_delete(1);
SELECT rivergen.data_source_get(1);
SELECT rivergen.data_source_delete(1);
SELECT id, name FROM rivergen.data_sources;
SELECT rivergen.data_source_update(2, '{"name": "first"}') #>> '{data,name}' AS name;
SELECT rivergen.data_source_delete(1, force => true) ->> 'message' AS message;
SELECT rivergen.data_source_delete(1, force => true);
SELECT (SELECT count(*) FROM rivergen_catalog.data_source) AS sources, (SELECT count(*) FROM rivergen_catalog.data_source_state) AS states,
	(SELECT count(*) FROM rivergen_catalog.credential) AS credentials;

DROP OWNED BY regress_rivergen_editor, regress_rivergen_viewer;
DROP ROLE regress_rivergen_editor, regress_rivergen_viewer;
DROP EXTENSION rivergen;
