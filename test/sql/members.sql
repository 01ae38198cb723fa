-- Members, invitations and workspaces, as their organization's people see them.
CREATE EXTENSION rivergen;
CREATE ROLE regress_rivergen_gateway LOGIN;
SELECT rivergen.grant_access('regress_rivergen_gateway');
SELECT rivergen.organization_create('Acme') AS acme, rivergen.organization_create('Other') AS other;
SELECT rivergen.user_create(s) FROM unnest('{ann,eve,vic,oda}'::text[]) WITH ORDINALITY u (s, n) ORDER BY n;
SELECT rivergen.membership_add(1, 1, 'admin'), rivergen.membership_add(1, 2, 'editor'),
	rivergen.membership_add(1, 3, 'viewer'), rivergen.membership_add(2, 4, 'admin');
SELECT rivergen.workspace_create(2, 'theirs') AS theirs;
SET rivergen.gateway_roles = 'regress_rivergen_gateway';
\set ann 'SET request.jwt.claims = ''{"sub": "ann"}'''
\set eve 'SET request.jwt.claims = ''{"sub": "eve"}'''
\set vic 'SET request.jwt.claims = ''{"sub": "vic"}'''
\set oda 'SET request.jwt.claims = ''{"sub": "oda"}'''
\set new 'SET request.jwt.claims = ''{"sub": "new"}'''
SET SESSION AUTHORIZATION regress_rivergen_gateway;

-- Only admins see and change them.
:vic;
SELECT rivergen.member_list();
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.member_add('new');
SELECT rivergen.member_set_role(3, 'admin');
SELECT rivergen.member_remove(1);
SELECT rivergen.member_remove(NULL);
SELECT rivergen.member_remove(99);
SELECT rivergen.invitation_withdraw('new');
SELECT rivergen.workspace_add('x');
SELECT rivergen.workspace_rename(1, 'x');
SELECT rivergen.workspace_delete(1);
:eve;
SELECT rivergen.member_set_role(2, 'admin');
SELECT rivergen.workspace_add('x');
SELECT rivergen.administered_organization_id();

-- The list.
:ann;
SELECT rivergen.administered_organization_id();
SELECT jsonb_pretty(rivergen.member_list() #- '{data,items,0,joined_at}' #- '{data,items,1,joined_at}' #- '{data,items,2,joined_at}');
SELECT rivergen.member_list(2, 2) #> '{data,items,0,name}' AS name, rivergen.member_list(2, 2) #> '{data,pagination}' AS pagination;
SELECT rivergen.member_list(page => 0, page_size => 1001);
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.member_list(page => 2147483647, page_size => 1000) #> '{data,items}' AS beyond;

-- Roles.
SELECT rivergen.member_set_role(3, 'editor') #>> '{data,role}' AS role;
SELECT rivergen.member_set_role(3, 'owner');
SELECT rivergen.member_set_role(3, NULL);
SELECT rivergen.member_set_role(NULL, 'editor');
SELECT rivergen.member_set_role(4, 'owner');
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.member_set_role(99, 'editor');
SELECT rivergen.member_set_role(1, 'editor');
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.member_set_role(1, 'admin') ->> 'success' AS stays;
SELECT rivergen.member_remove(1);
SELECT rivergen.member_remove(4);
SELECT rivergen.member_remove(-1);
SELECT rivergen.member_set_role(2, 'admin') #>> '{data,role}' AS role;
:eve;
SELECT rivergen.member_set_role(1, 'viewer') #>> '{data,role}' AS role;
SELECT rivergen.member_set_role(1, 'admin') #>> '{data,role}' AS role;
SELECT rivergen.member_set_role(2, 'editor') #>> '{data,role}' AS role;
SELECT rivergen.member_set_role(1, 'viewer');
:vic;
SELECT rivergen.member_remove(3) AS leaves;
SELECT rivergen.current_organization_id();
\echo :LAST_ERROR_SQLSTATE

-- Invitations: the answer is the same for a user of another organization, and for a subject that is no user.
:ann;
SELECT rivergen.member_add('oda', 'viewer');
SELECT rivergen.member_add('new', 'viewer');
SELECT rivergen.member_add('new');
SELECT rivergen.member_add('eve');
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.member_add('', 'king');
SELECT rivergen.member_add(NULL);
SELECT rivergen.member_add(repeat('ü', 255)) #>> '{data,status}' AS longest;
SELECT rivergen.member_add(repeat('ü', 256));
SELECT rivergen.invitation_withdraw(repeat('ü', 255)) #>> '{data,status}' AS status;
SELECT rivergen.invitation_withdraw('nobody');
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.invitation_withdraw('');
SELECT i ->> 'name' AS name, i ->> 'user_id' AS user_id, i ->> 'status' AS status
	FROM jsonb_array_elements(rivergen.member_list() #> '{data,items}') i;

-- A person whom the installation does not know yet.
:new;
SELECT rivergen.current_organization_id();
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.invitation_list() #- '{data,items,0,invited_at}' AS invitations;
SELECT rivergen.invitation_accept(2);
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.invitation_accept(99);
SELECT rivergen.invitation_accept(NULL);
SELECT rivergen.invitation_decline(2);
SELECT rivergen.invitation_accept(1) #- '{data,joined_at}' AS member;
SELECT rivergen.invitation_accept(1);
SELECT rivergen.invitation_list() #> '{data,items}' AS invitations;
SELECT rivergen.current_organization_id();
RESET request.jwt.claims;
SELECT rivergen.invitation_list();
\echo :LAST_ERROR_SQLSTATE

-- A member of another organization stays where he is until he chooses.
:oda;
SELECT rivergen.current_organization_id();
SELECT rivergen.invitation_decline(1);
SELECT rivergen.invitation_decline(1);
:ann;
SELECT rivergen.member_add('oda', 'editor') #>> '{data,status}' AS again;
:oda;
SELECT rivergen.invitation_accept(1) #>> '{data,role}' AS role;
SELECT rivergen.current_organization_id();
SET request.jwt.claims = '{"sub": "oda", "organization_id": 1}';
SELECT rivergen.current_organization_id();

-- Workspaces.
:ann;
SELECT rivergen.workspace_add(' main ') #- '{data,created_at}' AS workspace;
SELECT rivergen.workspace_add('main');
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.workspace_add('theirs') #>> '{data,name}' AS taken_elsewhere;
SELECT rivergen.workspace_add('  ');
SELECT rivergen.workspace_add(NULL);
SELECT rivergen.workspace_add(repeat('x', 256));
SELECT rivergen.workspace_rename(2, 'theirs');
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.workspace_rename(1, '');
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.workspace_rename(99, 'x');
SELECT rivergen.workspace_rename(NULL, 'x');
SELECT rivergen.workspace_rename(2, '');
SELECT rivergen.workspace_rename(2, 'main') #>> '{data,name}' AS same;
SELECT rivergen.workspace_rename(2, 'prime') #>> '{data,name}' AS name;
SELECT rivergen.data_source_create('{"name": "a", "type": "http_api", "credentials": {}, "workspace_id": 2}') #>> '{data,id}' AS id \gset
SELECT rivergen.workspace_list() #> '{data,items,0}' ->> 'data_sources_count' AS sources,
	rivergen.workspace_list(1, 1) #> '{data,pagination}' AS pagination;
SELECT rivergen.workspace_list(page_size => 0);
SELECT rivergen.workspace_delete(2);
\echo :LAST_ERROR_SQLSTATE
SELECT rivergen.data_source_delete(:id) ->> 'success' AS deleted;
SELECT rivergen.workspace_delete(2);
SELECT rivergen.data_source_delete(:id, force => true) ->> 'success' AS purged;
SELECT rivergen.workspace_delete(2);
SELECT rivergen.workspace_delete(2);
SELECT rivergen.workspace_delete(1);
SELECT rivergen.workspace_delete(NULL);
RESET SESSION AUTHORIZATION;

-- A login role without a subject cannot be invited, and has no invitations.
RESET request.jwt.claims;
RESET rivergen.gateway_roles;
SELECT rivergen.invitation_list();
SELECT rivergen.user_create(role_name => session_user::text) > 0 AS created;
SELECT rivergen.invitation_list() #> '{data,items}' AS invitations;
SELECT rivergen.invitation_accept(1);
DROP OWNED BY regress_rivergen_gateway;
DROP ROLE regress_rivergen_gateway;
DROP EXTENSION rivergen;
