-- Sealing keys, as tenants and operators see them, and credentials that a client sealed. What a worker does with them
-- is in t/110_keys.t.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION rivergen;
CREATE ROLE regress_rivergen_viewer LOGIN;

-- A caller who is no user learns nothing.
SELECT rivergen.sealing_key();
\echo :LAST_ERROR_SQLSTATE

SELECT rivergen.organization_create('Acme') AS organization \gset
SELECT rivergen.membership_add(:organization, rivergen.user_create(role_name => session_user::text), 'editor');
SELECT rivergen.membership_add(:organization, rivergen.user_create(role_name => 'regress_rivergen_viewer'), 'viewer');
SELECT rivergen.grant_access('regress_rivergen_viewer');

-- Before there is a key.
\set VERBOSITY default
SELECT rivergen.sealing_key();
SELECT rivergen.key_rotate();
\echo :LAST_ERROR_SQLSTATE
SELECT name, level, detail, what_to_do FROM rivergen.check() WHERE name = 'sealing key';

SELECT rivergen.key_create() AS key \gset
SELECT jsonb_object_keys(answer) FROM rivergen.sealing_key() answer ORDER BY 1;
SELECT answer ->> 'message' AS message, answer #>> '{data,algorithm}' AS algorithm,
	length(decode(answer #>> '{data,public_key}', 'base64')) AS public_key_bytes,
	answer #> '{data,key_id}' = to_jsonb(:key) AS is_the_key,
	answer #> '{data,organization_id}' = to_jsonb(:organization) AS is_the_organization
FROM rivergen.sealing_key() answer;
SELECT key_id = :key AS is_the_key, created_at IS NOT NULL AS created, retired_at, credentials, private_key
FROM rivergen.key_status() WHERE created_at IS NOT NULL;

-- What a client sealed, as far as it is seen here: 49 bytes could be a box.
SELECT encode(decode(repeat('5a', 49), 'hex'), 'base64') AS box \gset
SELECT rivergen.data_source_create(jsonb_build_object('name', 'sealed', 'type', 'http_api', 'schema_auto_refresh', false,
	'credentials', jsonb_build_object('sealed', :'box', 'key_id', :key, 'keys', '["password", "username"]'::jsonb)))
	#>> '{data,id}' AS id \gset
SELECT version > 0 AS version, key_id = :key AS is_the_key, key_names, given_by_user_id IS NOT NULL AS given
FROM rivergen.credentials WHERE data_source_id = :id;
SELECT rivergen.data_source_update_credentials(:id, jsonb_build_object('sealed', :'box', 'key_id', :key)) ->> 'message';
SELECT key_names FROM rivergen.credentials WHERE data_source_id = :id;

-- Refused.
SELECT rivergen.data_source_update_credentials(:id, '{"sealed": "AAAA"}');
SELECT rivergen.data_source_update_credentials(:id, '{"sealed": null, "key_id": 1.5, "keys": {}, "password": "hunter2"}');
SELECT rivergen.data_source_update_credentials(:id, jsonb_build_object('sealed', :'box', 'key_id', :key, 'keys', '["pasword", 5]'::jsonb));
\set VERBOSITY terse
SELECT rivergen.data_source_update_credentials(:id, jsonb_build_object('sealed', :'box', 'key_id', 999999));
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.key_forget(NULL);
SELECT rivergen.key_forget(999999);
\echo :LAST_ERROR_SQLSTATE

-- Tenants see their key and what is known of their credentials, and nothing of the operator's.
SET SESSION AUTHORIZATION regress_rivergen_viewer;
SELECT rivergen.sealing_key() IS NOT NULL AS told;
SELECT count(*) FROM rivergen.credentials;
SELECT rivergen.key_rotate();
SELECT rivergen.key_forget(1);
SELECT * FROM rivergen.key_status();
SELECT * FROM rivergen.check();
SELECT rivergen_catalog.installation();
RESET SESSION AUTHORIZATION;

-- Another organization sees none of it.
SELECT rivergen.organization_create('Other') AS other \gset
SELECT rivergen.membership_add(:other, u.user_id, 'admin') FROM rivergen_catalog.app_user u WHERE role_name = session_user;
SET rivergen.organization_id = :other;
SELECT count(*) FROM rivergen.credentials;
RESET rivergen.organization_id;

-- Every function of the operator's says what it is about.
SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'rivergen'::regnamespace
	AND (obj_description(p.oid, 'pg_proc') IS NULL OR p.proconfig IS NULL OR has_function_privilege('public', p.oid, 'EXECUTE'))
ORDER BY 1;

DROP EXTENSION rivergen;
DROP OWNED BY regress_rivergen_viewer;
DROP ROLE regress_rivergen_viewer;
