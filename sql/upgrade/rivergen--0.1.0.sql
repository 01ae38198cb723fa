\echo Use "CREATE EXTENSION rivergen" to load this file. \quit
-- The catalog. Nobody is granted anything here: the functions of schema rivergen are the only way in.
-- organization_id leads every primary key, unique key and foreign key of a tenant table, so that the catalog
-- can be distributed by organization and no constraint tells one tenant about another.

DO $$
BEGIN
	IF pg_catalog.current_setting('server_encoding') <> 'UTF8' THEN
		RAISE EXCEPTION 'rivergen needs a database whose encoding is UTF8'
			USING HINT = 'Names of tables and columns come from many systems; no other encoding holds them all.';
	END IF;
END
$$;

CREATE SCHEMA rivergen;
CREATE SCHEMA rivergen_catalog;

CREATE SEQUENCE rivergen_catalog.organization_id_seq;
CREATE SEQUENCE rivergen_catalog.workspace_id_seq;
CREATE SEQUENCE rivergen_catalog.user_id_seq;
CREATE SEQUENCE rivergen_catalog.data_source_id_seq;
CREATE SEQUENCE rivergen_catalog.credential_id_seq;
CREATE SEQUENCE rivergen_catalog.job_id_seq;
CREATE SEQUENCE rivergen_catalog.relation_id_seq;

CREATE TABLE rivergen_catalog.organization (
	organization_id bigint PRIMARY KEY DEFAULT nextval('rivergen_catalog.organization_id_seq'),
	name text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now()
);

-- One row per organization, made with it: what claiming locks, so that enqueueing never has to.
CREATE TABLE rivergen_catalog.organization_queue (
	organization_id bigint PRIMARY KEY REFERENCES rivergen_catalog.organization ON DELETE CASCADE,
	last_claimed_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);

CREATE TABLE rivergen_catalog.workspace (
	organization_id bigint NOT NULL REFERENCES rivergen_catalog.organization ON DELETE CASCADE,
	workspace_id bigint NOT NULL DEFAULT nextval('rivergen_catalog.workspace_id_seq'),
	name text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (organization_id, workspace_id),
	UNIQUE (organization_id, name)
);

CREATE TABLE rivergen_catalog.app_user (
	user_id bigint PRIMARY KEY DEFAULT nextval('rivergen_catalog.user_id_seq'),
	subject text UNIQUE,
	role_name name UNIQUE,
	created_at timestamptz NOT NULL DEFAULT now(),
	CHECK (subject IS NOT NULL OR role_name IS NOT NULL)
);

CREATE TABLE rivergen_catalog.membership (
	organization_id bigint NOT NULL REFERENCES rivergen_catalog.organization ON DELETE CASCADE,
	user_id bigint NOT NULL REFERENCES rivergen_catalog.app_user,
	role text NOT NULL CHECK (role IN ('viewer', 'editor', 'admin')),
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX membership_user ON rivergen_catalog.membership (user_id, created_at, organization_id);

-- What people set. Workers never update this table.
CREATE TABLE rivergen_catalog.data_source (
	organization_id bigint NOT NULL REFERENCES rivergen_catalog.organization ON DELETE CASCADE,
	data_source_id bigint NOT NULL DEFAULT nextval('rivergen_catalog.data_source_id_seq'),
	workspace_id bigint,
	name text NOT NULL,
	type text NOT NULL,
	description text,
	host text,
	port integer,
	database_name text,
	schema_name text,
	file_path text,
	use_ssh_tunnel boolean NOT NULL,
	ssh_host text,
	ssh_port integer,
	ssh_username text,
	ssh_local_port integer,
	connection_pool_size integer NOT NULL,
	connection_timeout integer NOT NULL,
	query_timeout integer NOT NULL,
	max_retries integer NOT NULL,
	schema_auto_refresh boolean NOT NULL,
	schema_refresh_interval integer NOT NULL,
	metadata jsonb NOT NULL,
	tags text[] NOT NULL,
	maintenance boolean NOT NULL DEFAULT false,
	created_by_user_id bigint NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_by_user_id bigint,
	updated_at timestamptz NOT NULL DEFAULT now(),
	deleted_at timestamptz,
	PRIMARY KEY (organization_id, data_source_id),
	FOREIGN KEY (organization_id, workspace_id) REFERENCES rivergen_catalog.workspace
);
CREATE UNIQUE INDEX data_source_name ON rivergen_catalog.data_source (organization_id, name)
	WHERE deleted_at IS NULL;
CREATE INDEX data_source_created ON rivergen_catalog.data_source (organization_id, created_at, data_source_id)
	WHERE deleted_at IS NULL;

-- What workers find.
CREATE TABLE rivergen_catalog.data_source_state (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	status text NOT NULL DEFAULT 'inactive' CHECK (status IN ('inactive', 'testing', 'active', 'failed')),
	last_tested_at timestamptz,
	last_successful_connection_at timestamptz,
	last_failed_connection_at timestamptz,
	failure_count integer NOT NULL DEFAULT 0,
	failure_reason text,
	server_version text,
	schema_discovered_at timestamptz,
	full_discovered_at timestamptz,
	full_discovery_ms bigint,
	PRIMARY KEY (organization_id, data_source_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
) WITH (fillfactor = 70);

-- The sealed credentials of a source; replacing them makes a new credential_id and a higher version.
CREATE TABLE rivergen_catalog.credential (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	credential_id bigint NOT NULL DEFAULT nextval('rivergen_catalog.credential_id_seq'),
	version bigint NOT NULL,
	key_id bigint NOT NULL,
	sealed bytea NOT NULL,
	key_names text[] NOT NULL,
	given_by_user_id bigint NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (organization_id, data_source_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);

-- Public halves only. The private halves are in the key file, or come from the key command.
CREATE TABLE rivergen_catalog.sealing_key (
	key_id bigint PRIMARY KEY,
	public_key bytea NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	retired_at timestamptz
);

CREATE TABLE rivergen_catalog.job (
	organization_id bigint NOT NULL,
	job_id bigint NOT NULL DEFAULT nextval('rivergen_catalog.job_id_seq'),
	data_source_id bigint NOT NULL,
	kind text NOT NULL CHECK (kind IN ('discover')),
	schema_name text,
	full_read boolean NOT NULL DEFAULT false,
	status text NOT NULL DEFAULT 'queued'
		CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
	cancel_requested boolean NOT NULL DEFAULT false,
	for_caller boolean NOT NULL DEFAULT false,
	attempts integer NOT NULL DEFAULT 0,
	run_after timestamptz NOT NULL DEFAULT now(),
	requested_by_user_id bigint,
	queued_at timestamptz NOT NULL DEFAULT now(),
	started_at timestamptz,
	finished_at timestamptz,
	error_code text,
	error_message text,
	error_detail text,
	result jsonb,
	PRIMARY KEY (organization_id, job_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
) WITH (fillfactor = 70);
CREATE INDEX job_queued ON rivergen_catalog.job (organization_id, run_after, job_id) WHERE status = 'queued';
CREATE INDEX job_running ON rivergen_catalog.job (organization_id, data_source_id) WHERE status = 'running';
CREATE INDEX job_source ON rivergen_catalog.job (organization_id, data_source_id, job_id);

-- The schemas of a source, empty ones too.
CREATE TABLE rivergen_catalog.source_schema (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	schema_name text COLLATE "C" NOT NULL,
	native_id bigint,
	comment text,
	scoped_discovered_at timestamptz,
	scoped_discovery_ms bigint,
	PRIMARY KEY (organization_id, data_source_id, schema_name),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);

-- The schema cache: one row and one document per table, view, collection or file.
CREATE TABLE rivergen_catalog.relation (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	relation_id bigint NOT NULL DEFAULT nextval('rivergen_catalog.relation_id_seq'),
	schema_name text COLLATE "C" NOT NULL,
	relation_name text COLLATE "C" NOT NULL,
	kind text NOT NULL,
	native_id bigint,
	columns_count integer NOT NULL,
	row_estimate bigint,
	size_bytes bigint,
	hash bytea NOT NULL,
	document jsonb NOT NULL,
	discovered_at timestamptz NOT NULL DEFAULT now(),
	changed_at timestamptz NOT NULL DEFAULT now(),
	deprecated_at timestamptz,
	PRIMARY KEY (organization_id, data_source_id, relation_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);
CREATE UNIQUE INDEX relation_name ON rivergen_catalog.relation
	(organization_id, data_source_id, schema_name, relation_name) WHERE deprecated_at IS NULL;

-- lz4 makes storing documents twice as cheap as pglz, where this server was built with it.
DO $$
BEGIN
	ALTER TABLE rivergen_catalog.relation ALTER COLUMN document SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
	NULL;
END
$$;
-- What an operator sets up. EXECUTE belongs to the extension's owner until somebody is granted it.

CREATE FUNCTION rivergen.organization_create(name text) RETURNS bigint
	AS 'MODULE_PATHNAME', 'rg_setup_organization'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.organization_create(text) IS
'Makes an organization and returns its id. name: 1-255 characters after trimming; need not be unique. Errors: 400.';

CREATE FUNCTION rivergen.workspace_create(organization_id bigint, name text) RETURNS bigint
	AS 'MODULE_PATHNAME', 'rg_setup_workspace'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.workspace_create(bigint, text) IS
'Makes a workspace of an organization and returns its id. name: 1-255 characters after trimming, unique within the organization. Errors: 400, 404 (no such organization), 409 (the name is taken).';

CREATE FUNCTION rivergen.user_create(subject text DEFAULT NULL, role_name text DEFAULT NULL) RETURNS bigint
	AS 'MODULE_PATHNAME', 'rg_setup_user'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.user_create(text, text) IS
'Makes a user and returns the id. subject: the claim "sub" that names the user through a gateway; role_name: the login role that is the user in a direct session. At least one of them. Errors: 400, 409 (another user has the subject or the role).';

CREATE FUNCTION rivergen.membership_add(organization_id bigint, user_id bigint, role text DEFAULT 'editor') RETURNS void
	AS 'MODULE_PATHNAME', 'rg_setup_membership'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.membership_add(bigint, bigint, text) IS
'Makes a user a member of an organization. role: viewer (reads), editor (creates, changes, discovers) or admin (also members, keys, credentials of others). A user works in the organization that was joined first, unless the claim organization_id or the setting rivergen.organization_id chooses another. Errors: 400, 404, 409 (already a member).';

CREATE FUNCTION rivergen.grant_access(role regrole) RETURNS void
	AS 'MODULE_PATHNAME', 'rg_setup_grant_access'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.grant_access(regrole) IS
'Grants a role the use of schema rivergen: EXECUTE on the functions for tenants and SELECT on the views, nothing of the set-up. Who the user is, and what may be seen, is decided at each call. Errors: 400 (null).';

CREATE FUNCTION rivergen.key_create() RETURNS bigint
	AS 'MODULE_PATHNAME', 'rg_setup_key_create'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.key_create() IS
'Has a worker make the sealing key, or adopt the one in rivergen.key_file, and returns its id. The private half never leaves that file. Committed by the worker, whatever becomes of this transaction. Errors: 503 (no worker, or no place for the key; the hint says what to set).';

CREATE FUNCTION rivergen.quick_start(organization_name text) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_setup_quick_start'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.quick_start(text) IS
'Does the whole set-up for the login role of this session: sealing key, user, organization, workspace "default", membership as admin, grants. Can be called again: what is there stays and the ids are the same. Answers {"success", "data": {"organization_id", "workspace_id", "user_id", "key_id"}, "message"}. Errors: 400, 409 (the role''s name is another user''s subject), 503 (no worker can make the key).';

-- STABLE, so that the organization becomes an index condition of every view; restricted, because it asks the session.
CREATE FUNCTION rivergen.current_organization_id() RETURNS bigint
	AS 'MODULE_PATHNAME', 'rg_current_organization_id'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.current_organization_id() IS
'The id of the organization that this session works in. Errors: 401 (the session is no user), 403 (no member of the chosen organization, or of any).';

REVOKE ALL ON FUNCTION rivergen.organization_create(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.workspace_create(bigint, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.user_create(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.membership_add(bigint, bigint, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.grant_access(regrole) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.key_create() FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.quick_start(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.current_organization_id() FROM PUBLIC;
-- Data sources. The answers are {"success": true, "data", "message"}; errors have SQLSTATE PT<HTTP status>.

CREATE FUNCTION rivergen.data_source_create(jsonb) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_data_source_create'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_create(jsonb) IS
'Registers a data source and returns it. Required: name, type, credentials, and what the type needs (host, port and database_name, or connection_string; file_path for files). Timeouts and intervals are in seconds. With schema_auto_refresh (the default) a first discovery is queued at commit, for types that a connector serves. Needs the role editor. Errors: 400 (all faults at once, one per line of the detail), 401, 403, 409 (the name is taken), 503 (no sealing key). Source: RiverGen API, Create Data Source.';

CREATE FUNCTION rivergen.data_source_get(id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_data_source_get'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_get(bigint) IS
'One data source of the organization, without its credentials. Errors: 400, 401, 403, 404.';

CREATE FUNCTION rivergen.data_source_list(
	workspace_id bigint DEFAULT NULL,
	type text DEFAULT NULL,
	status_filter text DEFAULT NULL,
	page bigint DEFAULT 1,
	page_size bigint DEFAULT 20,
	search text DEFAULT NULL,
	sort_by text DEFAULT 'created_at',
	sort_order text DEFAULT 'desc') RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_data_source_list_page'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_list(bigint, text, text, bigint, bigint, text, text, text) IS
'A page of the organization''s data sources: {"items", "pagination"}. status_filter: active, inactive, testing, failed or maintenance. page counts from 1, page_size is 1-1000. search looks for the text in name and description, without regard to case; % and _ are ordinary characters. sort_by: any scalar field of an item; nulls come last, ties by id. sort_order: asc or desc. Errors: 400, 401, 403. Source: RiverGen API, List Data Sources.';

CREATE FUNCTION rivergen.data_source_update(id bigint, changes jsonb) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_data_source_update'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_update(bigint, jsonb) IS
'Changes the given fields of a data source and returns it. null clears a field, or resets one that has a default; type, credentials and read-only fields are refused. Whoever changes host, port, TLS or tunnel without being an admin, and did not give the credentials, makes the source inactive until they are given again. Needs the role editor. Errors: 400, 401, 403, 404, 409 (the name is taken). Source: RiverGen API, Update Data Source.';

CREATE FUNCTION rivergen.data_source_update_credentials(id bigint, credentials jsonb) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_data_source_update_credentials'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_update_credentials(bigint, jsonb) IS
'Replaces all credentials of a data source, by none when the object is empty, and returns the source. They are sealed with the public key at once and cannot be read back. Needs the role editor. Errors: 400, 401, 403, 404, 503 (no sealing key).';

CREATE FUNCTION rivergen.data_source_delete(id bigint, force boolean DEFAULT false) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_data_source_remove'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_delete(bigint, boolean) IS
'Deletes a data source: it disappears from every answer and frees its name. With force, the row and everything discovered of it are really gone, also of a source that was deleted before. Answers {"id"}. Needs the role editor. Errors: 400, 401, 403, 404.';

REVOKE ALL ON FUNCTION rivergen.data_source_create(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_get(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_list(bigint, text, text, bigint, bigint, text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_update(bigint, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_update_credentials(bigint, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_delete(bigint, boolean) FROM PUBLIC;

CREATE VIEW rivergen.data_sources WITH (security_barrier) AS
	SELECT d.data_source_id AS id,
		d.organization_id,
		d.workspace_id,
		d.name,
		d.type,
		d.description,
		d.host,
		d.port,
		d.database_name,
		d.schema_name,
		d.file_path,
		d.use_ssh_tunnel,
		d.ssh_host,
		d.ssh_port,
		d.ssh_username,
		CASE WHEN 'ssh_private_key' = ANY (c.key_names) THEN c.credential_id END AS ssh_key_id,
		d.ssh_local_port,
		d.connection_pool_size,
		d.connection_timeout,
		d.query_timeout,
		d.max_retries,
		CASE WHEN d.maintenance THEN 'maintenance' ELSE s.status END AS status,
		s.last_tested_at,
		s.last_successful_connection_at,
		s.last_failed_connection_at,
		s.failure_count,
		s.failure_reason,
		s.schema_discovered_at,
		d.schema_auto_refresh,
		d.schema_refresh_interval,
		d.metadata,
		d.tags,
		d.created_by_user_id,
		d.created_at,
		d.updated_at,
		d.updated_by_user_id
	FROM rivergen_catalog.data_source d
	JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id)
	LEFT JOIN rivergen_catalog.credential c USING (organization_id, data_source_id)
	WHERE d.organization_id = rivergen.current_organization_id() AND d.deleted_at IS NULL;
COMMENT ON VIEW rivergen.data_sources IS
'The data sources of the session''s organization, without credentials; deleted ones are left out. Timeouts and intervals are in seconds. The fields are those of the RiverGen API, Create Data Source. Errors: 401, 403.';
-- Discovery and jobs. The bodies are made by the functions of rivergen_catalog, which are internal.

CREATE FUNCTION rivergen_catalog.time_text(timestamptz) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN to_char($1 AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

-- Is it counted as a table, or as a view? Sequences are neither.
CREATE FUNCTION rivergen_catalog.is_view(kind text) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN kind IN ('view', 'materialized_view');

CREATE FUNCTION rivergen_catalog.is_table(kind text) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN kind NOT IN ('view', 'materialized_view', 'sequence');

CREATE FUNCTION rivergen_catalog.schema_counts(organization_id bigint, data_source_id bigint, only_schema text)
	RETURNS TABLE (schema_name text, tables_count bigint, views_count bigint, columns_count bigint)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT s.schema_name,
		count(*) FILTER (WHERE rivergen_catalog.is_table(r.kind)),
		count(*) FILTER (WHERE rivergen_catalog.is_view(r.kind)),
		coalesce(sum(r.columns_count), 0)
	FROM rivergen_catalog.source_schema s
	LEFT JOIN rivergen_catalog.relation r ON r.organization_id = s.organization_id
		AND r.data_source_id = s.data_source_id AND r.schema_name = s.schema_name AND r.deprecated_at IS NULL
	WHERE s.organization_id = $1 AND s.data_source_id = $2 AND ($3 IS NULL OR s.schema_name = $3)
	GROUP BY s.schema_name;
END;

CREATE FUNCTION rivergen_catalog.discovery_result(
	organization_id bigint, data_source_id bigint, only_schema text, discovered_at timestamptz, duration_ms bigint)
	RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_object(
		'data_source_id', $2,
		'schemas_discovered', coalesce(jsonb_agg(jsonb_build_object(
			'schema_name', c.schema_name,
			'tables_count', c.tables_count,
			'views_count', c.views_count) ORDER BY c.schema_name), '[]'),
		'total_tables', coalesce(sum(c.tables_count), 0),
		'total_columns', coalesce(sum(c.columns_count), 0),
		'discovered_at', rivergen_catalog.time_text($4),
		'discovery_duration_ms', $5)
	FROM rivergen_catalog.schema_counts($1, $2, $3) c;
END;

-- A full discovery answers for each of its schemas, unless that schema was discovered alone since.
CREATE FUNCTION rivergen_catalog.discovery_cached(organization_id bigint, data_source_id bigint, only_schema text)
	RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT rivergen_catalog.discovery_result($1, $2, NULL, s.full_discovered_at, s.full_discovery_ms)
	FROM rivergen_catalog.data_source_state s
	WHERE s.organization_id = $1 AND s.data_source_id = $2 AND s.full_discovered_at IS NOT NULL AND $3 IS NULL
	UNION ALL
	SELECT CASE WHEN s.full_discovered_at >= e.scoped_discovered_at OR e.scoped_discovered_at IS NULL
		THEN rivergen_catalog.discovery_result($1, $2, $3, s.full_discovered_at, s.full_discovery_ms)
		ELSE rivergen_catalog.discovery_result($1, $2, $3, e.scoped_discovered_at, e.scoped_discovery_ms) END
	FROM rivergen_catalog.data_source_state s
	JOIN rivergen_catalog.source_schema e USING (organization_id, data_source_id)
	WHERE s.organization_id = $1 AND s.data_source_id = $2 AND e.schema_name = $3
		AND (s.full_discovered_at IS NOT NULL OR e.scoped_discovered_at IS NOT NULL);
END;

CREATE FUNCTION rivergen.job_progress(
	job_id bigint, OUT phase text, OUT relations_total bigint, OUT relations bigint, OUT columns bigint,
	OUT bytes bigint) RETURNS record
	AS 'MODULE_PATHNAME', 'rg_job_progress'
	LANGUAGE C VOLATILE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.job_progress(bigint) IS
'How far a running job is, from the worker''s own memory: phase, relations to read (null when unknown), relations, columns and bytes received. Null when the job does not run. Errors: 401, 403.';

CREATE FUNCTION rivergen_catalog.job_body(job rivergen_catalog.job) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_object(
		'job_id', (job).job_id,
		'data_source_id', (job).data_source_id,
		'kind', (job).kind,
		'schema_name', (job).schema_name,
		'status', (job).status,
		'cancel_requested', (job).cancel_requested,
		'attempts', (job).attempts,
		'requested_by_user_id', (job).requested_by_user_id,
		'queued_at', rivergen_catalog.time_text((job).queued_at),
		'started_at', rivergen_catalog.time_text((job).started_at),
		'finished_at', rivergen_catalog.time_text((job).finished_at),
		'progress', CASE WHEN (job).status = 'running'
			THEN (SELECT to_jsonb(p) FROM rivergen.job_progress((job).job_id) p WHERE p.phase IS NOT NULL) END,
		'error_code', (job).error_code,
		'error_message', (job).error_message,
		'error_detail', (job).error_detail,
		'result', (job).result);
END;

CREATE FUNCTION rivergen_catalog.pagination(page bigint, page_size bigint, total_items bigint) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_build_object(
		'page', page,
		'page_size', page_size,
		'total_items', total_items,
		'total_pages', (total_items + page_size - 1) / page_size,
		'has_next', page * page_size < total_items,
		'has_previous', page > 1);
END;

CREATE FUNCTION rivergen_catalog.job_page(
	organization_id bigint, data_source_id bigint, status text, page integer, page_size integer) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH chosen AS (
		SELECT j AS job, j.job_id FROM rivergen_catalog.job j
		WHERE j.organization_id = $1 AND ($2 IS NULL OR j.data_source_id = $2) AND ($3 IS NULL OR j.status = $3)
	), shown AS (
		SELECT job, job_id FROM chosen ORDER BY job_id DESC LIMIT $5 OFFSET ($4::bigint - 1) * $5
	)
	SELECT jsonb_build_object(
		'items', (SELECT coalesce(jsonb_agg(rivergen_catalog.job_body(job) ORDER BY job_id DESC), '[]') FROM shown),
		'pagination', rivergen_catalog.pagination($4, $5, (SELECT count(*) FROM chosen)));
END;

-- What the document says, in the words of information_schema where it has them.
CREATE FUNCTION rivergen_catalog.table_type(kind text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN kind IN ('table', 'partitioned_table', 'partition') THEN 'BASE TABLE'
		WHEN kind = 'foreign_table' THEN 'FOREIGN'
		ELSE upper(replace(kind, '_', ' ')) END;

CREATE FUNCTION rivergen_catalog.table_body(r rivergen_catalog.relation, include_columns boolean) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_object(
		'table_name', (r).relation_name,
		'table_type', rivergen_catalog.table_type((r).kind),
		'kind', (r).kind,
		'columns_count', (r).columns_count,
		'row_estimate', (r).row_estimate,
		'size_bytes', (r).size_bytes)
		|| CASE WHEN include_columns THEN (r).document ELSE (r).document - 'columns' END;
END;

CREATE FUNCTION rivergen_catalog.discovered_schemas(
	organization_id bigint, data_source_id bigint, only_schema text, only_table text, include_columns boolean)
	RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH shown AS (
		SELECT c.schema_name, c.tables_count, c.views_count, c.columns_count, s.comment,
			(SELECT coalesce(jsonb_agg(rivergen_catalog.table_body(r, $5) ORDER BY r.relation_name), '[]')
			 FROM rivergen_catalog.relation r
			 WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.schema_name = c.schema_name
				AND r.deprecated_at IS NULL AND ($4 IS NULL OR r.relation_name = $4)) AS tables
		FROM rivergen_catalog.schema_counts($1, $2, $3) c
		JOIN rivergen_catalog.source_schema s ON s.organization_id = $1 AND s.data_source_id = $2
			AND s.schema_name = c.schema_name
	), found AS (
		SELECT * FROM shown WHERE $4 IS NULL OR tables <> '[]'
	)
	SELECT CASE WHEN EXISTS (SELECT FROM found) OR ($3 IS NULL AND $4 IS NULL) THEN jsonb_build_object(
		'data_source_id', $2,
		'schema_discovered_at', (SELECT rivergen_catalog.time_text(schema_discovered_at)
			FROM rivergen_catalog.data_source_state s WHERE s.organization_id = $1 AND s.data_source_id = $2),
		'schemas', (SELECT coalesce(jsonb_agg(jsonb_build_object(
			'schema_name', schema_name,
			'comment', comment,
			'tables_count', tables_count,
			'views_count', views_count,
			'columns_count', columns_count,
			'tables', tables) ORDER BY schema_name), '[]') FROM found)) END;
END;

CREATE FUNCTION rivergen.discover_schema(
	data_source_id bigint,
	schema_name text DEFAULT NULL,
	refresh boolean DEFAULT false,
	wait boolean DEFAULT true,
	"full" boolean DEFAULT false) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_discover_schema'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.discover_schema(bigint, text, boolean, boolean, boolean) IS
'Discovers the schemas, tables and columns of a data source and returns the statistics of what was found. schema_name: only that schema. refresh: look again although it was discovered before. full: read everything, even what seems unchanged. wait: with true (the default) a worker discovers while this call waits, in transactions of its own; with false a job is queued at commit and its id returned at once. discovery_duration_ms is in milliseconds. Needs the role editor, or viewer for what is cached. Errors: 400, 401, 403, 404 (no such source, or schema), 409 (not committed yet, maintenance, or cancelled), 429 (queue full), 502 (the source refused or failed; the detail names the job), 503 (no workers, or no key), 504 (time-out). Source: RiverGen API, Discover Schema.';

CREATE FUNCTION rivergen.job_get(job_id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_job_get'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.job_get(bigint) IS
'One job: its status (queued, running, succeeded, failed, cancelled), progress while it runs, and its result or error. Errors: 400, 401, 403, 404.';

CREATE FUNCTION rivergen.job_list(
	data_source_id bigint DEFAULT NULL,
	status text DEFAULT NULL,
	page integer DEFAULT 1,
	page_size integer DEFAULT 20) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_job_list'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.job_list(bigint, text, integer, integer) IS
'A page of the organization''s jobs, newest first: {"items", "pagination"}. page counts from 1, page_size is 1-1000. Errors: 400, 401, 403.';

CREATE FUNCTION rivergen.job_cancel(job_id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_job_cancel'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.job_cancel(bigint) IS
'Cancels a job: a queued one at once, a running one as soon as this is committed; what it has read is dropped. Needs the role editor. Errors: 400, 401, 403, 404, 409 (it has ended already).';

CREATE FUNCTION rivergen.data_source_schemas(
	id bigint,
	schema_name text DEFAULT NULL,
	table_name text DEFAULT NULL,
	include_columns boolean DEFAULT true) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_data_source_schemas'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_schemas(bigint, text, text, boolean) IS
'What was discovered of a data source, as one document: schemas, their tables and views, columns in the source''s order, keys, indexes, comments. schema_name and table_name narrow it; include_columns => false leaves the columns out. Sizes are in bytes. Errors: 400, 401, 403, 404 (no such source, schema or table).';

REVOKE ALL ON FUNCTION rivergen.job_progress(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.discover_schema(bigint, text, boolean, boolean, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.job_get(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.job_list(bigint, text, integer, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.job_cancel(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_schemas(bigint, text, text, boolean) FROM PUBLIC;
-- What was discovered, as rows. Columns have information_schema's names where it has one, so that queries people
-- already have work with one WHERE more. Only current relations of undeleted sources are shown.

CREATE VIEW rivergen_catalog.current_relation AS
	SELECT r.*
	FROM rivergen_catalog.relation r
	JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
	WHERE r.organization_id = rivergen.current_organization_id() AND r.deprecated_at IS NULL
		AND d.deleted_at IS NULL;

-- A JSON array of texts as text[], in its order; null stays null.
CREATE FUNCTION rivergen_catalog.text_array(jsonb) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT array_agg(e.value ORDER BY e.ordinality) FROM jsonb_array_elements_text($1) WITH ORDINALITY e;
END;

CREATE VIEW rivergen.schemas WITH (security_barrier) AS
	SELECT s.data_source_id,
		s.schema_name,
		s.comment,
		c.tables_count,
		c.views_count,
		c.columns_count
	FROM rivergen_catalog.source_schema s
	JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
	CROSS JOIN LATERAL (
		SELECT count(*) FILTER (WHERE r.kind NOT IN ('view', 'materialized_view', 'sequence')) AS tables_count,
			count(*) FILTER (WHERE r.kind IN ('view', 'materialized_view')) AS views_count,
			coalesce(sum(r.columns_count), 0) AS columns_count
		FROM rivergen_catalog.relation r
		WHERE r.organization_id = s.organization_id AND r.data_source_id = s.data_source_id
			AND r.schema_name = s.schema_name AND r.deprecated_at IS NULL) c
	WHERE s.organization_id = rivergen.current_organization_id() AND d.deleted_at IS NULL;
COMMENT ON VIEW rivergen.schemas IS
'The schemas of the discovered data sources, empty ones too, with the number of their tables, views and columns. Errors: 401, 403.';

CREATE VIEW rivergen.tables WITH (security_barrier) AS
	SELECT r.data_source_id,
		r.schema_name AS table_schema,
		r.relation_name AS table_name,
		CASE WHEN r.kind IN ('table', 'partitioned_table', 'partition') THEN 'BASE TABLE'
			WHEN r.kind = 'foreign_table' THEN 'FOREIGN'
			ELSE upper(replace(r.kind, '_', ' ')) END AS table_type,
		r.kind,
		r.document ->> 'comment' AS comment,
		r.document ->> 'owner' AS owner,
		r.columns_count,
		r.row_estimate,
		r.size_bytes,
		r.document #>> '{partition_of,schema}' AS partition_of_schema,
		r.document #>> '{partition_of,table}' AS partition_of_table,
		r.document ->> 'partition_key' AS partition_key,
		r.document ->> 'partition_bound' AS partition_bound,
		r.relation_id,
		r.native_id,
		r.discovered_at,
		r.changed_at
	FROM rivergen_catalog.current_relation r
	WHERE r.kind <> 'sequence';
COMMENT ON VIEW rivergen.tables IS
'The tables and views of the discovered data sources. table_type is as in information_schema (BASE TABLE, VIEW, FOREIGN …), kind is exact (table, partitioned_table, partition, foreign_table, view, materialized_view …). row_estimate and size_bytes come from the source''s own catalog and are null where it does not know. Errors: 401, 403.';

CREATE VIEW rivergen.columns WITH (security_barrier) AS
	SELECT r.data_source_id,
		r.schema_name AS table_schema,
		r.relation_name AS table_name,
		c.value ->> 'name' AS column_name,
		c.ordinality::integer AS ordinal_position,
		c.value ->> 'default' AS column_default,
		CASE WHEN c.value @> '{"not_null": true}' THEN 'NO' ELSE 'YES' END AS is_nullable,
		c.value ->> 'type' AS data_type,
		c.value ->> 'collation' AS collation_name,
		CASE WHEN c.value ? 'identity' THEN 'YES' ELSE 'NO' END AS is_identity,
		upper(c.value ->> 'identity') AS identity_generation,
		CASE WHEN c.value ? 'generated' THEN 'ALWAYS' ELSE 'NEVER' END AS is_generated,
		c.value ->> 'expression' AS generation_expression,
		coalesce(r.document #> '{primary_key,columns}' ? (c.value ->> 'name'), false) AS is_primary_key,
		c.value ->> 'comment' AS comment,
		rivergen_catalog.text_array(c.value -> 'enum') AS enum_labels,
		c.value ->> 'domain_base' AS domain_base
	FROM rivergen_catalog.current_relation r
	CROSS JOIN LATERAL jsonb_array_elements(r.document -> 'columns') WITH ORDINALITY c;
COMMENT ON VIEW rivergen.columns IS
'The columns of every discovered table and view, in the source''s order. data_type is the source''s own text for the type; is_nullable is NO for NOT NULL columns and columns of NOT NULL domains; enum_labels lists the values of an enumeration; domain_base is the type behind a domain. Errors: 401, 403.';

CREATE VIEW rivergen.constraints WITH (security_barrier) AS
	SELECT r.data_source_id,
		r.schema_name AS table_schema,
		r.relation_name AS table_name,
		c.body ->> 'name' AS constraint_name,
		c.constraint_type,
		rivergen_catalog.text_array(c.body -> 'columns') AS column_names,
		CASE WHEN c.constraint_type = 'FOREIGN KEY' THEN c.body ->> 'schema' END AS referenced_schema,
		CASE WHEN c.constraint_type = 'FOREIGN KEY' THEN c.body ->> 'table' END AS referenced_table,
		rivergen_catalog.text_array(c.body -> 'referenced_columns') AS referenced_columns,
		CASE WHEN c.constraint_type = 'FOREIGN KEY'
			THEN upper(coalesce(c.body ->> 'on_update', 'no action')) END AS update_rule,
		CASE WHEN c.constraint_type = 'FOREIGN KEY'
			THEN upper(coalesce(c.body ->> 'on_delete', 'no action')) END AS delete_rule,
		c.body ->> 'definition' AS definition,
		coalesce((c.body ->> 'deferrable')::boolean, false) AS is_deferrable,
		coalesce((c.body ->> 'deferred')::boolean, false) AS initially_deferred,
		NOT coalesce((c.body ->> 'not_valid')::boolean, false) AS is_valid
	FROM rivergen_catalog.current_relation r
	CROSS JOIN LATERAL (
		SELECT 'PRIMARY KEY' AS constraint_type, r.document -> 'primary_key' AS body
		WHERE r.document ? 'primary_key'
		UNION ALL SELECT 'UNIQUE', jsonb_array_elements(r.document -> 'unique')
		UNION ALL SELECT 'FOREIGN KEY', jsonb_array_elements(r.document -> 'foreign_keys')
		UNION ALL SELECT 'CHECK', jsonb_array_elements(r.document -> 'checks')
		UNION ALL SELECT 'EXCLUDE', jsonb_array_elements(r.document -> 'exclusions')) c;
COMMENT ON VIEW rivergen.constraints IS
'Primary, unique and foreign keys, checks and exclusions of the discovered tables. Keys are whole: column_names and referenced_columns are arrays in the key''s order. Errors: 401, 403.';

CREATE VIEW rivergen.indexes WITH (security_barrier) AS
	SELECT r.data_source_id,
		r.schema_name AS table_schema,
		r.relation_name AS table_name,
		i.value ->> 'name' AS index_name,
		i.value ->> 'method' AS method,
		coalesce((i.value ->> 'unique')::boolean, false) AS is_unique,
		coalesce((i.value ->> 'primary')::boolean, false) AS is_primary,
		rivergen_catalog.text_array(i.value -> 'columns') AS column_names,
		rivergen_catalog.text_array(i.value -> 'include') AS included_columns,
		i.value ->> 'predicate' AS predicate,
		NOT coalesce((i.value ->> 'invalid')::boolean, false) AS is_valid,
		i.value ->> 'definition' AS definition
	FROM rivergen_catalog.current_relation r
	CROSS JOIN LATERAL jsonb_array_elements(r.document -> 'indexes') i;
COMMENT ON VIEW rivergen.indexes IS
'The indexes of the discovered tables. column_names holds columns or expressions in the index''s order; predicate is the condition of a partial index. Errors: 401, 403.';

CREATE VIEW rivergen.views WITH (security_barrier) AS
	SELECT r.data_source_id,
		r.schema_name AS table_schema,
		r.relation_name AS table_name,
		r.kind = 'materialized_view' AS is_materialized,
		r.document ->> 'definition' AS view_definition,
		r.document ->> 'comment' AS comment
	FROM rivergen_catalog.current_relation r
	WHERE r.kind IN ('view', 'materialized_view');
COMMENT ON VIEW rivergen.views IS
'The views and materialized views of the discovered data sources, with the query that defines them. Errors: 401, 403.';

CREATE VIEW rivergen.sequences WITH (security_barrier) AS
	SELECT r.data_source_id,
		r.schema_name AS sequence_schema,
		r.relation_name AS sequence_name,
		r.document #>> '{sequence,type}' AS data_type,
		(r.document #>> '{sequence,start}')::numeric AS start_value,
		(r.document #>> '{sequence,minimum}')::numeric AS minimum_value,
		(r.document #>> '{sequence,maximum}')::numeric AS maximum_value,
		(r.document #>> '{sequence,increment}')::numeric AS increment,
		CASE WHEN r.document #> '{sequence,cycle}' = 'true' THEN 'YES' ELSE 'NO' END AS cycle_option,
		r.document #>> '{sequence,owned_by,schema}' AS owned_by_schema,
		r.document #>> '{sequence,owned_by,table}' AS owned_by_table,
		r.document #>> '{sequence,owned_by,column}' AS owned_by_column,
		r.document ->> 'comment' AS comment
	FROM rivergen_catalog.current_relation r
	WHERE r.kind = 'sequence';
COMMENT ON VIEW rivergen.sequences IS
'The sequences of the discovered data sources, and the column that owns each. Errors: 401, 403.';

CREATE VIEW rivergen.jobs WITH (security_barrier) AS
	SELECT j.job_id,
		j.data_source_id,
		j.kind,
		j.schema_name,
		j.status,
		p.phase,
		p.relations_total,
		p.relations,
		p.columns,
		p.bytes,
		j.attempts,
		j.cancel_requested,
		j.requested_by_user_id,
		j.queued_at,
		j.started_at,
		j.finished_at,
		j.error_code,
		j.error_message,
		j.error_detail,
		j.result
	FROM rivergen_catalog.job j
	LEFT JOIN LATERAL rivergen.job_progress(j.job_id) p ON j.status = 'running'
	WHERE j.organization_id = rivergen.current_organization_id();
COMMENT ON VIEW rivergen.jobs IS
'The organization''s jobs. status: queued, running, succeeded, failed or cancelled. While a job runs, phase, relations_total, relations, columns and bytes show how far it is. Errors: 401, 403.';

-- What pg_dump saves: the rows of every table and the positions of the sequences. One command for each, because
-- each changes the same row of pg_extension.
DO $$
DECLARE
	member pg_catalog.oid;
BEGIN
	FOR member IN
		SELECT c.oid FROM pg_catalog.pg_class c
		WHERE c.relnamespace = 'rivergen_catalog'::pg_catalog.regnamespace AND c.relkind IN ('r', 'S')
		ORDER BY c.oid
	LOOP
		PERFORM pg_catalog.pg_extension_config_dump(member, '');
	END LOOP;
END
$$;
