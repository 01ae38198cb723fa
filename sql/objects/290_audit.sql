-- The audit trail, and the events of channel rivergen.

-- The fields of a source that users set, as the trail compares them. They hold no secret; of the credentials only the names
-- are included.
CREATE OR REPLACE FUNCTION rivergen_catalog.audited_source(organization_id bigint, data_source_id bigint) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT to_jsonb(d) - 'search_text' || jsonb_build_object('credential_keys', c.key_names)
	FROM rivergen_catalog.data_source d
	LEFT JOIN rivergen_catalog.credential c USING (organization_id, data_source_id)
	WHERE d.organization_id = $1 AND d.data_source_id = $2;
END;

-- {"name"}, with before also {"changes": {field: {"before", "after"}}}, with new credentials also
-- {"credentials": {"changed", "keys"}}.
CREATE OR REPLACE FUNCTION rivergen_catalog.audit_detail(source jsonb, before jsonb, credentials_changed boolean) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_object('name', $1 -> 'name')
		|| CASE WHEN $2 IS NULL THEN '{}' ELSE jsonb_build_object('changes', (
			SELECT coalesce(jsonb_object_agg(f.key, jsonb_build_object('before', $2 -> f.key, 'after', f.value)), '{}')
			FROM jsonb_each($1) f
			WHERE nullif(f.value, 'null') IS DISTINCT FROM nullif($2 -> f.key, 'null')
				AND f.key NOT IN ('organization_id', 'data_source_id', 'created_at', 'created_by_user_id',
					'updated_at', 'updated_by_user_id', 'deleted_at'))) END
		|| CASE WHEN $3 THEN jsonb_build_object('credentials', jsonb_build_object(
			'changed', true,
			'keys', coalesce(nullif($1 -> 'credential_keys', 'null'), '[]'))) ELSE '{}' END;
END;

-- About how many bytes a page of the trail takes in the answer.
CREATE OR REPLACE FUNCTION rivergen_catalog.audit_page_bytes(organization_id bigint, page integer, page_size integer) RETURNS bigint
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce(sum(300 + rivergen_catalog.stored_bytes(s.detail)), 0)::bigint FROM (
		SELECT a.detail FROM rivergen_catalog.audit a WHERE a.organization_id = $1
		ORDER BY a.audit_id DESC LIMIT $3 OFFSET ($2::bigint - 1) * $3) s;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.audit_page(organization_id bigint, page integer, page_size integer) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH shown AS (
		SELECT a.* FROM rivergen_catalog.audit a WHERE a.organization_id = $1
		ORDER BY a.audit_id DESC LIMIT $3 OFFSET ($2::bigint - 1) * $3
	)
	SELECT jsonb_build_object(
		'items', (SELECT coalesce(jsonb_agg(jsonb_build_object(
			'audit_id', audit_id,
			'occurred_at', rivergen_catalog.time_text(occurred_at),
			'user_id', user_id,
			'login_role', login_role,
			'action', action,
			'data_source_id', data_source_id,
			'detail', detail) ORDER BY audit_id DESC), '[]') FROM shown),
		'pagination', rivergen_catalog.pagination($2, $3,
			(SELECT count(*) FROM rivergen_catalog.audit a WHERE a.organization_id = $1)));
END;

CREATE OR REPLACE FUNCTION rivergen.audit_list(
	organization_id bigint DEFAULT 0, page integer DEFAULT 1, page_size integer DEFAULT 100) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_audit_list'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.audit_list(bigint, integer, integer) IS
'For operators: a page of the audit trail, newest first.
It is the trail of an organization, or with 0 (the default) of the installation. Answers {"items": [{"audit_id", "occurred_at", "user_id", "login_role", "action", "data_source_id", "detail"}], "pagination"}. user_id is null where an operator acted; login_role is the role that was logged in. page counts from 1, page_size is 1-1000. Errors: 400, 413 (the page takes more than rivergen.max_answer_bytes: ask for fewer).';

-- The view below calls it first, so that it fails before a row is shown.
CREATE OR REPLACE FUNCTION rivergen.administered_organization_id() RETURNS bigint
	AS 'MODULE_PATHNAME', 'rg_sql_administered_organization_id'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.administered_organization_id() IS
'The id of the organization that this session works in, for its admins.
Errors: 401 (the session is no user), 403 (no member, or no admin).';

REVOKE ALL ON FUNCTION rivergen.audit_list(bigint, integer, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.administered_organization_id() FROM PUBLIC;

CREATE OR REPLACE VIEW rivergen.audit WITH (security_barrier) AS
	SELECT a.audit_id,
		a.occurred_at,
		a.user_id,
		coalesce(u.subject, u.role_name) AS user_name,
		a.action,
		a.data_source_id,
		a.detail,
		a.login_role
	FROM rivergen_catalog.audit a
	LEFT JOIN rivergen_catalog.app_user u USING (user_id)
	WHERE a.organization_id = (SELECT rivergen.administered_organization_id());
COMMENT ON VIEW rivergen.audit IS
'The changes and the connection tests in the organization, with user and time; for its admins.
The transaction that made the change wrote the row; the worker that tested a connection wrote that of the test, so it stays when the caller rolls back. Rows stay when the data source is gone, and are deleted with the organization. They never have values of credentials or connection strings. Errors: 401, 403 (no admin).';
COMMENT ON COLUMN rivergen.audit.audit_id IS 'Grows with time.';
COMMENT ON COLUMN rivergen.audit.occurred_at IS 'The time of the change, not of its commit.';
COMMENT ON COLUMN rivergen.audit.user_id IS 'The user that made the change; null where it was an operator. Of a reading of foreign tables: the user that attached them.';
COMMENT ON COLUMN rivergen.audit.user_name IS 'The user''s subject, or the login role of a user without subject.';
COMMENT ON COLUMN rivergen.audit.action IS
'data_source.created, .updated, .credentials_updated, .deleted, .purged, .restored, .status_set, .tested, .attached, .detached, .read, .queried; member.added, .role_changed, .removed; user.disabled, .enabled; invitation.sent, .withdrawn, .declined; workspace.created, .renamed, .deleted; table_description.updated.';
COMMENT ON COLUMN rivergen.audit.data_source_id IS 'The data source that was changed or tested; null for other acts.';
COMMENT ON COLUMN rivergen.audit.detail IS
'Details of the change. Of a data source: name, changes (field → {"before", "after"}; credential_keys are names of credentials) and, when credentials were given, credentials {"changed", "keys"}. Of a test: type, host, port, success, failed_step, error_code, sandbox_level, sandbox_missing and dialed (as in rivergen.jobs). Of readings in place: schema_name, relation_name, rows, bytes, outcome and dialed. Of attachments: local_schemas, relations. Of members: user_id or subject, role, role_before. Of workspaces: workspace_id, name, name_before. Of table descriptions: id, table_schema, table_name, before, after.';
COMMENT ON COLUMN rivergen.audit.login_role IS 'The role that was logged in; of a reading of foreign tables it is the role that read.';

COMMENT ON SCHEMA rivergen IS
'Data sources of organizations: registered, tested, discovered, described.
A session that listens on channel rivergen (LISTEN rivergen) gets events at commit, as JSON with ids only: {"event", "organization_id", "data_source_id", "job_id"}. event: created, updated, deleted, restored, status_changed, discovery_finished (the job has the outcome), schema_changed (relations or schemas were added, changed or deprecated), organization_closed. An event has only the ids that concern it. Every role that may connect may listen. A transaction with events cannot be prepared for two-phase commit; where that is needed, set rivergen.events = off.';
