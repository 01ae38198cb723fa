-- The catalog. Nobody is granted anything here: the functions of schema rivergen are the only way in.
-- organization_id leads every primary key, unique key and foreign key of a tenant table, so that the catalog
-- can be distributed by organization and no constraint tells one tenant about another.

-- Whatever schema the extension is made in: functions found there must not be bound into ours.
SET LOCAL search_path = pg_catalog, pg_temp;

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
	disabled_at timestamptz,
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
	INCLUDE (type, workspace_id, maintenance) WHERE deleted_at IS NULL;

-- What workers find.
CREATE TABLE rivergen_catalog.data_source_state (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	status text NOT NULL DEFAULT 'inactive' CHECK (status IN ('inactive', 'testing', 'active', 'failed')),
	status_before_test text CHECK (status_before_test IN ('inactive', 'active', 'failed')),
	last_tested_at timestamptz,
	last_successful_connection_at timestamptz,
	last_failed_connection_at timestamptz,
	failure_count integer NOT NULL DEFAULT 0,
	failure_reason text,
	server_version text,
	schema_discovered_at timestamptz,
	full_discovered_at timestamptz,
	full_discovery_ms bigint,
	next_discovery_at timestamptz,
	discovery_failures integer NOT NULL DEFAULT 0,
	PRIMARY KEY (organization_id, data_source_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
) WITH (fillfactor = 70);

-- In the order of time, not of organizations: what is due is at its beginning, however many sources there are.
CREATE INDEX data_source_due ON rivergen_catalog.data_source_state (next_discovery_at, organization_id, data_source_id)
	WHERE next_discovery_at IS NOT NULL;

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
	times_put_off integer NOT NULL DEFAULT 0, -- a job gives way to callers a few times
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
CREATE INDEX job_due ON rivergen_catalog.job (run_after) WHERE status = 'queued';
CREATE INDEX job_running ON rivergen_catalog.job (organization_id, data_source_id) WHERE status = 'running';
CREATE INDEX job_ended ON rivergen_catalog.job (finished_at, job_id) WHERE finished_at IS NOT NULL;
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

-- What the current relations of a schema are, in numbers: schemas without any have no row. Written by discoveries only.
CREATE TABLE rivergen_catalog.schema_content (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	schema_name text COLLATE "C" NOT NULL,
	relations_count bigint NOT NULL,
	tables_count bigint NOT NULL,
	views_count bigint NOT NULL,
	columns_count bigint NOT NULL,
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
-- Those that have gone, in the same order, and a name in any source and schema.
CREATE INDEX relation_gone ON rivergen_catalog.relation
	(organization_id, data_source_id, schema_name, relation_name, relation_id) WHERE deprecated_at IS NOT NULL;
CREATE INDEX relation_named ON rivergen_catalog.relation (organization_id, relation_name, data_source_id)
	WHERE deprecated_at IS NULL;

-- What the planner estimates of a name is seen by whoever may EXPLAIN, and names are other organizations' too.
ALTER TABLE rivergen_catalog.relation ALTER COLUMN schema_name SET STATISTICS 0, ALTER COLUMN relation_name SET STATISTICS 0,
	ALTER COLUMN data_source_id SET STATISTICS 0;

-- lz4 makes storing documents twice as cheap as pglz, where this server was built with it.
DO $$
BEGIN
	ALTER TABLE rivergen_catalog.relation ALTER COLUMN document SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
	NULL;
END
$$;
