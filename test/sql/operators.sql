-- What operators do with users and organizations after the set-up.
CREATE EXTENSION rivergen;
CREATE ROLE regress_rivergen_gateway LOGIN;
CREATE ROLE regress_rivergen_carl LOGIN;
SELECT rivergen.grant_access('regress_rivergen_gateway'), rivergen.grant_access('regress_rivergen_carl');
SELECT rivergen.organization_create('Acme') AS acme, rivergen.organization_create('Other') AS other;
SELECT rivergen.user_create('ann') AS ann, rivergen.user_create('bea') AS bea,
	rivergen.user_create(role_name => 'regress_rivergen_carl') AS carl;
SELECT rivergen.membership_add(1, 1, 'admin'), rivergen.membership_add(1, 2, 'admin'), rivergen.membership_add(2, 2, 'viewer'),
	rivergen.membership_add(2, 3, 'editor');
SET rivergen.gateway_roles = 'regress_rivergen_gateway';

-- Tenants may not.
SELECT proname FROM pg_proc WHERE pronamespace = 'rivergen'::regnamespace
	AND proname IN ('user_list', 'user_disable', 'user_enable', 'organization_list', 'organization_close', 'audit_list')
	AND (has_function_privilege('regress_rivergen_gateway', oid, 'EXECUTE') OR has_function_privilege('regress_rivergen_carl', oid, 'EXECUTE'));

-- Lists.
SELECT i - 'created_at' AS users FROM jsonb_array_elements(rivergen.user_list() #> '{data,items}') i;
SELECT i - 'created_at' AS organizations FROM jsonb_array_elements(rivergen.organization_list() #> '{data,items}') i;
SELECT rivergen.user_list(2, 2) #> '{data,pagination}' AS pagination;
SELECT rivergen.user_list(page => 0);
SELECT rivergen.organization_list(page_size => 0, page => -1);
SELECT rivergen.audit_list(page_size => 1001);

-- A disabled user is refused everywhere.
SELECT rivergen.user_disable(2) #- '{data,created_at}' AS bea;
SELECT rivergen.user_disable(2) #>> '{data,disabled}' AS again;
SELECT rivergen.user_disable(3) #>> '{data,disabled}' AS carl;
SELECT rivergen.user_disable(99);
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.user_disable(NULL);
SELECT rivergen.user_enable(99);
SELECT rivergen.user_enable(NULL);
SET SESSION AUTHORIZATION regress_rivergen_carl;
SELECT rivergen.current_organization_id();
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM rivergen.data_sources;
SELECT rivergen.invitation_list();
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_rivergen_gateway;
SET request.jwt.claims = '{"sub": "bea"}';
SELECT rivergen.current_organization_id();
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.data_source_get(99);
SELECT rivergen.data_source_create('nonsense');
SELECT rivergen.data_source_create('{}');
SELECT rivergen.invitation_accept(2);
SELECT count(*) FROM rivergen.audit;
SET request.jwt.claims = '{"sub": "bea", "organization_id": 2}';
SELECT rivergen.data_source_list();

-- The only admin who is left cannot go, though a disabled one is there.
SET request.jwt.claims = '{"sub": "ann"}';
SELECT rivergen.member_remove(1);
SELECT rivergen.member_list() #> '{data,items,1}' -> 'disabled' AS disabled;
SELECT user_id, user_name, action, detail FROM rivergen.audit WHERE action LIKE 'user.%' ORDER BY audit_id;
RESET SESSION AUTHORIZATION;
SELECT rivergen.user_enable(2) #>> '{data,disabled}' AS disabled;
SET SESSION AUTHORIZATION regress_rivergen_gateway;
SELECT rivergen.member_remove(1) ->> 'success' AS leaves;
SET request.jwt.claims = '{"sub": "bea"}';
SELECT rivergen.current_organization_id();

-- An organization is closed with everything of it.
SELECT rivergen.data_source_create('{"name": "a", "type": "http_api", "credentials": {}, "workspace_id": null}') #> '{data,id}' AS id \gset
SELECT rivergen.workspace_add('main') #> '{data,id}' AS workspace \gset
SELECT rivergen.data_source_create(format('{"name": "b", "type": "postgresql", "host": "127.0.0.1", "port": 1, "database_name": "b", "schema_auto_refresh": false, "credentials": {}, "workspace_id": %s}', :workspace)::jsonb) ->> 'success' AS created;
SELECT rivergen.data_source_delete(:id) ->> 'success' AS deleted;
SELECT rivergen.discover_schema((SELECT max(id) FROM rivergen.data_sources), wait => false) ->> 'success' AS queued;
SELECT rivergen.member_add('dan') ->> 'success' AS invited;
SET request.jwt.claims = '{"sub": "bea", "organization_id": 2}';
SELECT rivergen.current_organization_id();
RESET SESSION AUTHORIZATION;
SELECT rivergen.organization_close(99);
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.organization_close(0);
SELECT rivergen.organization_close(NULL);
SELECT rivergen.organization_close(1);
SELECT rivergen.organization_close(1);
SELECT string_agg(format('SELECT %L AS left_over, count(*) FROM rivergen_catalog.%I WHERE organization_id = 1', relname, relname), ' UNION ALL ') AS look
	FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid AND attname = 'organization_id'
	WHERE relnamespace = 'rivergen_catalog'::regnamespace AND relkind = 'r' \gset
SELECT * FROM (:look) l WHERE count > 0;
SELECT i ->> 'action' AS action, i -> 'user_id' AS user_id, i ->> 'login_role' = session_user AS is_me, i -> 'detail' AS detail
	FROM jsonb_array_elements(rivergen.audit_list() #> '{data,items}') i;
SELECT i ->> 'action' AS action, i -> 'detail' AS detail FROM jsonb_array_elements(rivergen.audit_list(2) #> '{data,items}') i;
SELECT rivergen.audit_list(99) #> '{data,items}' AS nothing;
SET SESSION AUTHORIZATION regress_rivergen_gateway;
SET request.jwt.claims = '{"sub": "bea"}';
SELECT rivergen.current_organization_id();
SET request.jwt.claims = '{"sub": "bea", "organization_id": 1}';
SELECT rivergen.current_organization_id();
\echo :LAST_ERROR_SQLSTATE
RESET SESSION AUTHORIZATION;
RESET rivergen.gateway_roles;
DROP OWNED BY regress_rivergen_gateway, regress_rivergen_carl;
DROP ROLE regress_rivergen_gateway, regress_rivergen_carl;
DROP EXTENSION rivergen;
