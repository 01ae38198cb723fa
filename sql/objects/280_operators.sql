-- Functions for operators, for users and organizations after the set-up. As for the set-up, only grants protect them.

CREATE OR REPLACE FUNCTION rivergen_catalog.user_body(user_id bigint) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_object(
		'user_id', u.user_id,
		'subject', u.subject,
		'role_name', u.role_name,
		'disabled', u.disabled_at IS NOT NULL,
		'created_at', rivergen_catalog.time_text(u.created_at),
		'memberships', (SELECT coalesce(jsonb_agg(jsonb_build_object(
			'organization_id', m.organization_id,
			'role', m.role) ORDER BY m.created_at, m.organization_id), '[]')
			FROM rivergen_catalog.membership m WHERE m.user_id = u.user_id))
	FROM rivergen_catalog.app_user u WHERE u.user_id = $1;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.user_page(page integer, page_size integer) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH shown AS (
		SELECT u.user_id FROM rivergen_catalog.app_user u
		ORDER BY u.user_id LIMIT $2 OFFSET ($1::bigint - 1) * $2
	)
	SELECT jsonb_build_object(
		'items', (SELECT coalesce(jsonb_agg(rivergen_catalog.user_body(s.user_id) ORDER BY s.user_id), '[]') FROM shown s),
		'pagination', rivergen_catalog.pagination($1, $2, (SELECT count(*) FROM rivergen_catalog.app_user)));
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.organization_page(page integer, page_size integer) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH shown AS (
		SELECT o.* FROM rivergen_catalog.organization o
		ORDER BY o.organization_id LIMIT $2 OFFSET ($1::bigint - 1) * $2
	)
	SELECT jsonb_build_object(
		'items', (SELECT coalesce(jsonb_agg(jsonb_build_object(
			'organization_id', o.organization_id,
			'name', o.name,
			'members_count', (SELECT count(*) FROM rivergen_catalog.membership m
				WHERE m.organization_id = o.organization_id),
			'workspaces_count', (SELECT count(*) FROM rivergen_catalog.workspace w
				WHERE w.organization_id = o.organization_id),
			'data_sources_count', (SELECT count(*) FROM rivergen_catalog.data_source d
				WHERE d.organization_id = o.organization_id AND d.deleted_at IS NULL),
			'created_at', rivergen_catalog.time_text(o.created_at)) ORDER BY o.organization_id), '[]') FROM shown o),
		'pagination', rivergen_catalog.pagination($1, $2, (SELECT count(*) FROM rivergen_catalog.organization)));
END;

CREATE OR REPLACE FUNCTION rivergen.user_list(page integer DEFAULT 1, page_size integer DEFAULT 100) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_user_list'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.user_list(integer, integer) IS
'For operators: a page of all users, by id.
Answers {"items": [{"user_id", "subject", "role_name", "disabled", "created_at", "memberships": [{"organization_id", "role"}]}], "pagination"}. page counts from 1, page_size is 1-1000. Errors: 400.';

CREATE OR REPLACE FUNCTION rivergen.user_disable(user_id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_user_disable'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.user_disable(bigint) IS
'For operators: locks a user out.
From the commit on, every call of the user is answered with 401, in every organization. Memberships stay. Can be called again. Answers the user. Errors: 400, 404.';

CREATE OR REPLACE FUNCTION rivergen.user_enable(user_id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_user_enable'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.user_enable(bigint) IS
'For operators: reverses rivergen.user_disable.
Can be called again. Answers the user. Errors: 400, 404.';

CREATE OR REPLACE FUNCTION rivergen.organization_list(page integer DEFAULT 1, page_size integer DEFAULT 100) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_organization_list'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.organization_list(integer, integer) IS
'For operators: a page of all organizations, by id.
Answers {"items": [{"organization_id", "name", "members_count", "workspaces_count", "data_sources_count", "created_at"}], "pagination"}. page counts from 1, page_size is 1-1000. Errors: 400.';

CREATE OR REPLACE FUNCTION rivergen.organization_close(organization_id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_organization_close'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.organization_close(bigint) IS
'For operators: removes an organization with all of its data.
It deletes data sources, credentials, discovered schemas, jobs, workspaces, memberships, invitations and audit trail. It cannot be undone. Running jobs stop within a second after the commit. Users stay. Answers {"organization_id", "data_sources", "members"}; the last two are the numbers of deleted rows. Errors: 400, 404.';

REVOKE ALL ON FUNCTION rivergen.user_list(integer, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.user_disable(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.user_enable(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.organization_list(integer, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.organization_close(bigint) FROM PUBLIC;
