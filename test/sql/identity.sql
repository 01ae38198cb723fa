-- Who is asking, for which organization, in which role; and what an operator sets up.
CREATE EXTENSION rivergen;
CREATE ROLE regress_rivergen_gateway LOGIN;
CREATE ROLE regress_rivergen_alice LOGIN;
CREATE ROLE regress_rivergen_bob LOGIN;

-- Set-up, and what it refuses.
SELECT rivergen.organization_create(' Acme ') AS acme;
SELECT rivergen.organization_create('Other') AS other;
SELECT rivergen.organization_create('Other ');
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.organization_create('  ');
SELECT rivergen.organization_create(NULL);
SELECT rivergen.organization_create(repeat('x', 256));
SELECT name FROM rivergen_catalog.organization ORDER BY organization_id;
SELECT rivergen.workspace_create(1, 'main') AS main;
SELECT rivergen.workspace_create(1, 'main');
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.workspace_create(99, 'main');
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.user_create('alice-subject', 'regress_rivergen_alice') AS alice;
SELECT rivergen.user_create('bob-subject') AS bob;
SELECT rivergen.user_create('alice-subject');
SELECT rivergen.user_create(role_name => 'regress_rivergen_alice');
SELECT rivergen.user_create();
SELECT rivergen.user_create('');
SELECT rivergen.user_create(role_name => repeat('x', 64));
SELECT rivergen.membership_add(1, 1), rivergen.membership_add(2, 1, 'viewer'), rivergen.membership_add(2, 2, 'admin');
SELECT rivergen.membership_add(1, 1, 'admin');
SELECT rivergen.membership_add(1, 99);
SELECT rivergen.membership_add(99, 1);
SELECT rivergen.membership_add(1, 2, 'owner');
SELECT rivergen.membership_add(1, NULL);
SELECT rivergen.grant_access('regress_rivergen_gateway'), rivergen.grant_access('regress_rivergen_alice'),
	rivergen.grant_access('regress_rivergen_bob'), rivergen.grant_access('regress_rivergen_bob');
SELECT rivergen.data_source_create('{}');
\echo :LAST_ERROR_SQLSTATE

-- Nothing is granted to everybody, and tenants may call all but what sets up and operates. A new function is on one side.
SELECT count(*) FROM pg_proc p, aclexplode(coalesce(proacl, acldefault('f', proowner))) a
	WHERE pronamespace = 'rivergen'::regnamespace AND a.grantee = 0;
SELECT proname FROM pg_proc WHERE pronamespace = 'rivergen'::regnamespace
	AND NOT has_function_privilege('regress_rivergen_alice', oid, 'EXECUTE') ORDER BY proname;
-- query_rows makes rows with the types of its caller, which may run functions of the caller.
SELECT proname FROM pg_proc WHERE pronamespace = 'rivergen'::regnamespace AND NOT prosecdef AND prolang = (SELECT oid FROM pg_language WHERE lanname = 'c');
SELECT proname FROM pg_proc WHERE pronamespace = 'rivergen'::regnamespace AND (prosecdef OR proname = 'query_rows')
	AND (proconfig @> '{"search_path=pg_catalog, pg_temp"}') IS NOT TRUE;
SELECT has_schema_privilege('regress_rivergen_alice', 'rivergen_catalog', 'USAGE');

-- A direct session is the user of its login role, in the organization joined first.
SET SESSION AUTHORIZATION regress_rivergen_alice;
SELECT rivergen.current_organization_id();
SET rivergen.organization_id = '2';
SELECT rivergen.current_organization_id();
SET rivergen.organization_id = '3';
SELECT rivergen.current_organization_id();
\echo :LAST_ERROR_SQLSTATE
SET rivergen.organization_id = 'x';
SELECT rivergen.current_organization_id();
SET rivergen.organization_id = '';
SELECT rivergen.current_organization_id();

-- It cannot claim to be another user, nor make itself a gateway.
SET request.jwt.claims = '{"sub": "bob-subject"}';
SELECT rivergen.current_organization_id();
SET rivergen.gateway_roles = 'regress_rivergen_alice';
SET ROLE regress_rivergen_bob;
SET SESSION AUTHORIZATION regress_rivergen_bob;
SELECT rivergen.current_organization_id();
RESET SESSION AUTHORIZATION;

-- A role that is no user.
SET SESSION AUTHORIZATION regress_rivergen_bob;
SET request.jwt.claims = '{"sub": "alice-subject"}';
SELECT rivergen.current_organization_id();
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM rivergen.data_sources;
SELECT rivergen.data_source_get(1);
SELECT rivergen.data_source_create('[]');
SELECT rivergen.data_source_list(page => 0);
RESET SESSION AUTHORIZATION;

-- Through a gateway the claims say who it is.
SET rivergen.gateway_roles = 'somebody, regress_rivergen_gateway,';
SET rivergen.gateway_roles = 'somebody, regress_rivergen_gateway';
RESET request.jwt.claims;
SET SESSION AUTHORIZATION regress_rivergen_gateway;
SELECT rivergen.current_organization_id();
\echo :LAST_ERROR_SQLSTATE
SET request.jwt.claims = '';
SELECT rivergen.current_organization_id();
SET request.jwt.claims = '{"sub": ';
SELECT rivergen.current_organization_id();
\echo :LAST_ERROR_SQLSTATE
SET request.jwt.claims = '["sub"]';
SELECT rivergen.current_organization_id();
SET request.jwt.claims = '{"sub": 1}';
SELECT rivergen.current_organization_id();
SET request.jwt.claims = '{"sub": ""}';
SELECT rivergen.current_organization_id();
SET request.jwt.claims = '{"sub": "nobody"}';
SELECT rivergen.current_organization_id();
SET request.jwt.claims = '{"sub": "alice-subject"}';
SELECT rivergen.current_organization_id();
SET request.jwt.claims = '{"sub": "alice-subject", "organization_id": null}';
SELECT rivergen.current_organization_id();
SET request.jwt.claims = '{"sub": "alice-subject", "organization_id": 2}';
SELECT rivergen.current_organization_id();
SET request.jwt.claims = '{"sub": "bob-subject", "organization_id": "2"}';
SELECT rivergen.current_organization_id();
SET request.jwt.claims = '{"sub": "bob-subject", "organization_id": 1}';
SELECT rivergen.current_organization_id();
\echo :LAST_ERROR_SQLSTATE
SET request.jwt.claims = '{"sub": "bob-subject", "organization_id": 99}';
SELECT rivergen.current_organization_id();
SET request.jwt.claims = '{"sub": "bob-subject", "organization_id": 1.5}';
SELECT rivergen.current_organization_id();
\echo :LAST_ERROR_SQLSTATE
SET request.jwt.claims = '{"sub": "bob-subject", "organization_id": 1e400}';
SELECT rivergen.current_organization_id();

-- Another organization's source is a missing one, for every function.
SET request.jwt.claims = '{"sub": "bob-subject"}';
SELECT rivergen.data_source_create('{"name": "Bob''s", "type": "http_api", "credentials": {}}') #> '{data,id}' AS id \gset
SELECT rivergen.data_source_get(:id) #>> '{data,name}' AS name;
SET request.jwt.claims = '{"sub": "alice-subject"}';
SELECT rivergen.data_source_get(:id);
SELECT rivergen.data_source_update(:id, '{"nonsense": 1}');
SELECT rivergen.data_source_update_credentials(:id, '{}');
SELECT rivergen.data_source_delete(:id, true);
SELECT rivergen.data_source_list() #> '{data,pagination,total_items}' AS total;
SELECT count(*) FROM rivergen.data_sources;
SELECT rivergen.data_source_create('{"name": "Bob''s", "type": "http_api", "credentials": {}}') #>> '{data,organization_id}' AS same_name_elsewhere;
SELECT rivergen.data_source_create('{"name": "x", "type": "csv", "credentials": {}, "file_path": "organizations/2/x"}');
SET request.jwt.claims = '{"sub": "alice-subject", "organization_id": 2}';
SELECT rivergen.data_source_create('{"name": "x", "type": "http_api", "credentials": {}, "workspace_id": 1}');
RESET SESSION AUTHORIZATION;
SELECT rivergen.membership_add(2, rivergen.user_create('carol'));
SET SESSION AUTHORIZATION regress_rivergen_gateway;
SET request.jwt.claims = '{"sub": "carol"}';
SELECT rivergen.data_source_create('{"name": "x", "type": "http_api", "credentials": {}, "workspace_id": 1}');
RESET SESSION AUTHORIZATION;

-- A user without any organization.
RESET request.jwt.claims;
SELECT rivergen.user_create(role_name => session_user::text) > 0 AS created;
SELECT rivergen.current_organization_id();
\echo :LAST_ERROR_SQLSTATE

RESET rivergen.gateway_roles;
DROP OWNED BY regress_rivergen_gateway, regress_rivergen_alice, regress_rivergen_bob;
DROP ROLE regress_rivergen_gateway, regress_rivergen_alice, regress_rivergen_bob;
DROP EXTENSION rivergen;
