-- Members and workspaces of the session's organization. The bodies are made by the functions of rivergen_catalog.

CREATE OR REPLACE FUNCTION rivergen_catalog.member_page(organization_id bigint, page integer, page_size integer) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH known AS (
		SELECT m.user_id, coalesce(u.subject, u.role_name) AS name, m.role, m.created_at AS joined_at,
			u.disabled_at IS NOT NULL AS disabled, 'member' AS status
		FROM rivergen_catalog.membership m
		JOIN rivergen_catalog.app_user u USING (user_id)
		WHERE m.organization_id = $1
		UNION ALL
		SELECT NULL, i.subject, i.role, NULL, false, 'invited'
		FROM rivergen_catalog.invitation i
		WHERE i.organization_id = $1
	), shown AS (
		SELECT * FROM known ORDER BY joined_at NULLS LAST, user_id, name LIMIT $3 OFFSET ($2::bigint - 1) * $3
	)
	SELECT jsonb_build_object(
		'items', (SELECT coalesce(jsonb_agg(jsonb_build_object(
			'user_id', user_id,
			'name', name,
			'role', role,
			'status', status,
			'disabled', disabled,
			'joined_at', rivergen_catalog.time_text(joined_at)) ORDER BY joined_at NULLS LAST, user_id, name), '[]')
			FROM shown),
		'pagination', rivergen_catalog.pagination($2, $3, (SELECT count(*) FROM known)));
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.member_body(organization_id bigint, user_id bigint) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_object(
		'user_id', m.user_id,
		'name', coalesce(u.subject, u.role_name),
		'role', m.role,
		'status', 'member',
		'disabled', u.disabled_at IS NOT NULL,
		'joined_at', rivergen_catalog.time_text(m.created_at))
	FROM rivergen_catalog.membership m
	JOIN rivergen_catalog.app_user u USING (user_id)
	WHERE m.organization_id = $1 AND m.user_id = $2;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.invitations_of(subject text) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object(
		'organization_id', i.organization_id,
		'organization_name', o.name,
		'role', i.role,
		'invited_at', rivergen_catalog.time_text(i.created_at)) ORDER BY i.created_at, i.organization_id), '[]'))
	FROM rivergen_catalog.invitation i
	JOIN rivergen_catalog.organization o USING (organization_id)
	WHERE i.subject = $1;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.workspace_body(organization_id bigint, workspace_id bigint) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_object(
		'id', w.workspace_id,
		'name', w.name,
		'data_sources_count', (SELECT count(*) FROM rivergen_catalog.data_source d
			WHERE d.organization_id = $1 AND d.workspace_id = $2 AND d.deleted_at IS NULL),
		'created_at', rivergen_catalog.time_text(w.created_at))
	FROM rivergen_catalog.workspace w
	WHERE w.organization_id = $1 AND w.workspace_id = $2;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.workspace_page(organization_id bigint, page integer, page_size integer) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH shown AS (
		SELECT w.workspace_id, w.name FROM rivergen_catalog.workspace w WHERE w.organization_id = $1
		ORDER BY w.name, w.workspace_id LIMIT $3 OFFSET ($2::bigint - 1) * $3
	)
	SELECT jsonb_build_object(
		'items', (SELECT coalesce(jsonb_agg(rivergen_catalog.workspace_body($1, workspace_id)
			ORDER BY name, workspace_id), '[]') FROM shown),
		'pagination', rivergen_catalog.pagination($2, $3,
			(SELECT count(*) FROM rivergen_catalog.workspace w WHERE w.organization_id = $1)));
END;

CREATE OR REPLACE FUNCTION rivergen.member_list(page integer DEFAULT 1, page_size integer DEFAULT 100) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_member_list'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.member_list(integer, integer) IS
'A page of the organization''s members, followed by its invitations.
Members are in the order in which they joined. Answers {"items": [{"user_id", "name", "role", "status", "disabled", "joined_at"}], "pagination"}. name: the subject of the user''s tokens, else the login role. status: member, or invited (user_id and joined_at are null). disabled: an operator has disabled the user everywhere. page counts from 1, page_size is 1-1000. Needs the role admin. Errors: 400, 401, 403.';

CREATE OR REPLACE FUNCTION rivergen.member_add(subject text, role text DEFAULT 'editor') RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_member_add'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.member_add(text, text) IS
'Invites a person to the organization.
subject: the claim "sub" of the person''s tokens, 1-255 characters, compared as given. The person becomes a member by calling rivergen.invitation_accept, and not before. The answer is the same whether or not such a user exists. role: viewer, editor or admin. Inviting again changes the role. Answers {"subject", "role", "status"}. Needs the role admin. Errors: 400, 401, 403, 409 (already a member). Operators add members at once with rivergen.membership_add.';

CREATE OR REPLACE FUNCTION rivergen.member_set_role(user_id bigint, role text) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_member_set_role'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.member_set_role(bigint, text) IS
'Gives a member of the organization another role.
role: viewer (reads), editor (creates, changes, discovers) or admin (also members, workspaces, audit trail, credentials of others). Answers the member. Needs the role admin. Errors: 400, 401, 403, 404 (no such member), 409 (it is the last admin that is not disabled).';

CREATE OR REPLACE FUNCTION rivergen.member_remove(user_id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_member_remove'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.member_remove(bigint) IS
'Removes a member from the organization; the data sources that the member registered stay.
Answers {"user_id"}. Needs the role admin, unless the caller removes itself. Errors: 400, 401, 403, 404 (no such member), 409 (it is the last admin that is not disabled).';

CREATE OR REPLACE FUNCTION rivergen.invitation_withdraw(subject text) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_invitation_withdraw'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.invitation_withdraw(text) IS
'Withdraws an invitation that has not been accepted.
Answers {"subject", "role", "status"}. Needs the role admin. Errors: 400, 401, 403, 404 (no invitation names that subject).';

CREATE OR REPLACE FUNCTION rivergen.invitation_list() RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_invitation_list'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.invitation_list() IS
'The invitations of the caller.
The caller need not be a member of any organization. Answers {"items": [{"organization_id", "organization_name", "role", "invited_at"}]}. Errors: 401.';

CREATE OR REPLACE FUNCTION rivergen.invitation_accept(organization_id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_invitation_accept'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.invitation_accept(bigint) IS
'Makes the caller a member of an organization that has invited the caller.
If the gateway''s token names no user yet, the user is created. Answers the member. Errors: 400, 401, 404 (not invited).';

CREATE OR REPLACE FUNCTION rivergen.invitation_decline(organization_id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_invitation_decline'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.invitation_decline(bigint) IS
'Declines the invitation of an organization.
Answers {"organization_id"}. Errors: 400, 401, 404 (not invited).';

CREATE OR REPLACE FUNCTION rivergen.workspace_list(page integer DEFAULT 1, page_size integer DEFAULT 100) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_workspace_list'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.workspace_list(integer, integer) IS
'A page of the organization''s workspaces, by name.
Answers {"items": [{"id", "name", "data_sources_count", "created_at"}], "pagination"}. page counts from 1, page_size is 1-1000. Errors: 400, 401, 403.';

CREATE OR REPLACE FUNCTION rivergen.workspace_add(name text) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_workspace_add'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.workspace_add(text) IS
'Makes a workspace of the organization and returns it.
name: 1-255 characters after trimming, unique within the organization. Needs the role admin. Errors: 400, 401, 403, 409 (the name is taken). Operators make workspaces of any organization with rivergen.workspace_create.';

CREATE OR REPLACE FUNCTION rivergen.workspace_rename(workspace_id bigint, name text) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_workspace_rename'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.workspace_rename(bigint, text) IS
'Gives a workspace of the organization another name and returns it.
name: 1-255 characters after trimming, unique within the organization. Needs the role admin. Errors: 400, 401, 403, 404, 409 (the name is taken).';

CREATE OR REPLACE FUNCTION rivergen.workspace_delete(workspace_id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_workspace_delete'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.workspace_delete(bigint) IS
'Deletes an empty workspace of the organization.
Answers {"id"}. Needs the role admin. Errors: 400, 401, 403, 404, 409 (it has data sources, maybe deleted ones that can be restored).';

REVOKE ALL ON FUNCTION rivergen.member_list(integer, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.member_add(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.member_set_role(bigint, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.member_remove(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.invitation_withdraw(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.invitation_list() FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.invitation_accept(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.invitation_decline(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.workspace_list(integer, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.workspace_add(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.workspace_rename(bigint, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.workspace_delete(bigint) FROM PUBLIC;
