-- The audit trail: who changed what, never a secret.
CREATE EXTENSION rivergen;
SELECT rivergen.key_create() > 0 AS has_key;
CREATE ROLE regress_rivergen_gateway LOGIN;
SELECT rivergen.grant_access('regress_rivergen_gateway');
SELECT rivergen.organization_create('Acme') AS acme, rivergen.organization_create('Other') AS other;
SELECT rivergen.user_create('ann') AS ann, rivergen.user_create('eve') AS eve, rivergen.user_create('oda') AS oda;
SELECT rivergen.membership_add(1, 1, 'admin'), rivergen.membership_add(1, 2, 'editor'), rivergen.membership_add(2, 3, 'admin');
SET rivergen.gateway_roles = 'regress_rivergen_gateway';
SET SESSION AUTHORIZATION regress_rivergen_gateway;
SET request.jwt.claims = '{"sub": "eve"}';
SELECT rivergen.data_source_create('{"name": "shop", "type": "postgresql", "schema_auto_refresh": false,
	"connection_string": "postgresql://reader:canary-1@db.example.com:5433/shop", "credentials": {}}') #> '{data,id}' AS id \gset
SELECT rivergen.data_source_update(:id, '{"description": "The shop", "tags": ["a"], "port": 5433}') ->> 'success' AS updated;
SELECT rivergen.data_source_update(:id, '{}') ->> 'success' AS nothing;
SELECT rivergen.data_source_update(:id, '{"connection_string": "postgresql://writer:canary-2@db2.example.com/shop"}') ->> 'success' AS moved;
SELECT rivergen.data_source_update_credentials(:id, '{"username": "u", "password": "canary-3"}') ->> 'success' AS given;
SELECT rivergen.data_source_update_credentials(:id, '{}') ->> 'success' AS taken;

-- What fails leaves no trace.
SELECT rivergen.data_source_update(:id, '{"port": 0}');
SELECT rivergen.data_source_delete(99);
BEGIN;
SELECT rivergen.data_source_delete(:id) ->> 'success' AS deleted;
ROLLBACK;
SELECT rivergen.data_source_delete(:id) ->> 'success' AS deleted;
SELECT rivergen.data_source_delete(:id, force => true) ->> 'success' AS purged;

-- For admins only.
SELECT count(*) FROM rivergen.audit;
\echo :LAST_ERROR_SQLSTATE
SET request.jwt.claims = '{"sub": "ann"}';
SELECT rivergen.member_set_role(2, 'viewer') ->> 'success' AS done;
SELECT rivergen.member_add('new') ->> 'success' AS done;
SELECT rivergen.invitation_withdraw('new') ->> 'success' AS done;
SELECT rivergen.workspace_add('main') #> '{data,id}' AS workspace \gset
SELECT rivergen.workspace_rename(:workspace, 'prime') ->> 'success' AS done;
SELECT rivergen.workspace_delete(:workspace) ->> 'success' AS done;
SELECT rivergen.member_remove(2) ->> 'success' AS done;
SELECT user_id, user_name, action, data_source_id = :id AS is_shop, detail - 'changes' AS detail FROM rivergen.audit ORDER BY audit_id;
SELECT a.action, c.key AS field, c.value -> 'before' AS before, c.value -> 'after' AS after
	FROM rivergen.audit a, jsonb_each(a.detail -> 'changes') c ORDER BY audit_id, c.key COLLATE "C";
SELECT count(*) FROM rivergen.audit a WHERE a::text ~ 'canary|postgresql://';
DELETE FROM rivergen.audit;
SET request.jwt.claims = '{"sub": "oda"}';
SELECT action FROM rivergen.audit;
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM rivergen_catalog.audit a WHERE a::text ~ 'canary|postgresql://';
RESET rivergen.gateway_roles;
DROP OWNED BY regress_rivergen_gateway;
DROP ROLE regress_rivergen_gateway;
DROP EXTENSION rivergen;
