-- The functions with which an operator sets up tenants. Only the extension's owner may call them, unless it grants EXECUTE.

CREATE OR REPLACE FUNCTION rivergen.organization_create(name text) RETURNS bigint
	AS 'MODULE_PATHNAME', 'rg_sql_organization_create'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.organization_create(text) IS
'Makes an organization and returns its id.
name: 1-255 characters after trimming; no other organization has it. Errors: 400, 409 (the name is taken).';

CREATE OR REPLACE FUNCTION rivergen.workspace_create(organization_id bigint, name text) RETURNS bigint
	AS 'MODULE_PATHNAME', 'rg_sql_workspace_create'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.workspace_create(bigint, text) IS
'Makes a workspace of an organization and returns its id.
name: 1-255 characters after trimming, unique within the organization. Errors: 400, 404 (no such organization), 409 (the name is taken).';

CREATE OR REPLACE FUNCTION rivergen.user_create(subject text DEFAULT NULL, role_name text DEFAULT NULL) RETURNS bigint
	AS 'MODULE_PATHNAME', 'rg_sql_user_create'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.user_create(text, text) IS
'Makes a user and returns the id.
subject: the claim "sub" that names the user through a gateway; role_name: the login role that is the user in a direct session. At least one of them. Errors: 400, 409 (another user has the subject or the role).';

CREATE OR REPLACE FUNCTION rivergen.membership_add(organization_id bigint, user_id bigint, role text DEFAULT 'editor') RETURNS void
	AS 'MODULE_PATHNAME', 'rg_sql_membership_add'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.membership_add(bigint, bigint, text) IS
'Makes a user a member of an organization.
role: viewer (reads), editor (creates, changes, discovers) or admin (also members, keys, credentials of others). A user works in the organization that was joined first, unless the claim organization_id or the setting rivergen.organization_id chooses another. Errors: 400, 404, 409 (already a member).';

CREATE OR REPLACE FUNCTION rivergen.grant_access(role regrole) RETURNS void
	AS 'MODULE_PATHNAME', 'rg_sql_grant_access'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.grant_access(regrole) IS
'Grants a role the use of schema rivergen.
It grants EXECUTE on the functions for tenants and SELECT on the views, but nothing of the set-up. Each call identifies its user and checks what this user may see. Errors: 400 (null).';

CREATE OR REPLACE FUNCTION rivergen.key_create() RETURNS bigint
	AS 'MODULE_PATHNAME', 'rg_sql_key_create'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.key_create() IS
'Has a worker make the sealing key, or adopt the key in rivergen.key_file, and returns its id.
The private half never leaves that file. The worker commits the key, even if this transaction is rolled back. Errors: 503 (no worker, or no place for the key; the hint says what to set).';

CREATE OR REPLACE FUNCTION rivergen.quick_start(organization_name text) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_quick_start'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.quick_start(text) IS
'Does the whole set-up for the login role of this session.
It makes a sealing key, a user, an organization, the workspace "default", a membership as admin, and grants. Can be called again: existing parts stay, and the ids are the same. Answers {"success", "data": {"organization_id", "workspace_id", "user_id", "key_id"}, "message"}. Errors: 400, 409 (the role''s name is another user''s subject; the role is a member of another organization; the name is taken), 503 (no worker can make the key).';

-- STABLE, so that the organization becomes an index condition of every view; restricted, because it depends on the session.
CREATE OR REPLACE FUNCTION rivergen.current_organization_id() RETURNS bigint
	AS 'MODULE_PATHNAME', 'rg_sql_current_organization_id'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.current_organization_id() IS
'The id of the organization that this session works in.
Errors: 401 (the session is no user), 403 (no member of the chosen organization, or of any).';

REVOKE ALL ON FUNCTION rivergen.organization_create(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.workspace_create(bigint, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.user_create(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.membership_add(bigint, bigint, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.grant_access(regrole) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.key_create() FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.quick_start(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.current_organization_id() FROM PUBLIC;
