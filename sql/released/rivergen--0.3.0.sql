\echo Use "CREATE EXTENSION rivergen" to load this file. \quit
-- The catalog. No role but the owner has rights here: the functions and views of schema rivergen are the only way in.
-- organization_id leads every primary key, unique key and foreign key of a tenant table, so that the catalog
-- can be distributed by organization, and no constraint's error shows one tenant the rows of another.

-- Functions in the schema in which the extension is created must not be bound into ours.
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

CREATE TABLE rivergen_catalog.organization (
	organization_id bigint PRIMARY KEY DEFAULT nextval('rivergen_catalog.organization_id_seq'),
	name text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now()
);

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

CREATE DOMAIN rivergen_catalog.member_role AS text CHECK (VALUE IN ('viewer', 'editor', 'admin'));

CREATE TABLE rivergen_catalog.membership (
	organization_id bigint NOT NULL REFERENCES rivergen_catalog.organization ON DELETE CASCADE,
	user_id bigint NOT NULL REFERENCES rivergen_catalog.app_user,
	role rivergen_catalog.member_role NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX membership_user ON rivergen_catalog.membership (user_id, created_at, organization_id);

CREATE SEQUENCE rivergen_catalog.audit_id_seq;

-- An invitation names a subject, not a user: an admin must not learn whether such a user exists.
CREATE TABLE rivergen_catalog.invitation (
	organization_id bigint NOT NULL REFERENCES rivergen_catalog.organization ON DELETE CASCADE,
	subject text NOT NULL,
	role rivergen_catalog.member_role NOT NULL,
	invited_by_user_id bigint NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (organization_id, subject)
);
CREATE INDEX invitation_subject ON rivergen_catalog.invitation (subject, organization_id);

-- organization_id 0 is the installation: it has the acts of operators that concern no organization, or a closed one. So
-- there is no foreign key to organization. There is none to data_source either: a purge would delete the trail.
CREATE TABLE rivergen_catalog.audit (
	organization_id bigint NOT NULL,
	audit_id bigint NOT NULL DEFAULT nextval('rivergen_catalog.audit_id_seq'),
	occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	user_id bigint,
	login_role name NOT NULL DEFAULT session_user,
	action text NOT NULL,
	data_source_id bigint,
	detail jsonb NOT NULL,
	PRIMARY KEY (organization_id, audit_id)
);
CREATE INDEX audit_source ON rivergen_catalog.audit (organization_id, data_source_id, audit_id)
	WHERE data_source_id IS NOT NULL;

-- The server and database of this catalog. A database that was restored, copied or upgraded elsewhere must not connect to
-- the sources of its original: its workers wait until an operator allows it.

-- The first worker writes the one row; a restore adds the row of the dump. There is no key, because a restore must not
-- fail where a worker has already written its row.
CREATE TABLE rivergen_catalog.home (
	system_identifier bigint NOT NULL,
	database_id oid NOT NULL,
	recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE rivergen_catalog.home IS 'The server and database in which this catalog lives; any other row says that it is a copy.';
-- Search and filters by tags: the folded text, and one index over its three-letter pieces and the tags. The keys are
-- hashed with the organization, so the cost of a search depends on the organization's own sources only. No other
-- extension is needed.

-- Case is folded by Unicode's rules whatever the database's locale is, where the server knows ICU; without ICU, by
-- the database's own locale, which in the locale C knows the letters A to Z only.
DO $$
BEGIN
	EXECUTE format('CREATE OR REPLACE FUNCTION rivergen_catalog.folded(text) RETURNS text
		LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
		RETURN lower(normalize($1, NFC) COLLATE %s) COLLATE "C"',
		coalesce((SELECT 'pg_catalog.' || quote_ident(c.collname) FROM pg_catalog.pg_collation c
			WHERE c.collname = 'und-x-icu' AND c.collnamespace = 'pg_catalog'::pg_catalog.regnamespace
				AND c.collencoding IN (-1, 6)), 'pg_catalog."default"'));
END
$$;

CREATE OR REPLACE FUNCTION rivergen_catalog.search_keys(organization_id bigint, folded text, tags text[]) RETURNS integer[]
	AS 'MODULE_PATHNAME', 'rg_sql_search_keys'
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION rivergen_catalog.search_keys(bigint, text, text[]) IS
'The keys of a source in the search index: hashes of every three characters of the folded text, and of every tag, with the organization. For a search: the keys that a source must have; null stands for no text or no tags.';

CREATE OR REPLACE FUNCTION rivergen_catalog.contains("text" text, part text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'rg_sql_contains'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rivergen_catalog.contains(text, text) IS 'Does the text hold the part?';
CREATE SEQUENCE rivergen_catalog.data_source_id_seq;
CREATE SEQUENCE rivergen_catalog.credential_id_seq;

-- The fields that users set. Workers never update this table.
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
	search_text text COLLATE "C" NOT NULL
		GENERATED ALWAYS AS (rivergen_catalog.folded(name || chr(1) || coalesce(description, ''))) STORED,
	PRIMARY KEY (organization_id, data_source_id),
	FOREIGN KEY (organization_id, workspace_id) REFERENCES rivergen_catalog.workspace
);
CREATE UNIQUE INDEX data_source_name ON rivergen_catalog.data_source (organization_id, name)
	WHERE deleted_at IS NULL;
CREATE INDEX data_source_created ON rivergen_catalog.data_source (organization_id, created_at, data_source_id)
	INCLUDE (type, workspace_id, maintenance) WHERE deleted_at IS NULL;
COMMENT ON COLUMN rivergen_catalog.data_source.search_text IS 'Name and description, folded: search reads this text.';

CREATE INDEX data_source_search ON rivergen_catalog.data_source
	USING gin (rivergen_catalog.search_keys(organization_id, search_text, tags)) WHERE deleted_at IS NULL;

-- The most frequent orders of lists, with the tie-breaker in the same direction.
CREATE INDEX data_source_updated ON rivergen_catalog.data_source (organization_id, updated_at, data_source_id)
	WHERE deleted_at IS NULL;
CREATE INDEX data_source_hidden ON rivergen_catalog.data_source (organization_id, data_source_id)
	WHERE maintenance OR deleted_at IS NOT NULL;

-- The state of a source, as workers write it.
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
	crashes integer NOT NULL DEFAULT 0,
	quarantined_at timestamptz,
	schema_signature text,
	next_test_at timestamptz,
	PRIMARY KEY (organization_id, data_source_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
) WITH (fillfactor = 70);

-- In the order of time, not of organizations: due sources are at its beginning, however many sources there are.
CREATE INDEX data_source_due ON rivergen_catalog.data_source_state (next_discovery_at, organization_id, data_source_id)
	WHERE next_discovery_at IS NOT NULL;
-- Counts the sources of one status.
CREATE INDEX data_source_state_status ON rivergen_catalog.data_source_state (organization_id, status, data_source_id);
-- Few rows ever: finds the sources that a worker was testing when it died.
CREATE INDEX data_source_testing ON rivergen_catalog.data_source_state (organization_id, data_source_id)
	WHERE status = 'testing';
COMMENT ON COLUMN rivergen_catalog.data_source_state.crashes IS 'Crashes of connectors and workers since the last discovery that succeeded, or since a user changed the source.';
COMMENT ON COLUMN rivergen_catalog.data_source_state.quarantined_at IS 'Since when neither schedule nor retries connect to the source, because of too many crashes; null when it is not in quarantine.';

-- Few rows ever: stats() counts them.
CREATE INDEX data_source_quarantined ON rivergen_catalog.data_source_state (organization_id, data_source_id)
	WHERE quarantined_at IS NOT NULL;
COMMENT ON COLUMN rivergen_catalog.data_source_state.schema_signature IS
'The connector''s text under which all signatures of the source''s relations were read; null: none of them is valid.';
COMMENT ON COLUMN rivergen_catalog.data_source_state.next_test_at IS
'When the schedule tests the source: set whenever a test or a discovery ends; null while it is not tested by schedule, or has no time yet.';

-- By status, because the times of failed sources are spread over a day and must not come before the due times of others.
CREATE INDEX data_source_test_due ON rivergen_catalog.data_source_state
	(status, next_test_at, organization_id, data_source_id) WHERE next_test_at IS NOT NULL;
-- Sources that have no time yet: few, unless health checks are off.
CREATE INDEX data_source_untimed ON rivergen_catalog.data_source_state (organization_id, data_source_id)
	WHERE next_test_at IS NULL AND quarantined_at IS NULL AND status IN ('active', 'failed');

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
-- Finds the credentials that are sealed for a key: a rotation reseals them, and a key that has any cannot be forgotten.
CREATE INDEX credential_key ON rivergen_catalog.credential (key_id, organization_id, data_source_id);

-- Every test and every discovery leaves a row, which is kept for rivergen.health_retention.
CREATE SEQUENCE rivergen_catalog.connection_check_id_seq;

CREATE TABLE rivergen_catalog.connection_check (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	check_id bigint NOT NULL DEFAULT nextval('rivergen_catalog.connection_check_id_seq'),
	kind text NOT NULL CHECK (kind IN ('test', 'discover')),
	checked_at timestamptz NOT NULL DEFAULT now(),
	success boolean NOT NULL,
	response_time_ms integer,
	server_version text,
	step text,
	error_code text,
	error_message text,
	error_detail text,
	PRIMARY KEY (organization_id, data_source_id, check_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);
CREATE INDEX connection_check_time ON rivergen_catalog.connection_check
	(organization_id, data_source_id, checked_at);
-- Rows are written in the order of time, which suits BRIN.
CREATE INDEX connection_check_recent ON rivergen_catalog.connection_check USING brin (checked_at);
-- The words of jobs: the table of jobs checks them, and the OpenAPI document lists them.

CREATE OR REPLACE FUNCTION rivergen_catalog.job_kinds() RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN '{discover,test,scan}'::text[];

CREATE OR REPLACE FUNCTION rivergen_catalog.job_statuses() RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN '{queued,running,succeeded,failed,cancelled}'::text[];
CREATE SEQUENCE rivergen_catalog.job_id_seq;

-- One row per organization, made with it. Claiming a job locks this row; enqueueing need not lock anything.
CREATE TABLE rivergen_catalog.organization_queue (
	organization_id bigint PRIMARY KEY REFERENCES rivergen_catalog.organization ON DELETE CASCADE,
	last_claimed_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);

CREATE TABLE rivergen_catalog.job (
	organization_id bigint NOT NULL,
	job_id bigint NOT NULL DEFAULT nextval('rivergen_catalog.job_id_seq'),
	data_source_id bigint NOT NULL,
	kind text NOT NULL CHECK (kind = ANY (rivergen_catalog.job_kinds())),
	schema_name text,
	full_read boolean NOT NULL DEFAULT false,
	status text NOT NULL DEFAULT 'queued' CHECK (status = ANY (rivergen_catalog.job_statuses())),
	cancel_requested boolean NOT NULL DEFAULT false,
	for_caller boolean NOT NULL DEFAULT false,
	attempts integer NOT NULL DEFAULT 0,
	times_put_off integer NOT NULL DEFAULT 0, -- how often this job gave way to a waiting caller; bounded
	run_after timestamptz NOT NULL DEFAULT now(),
	requested_by_user_id bigint,
	queued_at timestamptz NOT NULL DEFAULT now(),
	started_at timestamptz,
	finished_at timestamptz,
	error_code text,
	error_message text,
	error_detail text,
	result jsonb,
	relation_ids bigint[],
	awaited boolean NOT NULL DEFAULT false,
	PRIMARY KEY (organization_id, job_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
) WITH (fillfactor = 70);
CREATE INDEX job_queued ON rivergen_catalog.job (organization_id, run_after, job_id) WHERE status = 'queued';
CREATE INDEX job_due ON rivergen_catalog.job (run_after) WHERE status = 'queued';
CREATE INDEX job_running ON rivergen_catalog.job (organization_id, data_source_id) WHERE status = 'running';
CREATE INDEX job_ended ON rivergen_catalog.job (finished_at, job_id) WHERE finished_at IS NOT NULL;
CREATE INDEX job_source ON rivergen_catalog.job (organization_id, data_source_id, job_id);
-- A successful scheduled test deletes its successful predecessor; this index finds it.
CREATE INDEX job_tested ON rivergen_catalog.job (organization_id, data_source_id, job_id)
	WHERE kind = 'test' AND status IN ('succeeded', 'cancelled');
COMMENT ON COLUMN rivergen_catalog.job.relation_ids IS 'The relations that a scan reads; null: all of the source.';
COMMENT ON COLUMN rivergen_catalog.job.awaited IS
'A caller began to wait for it while it was queued, so it goes before the others. Unlike a job that is for_caller, it stays when the caller leaves.';
CREATE SEQUENCE rivergen_catalog.relation_id_seq;

-- The schemas of a source, with the empty ones.
CREATE TABLE rivergen_catalog.source_schema (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	schema_name text COLLATE "C" NOT NULL,
	native_id text,
	comment text,
	scoped_discovered_at timestamptz,
	scoped_discovery_ms bigint,
	scoped_patterns jsonb, -- include and exclude of the last discovery of this schema alone
	PRIMARY KEY (organization_id, data_source_id, schema_name),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);

-- The numbers of a schema's current relations; a schema without relations has no row. Only discoveries write it.
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

-- The schema cache and the table descriptions: one row and one document per table, view, collection or file.
-- Beside the document are the descriptions that users wrote and the results of scans. A relation that is renamed, or that
-- returns, keeps its row and so its descriptions. A discovery moves descriptions when names change, and never writes any
-- (src/merge/README.md).
CREATE TABLE rivergen_catalog.relation (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	relation_id bigint NOT NULL DEFAULT nextval('rivergen_catalog.relation_id_seq'),
	schema_name text COLLATE "C" NOT NULL,
	relation_name text COLLATE "C" NOT NULL,
	kind text NOT NULL,
	native_id text,
	columns_count integer NOT NULL,
	row_estimate bigint,
	size_bytes bigint,
	hash bytea NOT NULL,
	document jsonb NOT NULL,
	discovered_at timestamptz NOT NULL DEFAULT now(),
	changed_at timestamptz NOT NULL DEFAULT now(),
	deprecated_at timestamptz,
	description text,
	column_descriptions jsonb NOT NULL DEFAULT '{}',
	scan_status text NOT NULL DEFAULT 'NOT_SCANNED'
		CONSTRAINT relation_scan_status CHECK (scan_status IN ('NOT_SCANNED', 'SYNCHRONIZING', 'SCANNED', 'FAILED')),
	error_message text,
	search_text text COLLATE "C" NOT NULL GENERATED ALWAYS AS (rivergen_catalog.folded(relation_name || chr(1)
		|| coalesce(description, '') || chr(1) || coalesce(document ->> 'comment', ''))) STORED,
	categories jsonb NOT NULL DEFAULT '{}',
	examples jsonb NOT NULL DEFAULT '[]',
	scanned_at timestamptz,
	dialect text,
	PRIMARY KEY (organization_id, data_source_id, relation_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);
CREATE UNIQUE INDEX relation_name ON rivergen_catalog.relation
	(organization_id, data_source_id, schema_name, relation_name) WHERE deprecated_at IS NULL;
-- Relations that are gone, in the same order; and a name in any source and schema.
CREATE INDEX relation_gone ON rivergen_catalog.relation
	(organization_id, data_source_id, schema_name, relation_name, relation_id) WHERE deprecated_at IS NOT NULL;
CREATE INDEX relation_named ON rivergen_catalog.relation (organization_id, relation_name, data_source_id)
	WHERE deprecated_at IS NULL;
-- A description is found by its id alone.
CREATE INDEX relation_by_id ON rivergen_catalog.relation (organization_id, relation_id);
COMMENT ON COLUMN rivergen_catalog.relation.search_text IS 'Name, description and comment, folded: search reads this text.';
COMMENT ON COLUMN rivergen_catalog.relation.description IS 'The description that users wrote, or null. The source''s comment is in the document.';
COMMENT ON COLUMN rivergen_catalog.relation.column_descriptions IS
'The descriptions that users wrote about columns: {name: text}. The text of a column that is gone stays, in case it returns.';
COMMENT ON COLUMN rivergen_catalog.relation.scan_status IS 'How the last scan of the relation''s values ended.';
COMMENT ON COLUMN rivergen_catalog.relation.error_message IS 'Why the last scan failed.';
COMMENT ON COLUMN rivergen_catalog.relation.categories IS 'The values of the columns that have few: {column: [text]}.';
COMMENT ON COLUMN rivergen_catalog.relation.examples IS 'A few rows: [{column: text or null}], with *** for what looks private.';
COMMENT ON COLUMN rivergen_catalog.relation.scanned_at IS 'When the last scan of the values ended, with or without success.';
COMMENT ON COLUMN rivergen_catalog.relation.native_id IS 'The relation''s id in the source (in PostgreSQL: the oid); null where it has none.';
COMMENT ON COLUMN rivergen_catalog.relation.dialect IS
'How the server spells the document''s definitions, as the connector last said, such as postgresql 15; null when it does not say.';

-- Any caller may EXPLAIN and see the planner's estimates. Statistics of names would reveal names of other organizations.
ALTER TABLE rivergen_catalog.relation ALTER COLUMN schema_name SET STATISTICS 0, ALTER COLUMN relation_name SET STATISTICS 0,
	ALTER COLUMN data_source_id SET STATISTICS 0;

-- Storing documents costs half as much with lz4 as with pglz. Not every server is built with lz4.
DO $$
BEGIN
	ALTER TABLE rivergen_catalog.relation ALTER COLUMN document SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
	NULL;
END
$$;

-- A refresh compares the signature to find an unchanged relation without reading it (src/merge/README.md). The text is the
-- connector's own, and is valid only together with data_source_state.schema_signature. Its own table, because documents
-- are wide and change less often than signatures.
CREATE TABLE rivergen_catalog.relation_signature (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	relation_id bigint NOT NULL,
	signature text NOT NULL,
	PRIMARY KEY (organization_id, data_source_id, relation_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
) WITH (fillfactor = 80);

-- Changes of a source's schema, and replaced documents; both are kept for rivergen.schema_history_retention.
CREATE SEQUENCE rivergen_catalog.schema_change_id_seq;

-- One row per source, made by its first discovery: the history begins then. skipped: relations and schemas that the last
-- discovery could not read; they are not reported as added when they can be read again. patterns: include and exclude of
-- the last discovery of the whole source. If the patterns change, newly selected relations are not reported as added, and
-- the cache is not used.
CREATE TABLE rivergen_catalog.schema_history (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	begins_at timestamptz NOT NULL DEFAULT now(),
	skipped jsonb,
	patterns jsonb,
	server_identity text,
	PRIMARY KEY (organization_id, data_source_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);

-- On another server the same id belongs to another relation.
COMMENT ON COLUMN rivergen_catalog.schema_history.server_identity IS
'The identity of the server whose native ids are stored, as the connector sent it; null when it sent none.';

-- Documents that were replaced, or whose relation is gone; valid from (inclusive) to (exclusive). is_described: the
-- relation had descriptions of users then, which a later relation of the same name may inherit.
CREATE TABLE rivergen_catalog.relation_version (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	relation_id bigint NOT NULL,
	valid_from timestamptz NOT NULL,
	valid_to timestamptz NOT NULL,
	schema_name text COLLATE "C" NOT NULL,
	relation_name text COLLATE "C" NOT NULL,
	kind text NOT NULL,
	native_id text,
	document jsonb NOT NULL,
	is_described boolean NOT NULL DEFAULT false,
	dialect text,
	PRIMARY KEY (organization_id, data_source_id, relation_id, valid_to),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);
CREATE INDEX relation_version_time ON rivergen_catalog.relation_version (organization_id, data_source_id, valid_to);

COMMENT ON COLUMN rivergen_catalog.relation_version.dialect IS 'The relation''s dialect when the document was replaced.';

-- lz4 where the server has it, as for rivergen_catalog.relation.
DO $$
BEGIN
	ALTER TABLE rivergen_catalog.relation_version ALTER COLUMN document SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
	NULL;
END
$$;

CREATE TABLE rivergen_catalog.schema_change (
	organization_id bigint NOT NULL,
	data_source_id bigint NOT NULL,
	change_id bigint NOT NULL DEFAULT nextval('rivergen_catalog.schema_change_id_seq'),
	job_id bigint NOT NULL,
	changed_at timestamptz NOT NULL DEFAULT now(),
	relation_id bigint NOT NULL,
	schema_name text COLLATE "C" NOT NULL,
	relation_name text COLLATE "C" NOT NULL,
	object_type text NOT NULL CHECK (object_type IN
		('relation', 'column', 'primary_key', 'unique', 'foreign_key', 'check', 'exclusion', 'index')),
	object_name text COLLATE "C",
	change text NOT NULL CHECK (change IN ('added', 'removed', 'renamed', 'changed')),
	breaking boolean NOT NULL,
	before jsonb,
	after jsonb,
	PRIMARY KEY (organization_id, data_source_id, change_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);
CREATE INDEX schema_change_time ON rivergen_catalog.schema_change (organization_id, data_source_id, changed_at);
-- The documents of the API's answers. Each is one expression, so that the planner inlines it: no function is called for
-- each row.

CREATE OR REPLACE FUNCTION rivergen_catalog.time_text(timestamptz) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN to_char($1 AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

CREATE OR REPLACE FUNCTION rivergen_catalog.shown_status(maintenance boolean, status text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN maintenance THEN 'maintenance' ELSE status END;

-- Compares pages, not offsets: page * page_size may be more than a bigint holds.
CREATE OR REPLACE FUNCTION rivergen_catalog.pagination(page bigint, page_size bigint, total_items bigint) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN jsonb_build_object(
		'page', page,
		'page_size', page_size,
		'total_items', total_items,
		'total_pages', (total_items + page_size - 1) / page_size,
		'has_next', page < (total_items + page_size - 1) / page_size,
		'has_previous', page > 1);

-- Data sources as answers show them: item on the list page, body (with the fields that only the pages of create and update
-- show) everywhere else.
CREATE OR REPLACE VIEW rivergen_catalog.shown_data_source AS
	SELECT d.organization_id, d.data_source_id, d.deleted_at, i.item, i.item || jsonb_build_object(
		'ssh_username', d.ssh_username,
		'ssh_key_id', CASE WHEN 'ssh_private_key' = ANY (c.key_names) THEN c.credential_id END,
		'ssh_local_port', d.ssh_local_port,
		'connection_pool_size', d.connection_pool_size,
		'connection_timeout', d.connection_timeout,
		'query_timeout', d.query_timeout,
		'max_retries', d.max_retries,
		'last_failed_connection_at', rivergen_catalog.time_text(s.last_failed_connection_at),
		'failure_count', s.failure_count,
		'failure_reason', s.failure_reason,
		'schema_refresh_interval', d.schema_refresh_interval,
		'metadata', d.metadata,
		'created_by_user_id', d.created_by_user_id,
		'updated_by_user_id', d.updated_by_user_id) AS body
	FROM rivergen_catalog.data_source d
	JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id)
	LEFT JOIN rivergen_catalog.credential c USING (organization_id, data_source_id)
	CROSS JOIN LATERAL (SELECT jsonb_build_object(
			'id', d.data_source_id,
			'organization_id', d.organization_id,
			'workspace_id', d.workspace_id,
			'name', d.name,
			'type', d.type,
			'description', d.description,
			'host', d.host,
			'port', d.port,
			'database_name', d.database_name,
			'schema_name', d.schema_name,
			'file_path', d.file_path,
			'use_ssh_tunnel', d.use_ssh_tunnel,
			'ssh_host', d.ssh_host,
			'ssh_port', d.ssh_port,
			'status', rivergen_catalog.shown_status(d.maintenance, s.status),
			'last_tested_at', rivergen_catalog.time_text(s.last_tested_at),
			'last_successful_connection_at', rivergen_catalog.time_text(s.last_successful_connection_at),
			'schema_discovered_at', rivergen_catalog.time_text(s.schema_discovered_at),
			'schema_auto_refresh', d.schema_auto_refresh,
			'tags', d.tags,
			'created_at', rivergen_catalog.time_text(d.created_at),
			'updated_at', rivergen_catalog.time_text(d.updated_at)) AS item) i;
-- Workers check that this catalog is in its own place before they connect to sources.

CREATE OR REPLACE FUNCTION rivergen_catalog.this_home(OUT system_identifier bigint, OUT database_id oid) RETURNS record
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT c.system_identifier, d.oid FROM pg_control_system() c, pg_database d WHERE d.datname = current_database();
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.is_copy() RETURNS boolean
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT EXISTS (SELECT FROM rivergen_catalog.home h, rivergen_catalog.this_home() t
		WHERE (h.system_identifier, h.database_id) <> (t.system_identifier, t.database_id));
END;
COMMENT ON FUNCTION rivergen_catalog.is_copy() IS
'Whether this catalog comes from another server or database and no operator has acknowledged that.';

CREATE OR REPLACE FUNCTION rivergen.acknowledge_copy() RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_acknowledge_copy'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.acknowledge_copy() IS
'For operators: allows a restored, cloned or upgraded database to connect to its data sources.
Its workers begin at commit; until then they do nothing. Can be called again. Answers {"was_copy"}.';
REVOKE ALL ON FUNCTION rivergen.acknowledge_copy() FROM PUBLIC;
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
-- The types of data sources, from the table that validation uses too.

CREATE OR REPLACE FUNCTION rivergen.data_source_types(
	OUT "position" integer, OUT type text, OUT category text, OUT label text, OUT required_fields text[],
	OUT optional_fields text[], OUT credential_keys text[], OUT default_port integer, OUT database_name_means text,
	OUT connector text, OUT connector_installed boolean, OUT credentials text,
	OUT several_hosts boolean) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_types'
	LANGUAGE C STABLE PARALLEL SAFE ROWS 24 SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_types() IS
'The rows of the view rivergen.data_source_types.';
REVOKE ALL ON FUNCTION rivergen.data_source_types() FROM PUBLIC;

CREATE OR REPLACE VIEW rivergen.data_source_types AS
	SELECT type, category, label, required_fields, optional_fields, credential_keys, default_port, database_name_means,
		connector, connector_installed, credentials, several_hosts
	FROM rivergen.data_source_types()
	ORDER BY "position";
COMMENT ON VIEW rivergen.data_source_types IS
'The types that a data source may have, in the order of the RiverGen API, and what each needs.';
COMMENT ON COLUMN rivergen.data_source_types.type IS 'The value of the field type.';
COMMENT ON COLUMN rivergen.data_source_types.category IS 'sql, nosql, file or other.';
COMMENT ON COLUMN rivergen.data_source_types.label IS 'The name to show to people.';
COMMENT ON COLUMN rivergen.data_source_types.required_fields IS
'The fields that data_source_create requires; host, port and database_name may come from connection_string where the type has one. credentials may be an empty object.';
COMMENT ON COLUMN rivergen.data_source_types.optional_fields IS 'The other fields that data_source_create accepts for this type.';
COMMENT ON COLUMN rivergen.data_source_types.credential_keys IS 'The members that the object credentials may have.';
COMMENT ON COLUMN rivergen.data_source_types.default_port IS
'The port on which such a service usually listens; used only for a connection_string that gives a host without a port. Null: there is no usual port.';
COMMENT ON COLUMN rivergen.data_source_types.database_name_means IS
'What database_name holds for this type, when it is not the name of a database.';
COMMENT ON COLUMN rivergen.data_source_types.connector IS
'The executable that discovers such sources: the file''s name in rivergen.connector_directory.';
COMMENT ON COLUMN rivergen.data_source_types.connector_installed IS
'Whether that executable is installed. If not, sources of this type can be registered, but neither tested nor discovered: 501.';
COMMENT ON COLUMN rivergen.data_source_types.credentials IS
'required: no connection without credentials; optional: a source may have none; none: no source needs any.';
COMMENT ON COLUMN rivergen.data_source_types.several_hosts IS
'Whether host may be a list of at most 16 hosts, such as "a.example.com:27017,b.example.com:27017". The field port is the port of every host that names none.';

-- The sources that can be connected to. The worker checks the same of a single source (src/worker/attempt.c).
CREATE OR REPLACE FUNCTION rivergen_catalog.ready_types(OUT type text, OUT has_credentials boolean) RETURNS SETOF record
	LANGUAGE sql STABLE ROWS 48
BEGIN ATOMIC
	SELECT t.type, g.given FROM rivergen.data_source_types() t CROSS JOIN (VALUES (true), (false)) g (given)
	WHERE t.connector_installed AND (g.given OR t.credentials <> 'required');
END;
COMMENT ON FUNCTION rivergen_catalog.ready_types() IS
'The types that an installed connector serves; one row for each permitted state of the credentials: given (true) or not (false).';

-- If one of these members of metadata changes, a running discovery begins again.
CREATE OR REPLACE FUNCTION rivergen_catalog.decisive_options(type text, metadata jsonb) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_decisive_options'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rivergen_catalog.decisive_options(text, jsonb) IS
'The members of metadata that can change the result of a discovery or scan of this type, without tls and the patterns.';
-- The keys that credentials are sealed for, and the facts about credentials that may be shown.

CREATE OR REPLACE FUNCTION rivergen.sealing_key() RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_sealing_key'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.sealing_key() IS
'The public key that clients may seal credentials for.
This server then never sees them in the clear. data: {"organization_id", "key_id", "algorithm", "public_key" (base64)}. The client sends the sealed credentials as credentials: {"sealed": base64, "key_id", "keys": names of the credentials inside, may be absent}. The format: src/secret/README.md. Errors: 401, 403, 503 (no sealing key).';

CREATE OR REPLACE FUNCTION rivergen.key_rotate() RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_key_rotate'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.key_rotate() IS
'Has a worker make a new sealing key and seal every credential for it.
With rivergen.key_command the command prints the new key. The old key is retired. Answers {"key_id", "resealed", "unreadable", "left"}. The worker commits, even if this transaction is rolled back. Locks are held for a batch of 200 credentials at most; credentials of both keys can be read meanwhile. left: credentials that are not sealed for the new key yet, because a transaction held them (workers seal those within a minute, also when this call was interrupted) or because no key opens them (unreadable: give them again). Errors: 409 (no key yet; the command prints no new key: the hint says what to add), 503.';

CREATE OR REPLACE FUNCTION rivergen.key_forget(key_id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_key_forget'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.key_forget(bigint) IS
'Has a worker remove a retired key, here and in rivergen.key_file.
Answers {"private_key"}: removed, kept (another database of this cluster has the key too, or could not be checked; or the keys come from rivergen.key_command: remove the line there) or absent. Backups older than the rotation cannot be opened without it. Errors: 400, 404, 409 (not retired; credentials still need it), 503.';

-- {"preloaded", "served", "launcher", "keys": {"fault", "key_ids"}, "worker": {…}}; a part that no worker could
-- answer is {"unavailable": reason}.
CREATE OR REPLACE FUNCTION rivergen_catalog.installation() RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_installation'
	LANGUAGE C VOLATILE;

CREATE OR REPLACE FUNCTION rivergen.key_status(
	OUT key_id bigint,
	OUT created_at timestamptz,
	OUT retired_at timestamptz,
	OUT credentials bigint,
	OUT private_key boolean) RETURNS SETOF record
	LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	WITH asked AS MATERIALIZED (
		SELECT rivergen_catalog.installation() -> 'keys' AS answer
	), ring AS (
		SELECT e.value::bigint AS key_id
		FROM asked, jsonb_array_elements_text(coalesce(asked.answer -> 'key_ids', '[]')) e
	)
	SELECT coalesce(k.key_id, r.key_id),
		k.created_at,
		k.retired_at,
		(SELECT count(*) FROM rivergen_catalog.credential c WHERE c.key_id = coalesce(k.key_id, r.key_id)),
		CASE WHEN NOT a.answer ? 'unavailable' THEN r.key_id IS NOT NULL END
	FROM rivergen_catalog.sealing_key k
	FULL JOIN ring r ON r.key_id = k.key_id
	CROSS JOIN asked a
	ORDER BY 1;
END;
COMMENT ON FUNCTION rivergen.key_status() IS
'The sealing keys of this database, one a row.
retired_at: when a rotation replaced it; credentials: how many are sealed for it now; private_key: whether a worker can read its private half (null: no worker could be asked). A key without created_at is in the keyring only: it belongs to another database, or an interrupted key_create, key_rotate or key_forget left it.';

CREATE OR REPLACE VIEW rivergen.credentials WITH (security_barrier) AS
	SELECT c.data_source_id,
		c.version,
		c.key_id,
		c.key_names,
		c.given_by_user_id,
		c.created_at
	FROM rivergen_catalog.credential c
	JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
	WHERE c.organization_id = (SELECT rivergen.current_organization_id()) AND d.deleted_at IS NULL;
COMMENT ON VIEW rivergen.credentials IS
'The stored credentials, without their values.
version grows with every replacement and is unique in the database; key_id: the sealing key; key_names: the names of the credentials (empty: a client sealed them and sent no names); given_by_user_id and created_at: which user gave them, and when. Errors: 401, 403.';

REVOKE ALL ON FUNCTION rivergen.sealing_key() FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.key_rotate() FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.key_forget(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen_catalog.installation() FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.key_status() FROM PUBLIC;
-- Data sources. The answers are {"success": true, "data", "message"}; errors have SQLSTATE PT<HTTP status>.

CREATE OR REPLACE FUNCTION rivergen.data_source_create(jsonb) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_create'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_create(jsonb) IS
'Registers a data source and returns it.
Required: name, type, credentials, and the required fields of the type (host, port and database_name, or connection_string; file_path for files). Timeouts and intervals are in seconds. With schema_auto_refresh (the default) a first discovery is queued at commit, for types that a connector serves. Needs the role editor. Errors: 400 (all faults at once, one per line of the detail), 401, 403, 409 (the name is taken), 503 (no sealing key). Source: RiverGen API, Create Data Source.';

CREATE OR REPLACE FUNCTION rivergen.data_source_get(id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_get'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_get(bigint) IS
'One data source of the organization, without its credentials.
Errors: 400, 401, 403, 404.';

CREATE OR REPLACE FUNCTION rivergen.data_source_list(
	workspace_id bigint DEFAULT NULL,
	type text DEFAULT NULL,
	status_filter text DEFAULT NULL,
	page bigint DEFAULT 1,
	page_size bigint DEFAULT 20,
	search text DEFAULT NULL,
	sort_by text DEFAULT 'created_at',
	sort_order text DEFAULT 'desc',
	tags text[] DEFAULT NULL,
	after text DEFAULT NULL) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_list'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_list(bigint, text, text, bigint, bigint, text, text, text, text[], text) IS
'A page of the organization''s data sources.
Answers {"items", "pagination"}. status_filter: active, inactive, testing, failed or maintenance. page counts from 1, page_size is 1-1000. search looks for the text in name and description, without regard to case; % and _ are ordinary characters. sort_by: any field of an item, tags as the text of all of them; nulls come last, ties by id. sort_order: asc or desc. tags: only sources that have all of them. after: for reading all sources of a large organization: begin with an empty text, continue with next_cursor of the previous answer, and keep filters and order; the answer is {"items", "next_cursor"}, next_cursor is null at the end, nothing is counted, and a source that is not changed meanwhile is shown exactly once. Errors: 400, 401, 403. Source: RiverGen API, List Data Sources.';

CREATE OR REPLACE FUNCTION rivergen.data_source_update(id bigint, changes jsonb, if_updated_at text DEFAULT NULL) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_update'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_update(bigint, jsonb, text) IS
'Changes the given fields of a data source and returns it.
null clears a field, or resets it to its default; type, credentials and read-only fields are refused. If an editor who did not give the credentials changes their destination (host, port, TLS, tunnel, and other such fields of the type), the source is inactive until they are given again. if_updated_at: updated_at as it was read; if the source was changed since, nothing is changed and the answer is 409. Needs the role editor. Errors: 400, 401, 403, 404, 409 (the name is taken; if_updated_at: the source was changed since). Source: RiverGen API, Update Data Source.';

CREATE OR REPLACE FUNCTION rivergen.data_source_update_credentials(id bigint, credentials jsonb, if_updated_at text DEFAULT NULL) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_update_credentials'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_update_credentials(bigint, jsonb, text) IS
'Replaces all credentials of a data source and returns the source.
An empty object removes them. They are sealed with the public key at once and cannot be read back. if_updated_at: updated_at as it was read; if the source was changed since, nothing is changed and the answer is 409. Needs the role editor. Errors: 400, 401, 403, 404, 409 (if_updated_at: the source was changed since), 503 (no sealing key).';

CREATE OR REPLACE FUNCTION rivergen.data_source_delete(id bigint, force boolean DEFAULT false, if_updated_at text DEFAULT NULL) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_delete'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_delete(bigint, boolean, text) IS
'Deletes a data source.
It disappears from every answer, and its name is free again. With force, its row and everything discovered of it are deleted for good; force also works on a source that is deleted already. if_updated_at: updated_at as it was read; if the source was changed since, nothing is changed and the answer is 409. Answers {"id"}. Needs the role editor. Errors: 400, 401, 403, 404, 409 (if_updated_at: the source was changed since).';

REVOKE ALL ON FUNCTION rivergen.data_source_create(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_get(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_list(bigint, text, text, bigint, bigint, text, text, text, text[], text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_update(bigint, jsonb, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_update_credentials(bigint, jsonb, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_delete(bigint, boolean, text) FROM PUBLIC;

CREATE OR REPLACE VIEW rivergen.data_sources WITH (security_barrier) AS
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
	WHERE d.organization_id = (SELECT rivergen.current_organization_id()) AND d.deleted_at IS NULL;
COMMENT ON VIEW rivergen.data_sources IS
'The data sources of the session''s organization, without credentials; deleted ones are left out.
Timeouts and intervals are in seconds. The fields are those of the RiverGen API, Create Data Source. Errors: 401, 403.';
-- An organization's sources as one document, and back.

-- Every field of a source that users set. A path has a placeholder for the organization's id. Credentials are never
-- exported; a source without credentials has an empty object. The order is that of the names' bytes, so that it does not
-- depend on the locale. reminders: the texts of failure_reason of sources whose credentials are not given yet.
CREATE OR REPLACE FUNCTION rivergen_catalog.catalog_document(organization_id bigint, reminders text[]) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_object(
		'version', 1,
		'sources', coalesce(jsonb_agg(jsonb_build_object(
				'name', d.name,
				'type', d.type,
				'workspace', w.name,
				'description', d.description,
				'host', d.host,
				'port', d.port,
				'database_name', d.database_name,
				'schema_name', d.schema_name,
				'file_path', regexp_replace(d.file_path, '^organizations/\d+/', 'organizations/{organization_id}/'),
				'use_ssh_tunnel', d.use_ssh_tunnel,
				'ssh_host', d.ssh_host,
				'ssh_port', d.ssh_port,
				'ssh_username', d.ssh_username,
				'ssh_local_port', d.ssh_local_port,
				'connection_pool_size', d.connection_pool_size,
				'connection_timeout', d.connection_timeout,
				'query_timeout', d.query_timeout,
				'max_retries', d.max_retries,
				'schema_auto_refresh', d.schema_auto_refresh,
				'schema_refresh_interval', d.schema_refresh_interval,
				'metadata', d.metadata,
				'tags', d.tags) || CASE WHEN c.data_source_id IS NOT NULL
				OR coalesce(s.failure_reason = ANY ($2), false) THEN '{}'::jsonb ELSE '{"credentials": {}}' END
			ORDER BY d.name COLLATE "C"), '[]'))
	FROM rivergen_catalog.data_source d
	JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id)
	LEFT JOIN rivergen_catalog.workspace w ON w.organization_id = d.organization_id AND w.workspace_id = d.workspace_id
	LEFT JOIN rivergen_catalog.credential c ON c.organization_id = d.organization_id
		AND c.data_source_id = d.data_source_id
	WHERE d.organization_id = $1 AND d.deleted_at IS NULL;
END;

-- The effect of a change: {column: {"from", "to"}}.
CREATE OR REPLACE FUNCTION rivergen_catalog.column_changes(columns jsonb, current jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(c.key, jsonb_build_object('from', current -> c.key, 'to', c.value)), '{}')
	FROM jsonb_each(columns) c
	WHERE c.value IS DISTINCT FROM current -> c.key;
END;

CREATE OR REPLACE FUNCTION rivergen.catalog_export() RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_catalog_export'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.catalog_export() IS
'The organization''s data sources as one document for catalog_apply.
data: {"version": 1, "sources": [...]}, ordered by name. A source has every field that users set, its workspace by name, and its file_path below organizations/{organization_id}/, where {organization_id} stands for any organization. Credentials are never exported; "credentials": {} says that a source has none. Status and discovered schemas are not exported. Errors: 401, 403, 413 (more than rivergen.max_answer_bytes).';

CREATE OR REPLACE FUNCTION rivergen.catalog_apply(document jsonb, dry_run boolean DEFAULT false) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_catalog_apply'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.catalog_apply(jsonb, boolean) IS
'Creates and changes the organization''s data sources as a document says, all or nothing.
Answers the plan: {"dry_run", "created": [{"id", "name"}], "changed": [{"id", "name", "fields": {field: {"from", "to"}}}], "unchanged": [name], "not_in_document": [name], "workspaces_created": [name], "credentials_wanted": [name]}. document: data of catalog_export, or written by hand; sources are found by name, an absent field stays as it is (or gets its default in a new source), null clears it. Sources that are not in the document are only listed. credentials are used for a source that has none yet, and ignored for any other; a new source without them is created, and its failure_reason says that they must be given ("credentials": {} says that it needs none). workspace: its name; a missing workspace is created if the caller is an admin. dry_run: check and answer the plan, change nothing; ids of new sources are then null. Needs the role editor. Errors: 400 (every fault of every source, as sources[3].port: ...), 401, 403, 409 (another session took a name meanwhile), 503 (no sealing key).';

REVOKE ALL ON FUNCTION rivergen.catalog_export() FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.catalog_apply(jsonb, boolean) FROM PUBLIC;
-- metadata.discovery: the patterns that select a source's schemas and relations (src/wire/README.md).

-- {"include": [...], "exclude": [...]}, without empty lists; null: everything is discovered.
CREATE OR REPLACE FUNCTION rivergen_catalog.discovery_patterns(metadata jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN nullif(jsonb_strip_nulls(jsonb_build_object(
		'include', CASE WHEN jsonb_typeof($1 #> '{discovery,include}') = 'array'
			THEN nullif($1 #> '{discovery,include}', '[]') END,
		'exclude', CASE WHEN jsonb_typeof($1 #> '{discovery,exclude}') = 'array'
			THEN nullif($1 #> '{discovery,exclude}', '[]') END)), '{}');

-- Whether the pattern matches the relation; relation_name null: the schema as a whole.
CREATE OR REPLACE FUNCTION rivergen_catalog.pattern_matches(pattern text, schema_name text, relation_name text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'rg_sql_pattern_matches'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;

-- Whether the pattern can match any relation of the schema.
CREATE OR REPLACE FUNCTION rivergen_catalog.pattern_reaches(pattern text, schema_name text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'rg_sql_pattern_reaches'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE OR REPLACE FUNCTION rivergen_catalog.selects(patterns jsonb, schema_name text, relation_name text) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT (NOT coalesce($1, '{}') ? 'include' OR EXISTS (SELECT FROM jsonb_array_elements_text($1 -> 'include') p
			WHERE rivergen_catalog.pattern_matches(p, $2, $3)))
		AND NOT EXISTS (SELECT FROM jsonb_array_elements_text($1 -> 'exclude') p
			WHERE rivergen_catalog.pattern_matches(p, $2, $3));
END;

-- Whether the last discoveries used the patterns that the source has now.
CREATE OR REPLACE FUNCTION rivergen_catalog.has_current_patterns(organization_id bigint, data_source_id bigint) RETURNS boolean
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT h.patterns IS NOT DISTINCT FROM rivergen_catalog.discovery_patterns(d.metadata)
	FROM rivergen_catalog.data_source d
	JOIN rivergen_catalog.schema_history h USING (organization_id, data_source_id)
	WHERE d.organization_id = $1 AND d.data_source_id = $2;
END;

-- The patterns of the last discovery that read a schema: of the schema alone or of the whole source.
CREATE OR REPLACE FUNCTION rivergen_catalog.last_patterns(
	scoped_at timestamptz, scoped_patterns jsonb, full_at timestamptz, full_patterns jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN scoped_at > coalesce(full_at, '-infinity') THEN scoped_patterns ELSE full_patterns END;

-- Why no relation of the schema is discovered; null when one may be.
CREATE OR REPLACE FUNCTION rivergen_catalog.exclusion_of_schema(organization_id bigint, data_source_id bigint, schema_name text)
	RETURNS text
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce(
		(SELECT format('The pattern %s of metadata.discovery.exclude excludes it.', p.value)
		 FROM jsonb_array_elements(e.patterns -> 'exclude') WITH ORDINALITY p
		 WHERE rivergen_catalog.pattern_matches(p.value #>> '{}', $3, NULL) ORDER BY p.ordinality LIMIT 1),
		CASE WHEN e.patterns ? 'include' AND NOT EXISTS (SELECT FROM jsonb_array_elements_text(e.patterns -> 'include') p
				WHERE rivergen_catalog.pattern_reaches(p, $3))
			THEN format('No pattern of metadata.discovery.include names it: %s.',
				(SELECT string_agg(p.value::text, ', ' ORDER BY p.ordinality)
				 FROM jsonb_array_elements(e.patterns -> 'include') WITH ORDINALITY p)) END)
	FROM (SELECT rivergen_catalog.discovery_patterns(d.metadata) AS patterns FROM rivergen_catalog.data_source d
		WHERE d.organization_id = $1 AND d.data_source_id = $2) e;
END;
-- `kind` is the source's own word for a relation; only these functions know what a word means.

-- A table has rows of its own, a view shows the rows of others. Other relations have no rows: no scan reads them and no
-- list of tables shows them. An unknown word means a table.
CREATE OR REPLACE FUNCTION rivergen_catalog.kind_group(kind text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN kind IN ('view', 'materialized_view', 'alias', 'synonym') THEN 'view'
		WHEN kind IN ('sequence', 'stage', 'pipe', 'task', 'function', 'procedure') THEN 'other'
		ELSE 'table' END;

-- The group in the words of information_schema; foreign tables and materialized views have their own.
CREATE OR REPLACE FUNCTION rivergen_catalog.table_type(kind text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE kind WHEN 'foreign_table' THEN 'FOREIGN' WHEN 'materialized_view' THEN 'MATERIALIZED VIEW'
		ELSE CASE rivergen_catalog.kind_group(kind) WHEN 'table' THEN 'BASE TABLE' WHEN 'view' THEN 'VIEW'
			ELSE upper(replace(kind, '_', ' ') COLLATE "C") END END;
-- Discovery and jobs. Internal functions of rivergen_catalog make the bodies. A function that returns a set of one body is
-- called in FROM: there PostgreSQL inlines it into the calling statement, whose plan the session keeps. Called as a value
-- it would be planned at each call, which takes longer than the work.

-- The bytes of a value before it was compressed. Reads only the head of the value.
CREATE OR REPLACE FUNCTION rivergen_catalog.stored_bytes(jsonb) RETURNS bigint
	AS 'MODULE_PATHNAME', 'rg_sql_stored_bytes'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- Writes the counts of a source's schemas where they have changed. A discovery that changed something calls it at its end.
CREATE OR REPLACE FUNCTION rivergen_catalog.count_schemas(organization_id bigint, data_source_id bigint) RETURNS void
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	WITH found AS MATERIALIZED (
		SELECT r.schema_name,
			count(*) AS relations,
			count(*) FILTER (WHERE rivergen_catalog.kind_group(r.kind) = 'table') AS tables,
			count(*) FILTER (WHERE rivergen_catalog.kind_group(r.kind) = 'view') AS views,
			sum(r.columns_count) AS columns
		FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.deprecated_at IS NULL
		GROUP BY r.schema_name
	), emptied AS (
		DELETE FROM rivergen_catalog.schema_content c
		WHERE c.organization_id = $1 AND c.data_source_id = $2 AND c.schema_name NOT IN (SELECT schema_name FROM found)
	)
	INSERT INTO rivergen_catalog.schema_content AS c
		SELECT $1, $2, schema_name, relations, tables, views, columns FROM found
		ON CONFLICT (organization_id, data_source_id, schema_name) DO UPDATE SET
			relations_count = excluded.relations_count, tables_count = excluded.tables_count,
			views_count = excluded.views_count, columns_count = excluded.columns_count
		WHERE (c.relations_count, c.tables_count, c.views_count, c.columns_count)
			<> (excluded.relations_count, excluded.tables_count, excluded.views_count, excluded.columns_count);
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.discovery_result(
	organization_id bigint, data_source_id bigint, only_schema text, discovered_at timestamptz, duration_ms bigint)
	RETURNS SETOF jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_object(
		'data_source_id', $2,
		'schemas_discovered', coalesce(jsonb_agg(jsonb_build_object(
			'schema_name', s.schema_name,
			'tables_count', coalesce(c.tables_count, 0),
			'views_count', coalesce(c.views_count, 0)) ORDER BY s.schema_name), '[]'),
		'total_tables', coalesce(sum(c.tables_count), 0),
		'total_columns', coalesce(sum(c.columns_count), 0),
		'discovered_at', rivergen_catalog.time_text($4),
		'discovery_duration_ms', $5)
	FROM rivergen_catalog.source_schema s
	LEFT JOIN rivergen_catalog.schema_content c ON c.organization_id = $1 AND c.data_source_id = $2
		AND c.schema_name = s.schema_name
	WHERE s.organization_id = $1 AND s.data_source_id = $2 AND ($3 IS NULL OR s.schema_name = $3);
END;

-- A full discovery is the answer for each of its schemas, unless the schema was discovered alone since.
CREATE OR REPLACE FUNCTION rivergen_catalog.discovery_cached(organization_id bigint, data_source_id bigint, only_schema text)
	RETURNS SETOF jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT r.body
	FROM rivergen_catalog.data_source_state s
	JOIN rivergen_catalog.schema_history h USING (organization_id, data_source_id)
	JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id),
	LATERAL rivergen_catalog.discovery_result($1, $2, NULL, s.full_discovered_at, s.full_discovery_ms) r (body)
	WHERE s.organization_id = $1 AND s.data_source_id = $2 AND s.full_discovered_at IS NOT NULL AND $3 IS NULL
		AND h.patterns IS NOT DISTINCT FROM rivergen_catalog.discovery_patterns(d.metadata)
	UNION ALL
	SELECT r.body
	FROM rivergen_catalog.data_source_state s
	JOIN rivergen_catalog.source_schema e USING (organization_id, data_source_id)
	JOIN rivergen_catalog.schema_history h USING (organization_id, data_source_id)
	JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id),
	LATERAL (SELECT s.full_discovered_at >= e.scoped_discovered_at OR e.scoped_discovered_at IS NULL AS is_full) newest,
	LATERAL rivergen_catalog.discovery_result($1, $2, $3,
		CASE WHEN newest.is_full THEN s.full_discovered_at ELSE e.scoped_discovered_at END,
		CASE WHEN newest.is_full THEN s.full_discovery_ms ELSE e.scoped_discovery_ms END) r (body)
	WHERE s.organization_id = $1 AND s.data_source_id = $2 AND e.schema_name = $3
		AND (s.full_discovered_at IS NOT NULL OR e.scoped_discovered_at IS NOT NULL)
		AND rivergen_catalog.discovery_patterns(d.metadata) IS NOT DISTINCT FROM rivergen_catalog.last_patterns(
			e.scoped_discovered_at, e.scoped_patterns, s.full_discovered_at, h.patterns);
END;

CREATE OR REPLACE FUNCTION rivergen.job_progress(
	job_id bigint, OUT phase text, OUT relations_total bigint, OUT relations bigint, OUT columns bigint,
	OUT bytes bigint) RETURNS record
	AS 'MODULE_PATHNAME', 'rg_sql_job_progress'
	LANGUAGE C VOLATILE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.job_progress(bigint) IS
'The progress of a running job, from the worker''s own memory.
Shows phase, relations to read (null when unknown), and relations, columns and bytes received. Null when the job does not run. Errors: 401, 403.';

CREATE OR REPLACE VIEW rivergen_catalog.shown_job AS
	SELECT j.organization_id, j.job_id, jsonb_build_object(
		'job_id', j.job_id,
		'data_source_id', j.data_source_id,
		'kind', j.kind,
		'schema_name', j.schema_name,
		'status', j.status,
		'cancel_requested', j.cancel_requested,
		'attempts', j.attempts,
		'requested_by_user_id', j.requested_by_user_id,
		'queued_at', rivergen_catalog.time_text(j.queued_at),
		'run_after', rivergen_catalog.time_text(j.run_after),
		'started_at', rivergen_catalog.time_text(j.started_at),
		'finished_at', rivergen_catalog.time_text(j.finished_at),
		'progress', CASE WHEN j.status = 'running'
			THEN (SELECT to_jsonb(p) FROM rivergen.job_progress(j.job_id) p WHERE p.phase IS NOT NULL) END,
		'error_code', j.error_code,
		'error_message', j.error_message,
		'error_detail', j.error_detail,
		'result', j.result) AS body
	FROM rivergen_catalog.job j;

-- About how many bytes a page of jobs takes in the answer.
CREATE OR REPLACE FUNCTION rivergen_catalog.job_page_bytes(
	organization_id bigint, data_source_id bigint, status text, page integer, page_size integer) RETURNS SETOF bigint
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce(sum(600 + coalesce(rivergen_catalog.stored_bytes(j.result), 0)), 0)::bigint FROM (
		SELECT j.result FROM rivergen_catalog.job j
		WHERE j.organization_id = $1 AND ($2 IS NULL OR j.data_source_id = $2) AND ($3 IS NULL OR j.status = $3)
		ORDER BY j.job_id DESC LIMIT $5 OFFSET ($4::bigint - 1) * $5) j;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.job_page(
	organization_id bigint, data_source_id bigint, status text, page integer, page_size integer) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH chosen AS (
		SELECT j.job_id FROM rivergen_catalog.job j
		WHERE j.organization_id = $1 AND ($2 IS NULL OR j.data_source_id = $2) AND ($3 IS NULL OR j.status = $3)
	), shown AS (
		SELECT job_id FROM chosen ORDER BY job_id DESC LIMIT $5 OFFSET ($4::bigint - 1) * $5
	)
	SELECT jsonb_build_object(
		'items', (SELECT coalesce(jsonb_agg(b.body ORDER BY b.job_id DESC), '[]')
			FROM rivergen_catalog.shown_job b WHERE b.organization_id = $1 AND b.job_id IN (SELECT job_id FROM shown)),
		'pagination', rivergen_catalog.pagination($4, $5, (SELECT count(*) FROM chosen)));
END;

-- The relations on a page of data_source_schemas: their ids, about how many bytes they take in the answer, and their
-- number on all pages. A null filter selects all; with a null page_size there is one page.
CREATE OR REPLACE FUNCTION rivergen_catalog.located_relations(
	organization_id bigint, data_source_id bigint, only_schema text, only_table text, include_columns boolean,
	page integer, page_size integer) RETURNS TABLE (ids bigint[], bytes bigint, total bigint)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH shown AS (
		SELECT r.relation_id, rivergen_catalog.stored_bytes(r.document) AS bytes
		FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.deprecated_at IS NULL
			AND ($3 IS NULL OR r.schema_name = $3) AND ($4 IS NULL OR r.relation_name = $4)
		ORDER BY r.schema_name, r.relation_name
		LIMIT $7 OFFSET ($6::bigint - 1) * $7
	)
	-- Without columns, only keys and indexes are left: less than half of the bytes.
	SELECT coalesce(array_agg(s.relation_id), '{}'),
		coalesce(sum(300 + CASE WHEN $5 THEN s.bytes ELSE s.bytes / 2 END), 0)::bigint,
		CASE WHEN $7 IS NULL THEN count(*) WHEN $4 IS NULL THEN (
			SELECT coalesce(sum(c.relations_count), 0)::bigint FROM rivergen_catalog.schema_content c
			WHERE c.organization_id = $1 AND c.data_source_id = $2 AND ($3 IS NULL OR c.schema_name = $3))
		ELSE (SELECT count(*) FROM rivergen_catalog.relation r
			WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.deprecated_at IS NULL
				AND r.relation_name = $4 AND ($3 IS NULL OR r.schema_name = $3)) END
	FROM shown s;
END;

-- The same for one table in a given schema; its own function, because one plan serves all such calls.
CREATE OR REPLACE FUNCTION rivergen_catalog.located_relation(
	organization_id bigint, data_source_id bigint, only_schema text, only_table text, include_columns boolean)
	RETURNS TABLE (ids bigint[], bytes bigint, total bigint)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce(array_agg(r.relation_id), '{}'), coalesce(sum(300 + rivergen_catalog.stored_bytes(r.document)), 0)::bigint, count(*)
	FROM rivergen_catalog.relation r
	WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.deprecated_at IS NULL
		AND r.schema_name = $3 AND r.relation_name = $4;
END;

-- The document of the relations with these ids, in their schemas; with_empty: also shows schemas without relations.
CREATE OR REPLACE FUNCTION rivergen_catalog.discovered_schemas(
	organization_id bigint, data_source_id bigint, only_schema text, ids bigint[], include_columns boolean,
	with_empty boolean) RETURNS SETOF jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH listed AS MATERIALIZED (
		SELECT r.schema_name, jsonb_agg(jsonb_build_object(
			'table_name', r.relation_name,
			'table_type', rivergen_catalog.table_type(r.kind),
			'kind', r.kind,
			'columns_count', r.columns_count,
			'row_estimate', r.row_estimate,
			'size_bytes', r.size_bytes)
			|| CASE WHEN $5 THEN r.document ELSE r.document - 'columns' END ORDER BY r.relation_name) AS tables
		FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.relation_id = ANY ($4)
		GROUP BY r.schema_name
	)
	SELECT jsonb_build_object(
		'data_source_id', $2,
		'schema_discovered_at', (SELECT rivergen_catalog.time_text(schema_discovered_at)
			FROM rivergen_catalog.data_source_state s WHERE s.organization_id = $1 AND s.data_source_id = $2),
		'schemas', coalesce(jsonb_agg(jsonb_build_object(
			'schema_name', s.schema_name,
			'comment', s.comment,
			'tables_count', coalesce(c.tables_count, 0),
			'views_count', coalesce(c.views_count, 0),
			'columns_count', coalesce(c.columns_count, 0),
			'tables', coalesce(l.tables, '[]')) ORDER BY s.schema_name), '[]'))
	FROM rivergen_catalog.source_schema s
	LEFT JOIN rivergen_catalog.schema_content c ON c.organization_id = $1 AND c.data_source_id = $2
		AND c.schema_name = s.schema_name
	LEFT JOIN listed l ON l.schema_name = s.schema_name
	WHERE s.organization_id = $1 AND s.data_source_id = $2 AND ($3 IS NULL OR s.schema_name = $3)
		AND (l.schema_name IS NOT NULL OR $6 AND c.schema_name IS NULL);
END;

CREATE OR REPLACE FUNCTION rivergen.discover_schema(
	data_source_id bigint,
	schema_name text DEFAULT NULL,
	refresh boolean DEFAULT false,
	wait boolean DEFAULT true,
	"full" boolean DEFAULT false) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_discover_schema'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.discover_schema(bigint, text, boolean, boolean, boolean) IS
'Discovers the schemas, tables and columns of a data source and returns statistics.
schema_name: only that schema. refresh: read the source again although it was discovered before. full: read everything, even relations that seem unchanged. wait: with true (the default) a worker discovers while this call waits, in transactions of its own; with false a job is queued at commit and its id returned at once. discovery_duration_ms is in milliseconds. Needs the role editor; a viewer gets cached results only. Errors: 400, 401, 403, 404 (no such source, or schema), 409 (not committed yet, maintenance, or cancelled), 429 (queue full), 502 (the source refused or failed; the detail names the job), 503 (no workers, or no key), 504 (time-out). Source: RiverGen API, Discover Schema.';

CREATE OR REPLACE FUNCTION rivergen.job_get(job_id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_job_get'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.job_get(bigint) IS
'One job of the organization.
Shows its status (queued, running, succeeded, failed, cancelled), progress while it runs, and its result or error. Errors: 400, 401, 403, 404.';

CREATE OR REPLACE FUNCTION rivergen.job_list(
	data_source_id bigint DEFAULT NULL,
	status text DEFAULT NULL,
	page integer DEFAULT 1,
	page_size integer DEFAULT 20) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_job_list'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.job_list(bigint, text, integer, integer) IS
'A page of the organization''s jobs, newest first.
Answers {"items", "pagination"}. page counts from 1, page_size is 1-1000. Errors: 400, 401, 403, 413 (the page takes more than rivergen.max_answer_bytes: ask for fewer).';

CREATE OR REPLACE FUNCTION rivergen.job_cancel(job_id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_job_cancel'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.job_cancel(bigint) IS
'Cancels a job.
A queued job ends at once, a running job as soon as this call is committed; the relations that it has read are dropped. Needs the role editor. Errors: 400, 401, 403, 404, 409 (it has ended already).';

CREATE OR REPLACE FUNCTION rivergen.data_source_schemas(
	id bigint,
	schema_name text DEFAULT NULL,
	table_name text DEFAULT NULL,
	include_columns boolean DEFAULT true,
	page integer DEFAULT NULL,
	page_size integer DEFAULT NULL) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_schemas'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_schemas(bigint, text, text, boolean, integer, integer) IS
'The discovered schemas of a data source, as one document.
It has schemas, their tables and views, columns in the source''s order, keys, indexes, comments. schema_name and table_name narrow it; include_columns => false leaves the columns out. With page or page_size it shows one page of tables and views by schema and name, and pagination counts them: page counts from 1, page_size is 1-1000, 100 by default; the counts of a schema are those of the whole schema, and schemas without tables are on the first page. Without both everything is shown. Sizes are in bytes. Errors: 400, 401, 403, 404 (no such source, schema or table), 413 (more than rivergen.max_answer_bytes: narrow it, or ask for pages).';

REVOKE ALL ON FUNCTION rivergen.job_progress(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.discover_schema(bigint, text, boolean, boolean, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.job_get(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.job_list(bigint, text, integer, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.job_cancel(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_schemas(bigint, text, text, boolean, integer, integer) FROM PUBLIC;
-- The schedule: sources with schema_auto_refresh are discovered without a caller. 196_queue.sql queues due sources.

-- Jittered, so that sources that were discovered together are not due together.
CREATE OR REPLACE FUNCTION rivergen_catalog.refresh_delay(schema_refresh_interval integer, failures integer) RETURNS interval
	AS 'MODULE_PATHNAME', 'rg_sql_refresh_delay'
	LANGUAGE C VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rivergen_catalog.refresh_delay(integer, integer) IS
'From the end of a discovery to the next: the interval (in seconds), 10 % less to 10 % more by chance, doubled for each failed discovery in a row after the first, up to a day.';

CREATE OR REPLACE FUNCTION rivergen_catalog.test_delay(failures integer) RETURNS interval
	AS 'MODULE_PATHNAME', 'rg_sql_test_delay'
	LANGUAGE C VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rivergen_catalog.test_delay(integer) IS
'From the end of a test or discovery to the next scheduled test: rivergen.health_check_interval, jittered and doubled as refresh_delay does; null when health checks are off.';

CREATE OR REPLACE FUNCTION rivergen_catalog.within_window(metadata jsonb, due timestamptz) RETURNS timestamptz
	AS 'MODULE_PATHNAME', 'rg_sql_within_window'
	LANGUAGE C VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rivergen_catalog.within_window(jsonb, timestamptz) IS
'When a discovery that is due at a time may begin, by metadata.discovery.window: at that time if there is no window or it is open; otherwise at a random time in the first half of the next window.';

-- rivergen.max_connections_per_host counts connections by these keys, which are the same in all databases of the cluster.
CREATE OR REPLACE FUNCTION rivergen_catalog.host_keys(host text, port integer) RETURNS bigint[]
	AS 'MODULE_PATHNAME', 'rg_sql_host_keys'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION rivergen_catalog.host_keys(text, integer) IS
'The keys by which connections to a source are counted, one for each of its hosts and ports; null without a host.';
-- Writing the rows of data_source: src/catalog/data_source.c calls these functions. columns is an object: column name -> value.
-- Those that return tables become part of the statement that calls them, and are planned with it once in a session.

-- The new id; null if the name is taken.
CREATE OR REPLACE FUNCTION rivergen_catalog.insert_data_source(organization_id bigint, user_id bigint, columns jsonb) RETURNS bigint
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	INSERT INTO rivergen_catalog.data_source (organization_id, created_by_user_id, workspace_id, type, name, description,
		host, port, database_name, schema_name, file_path, use_ssh_tunnel, ssh_host, ssh_port, ssh_username, ssh_local_port,
		connection_pool_size, connection_timeout, query_timeout, max_retries, schema_auto_refresh, schema_refresh_interval,
		metadata, tags)
	SELECT $1, $2, n.workspace_id, n.type, n.name, n.description,
		n.host, n.port, n.database_name, n.schema_name, n.file_path, n.use_ssh_tunnel, n.ssh_host, n.ssh_port, n.ssh_username,
		n.ssh_local_port, n.connection_pool_size, n.connection_timeout, n.query_timeout, n.max_retries, n.schema_auto_refresh,
		n.schema_refresh_interval, n.metadata, n.tags
	FROM jsonb_populate_record(NULL::rivergen_catalog.data_source, $3) n
	ON CONFLICT (organization_id, name) WHERE deleted_at IS NULL DO NOTHING
	RETURNING data_source_id;
END;

-- The destination of a source's connections and the verification of its other end: the columns and members of metadata that
-- count for every type, and those that the type adds (separated by spaces; members '*': all but the server's own).
CREATE OR REPLACE FUNCTION rivergen_catalog.destination(source jsonb, fields text, members text) RETURNS TABLE (place jsonb)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_build_array(
		(SELECT jsonb_object_agg(f.key, f.value) FROM jsonb_each($1) f
			WHERE f.key = ANY ('{host,port,use_ssh_tunnel,ssh_host,ssh_port,ssh_username}' || string_to_array($2, ' '))),
		(SELECT jsonb_object_agg(m.key, m.value) FROM jsonb_each($1 -> 'metadata') m
			WHERE m.key IN ('tls', 'ssh') OR CASE $3 WHEN '*' THEN m.key <> ALL ('{scan,discovery,query,application_name}')
				ELSE m.key = ANY (string_to_array($3, ' ')) END));
END;

-- moved: the change leads to another destination; rescheduled: it affects the time of the next discovery.
CREATE OR REPLACE FUNCTION rivergen_catalog.data_source_consequences(
	organization_id bigint, data_source_id bigint, columns jsonb, fields text, members text)
	RETURNS TABLE (moved boolean, rescheduled boolean)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT before.place <> later.place,
		(d.schema_auto_refresh, d.schema_refresh_interval, d.metadata #> '{discovery,window}')
			IS DISTINCT FROM (n.schema_auto_refresh, n.schema_refresh_interval, n.metadata #> '{discovery,window}')
		OR rivergen_catalog.discovery_patterns(d.metadata) IS DISTINCT FROM rivergen_catalog.discovery_patterns(n.metadata)
	FROM rivergen_catalog.data_source d, jsonb_populate_record(d, $3) n,
		rivergen_catalog.destination(to_jsonb(d), $4, $5) before, rivergen_catalog.destination(to_jsonb(n), $4, $5) later
	WHERE d.organization_id = $1 AND d.data_source_id = $2;
END;
-- What workers ask of the queue. src/queue and src/worker call these functions, each as part of a worker's transaction.

CREATE OR REPLACE FUNCTION rivergen_catalog.queue_due_discoveries(
	room_per_organization bigint, most_looked_at bigint, most_queued bigint) RETURNS bigint
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	WITH ready AS MATERIALIZED (
		SELECT t.type, t.has_credentials FROM rivergen_catalog.ready_types() t
	), due AS (
		SELECT s.organization_id, s.data_source_id, s.next_discovery_at,
			d.schema_auto_refresh AND NOT d.maintenance AND d.deleted_at IS NULL
				AND (d.type, c.sealed IS NOT NULL) IN (SELECT r.type, r.has_credentials FROM ready r)
				AND rivergen_catalog.within_window(d.metadata, now()) <= now() AS fit
		FROM (SELECT t.organization_id, t.data_source_id, t.next_discovery_at FROM rivergen_catalog.data_source_state t
			WHERE t.next_discovery_at <= now() ORDER BY t.next_discovery_at LIMIT $2) s
		JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
		LEFT JOIN rivergen_catalog.credential c USING (organization_id, data_source_id)
	), placed AS (
		SELECT due.*, row_number() OVER (PARTITION BY due.organization_id, due.fit ORDER BY due.next_discovery_at) AS place
		FROM due
	), chosen AS MATERIALIZED (
		SELECT p.organization_id, p.data_source_id, p.fit FROM placed p
		WHERE NOT p.fit OR p.place <= $1 AND p.place <= $1 - (SELECT count(*) FROM (
			SELECT FROM rivergen_catalog.job j
			WHERE j.organization_id = p.organization_id AND j.status = 'queued' AND j.kind <> 'test' AND j.run_after <= now()
			LIMIT $1) q)
		ORDER BY p.next_discovery_at LIMIT $3
	), locked AS MATERIALIZED (
		SELECT s.organization_id, s.data_source_id, chosen.fit, d.schema_auto_refresh, d.metadata, d.deleted_at,
			rivergen_catalog.within_window(d.metadata, now()) > now() AS is_early, d.schema_refresh_interval,
			s.discovery_failures
		FROM chosen
		JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id)
		JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
		WHERE s.next_discovery_at <= now()
		FOR NO KEY UPDATE OF s SKIP LOCKED FOR KEY SHARE OF d SKIP LOCKED
	), put_off AS (
		UPDATE rivergen_catalog.data_source_state s
		SET next_discovery_at = CASE WHEN l.schema_auto_refresh AND l.deleted_at IS NULL THEN
			rivergen_catalog.within_window(l.metadata, CASE WHEN l.is_early THEN now()
				ELSE clock_timestamp() + rivergen_catalog.refresh_delay(l.schema_refresh_interval, l.discovery_failures) END) END
		FROM locked l WHERE s.organization_id = l.organization_id AND s.data_source_id = l.data_source_id
		RETURNING 1
	), queued AS (
		INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind)
		SELECT l.organization_id, l.data_source_id, 'discover' FROM locked l
		WHERE l.fit AND NOT EXISTS (SELECT FROM rivergen_catalog.job j
			WHERE j.organization_id = l.organization_id AND j.data_source_id = l.data_source_id AND j.kind = 'discover'
				AND j.status IN ('queued', 'running'))
	)
	SELECT count(*) FROM put_off;
END;
COMMENT ON FUNCTION rivergen_catalog.queue_due_discoveries(bigint, bigint, bigint) IS
'Queues discoveries of due sources, as many of each organization as its queue has room for; returns how many sources it handled.
Every handled source gets a new time, whether a job was queued or not. Sources whose row or state is locked are skipped.';

CREATE OR REPLACE FUNCTION rivergen_catalog.set_test_times(check_interval integer, most bigint) RETURNS bigint
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	WITH untimed AS MATERIALIZED (
		(SELECT s.organization_id, s.data_source_id FROM rivergen_catalog.data_source_state s
		WHERE s.next_test_at IS NULL AND s.quarantined_at IS NULL AND s.status IN ('active', 'failed') LIMIT $2)
		UNION ALL
		(SELECT s.organization_id, s.data_source_id
		FROM (VALUES ('active', $1), ('failed', greatest($1, 86400))) v (status, longest)
		CROSS JOIN LATERAL (SELECT t.organization_id, t.data_source_id FROM rivergen_catalog.data_source_state t
			WHERE t.status = v.status AND t.next_test_at > now() + 1.2 * v.longest * interval '1 second' LIMIT $2) s)
	), locked AS MATERIALIZED (
		SELECT s.organization_id, s.data_source_id,
			s.last_tested_at + rivergen_catalog.test_delay(s.failure_count) AS due
		FROM untimed JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id)
		FOR NO KEY UPDATE OF s SKIP LOCKED
	), timed AS (
		UPDATE rivergen_catalog.data_source_state s
		SET next_test_at = CASE WHEN l.due BETWEEN now() AND now() + 1.1 * $1 * interval '1 second' THEN l.due
			ELSE now() + random() * $1 * interval '1 second' END
		FROM locked l WHERE s.organization_id = l.organization_id AND s.data_source_id = l.data_source_id
		RETURNING 1
	)
	SELECT count(*) FROM timed;
END;
COMMENT ON FUNCTION rivergen_catalog.set_test_times(integer, bigint) IS
'Gives a time of the next test to sources that have none, or one farther away than check_interval (in seconds) allows; returns how many.
A time that follows from the last test is kept if it lies within the interval; other times are spread at random over the interval.';

CREATE OR REPLACE FUNCTION rivergen_catalog.queue_due_tests(
	room_per_organization bigint, most_looked_at bigint, most_queued bigint) RETURNS bigint
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	WITH ready AS MATERIALIZED (
		SELECT t.type, t.has_credentials FROM rivergen_catalog.ready_types() t
	), due AS (
		SELECT s.organization_id, s.data_source_id, s.next_test_at,
			s.status IN ('active', 'failed') AND s.quarantined_at IS NULL AND NOT d.maintenance AND d.deleted_at IS NULL
				AND (d.type, c.sealed IS NOT NULL) IN (SELECT r.type, r.has_credentials FROM ready r) AS fit
		FROM (VALUES ('active'), ('failed'), ('inactive'), ('testing')) v (status)
		CROSS JOIN LATERAL (
			SELECT t.organization_id, t.data_source_id, t.next_test_at, t.status, t.quarantined_at
			FROM rivergen_catalog.data_source_state t
			WHERE t.status = v.status AND t.next_test_at <= now() ORDER BY t.next_test_at LIMIT $2) s
		JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
		LEFT JOIN rivergen_catalog.credential c USING (organization_id, data_source_id)
	), placed AS (
		SELECT due.*, row_number() OVER (PARTITION BY due.organization_id, due.fit ORDER BY due.next_test_at) AS place
		FROM due
	), chosen AS MATERIALIZED (
		SELECT p.organization_id, p.data_source_id, p.fit FROM placed p
		WHERE NOT p.fit OR p.place <= $1 AND p.place <= $1 - (SELECT count(*) FROM (
			SELECT FROM rivergen_catalog.job j
			WHERE j.organization_id = p.organization_id AND j.status = 'queued' AND j.run_after <= now() LIMIT $1) q)
		ORDER BY p.next_test_at LIMIT $3
	), locked AS MATERIALIZED (
		SELECT s.organization_id, s.data_source_id, chosen.fit, s.status, s.quarantined_at, s.failure_count, d.deleted_at
		FROM chosen
		JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id)
		JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
		WHERE s.next_test_at <= now()
		FOR NO KEY UPDATE OF s SKIP LOCKED FOR KEY SHARE OF d SKIP LOCKED
	), put_off AS (
		UPDATE rivergen_catalog.data_source_state s
		SET next_test_at = CASE WHEN l.status = 'inactive' OR l.quarantined_at IS NOT NULL THEN NULL
			WHEN l.deleted_at IS NOT NULL THEN now() + interval '1 day'
			ELSE clock_timestamp() + rivergen_catalog.test_delay(l.failure_count) END
		FROM locked l WHERE s.organization_id = l.organization_id AND s.data_source_id = l.data_source_id
		RETURNING 1
	), queued AS (
		INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind)
		SELECT l.organization_id, l.data_source_id, 'test' FROM locked l
		WHERE l.fit AND NOT EXISTS (SELECT FROM rivergen_catalog.job j
			WHERE j.organization_id = l.organization_id AND j.data_source_id = l.data_source_id
				AND j.status IN ('queued', 'running'))
	)
	SELECT count(*) FROM put_off;
END;
COMMENT ON FUNCTION rivergen_catalog.queue_due_tests(bigint, bigint, bigint) IS
'Queues tests of due sources, as many of each organization as its queue has room for; returns how many sources it handled.
A source with a queued or running job gets no test: that job connects to it anyway. Every handled source gets a new time. Sources whose row or state is locked are skipped.';

CREATE OR REPLACE FUNCTION rivergen_catalog.next_test_after(moment timestamptz) RETURNS timestamptz
	LANGUAGE sql STABLE
	RETURN (SELECT min(s.due) FROM (VALUES ('active'), ('failed'), ('inactive'), ('testing')) v (status)
		CROSS JOIN LATERAL (SELECT min(t.next_test_at) AS due FROM rivergen_catalog.data_source_state t
			WHERE t.status = v.status AND t.next_test_at > $1) s);
COMMENT ON FUNCTION rivergen_catalog.next_test_after(timestamptz) IS
'The first time of a scheduled test after the moment; null when there is none. One index scan for each status that can have one.';

CREATE OR REPLACE FUNCTION rivergen_catalog.schedule_objection(organization_id bigint, job_id bigint, has_begun boolean)
	RETURNS text
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	SELECT 'not done: the data source ' || CASE
		WHEN d.maintenance THEN 'is in maintenance'
		WHEN s.quarantined_at IS NOT NULL THEN 'is in quarantine'
		WHEN j.kind = 'test' AND s.status = 'inactive' THEN 'is inactive'
		WHEN $3 THEN NULL
		WHEN j.kind = 'test' AND s.status = 'testing' THEN 'is being tested'
		WHEN j.kind = 'test' AND s.last_tested_at > j.queued_at THEN 'was tested meanwhile'
		WHEN j.kind = 'discover' AND j.schema_name IS NULL AND NOT j.full_read
			AND s.full_discovered_at > j.queued_at AND s.full_discovered_at >= d.updated_at
			AND rivergen_catalog.has_current_patterns(j.organization_id, j.data_source_id) THEN 'was discovered meanwhile'
		WHEN j.kind = 'discover' AND rivergen_catalog.within_window(d.metadata, now()) > now() THEN 'has its window closed'
		END
	FROM rivergen_catalog.job j
	JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
	JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id)
	WHERE j.organization_id = $1 AND j.job_id = $2;
END;
COMMENT ON FUNCTION rivergen_catalog.schedule_objection(bigint, bigint, boolean) IS
'Why a job of the schedule must not be done, or must not go on when it has begun; null when it may.';

CREATE OR REPLACE FUNCTION rivergen_catalog.prune_jobs(
	after_finished_at timestamptz, after_job_id bigint, retention_minutes integer, most bigint,
	OUT finished_at timestamptz, OUT job_id bigint, OUT looked_at bigint) RETURNS record
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	WITH old AS MATERIALIZED (
		SELECT j.organization_id, j.data_source_id, j.job_id, j.kind, j.finished_at FROM rivergen_catalog.job j
		WHERE (j.finished_at, j.job_id) > ($1, $2) AND j.finished_at < now() - $3 * interval '1 minute'
		ORDER BY j.finished_at, j.job_id LIMIT $4
	), followed AS MATERIALIZED (
		SELECT j.organization_id, j.job_id FROM old JOIN rivergen_catalog.job j USING (organization_id, job_id)
		WHERE EXISTS (SELECT FROM rivergen_catalog.job n
			WHERE n.organization_id = old.organization_id AND n.data_source_id = old.data_source_id
				AND (n.kind <> 'test' OR old.kind = 'test') AND (n.finished_at, n.job_id) > (old.finished_at, old.job_id))
		FOR UPDATE OF j SKIP LOCKED
	), gone AS (
		DELETE FROM rivergen_catalog.job j USING followed f
		WHERE j.organization_id = f.organization_id AND j.job_id = f.job_id
	)
	SELECT o.finished_at, o.job_id, (SELECT count(*) FROM old) FROM old o ORDER BY o.finished_at DESC, o.job_id DESC LIMIT 1;
END;
COMMENT ON FUNCTION rivergen_catalog.prune_jobs(timestamptz, bigint, integer, bigint) IS
'Deletes jobs that ended longer ago than the retention, in the order of their end from a position on; the newest job of each source stays.
A scheduled test does not count as the newest job. Returns the position of the last job looked at and how many were; nulls when there was none.';
-- Table descriptions: the facts about a table, for people and for programs that write queries. The bodies are those of the
-- page "Refresh a table description", with comment and description_source beside them.

-- The columns in the source's order. Of several foreign keys of a column the first by name is shown; a table of another
-- schema is shown with its schema. Each part of the document that columns need is an InitPlan, so that the document is
-- unpacked once for it and not for each column. A function would be planned again at each call of this one.
CREATE OR REPLACE FUNCTION rivergen_catalog.described_columns(document jsonb, schema_name text, texts jsonb, categories jsonb)
	RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_agg(jsonb_build_object(
		'name', c.value -> 'name',
		'is_primary_key', coalesce((SELECT $1 #> '{primary_key,columns}') ? (c.value ->> 'name'), false),
		'data_type', c.value -> 'type',
		'description', coalesce($3 -> (c.value ->> 'name'), c.value -> 'comment'),
		'description_source', CASE WHEN $3 ? (c.value ->> 'name') THEN 'people' WHEN c.value ->> 'comment' IS NOT NULL THEN 'source' END,
		'comment', c.value -> 'comment',
		'low_cardinality', $4 ? (c.value ->> 'name'),
		'categories', coalesce($4 -> (c.value ->> 'name'), '[]'),
		'foreign_key', (
			SELECT jsonb_object_agg(k.value, jsonb_build_object(
				'field_name', f.value -> 'referenced_columns' -> (k.ordinality::integer - 1),
				'reference_table', CASE WHEN f.value ->> 'schema' IS DISTINCT FROM $2
					THEN concat_ws('.', f.value ->> 'schema', f.value ->> 'table')
					ELSE f.value ->> 'table' END) ORDER BY f.value ->> 'name' COLLATE "C" DESC)
			FROM jsonb_array_elements($1 -> 'foreign_keys') f
			CROSS JOIN LATERAL jsonb_array_elements_text(f.value -> 'columns') WITH ORDINALITY k
			WHERE k.value IS NOT NULL) -> (c.value ->> 'name')) ORDER BY c.ordinality), '[]')
	FROM jsonb_array_elements($1 -> 'columns') WITH ORDINALITY c;
END;

-- Running and queued discoveries: the schemas they read, or null for all. A discovery that waits for a retry counts.
CREATE OR REPLACE VIEW rivergen_catalog.discovery_under_way AS
	SELECT organization_id, data_source_id, schema_name FROM rivergen_catalog.job
	WHERE kind = 'discover' AND status = 'running'
	UNION ALL
	SELECT organization_id, data_source_id, schema_name FROM rivergen_catalog.job
	WHERE kind = 'discover' AND status = 'queued' AND (run_after <= now() OR attempts > 0);

-- Running and queued scans; relation_ids is null for all relations of the source.
CREATE OR REPLACE VIEW rivergen_catalog.scan_under_way AS
	SELECT j.organization_id, j.data_source_id, j.relation_ids
	FROM rivergen_catalog.job j
	WHERE j.kind = 'scan' AND (j.status = 'running' OR j.status = 'queued' AND (j.run_after <= now() OR j.attempts > 0));

-- Running and queued work that concerns all relations of a source or of a schema.
CREATE OR REPLACE VIEW rivergen_catalog.schema_under_way AS
	SELECT organization_id, data_source_id, schema_name FROM rivergen_catalog.discovery_under_way
	UNION ALL
	SELECT organization_id, data_source_id, NULL FROM rivergen_catalog.scan_under_way WHERE relation_ids IS NULL;

CREATE OR REPLACE VIEW rivergen_catalog.relation_under_way AS
	SELECT s.organization_id, i.relation_id
	FROM rivergen_catalog.scan_under_way s CROSS JOIN LATERAL unnest(s.relation_ids) AS i (relation_id);

-- The sources whose last ended discovery of the whole source failed, and the reason.
CREATE OR REPLACE VIEW rivergen_catalog.refresh_failure AS
	SELECT s.organization_id, s.data_source_id, j.error_message
	FROM rivergen_catalog.data_source_state s
	CROSS JOIN LATERAL (
		SELECT j.status, j.error_message FROM rivergen_catalog.job j
		WHERE j.organization_id = s.organization_id AND j.data_source_id = s.data_source_id AND j.kind = 'discover'
			AND j.schema_name IS NULL AND j.status IN ('succeeded', 'failed')
		ORDER BY j.job_id DESC LIMIT 1) j
	WHERE j.status = 'failed';

-- SYNCHRONIZING is computed from the jobs and stored nowhere, so that no crash can leave it behind. A failed refresh shows
-- only on relations that no scan has read: the results of a scan stay true.
CREATE OR REPLACE FUNCTION rivergen_catalog.shown_scan_status(deprecated_at timestamptz, under_way boolean, scan_status text,
	refresh_failed boolean) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN deprecated_at IS NOT NULL THEN 'DEPRECATED' WHEN under_way THEN 'SYNCHRONIZING'
		WHEN scan_status = 'NOT_SCANNED' AND refresh_failed THEN 'FAILED' ELSE scan_status END;

CREATE OR REPLACE VIEW rivergen_catalog.described_relation AS
	SELECT r.organization_id, r.data_source_id, r.relation_id, r.schema_name, r.relation_name, r.description, r.document,
		r.column_descriptions, r.categories, r.examples, r.error_message, r.scanned_at,
		rivergen_catalog.shown_scan_status(r.deprecated_at,
			EXISTS (SELECT FROM rivergen_catalog.schema_under_way u WHERE u.organization_id = r.organization_id
				AND u.data_source_id = r.data_source_id AND coalesce(u.schema_name, r.schema_name) = r.schema_name)
			OR EXISTS (SELECT FROM rivergen_catalog.relation_under_way u WHERE u.organization_id = r.organization_id
				AND u.relation_id = r.relation_id), r.scan_status, f.data_source_id IS NOT NULL) AS status,
		f.error_message AS refresh_failure
	FROM rivergen_catalog.relation r
	JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
	LEFT JOIN rivergen_catalog.refresh_failure f USING (organization_id, data_source_id)
	WHERE d.deleted_at IS NULL AND rivergen_catalog.kind_group(r.kind) <> 'other';

-- About how many bytes a description takes in an answer: a column's members have names of 100 letters.
CREATE OR REPLACE FUNCTION rivergen_catalog.description_bytes(
	columns_count integer, document jsonb, column_descriptions jsonb, categories jsonb, examples jsonb) RETURNS bigint
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN 500 + 250 * columns_count + rivergen_catalog.stored_bytes(document) + rivergen_catalog.stored_bytes(column_descriptions)
		+ rivergen_catalog.stored_bytes(categories) + rivergen_catalog.stored_bytes(examples);

-- The descriptions of a page: their ids, about how many bytes they take in the answer, and their number on all pages. A
-- null filter selects all; with a null page_size there is one page. The discovery has counted the current relations.
-- Current relations and those that are gone have an index each, in the order of the list.
CREATE OR REPLACE FUNCTION rivergen_catalog.located_descriptions(
	organization_id bigint, data_source_id bigint, table_schema text, page integer, page_size integer)
	RETURNS TABLE (ids bigint[], bytes bigint, total bigint)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH hidden AS MATERIALIZED (
		SELECT d.data_source_id FROM rivergen_catalog.data_source d
		WHERE d.organization_id = $1 AND d.deleted_at IS NOT NULL
	), listed AS (
		(SELECT r.data_source_id, r.schema_name, r.relation_name, r.relation_id FROM rivergen_catalog.relation r
		 WHERE r.organization_id = $1 AND ($2 IS NULL OR r.data_source_id = $2) AND ($3 IS NULL OR r.schema_name = $3)
			AND r.deprecated_at IS NULL AND rivergen_catalog.kind_group(r.kind) <> 'other'
			AND r.data_source_id NOT IN (SELECT h.data_source_id FROM hidden h)
		 ORDER BY r.data_source_id, r.schema_name, r.relation_name LIMIT $4::bigint * $5)
		UNION ALL
		(SELECT r.data_source_id, r.schema_name, r.relation_name, r.relation_id FROM rivergen_catalog.relation r
		 WHERE r.organization_id = $1 AND ($2 IS NULL OR r.data_source_id = $2) AND ($3 IS NULL OR r.schema_name = $3)
			AND r.deprecated_at IS NOT NULL AND rivergen_catalog.kind_group(r.kind) <> 'other'
			AND r.data_source_id NOT IN (SELECT h.data_source_id FROM hidden h)
		 ORDER BY r.data_source_id, r.schema_name, r.relation_name, r.relation_id LIMIT $4::bigint * $5)
	), shown AS (
		SELECT l.relation_id FROM listed l
		ORDER BY l.data_source_id, l.schema_name, l.relation_name, l.relation_id
		LIMIT $5 OFFSET ($4::bigint - 1) * $5
	)
	SELECT coalesce(array_agg(s.relation_id), '{}'), coalesce(sum((
			SELECT rivergen_catalog.description_bytes(r.columns_count, r.document, r.column_descriptions, r.categories, r.examples)
			FROM rivergen_catalog.relation r
			WHERE r.organization_id = $1 AND r.relation_id = s.relation_id)), 0)::bigint,
		(SELECT coalesce(sum(c.tables_count + c.views_count), 0)::bigint FROM rivergen_catalog.schema_content c
		 WHERE c.organization_id = $1 AND ($2 IS NULL OR c.data_source_id = $2) AND ($3 IS NULL OR c.schema_name = $3)
			AND c.data_source_id NOT IN (SELECT h.data_source_id FROM hidden h))
		+ (SELECT count(*) FROM rivergen_catalog.relation r
		 WHERE r.organization_id = $1 AND ($2 IS NULL OR r.data_source_id = $2) AND ($3 IS NULL OR r.schema_name = $3)
			AND r.deprecated_at IS NOT NULL AND rivergen_catalog.kind_group(r.kind) <> 'other'
			AND r.data_source_id NOT IN (SELECT h.data_source_id FROM hidden h))
	FROM shown s;
END;

-- The same with a filter by status or text: each description must be read to count them.
CREATE OR REPLACE FUNCTION rivergen_catalog.found_descriptions(
	organization_id bigint, data_source_id bigint, table_schema text, page integer, page_size integer,
	status text, search text) RETURNS TABLE (ids bigint[], bytes bigint, total bigint)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH hidden AS MATERIALIZED (
		SELECT d.data_source_id FROM rivergen_catalog.data_source d
		WHERE d.organization_id = $1 AND d.deleted_at IS NOT NULL
	), failed AS MATERIALIZED (
		SELECT f.data_source_id FROM rivergen_catalog.refresh_failure f WHERE f.organization_id = $1
	), under_way AS MATERIALIZED (
		SELECT u.data_source_id, u.schema_name FROM rivergen_catalog.schema_under_way u WHERE u.organization_id = $1
	), found AS MATERIALIZED (
		SELECT r.data_source_id, r.schema_name, r.relation_name, r.relation_id FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND ($2 IS NULL OR r.data_source_id = $2) AND ($3 IS NULL OR r.schema_name = $3)
			AND rivergen_catalog.kind_group(r.kind) <> 'other' AND r.data_source_id NOT IN (SELECT h.data_source_id FROM hidden h)
			AND ($7 IS NULL OR rivergen_catalog.contains(r.search_text, rivergen_catalog.folded($7)))
			AND ($6 IS NULL OR $6 = rivergen_catalog.shown_scan_status(r.deprecated_at,
				EXISTS (SELECT FROM under_way u WHERE u.data_source_id = r.data_source_id
					AND coalesce(u.schema_name, r.schema_name) = r.schema_name)
				OR r.relation_id IN (SELECT u.relation_id FROM rivergen_catalog.relation_under_way u
					WHERE u.organization_id = $1), r.scan_status, r.data_source_id IN (SELECT f.data_source_id FROM failed f)))
	), shown AS (
		SELECT f.relation_id FROM found f
		ORDER BY f.data_source_id, f.schema_name, f.relation_name, f.relation_id
		LIMIT $5 OFFSET ($4::bigint - 1) * $5
	)
	SELECT coalesce(array_agg(s.relation_id), '{}'), coalesce(sum((
			SELECT rivergen_catalog.description_bytes(r.columns_count, r.document, r.column_descriptions, r.categories, r.examples)
			FROM rivergen_catalog.relation r
			WHERE r.organization_id = $1 AND r.relation_id = s.relation_id)), 0)::bigint,
		(SELECT count(*) FROM found)
	FROM shown s;
END;

-- The descriptions with these ids, in the order of the list. OFFSET makes the status a plain value, so that the body is
-- inlined into this statement; otherwise its functions would be planned again for each description.
CREATE OR REPLACE FUNCTION rivergen_catalog.described(organization_id bigint, ids bigint[]) RETURNS SETOF jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce(jsonb_agg(jsonb_build_object(
		'id', r.relation_id::text,
		'db_connection_id', r.data_source_id::text,
		'table_name', r.relation_name,
		'table_schema', r.schema_name,
		'description', coalesce(r.description, r.document ->> 'comment'),
		'description_source', CASE WHEN r.description IS NOT NULL THEN 'people'
			WHEN r.document ->> 'comment' IS NOT NULL THEN 'source' END,
		'comment', r.document ->> 'comment',
		'status', r.status,
		'error_message', CASE r.status WHEN 'FAILED' THEN coalesce(r.error_message, r.refresh_failure) END,
		'columns', rivergen_catalog.described_columns(r.document, r.schema_name, r.column_descriptions,
			r.categories),
		'scanned_at', rivergen_catalog.time_text(r.scanned_at),
		'examples', r.examples)
		ORDER BY r.data_source_id, r.schema_name, r.relation_name, r.relation_id), '[]')
	FROM (SELECT * FROM rivergen_catalog.described_relation d
		WHERE d.organization_id = $1 AND d.relation_id = ANY ($2) OFFSET 0) r;
END;

-- The descriptions that a change sets, as the audit trail keeps them, before and after.
CREATE OR REPLACE FUNCTION rivergen_catalog.described_texts(
	description text, column_descriptions jsonb, given jsonb) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT CASE WHEN $3 ? 'description' THEN jsonb_build_object('description', $1) ELSE '{}' END
		|| CASE WHEN $3 ? 'columns' THEN jsonb_build_object('columns', (
			SELECT coalesce(jsonb_object_agg(c.key, $2 -> c.key), '{}')
			FROM jsonb_each($3 -> 'columns') c)) ELSE '{}' END;
END;

CREATE OR REPLACE FUNCTION rivergen.table_description_refresh(db_connection_id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_table_description_refresh'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.table_description_refresh(bigint) IS
'Discovers the data source again and returns the descriptions of all its tables and views.
It calls discover_schema(refresh => true), waits, and answers a bare array, in which ids are texts: [{"id", "db_connection_id", "table_name", "table_schema", "description", "description_source", "comment", "status", "error_message", "columns", "examples"}]. status: NOT_SCANNED, SYNCHRONIZING while a discovery runs or is queued, SCANNED, FAILED (error_message says why), DEPRECATED when the table is no longer in the source. description is the text that users wrote, else the source''s comment; description_source says which: people or source. A column''s foreign_key is its first by constraint name; reference_table includes the schema if that is another one. Needs the role editor. Errors: those of discover_schema, 409 when the same transaction has changed descriptions, and 413 when they take more than rivergen.max_answer_bytes, before anything is discovered if the size is known then: discover_schema(refresh => true) and the pages of table_description_list do the same for any size. Source: Refresh a table description.';

CREATE OR REPLACE FUNCTION rivergen.table_description_list(
	db_connection_id bigint DEFAULT NULL,
	status text DEFAULT NULL,
	table_schema text DEFAULT NULL,
	search text DEFAULT NULL,
	page integer DEFAULT 1,
	page_size integer DEFAULT 100) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_table_description_list'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.table_description_list(bigint, text, text, text, integer, integer) IS
'A page of table descriptions, by data source, schema and name.
Answers {"items", "pagination"}, with the descriptions of relations that are gone. Items have the form that table_description_refresh answers. status: NOT_SCANNED, SYNCHRONIZING, DEPRECATED, SCANNED or FAILED. search looks for the text in name, description and comment of the table, without regard to case. page counts from 1, page_size is 1-1000. Errors: 400 (all faults at once), 401, 403, 404 (no such data source), 413 (the page takes more than rivergen.max_answer_bytes: ask for fewer).';

CREATE OR REPLACE FUNCTION rivergen.table_description_get(id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_table_description_get'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.table_description_get(bigint) IS
'One table description, in the form that table_description_refresh answers.
Errors: 400, 401, 403, 404, 413 (it takes more than rivergen.max_answer_bytes).';

CREATE OR REPLACE FUNCTION rivergen.table_description_update(id bigint, changes jsonb) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_table_description_update'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.table_description_update(bigint, jsonb) IS
'Changes the texts about a table and its columns, and returns the description.
changes: {"description": text, "columns": [{"name", "description": text}]}. Absent texts stay; null deletes a text, and the source''s comment shows again. Texts have at most 65,536 characters. Discovery never changes these texts; they stay with a table that is renamed or that returns. A table without texts that takes the name of another table inherits the other''s texts. Needs the role editor. Errors: 400 (all faults at once, one per line of the detail), 401, 403, 404.';

REVOKE ALL ON FUNCTION rivergen.table_description_refresh(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.table_description_list(bigint, text, text, text, integer, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.table_description_get(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.table_description_update(bigint, jsonb) FROM PUBLIC;
-- Columns that are nested in others: a column may have `fields`, which have the form of columns, and may be `repeated`.

-- A name in a path of names.
CREATE OR REPLACE FUNCTION rivergen_catalog.path_name(name text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN name = '' OR name ~ '[][{}."]' THEN '"' || replace(name, '"', '""') || '"' ELSE name END;

-- The fields in an array of columns, at every depth. place has the numbers of the column, of the field in it, and so on;
-- steps has their names and ids. STRICT prevents inlining: the planner of the calling statement would expect a million
-- fields.
CREATE OR REPLACE FUNCTION rivergen_catalog.fields_of_columns(columns jsonb)
	RETURNS TABLE (place bigint[], steps jsonb, field_path text, body jsonb)
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 10
BEGIN ATOMIC
	WITH RECURSIVE field (place, steps, field_path, body) AS (
		SELECT ARRAY[c.ordinality], jsonb_build_array(jsonb_build_array(c.value -> 'name', c.value -> 'id')),
			rivergen_catalog.path_name(c.value ->> 'name'), c.value
		FROM jsonb_path_query($1, 'lax $[*]') WITH ORDINALITY c (value, ordinality)
		WHERE jsonb_typeof(c.value -> 'fields') = 'array'
		UNION ALL
		SELECT f.place || n.ordinality, f.steps || jsonb_build_array(jsonb_build_array(n.value -> 'name', n.value -> 'id')),
			concat(f.field_path, CASE WHEN f.body @> '{"repeated": true}' THEN '[]' END, '.', rivergen_catalog.path_name(n.value ->> 'name')),
			n.value
		FROM field f
		CROSS JOIN LATERAL jsonb_path_query(f.body, 'lax $.fields[*]') WITH ORDINALITY n (value, ordinality)
	)
	SELECT place, steps, field_path, body FROM field WHERE cardinality(place) > 1;
END;

-- Most documents have no fields, and one test finds that out.
CREATE OR REPLACE FUNCTION rivergen_catalog.nested_columns(columns jsonb)
	RETURNS TABLE (place bigint[], steps jsonb, field_path text, body jsonb)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT * FROM rivergen_catalog.fields_of_columns(CASE WHEN jsonb_path_exists($1, 'lax $[*].fields') THEN $1 END);
END;

-- The columns of an array and their fields, in the order of the source.
CREATE OR REPLACE FUNCTION rivergen_catalog.column_paths(columns jsonb)
	RETURNS TABLE (ordinal_position bigint, column_name text, field_path text, body jsonb)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT row_number() OVER (ORDER BY p.place), p.column_name, p.field_path, p.body
	FROM (SELECT ARRAY[c.ordinality] AS place, c.value ->> 'name' AS column_name, c.value ->> 'name' AS field_path, c.value AS body
		FROM jsonb_array_elements($1) WITH ORDINALITY c
		UNION ALL
		SELECT n.place, n.steps #>> '{0,0}', n.field_path, n.body FROM rivergen_catalog.nested_columns($1) n) p;
END;
-- The parts of two documents that are compared. src/merge/README.md says which differences are reported.

-- The first word of a dialect: how its texts are quoted and deparsed. Null where no dialect is known.
CREATE OR REPLACE FUNCTION rivergen_catalog.dialect_family(dialect text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN lower(split_part(dialect, ' ', 1) COLLATE "C");

-- The members of an object without the ignored ones. Null, false and empty members count as absent.
CREATE OR REPLACE FUNCTION rivergen_catalog.compared(body jsonb, ignored text[]) RETURNS jsonb
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}')
	FROM jsonb_each(body) e
	WHERE e.key <> ALL (ignored) AND e.value NOT IN ('null', 'false', '""', '[]', '{}');
END;

-- The members of a document that hold its named objects.
CREATE OR REPLACE FUNCTION rivergen_catalog.object_members() RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN '{columns,primary_key,unique,foreign_keys,checks,exclusions,indexes}'::text[];

-- A document without the members that either of two documents lists as unreadable: the source's user was not allowed to
-- read all of them.
CREATE OR REPLACE FUNCTION rivergen_catalog.without_members(document jsonb, members text[]) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT document - members || jsonb_build_object('unreadable', members) || CASE WHEN jsonb_typeof(document -> 'columns') = 'array'
		THEN jsonb_build_object('columns', (SELECT coalesce(jsonb_agg(CASE jsonb_typeof(e.value) WHEN 'object' THEN e.value - members ELSE e.value END ORDER BY e.ordinality), '[]')
			FROM jsonb_array_elements(document -> 'columns') WITH ORDINALITY e))
		ELSE '{}' END;
END;
CREATE OR REPLACE FUNCTION rivergen_catalog.comparable(document jsonb, other jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN jsonb_typeof(document) = 'object' AND (document ? 'unreadable' OR other ? 'unreadable')
		THEN rivergen_catalog.without_members(document, (SELECT coalesce(array_agg(m #>> '{}'), '{}')
			FROM unnest(ARRAY[document, other]) d CROSS JOIN jsonb_path_query(d, 'lax $.unreadable[*] ? (@.type() == "string")') m))
		ELSE document END;
END;

-- The named objects of a document. The name of a nested column is its path; it also has steps. The lax paths never fail,
-- whatever a connector sent. Keep the name right before the body: two places before it, the hash of the name would cancel
-- out in the hash of the row, because the body begins with the name, and all columns would have the same hash.
CREATE OR REPLACE FUNCTION rivergen_catalog.document_objects(document jsonb)
	RETURNS TABLE (object_type text, steps jsonb, object_name text, body jsonb)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT l.object_type, NULL::jsonb, coalesce(o ->> 'name', ''), o
	FROM (VALUES
		('column', 'lax $.columns[*] ? (@.type() == "object")'::jsonpath),
		('primary_key', 'lax $.primary_key ? (@.type() == "object")'),
		('unique', 'lax $.unique[*] ? (@.type() == "object")'),
		('foreign_key', 'lax $.foreign_keys[*] ? (@.type() == "object")'),
		('check', 'lax $.checks[*] ? (@.type() == "object")'),
		('exclusion', 'lax $.exclusions[*] ? (@.type() == "object")'),
		('index', 'lax $.indexes[*] ? (@.type() == "object")')) l (object_type, path)
	CROSS JOIN LATERAL jsonb_path_query($1, l.path) o
	UNION ALL
	SELECT 'column', n.steps, n.field_path, n.body - ARRAY(
			SELECT m #>> '{}' FROM jsonb_path_query($1, 'lax $.unreadable[*] ? (@.type() == "string")') m)
	FROM rivergen_catalog.nested_columns($1 -> 'columns') n;
END;

-- A definition of PostgreSQL without the parts that other members have: the definition of an index names the table and the
-- index, which may be renamed without a change of the index; that of a constraint ends in its options.
CREATE OR REPLACE FUNCTION rivergen_catalog.compared_definition(object_type text, definition text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE object_type WHEN 'index' THEN regexp_replace(definition, '^.*? USING ', 'USING ')
		ELSE regexp_replace(definition, '( NOT VALID| NOT ENFORCED| DEFERRABLE| INITIALLY DEFERRED)+$', '') END;

-- Not compared: pg_type, which follows from the type, and ids, which only match objects.
CREATE OR REPLACE FUNCTION rivergen_catalog.compared_object(object_type text, body jsonb, family text) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN object_type = 'column' THEN rivergen_catalog.compared(body, '{name,id,pg_type}')
		WHEN family = 'postgresql' AND body ->> 'definition' <> '' THEN rivergen_catalog.compared(body, '{name}')
			|| jsonb_build_object('definition', rivergen_catalog.compared_definition(object_type, body ->> 'definition'))
		ELSE rivergen_catalog.compared(body, '{name}') END;

CREATE OR REPLACE FUNCTION rivergen_catalog.has_fields(body jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN jsonb_typeof(body -> 'fields') = 'array' AND body -> 'fields' <> '[]';

-- A column without the parts that its fields have: `STRUCT<a INT64>` is a STRUCT.
CREATE OR REPLACE FUNCTION rivergen_catalog.without_fields(body jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (body - 'fields') || CASE WHEN body ? 'type'
		THEN jsonb_build_object('type', regexp_replace(body ->> 'type', '\s*[<({].*$', '')) ELSE '{}' END;

CREATE OR REPLACE FUNCTION rivergen_catalog.compared_relation(kind text, document jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN rivergen_catalog.compared(document, rivergen_catalog.object_members() || '{unreadable,shards}'::text[])
		|| jsonb_build_object('kind', kind);

-- The members of the first object that the other lacks, or has with another value.
CREATE OR REPLACE FUNCTION rivergen_catalog.different(one jsonb, other jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}')
	FROM jsonb_each(one) e WHERE other -> e.key IS DISTINCT FROM e.value;
END;

-- The opening and closing quote of names, which is doubled inside a name. Null where no dialect is known.
CREATE OR REPLACE FUNCTION rivergen_catalog.name_quotes(family text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN family IN ('mysql', 'mariadb') THEN '``' WHEN family = 'sqlserver' THEN '[]' WHEN family <> '' THEN '""' ELSE '' END;

-- The part of a type's name that every dialect of a family spells alike.
CREATE OR REPLACE FUNCTION rivergen_catalog.bare_type(type jsonb, family text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN translate(regexp_replace(lower((type #>> '{}') COLLATE "C"), '\s', '', 'g'), rivergen_catalog.name_quotes(family), '');

-- Compares columns of an index, some of which are expressions.
CREATE OR REPLACE FUNCTION rivergen_catalog.same_but_expressions(before jsonb, after jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_typeof(before) = 'array' AND jsonb_typeof(after) = 'array'
		AND (SELECT coalesce(bool_and(b.value IS NOT DISTINCT FROM a.value
				OR strpos(b.value #>> '{}', '(') > 0 AND strpos(a.value #>> '{}', '(') > 0), true)
			FROM jsonb_array_elements(CASE jsonb_typeof(before) WHEN 'array' THEN before END) WITH ORDINALITY b
			FULL JOIN jsonb_array_elements(CASE jsonb_typeof(after) WHEN 'array' THEN after END) WITH ORDINALITY a
				USING (ordinality));
END;

-- The members that every connector reports where the source has them; other members are a connector's own.
CREATE OR REPLACE FUNCTION rivergen_catalog.common_members(object_type text) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE object_type
		WHEN 'relation' THEN '{kind,comment,owner,definition,partition_key,partition_of,partition_bound,inherits,server,options,sequence}'::text[]
		WHEN 'column' THEN '{type,not_null,default,identity,generated,expression,collation,comment,enum,domain_base}'
		WHEN 'index' THEN '{method,unique,primary,columns,include,predicate,invalid,definition}'
		ELSE '{columns,nulls_not_distinct,schema,table,referenced_columns,on_update,on_delete,on_delete_columns,match,temporal,deferrable,deferred,not_valid,not_enforced,definition}'
	END;

-- Whether a member may be the same although two dialects spell it differently.
CREATE OR REPLACE FUNCTION rivergen_catalog.may_be_respelled(member text, before jsonb, after jsonb, family text) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN member IN ('type', 'domain_base')
			THEN rivergen_catalog.bare_type(before, family) = rivergen_catalog.bare_type(after, family)
		WHEN member = 'columns' THEN rivergen_catalog.same_but_expressions(before, after)
		ELSE member IN ('definition', 'default', 'expression', 'predicate', 'partition_key', 'partition_bound') END;

-- The old object in the new dialect's spelling. Texts that may be respelled are not compared, only whether they are there.
-- A connector's own member that only one side has is ignored: the connector has changed, not the source.
CREATE OR REPLACE FUNCTION rivergen_catalog.respelled(object_type text, before jsonb, after jsonb, family text) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(key, CASE WHEN b.value IS NULL THEN a.value
		WHEN a.value IS NOT NULL AND rivergen_catalog.may_be_respelled(key, b.value, a.value, $4) THEN a.value
		ELSE b.value END), '{}')
	FROM jsonb_each($2) b FULL JOIN jsonb_each($3) a USING (key)
	WHERE CASE WHEN b.value IS NULL THEN key <> ALL (rivergen_catalog.common_members($1))
		WHEN a.value IS NULL THEN key = ANY (rivergen_catalog.common_members($1))
		ELSE true END;
END;
-- A change is breaking if a query or a write that worked before may fail or mean something else. Changes of members that
-- are not named here are compatible.

CREATE OR REPLACE FUNCTION rivergen_catalog.differ(one jsonb, other jsonb, members text[]) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(bool_or(one -> m IS DISTINCT FROM other -> m), false) FROM unnest(members) m;
END;

-- Whether a column's enumeration was only renamed: its labels are the same. Other types have nothing to compare.
CREATE OR REPLACE FUNCTION rivergen_catalog.is_renamed_enumeration(before jsonb, after jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN before ? 'enum' AND before -> 'enum' = after -> 'enum'
		AND before ? 'domain_base' = after ? 'domain_base'
		AND (before ->> 'type' LIKE '%[]') = (after ->> 'type' LIKE '%[]');

CREATE OR REPLACE FUNCTION rivergen_catalog.is_breaking_column(change text, before jsonb, after jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE change
		WHEN 'removed' THEN true
		WHEN 'renamed' THEN true
		WHEN 'added' THEN after ? 'not_null' AND NOT after ?| '{default,identity,generated}'
		ELSE rivergen_catalog.differ(before, after, '{collation,repeated}')
			OR rivergen_catalog.differ(before, after, '{type,domain_base}')
				AND NOT rivergen_catalog.is_renamed_enumeration(before, after)
			OR (after ? 'not_null' AND NOT before ? 'not_null')
			OR (after ? 'not_null' AND before ?| '{default,identity,generated}'
				AND NOT after ?| '{default,identity,generated}')
			OR (after @> '{"identity": "always"}' AND NOT before @> '{"identity": "always"}')
			OR (after ? 'generated' AND NOT before ? 'generated')
			OR (before ? 'enum' AND NOT coalesce(after -> 'enum' @> (before -> 'enum'), false))
	END;

-- Options of a view: the check of rows written through it, and the rights with which its query runs.
CREATE OR REPLACE FUNCTION rivergen_catalog.is_breaking_option(before jsonb, after jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (after ? 'check_option' AND before -> 'check_option' IS DISTINCT FROM after -> 'check_option') IS TRUE
		OR before -> 'security_invoker' IS DISTINCT FROM after -> 'security_invoker';

CREATE OR REPLACE FUNCTION rivergen_catalog.is_breaking_relation(change text, before jsonb, after jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE change
		WHEN 'removed' THEN true
		WHEN 'added' THEN false
		WHEN 'renamed' THEN true
		ELSE (before -> 'kind' <> after -> 'kind'
				AND NOT (before ->> 'kind' IN ('table', 'partition') AND after ->> 'kind' IN ('table', 'partition')))
			OR before #> '{sequence,type}' IS DISTINCT FROM after #> '{sequence,type}'
			OR rivergen_catalog.is_breaking_option(before -> 'options', after -> 'options')
	END;

CREATE OR REPLACE FUNCTION rivergen_catalog.is_breaking(object_type text, change text, before jsonb, after jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN object_type = 'relation' THEN rivergen_catalog.is_breaking_relation(change, before, after)
		WHEN object_type = 'column' THEN rivergen_catalog.is_breaking_column(change, before, after)
		WHEN change = 'renamed' THEN false
		WHEN object_type = 'index' THEN (coalesce(before, '{}') ? 'unique' OR coalesce(after, '{}') ? 'unique')
			AND (change <> 'changed' OR rivergen_catalog.differ(before, after, '{unique,columns,predicate}'))
		WHEN coalesce(after, before) ? 'not_enforced' THEN false
		WHEN change = 'removed' THEN object_type IN ('primary_key', 'unique')
		WHEN change = 'added' THEN true
		ELSE rivergen_catalog.differ(before, after,
				'{columns,nulls_not_distinct,schema,table,referenced_columns,on_update,on_delete,on_delete_columns,match,temporal,definition}')
			-- A check that could be deferred no longer can be; or it was not enforced and is now.
			OR before ? 'not_enforced'
			OR (before ? 'deferrable' AND NOT after ? 'deferrable')
			OR (before ? 'deferred' AND NOT after ? 'deferred')
	END;

-- A rename also changes the texts that contain the name. These functions test whether two texts differ only by such names.

-- The words of a text, quoted names without their quotes, and the characters between them.
CREATE OR REPLACE FUNCTION rivergen_catalog.words(body text, family text) RETURNS TABLE (place bigint, word text)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT w.ordinality, CASE WHEN length(w.part[1]) > 2 AND left(w.part[1], 1) = left(q.quotes, 1) AND right(w.part[1], 1) = right(q.quotes, 1)
		THEN replace(substr(w.part[1], 2, length(w.part[1]) - 2), repeat(right(q.quotes, 1), 2), right(q.quotes, 1)) ELSE w.part[1] END
	FROM (SELECT rivergen_catalog.name_quotes($2) AS quotes) q
	CROSS JOIN LATERAL regexp_matches($1, CASE q.quotes
		WHEN '""' THEN '("(?:[^"\\]|\\.|"")*"|[[:alnum:]_$]+|[^[:alnum:]_$"]+|")'
		WHEN '``' THEN '(`(?:[^`]|``)*`|[[:alnum:]_$]+|[^[:alnum:]_$`]+|`)'
		WHEN '[]' THEN '(\[(?:[^]]|\]\])*\]|[[:alnum:]_$]+|[^[:alnum:]_$[]+|\[)'
		ELSE '([[:alnum:]_$]+|[^[:alnum:]_$]+)' END, 'g') WITH ORDINALITY w (part);
END;

-- PostgreSQL shows a renamed column of a view as `new AS old`, and without AS when it was renamed back. This removes AS.
CREATE OR REPLACE FUNCTION rivergen_catalog.without_aliases(body text, names text[], aliases text[]) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH RECURSIVE shorter (step, body) AS (
		SELECT 0, $1
		UNION ALL
		SELECT step + 1, replace(body, quote_ident($2[step + 1]) || ' AS ' || quote_ident($3[step + 1]), quote_ident($2[step + 1]))
		FROM shorter WHERE step < cardinality($2)
	)
	SELECT body FROM shorter ORDER BY step DESC LIMIT 1;
END;

-- Whether the texts are the same word by word, except that old names became new ones. strictly: no old name may remain.
CREATE OR REPLACE FUNCTION rivergen_catalog.words_follow(
	before text, after text, old_names text[], new_names text[], family text, strictly boolean) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(bool_and((b.word IS NOT DISTINCT FROM a.word AND NOT ($6 AND b.word = ANY ($3)))
		OR (b.word, a.word) IN (SELECT n.old, n.new FROM unnest($3, $4) n (old, new))), $1 IS NOT DISTINCT FROM $2)
	FROM rivergen_catalog.words($1, $5) b
	FULL JOIN rivergen_catalog.words($2, $5) a USING (place);
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.text_follows(
	before text, after text, old_names text[], new_names text[], family text, strictly boolean) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE family WHEN 'postgresql' THEN rivergen_catalog.words_follow(
			rivergen_catalog.without_aliases(before, old_names, new_names),
			rivergen_catalog.without_aliases(after, new_names, old_names), old_names, new_names, family, strictly)
		ELSE rivergen_catalog.words_follow(before, after, old_names, new_names, family, strictly) END;

-- The same for a value: a name, a text with names, or JSON, which has the quotes of SQL.
CREATE OR REPLACE FUNCTION rivergen_catalog.value_follows(
	before jsonb, after jsonb, old_names text[], new_names text[], family text, strictly boolean) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (before = after AND NOT strictly)
		OR (before #>> '{}', after #>> '{}') IN (SELECT n.old, n.new FROM unnest(old_names, new_names) n (old, new))
		OR rivergen_catalog.text_follows(before #>> '{}', after #>> '{}', old_names, new_names,
			CASE jsonb_typeof(before) WHEN 'string' THEN family ELSE 'json' END, strictly);

-- The same for each element of two arrays.
CREATE OR REPLACE FUNCTION rivergen_catalog.elements_follow(
	before jsonb, after jsonb, old_names text[], new_names text[], family text, strictly boolean) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_typeof($1) = 'array' AND jsonb_typeof($2) = 'array' AND coalesce(bool_and(
		coalesce(rivergen_catalog.value_follows(b.value, a.value, $3, $4, $5, $6), false)), true)
	FROM jsonb_array_elements(CASE jsonb_typeof($1) WHEN 'array' THEN $1 END) WITH ORDINALITY b
	FULL JOIN jsonb_array_elements(CASE jsonb_typeof($2) WHEN 'array' THEN $2 END) WITH ORDINALITY a USING (ordinality);
END;

-- The same for each differing member of two objects, except comments.
CREATE OR REPLACE FUNCTION rivergen_catalog.object_follows(
	before jsonb, after jsonb, old_names text[], new_names text[], family text, strictly boolean) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(bool_and(coalesce(b.value = a.value OR key <> ALL ('{comment,owner,enum}') AND (
		rivergen_catalog.value_follows(b.value, a.value, $3, $4, $5, $6)
		OR rivergen_catalog.elements_follow(b.value, a.value, $3, $4, $5, $6)), false)), true)
	FROM jsonb_each($1) b FULL JOIN jsonb_each($2) a USING (key);
END;
-- The changes of a relation and of the objects in its document.

-- The columns and fields of a document that have an id, with their names in both documents; new_name is null where the new
-- document lacks the id. An id that is not unique is ignored.
-- No join: a planner that expects few rows may choose a nested loop, which is quadratic in the columns.
CREATE OR REPLACE FUNCTION rivergen_catalog.same_columns(old_document jsonb, new_document jsonb)
	RETURNS TABLE (id text, is_nested boolean, old_name text, new_name text)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT c.body ->> 'id', c.steps IS NOT NULL, min(coalesce(c.body ->> 'name', '')) FILTER (WHERE c.is_old),
		min(coalesce(c.body ->> 'name', '')) FILTER (WHERE NOT c.is_old)
	FROM (SELECT true AS is_old, * FROM rivergen_catalog.document_objects($1)
		UNION ALL
		SELECT false, * FROM rivergen_catalog.document_objects($2)) c
	WHERE c.object_type = 'column' AND jsonb_typeof(c.body -> 'id') = 'string'
	GROUP BY 1, 2
	HAVING count(*) FILTER (WHERE c.is_old) = 1 AND count(*) FILTER (WHERE NOT c.is_old) <= 1;
END;

-- The key of a column, or of a field in its parent, in another document: its id, if ids has it, or else its name.
CREATE OR REPLACE FUNCTION rivergen_catalog.step_key(name jsonb, id jsonb, is_nested boolean, ids jsonb) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN ids ? ((id #>> '{}') || is_nested::text) THEN '#' || id::text ELSE '=' || name::text END;

-- The same for all steps of a path; null if there are none.
CREATE OR REPLACE FUNCTION rivergen_catalog.path_key(steps jsonb, ids jsonb) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT string_agg(rivergen_catalog.step_key(s.value -> 0, s.value -> 1, s.ordinality > 1, $2), '' ORDER BY s.ordinality)
	FROM jsonb_array_elements($1) WITH ORDINALITY s;
END;

-- The key of an object in another document: of a column as above, of others the name; a table has only one primary key.
CREATE OR REPLACE FUNCTION rivergen_catalog.object_key(object_type text, object_name text, steps jsonb, id jsonb, ids jsonb)
	RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN object_type = 'primary_key' THEN '' WHEN object_type <> 'column' THEN object_name
		WHEN steps IS NULL THEN rivergen_catalog.step_key(to_jsonb(object_name), id, false, ids)
		ELSE rivergen_catalog.path_key(steps, ids) END;

-- The changes of columns, keys and indexes. The index of a key belongs to the key. A removed key or index and an added one
-- with the same content are reported as renamed. Columns have too little content for that; if ids_hold (it is the same
-- relation), a column with the same id is the same column. Fields of a column are reported one by one where both
-- documents have fields there. other_dialect: the documents were read in different dialects, the new one of this family.
-- Most objects are equal, member by member: they are removed before anything else is done.
CREATE OR REPLACE FUNCTION rivergen_catalog.object_changes(
	old_document jsonb, new_document jsonb, ids_hold boolean, other_dialect boolean DEFAULT false, family text DEFAULT NULL)
	RETURNS TABLE (object_type text, object_name text, change text, before jsonb, after jsonb)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH old_object AS MATERIALIZED (
		SELECT * FROM rivergen_catalog.document_objects($1)
	), new_object AS MATERIALIZED (
		SELECT * FROM rivergen_catalog.document_objects($2)
	), gone_object AS MATERIALIZED (
		SELECT * FROM old_object EXCEPT ALL SELECT * FROM new_object
	), come_object AS MATERIALIZED (
		SELECT * FROM new_object EXCEPT ALL SELECT * FROM old_object
	), same AS MATERIALIZED (
		SELECT * FROM rivergen_catalog.same_columns($1, $2)
		WHERE $3 AND new_name IS NOT NULL AND EXISTS (SELECT FROM gone_object WHERE object_type = 'column')
			AND EXISTS (SELECT FROM come_object WHERE object_type = 'column')
	), renamed AS MATERIALIZED (
		SELECT array_agg(old_name ORDER BY is_nested, id) AS old_names, array_agg(new_name ORDER BY is_nested, id) AS new_names
		FROM same WHERE old_name <> new_name HAVING count(*) BETWEEN 1 AND 50
	), known AS MATERIALIZED (
		SELECT coalesce(jsonb_object_agg(id || is_nested::text, 1), '{}') AS ids FROM same
	), old AS MATERIALIZED (
		SELECT object_type, rivergen_catalog.object_key(object_type, object_name, steps, body -> 'id', (SELECT ids FROM known)) AS key,
			object_name, steps, body
		FROM gone_object
	), new AS MATERIALIZED (
		SELECT object_type, rivergen_catalog.object_key(object_type, object_name, steps, body -> 'id', (SELECT ids FROM known)) AS key,
			object_name, steps, body
		FROM come_object
	), key_name AS MATERIALIZED (
		SELECT object_name FROM old_object WHERE object_type IN ('primary_key', 'unique', 'exclusion')
		UNION SELECT object_name FROM new_object WHERE object_type IN ('primary_key', 'unique', 'exclusion')
	), pair AS MATERIALIZED (
		SELECT c.object_type, c.key, c.parent, c.have_fields, c.old_name, c.new_name, c.old_own_name, c.new_own_name,
			CASE WHEN $4 AND c.before IS NOT NULL AND c.after IS NOT NULL
				THEN rivergen_catalog.respelled(c.object_type, c.before, c.after, $5) ELSE c.before END AS before,
			c.after
		FROM (SELECT j.object_type, j.key, j.parent, j.have_fields, j.old_name, j.new_name,
				coalesce(j.old_body ->> 'name', '') AS old_own_name, coalesce(j.new_body ->> 'name', '') AS new_own_name,
				rivergen_catalog.compared_object(j.object_type,
					CASE WHEN j.have_fields THEN rivergen_catalog.without_fields(j.old_body) ELSE j.old_body END, $5) AS before,
				rivergen_catalog.compared_object(j.object_type,
					CASE WHEN j.have_fields THEN rivergen_catalog.without_fields(j.new_body) ELSE j.new_body END, $5) AS after
			FROM (SELECT object_type, key, o.object_name AS old_name, n.object_name AS new_name, o.body AS old_body, n.body AS new_body,
					rivergen_catalog.path_key(coalesce(o.steps, n.steps) - -1, (SELECT ids FROM known)) AS parent,
					object_type = 'column' AND rivergen_catalog.has_fields(o.body) AND rivergen_catalog.has_fields(n.body) AS have_fields
				FROM old o FULL JOIN new n USING (object_type, key)
				WHERE NOT (object_type = 'index' AND (
					coalesce(o.object_name, n.object_name) IN (SELECT k.object_name FROM key_name k)
					OR o.body @> '{"primary": true}' IS TRUE OR n.body @> '{"primary": true}' IS TRUE))) j) c
	), single AS MATERIALIZED (
		SELECT object_type, old_name, new_name,
			CASE object_type WHEN 'column' THEN to_jsonb(coalesce(old_name, new_name)) ELSE coalesce(before, after) END AS content,
			coalesce(before, after) AS body,
			row_number() OVER (PARTITION BY object_type, old_name IS NULL, coalesce(before, after)
				ORDER BY coalesce(old_name, new_name)) AS number
		FROM pair
		WHERE (old_name IS NULL OR new_name IS NULL)
			AND (parent IS NULL OR parent IN (SELECT p.key FROM pair p WHERE p.have_fields))
	), gone AS (
		SELECT * FROM single WHERE new_name IS NULL
	), come AS (
		SELECT * FROM single WHERE old_name IS NULL
	)
	SELECT object_type, coalesce(c.new_name, g.old_name),
		CASE WHEN c.new_name IS NULL THEN 'removed' WHEN g.old_name IS NULL THEN 'added' ELSE 'renamed' END,
		CASE WHEN c.new_name IS NOT NULL AND g.old_name IS NOT NULL THEN jsonb_build_object('name', g.old_name) ELSE g.body END,
		CASE WHEN c.new_name IS NOT NULL AND g.old_name IS NOT NULL THEN jsonb_build_object('name', c.new_name) ELSE c.body END
	FROM gone g FULL JOIN come c USING (object_type, content, number)
	UNION ALL
	SELECT object_type, new_name, 'renamed', jsonb_build_object('name', old_own_name), jsonb_build_object('name', new_own_name)
	FROM pair WHERE old_name IS NOT NULL AND new_name IS NOT NULL AND old_own_name <> new_own_name
	UNION ALL
	SELECT object_type, new_name, 'changed', before, after
	FROM pair WHERE before <> after AND NOT EXISTS (SELECT FROM renamed r
		WHERE rivergen_catalog.object_follows(before, after, r.old_names, r.new_names, $5, true));
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.relation_summary(kind text, document jsonb, columns bigint) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN jsonb_build_object('kind', kind, 'columns_count', columns)
		|| jsonb_strip_nulls(jsonb_build_object('comment', nullif(document ->> 'comment', ''), 'owner', nullif(document ->> 'owner', '')));
-- The changes that a discovery reports: those of the relations of a source, without the consequences of renames.

-- The relations that this transaction replaced, deprecated and added. A relation is reported as added only if it was surely
-- not there before: its schema or the whole source was discovered before, and it was not skipped the last time. Relations
-- that the patterns of this discovery exclude were not removed; those that the last patterns excluded are not new.
-- OFFSET and NOT IN keep the plan independent of statistics, which lack the rows of this transaction.
CREATE OR REPLACE FUNCTION rivergen_catalog.found_changes(
	organization_id bigint, data_source_id bigint, new_schemas text[], patterns jsonb)
	RETURNS TABLE (relation_id bigint, schema_name text, relation_name text, object_type text, object_name text,
		change text, before jsonb, after jsonb, family text)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH kept AS MATERIALIZED (
		SELECT v.* FROM rivergen_catalog.relation_version v
		WHERE v.organization_id = $1 AND v.data_source_id = $2 AND v.valid_to = now()
	)
	SELECT n.relation_id, n.schema_name, n.relation_name, c.*, rivergen_catalog.dialect_family(n.dialect)
	FROM kept k
	CROSS JOIN LATERAL (SELECT r.* FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.relation_id = k.relation_id OFFSET 0) n
	CROSS JOIN LATERAL (
		SELECT 'relation', NULL::text, 'removed',
			rivergen_catalog.relation_summary(k.kind, k.document, n.columns_count), NULL::jsonb
		WHERE n.deprecated_at IS NOT NULL
		UNION ALL
		SELECT 'relation', NULL, 'renamed',
			jsonb_build_object('schema', k.schema_name, 'name', k.relation_name),
			jsonb_build_object('schema', n.schema_name, 'name', n.relation_name)
		WHERE n.deprecated_at IS NULL
			AND (k.schema_name, k.relation_name) <> (n.schema_name, n.relation_name)
		UNION ALL
		SELECT 'relation', NULL, 'changed', c.before, c.after
		FROM (SELECT CASE WHEN k.dialect <> n.dialect
				THEN rivergen_catalog.respelled('relation', p.before, p.after, rivergen_catalog.dialect_family(n.dialect))
				ELSE p.before END AS before, p.after
			FROM (SELECT rivergen_catalog.compared_relation(k.kind, rivergen_catalog.comparable(k.document, n.document)) AS before,
				rivergen_catalog.compared_relation(n.kind, rivergen_catalog.comparable(n.document, k.document)) AS after) p) c
		WHERE n.deprecated_at IS NULL AND c.before <> c.after
			-- A cheap test first: most documents differ in their objects only.
			AND (k.kind, k.document - rivergen_catalog.object_members())
				<> (n.kind, n.document - rivergen_catalog.object_members())
		UNION ALL
		SELECT c.* FROM rivergen_catalog.object_changes(rivergen_catalog.comparable(k.document, n.document),
			rivergen_catalog.comparable(n.document, k.document),
			k.native_id = n.native_id, k.dialect <> n.dialect,
			rivergen_catalog.dialect_family(n.dialect)) c
		WHERE n.deprecated_at IS NULL) AS c (object_type, object_name, change, before, after)
	WHERE n.deprecated_at IS NULL OR rivergen_catalog.selects($4, n.schema_name, n.relation_name)
	UNION ALL
	SELECT r.relation_id, r.schema_name, r.relation_name, 'relation', NULL, 'added', NULL,
		rivergen_catalog.relation_summary(r.kind, r.document, r.columns_count), NULL
	FROM rivergen_catalog.relation r
	JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id)
	JOIN rivergen_catalog.schema_history h USING (organization_id, data_source_id)
	LEFT JOIN rivergen_catalog.source_schema e ON e.organization_id = $1 AND e.data_source_id = $2
		AND e.schema_name = r.schema_name
	WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.deprecated_at IS NULL AND r.changed_at = now()
		AND (s.full_discovered_at IS NOT NULL OR r.schema_name <> ALL ($3))
		AND r.relation_id NOT IN (SELECT k.relation_id FROM kept k)
		AND rivergen_catalog.selects(rivergen_catalog.last_patterns(e.scoped_discovered_at, e.scoped_patterns,
			s.full_discovered_at, h.patterns), r.schema_name, r.relation_name)
		AND NOT EXISTS (SELECT FROM jsonb_array_elements(h.skipped) k
			WHERE (k ->> 'schema' IS NULL OR k ->> 'schema' = r.schema_name)
				AND (k ->> 'name' IS NULL OR k ->> 'name' = r.relation_name));
END;

-- The reported changes: all found changes except the consequences of reported renames. Keys, columns, views, partitions and
-- children that contain a renamed name have not changed. With elsewhere, another discovery reports the given renames.
-- Without elsewhere no discovery reports them, and their consequences are marked instead. The rename of an enumeration is
-- reported for its columns only.
CREATE OR REPLACE FUNCTION rivergen_catalog.source_changes(
	organization_id bigint, data_source_id bigint, new_schemas text[], patterns jsonb,
	old_names text[], new_names text[], elsewhere boolean)
	RETURNS TABLE (relation_id bigint, schema_name text, relation_name text, object_type text, object_name text,
		change text, before jsonb, after jsonb, follows boolean)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH found AS MATERIALIZED (
		SELECT * FROM rivergen_catalog.found_changes($1, $2, $3, $4)
	), name AS MATERIALIZED (
		SELECT f.before ->> m AS old, f.after ->> m AS new, true AS is_told
		FROM found f CROSS JOIN unnest('{schema,name}'::text[]) m
		WHERE f.change = 'renamed' AND f.object_type IN ('relation', 'column') AND f.before ->> m <> f.after ->> m
		UNION SELECT n.old, n.new, $7 FROM unnest($5, $6) n (old, new)
	), type_name AS (
		SELECT b.word AS old, a.word AS new
		FROM found f
		CROSS JOIN LATERAL rivergen_catalog.words(f.before ->> 'type', f.family) b
		JOIN LATERAL rivergen_catalog.words(f.after ->> 'type', f.family) a USING (place)
		WHERE f.change = 'changed' AND f.object_type = 'column' AND b.word <> a.word
			AND rivergen_catalog.is_renamed_enumeration(f.before, f.after)
	), names AS MATERIALIZED (
		SELECT n.of_columns, n.are_told, array_agg(n.old ORDER BY n.old, n.new) AS old,
			array_agg(n.new ORDER BY n.old, n.new) AS new
		FROM (SELECT c.of_columns, t.are_told, n.old, n.new
			FROM name n CROSS JOIN (VALUES (true), (false)) c (of_columns) CROSS JOIN (VALUES (true), (false)) t (are_told)
			WHERE n.is_told OR NOT t.are_told
			UNION SELECT false, t.are_told, n.old, n.new
			FROM type_name n CROSS JOIN (VALUES (true), (false)) t (are_told)) n
		GROUP BY n.of_columns, n.are_told
		HAVING count(*) <= 50
	)
	SELECT f.relation_id, f.schema_name, f.relation_name, f.object_type, f.object_name, f.change, f.before, f.after,
		f.change = 'changed' AND EXISTS (SELECT FROM names n
		WHERE NOT n.are_told AND n.of_columns = (f.object_type = 'column') AND length(f.before::text) < 100000
			AND rivergen_catalog.object_follows(f.before, f.after, n.old, n.new, f.family, false))
	FROM found f
	WHERE NOT (f.change = 'changed' AND EXISTS (SELECT FROM names n
		WHERE n.are_told AND n.of_columns = (f.object_type = 'column') AND length(f.before::text) < 100000
			AND rivergen_catalog.object_follows(f.before, f.after, n.old, n.new, f.family, false)));
END;

-- Stores the reported changes as found by a job. The other parameters are those of source_changes.
CREATE OR REPLACE FUNCTION rivergen_catalog.record_changes(
	organization_id bigint, data_source_id bigint, job_id bigint, new_schemas text[], patterns jsonb,
	old_names text[], new_names text[], elsewhere boolean) RETURNS void
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	INSERT INTO rivergen_catalog.schema_change (organization_id, data_source_id, job_id, relation_id, schema_name,
		relation_name, object_type, object_name, change, breaking, before, after)
	SELECT $1, $2, $3, c.relation_id, c.schema_name, c.relation_name, c.object_type, c.object_name, c.change,
		NOT c.follows AND rivergen_catalog.is_breaking(c.object_type, c.change, c.before, c.after),
		CASE c.change WHEN 'changed' THEN rivergen_catalog.different(c.before, c.after) ELSE c.before END,
		CASE c.change WHEN 'changed' THEN rivergen_catalog.different(c.after, c.before) ELSE c.after END
	FROM rivergen_catalog.source_changes($1, $2, $4, $5, $6, $7, $8) c
	ORDER BY c.schema_name, c.relation_name, c.object_type <> 'relation', c.object_type <> 'column', c.object_type,
		c.object_name, c.change DESC;
END;
-- Reading changes, and schemas as they were.

CREATE OR REPLACE VIEW rivergen.schema_changes WITH (security_barrier) AS
	SELECT c.change_id,
		c.data_source_id,
		c.job_id,
		c.changed_at,
		c.schema_name AS table_schema,
		c.relation_name AS table_name,
		c.relation_id,
		c.object_type,
		c.object_name,
		c.change,
		CASE WHEN c.breaking THEN 'breaking' ELSE 'compatible' END AS classification,
		c.before,
		c.after
	FROM rivergen_catalog.schema_change c
	JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
	WHERE c.organization_id = (SELECT rivergen.current_organization_id()) AND d.deleted_at IS NULL;
COMMENT ON VIEW rivergen.schema_changes IS
'Changes that discoveries found in the schemas of data sources.
One row for each relation, column, key or index that was added, removed, renamed or changed since the discovery before. The first discovery of a source writes none. Rows are kept for rivergen.schema_history_retention. Errors: 401, 403.';
COMMENT ON COLUMN rivergen.schema_changes.change_id IS 'Identifies the change; later ones are higher.';
COMMENT ON COLUMN rivergen.schema_changes.data_source_id IS 'The data source.';
COMMENT ON COLUMN rivergen.schema_changes.job_id IS 'The discovery that found it.';
COMMENT ON COLUMN rivergen.schema_changes.changed_at IS 'When it was found, which is when schema_as_of begins to show it.';
COMMENT ON COLUMN rivergen.schema_changes.table_schema IS 'The relation''s schema; after the change.';
COMMENT ON COLUMN rivergen.schema_changes.table_name IS 'The relation; after the change.';
COMMENT ON COLUMN rivergen.schema_changes.relation_id IS 'Identifies the relation here; survives renames.';
COMMENT ON COLUMN rivergen.schema_changes.object_type IS 'relation, column, primary_key, unique, foreign_key, check, exclusion or index.';
COMMENT ON COLUMN rivergen.schema_changes.object_name IS 'The column, key or index; after the change. A field that is nested in a column is reported as a column, by its path (rivergen.column_field_paths). Null for the relation itself.';
COMMENT ON COLUMN rivergen.schema_changes.change IS 'added, removed, renamed or changed. Where columns of the source have no ids, a renamed column is reported as one removed and one added.';
COMMENT ON COLUMN rivergen.schema_changes.classification IS 'breaking: a query or a write that worked before may fail or mean something else; otherwise compatible.';
COMMENT ON COLUMN rivergen.schema_changes.before IS 'The object before the change; if it was changed, only the members that differ; null if it was added.';
COMMENT ON COLUMN rivergen.schema_changes.after IS 'The object after the change, likewise; null if it was removed.';

CREATE OR REPLACE FUNCTION rivergen_catalog.relations_as_of(organization_id bigint, data_source_id bigint, at timestamptz)
	RETURNS TABLE (table_schema text, table_name text, kind text, document jsonb)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT r.schema_name, r.relation_name, r.kind, r.document
	FROM rivergen_catalog.relation r
	WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.deprecated_at IS NULL AND r.changed_at <= $3
	UNION ALL
	SELECT v.schema_name, v.relation_name, v.kind, v.document
	FROM rivergen_catalog.relation_version v
	WHERE v.organization_id = $1 AND v.data_source_id = $2 AND v.valid_to > $3 AND v.valid_from <= $3
	ORDER BY 1, 2;
END;

-- The caller's organization, after a check that it owns the source and that the history reaches back to the time.
CREATE OR REPLACE FUNCTION rivergen_catalog.organization_with_history(data_source_id bigint, at timestamptz) RETURNS bigint
	AS 'MODULE_PATHNAME', 'rg_sql_organization_with_history'
	LANGUAGE C STABLE PARALLEL RESTRICTED;

CREATE OR REPLACE FUNCTION rivergen.schema_as_of(data_source_id bigint, at timestamptz)
	RETURNS TABLE (table_schema text, table_name text, kind text, document jsonb)
	LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT r.* FROM rivergen_catalog.organization_with_history($1, $2) o
	CROSS JOIN LATERAL rivergen_catalog.relations_as_of(o, $1, $2) r;
END;
COMMENT ON FUNCTION rivergen.schema_as_of(bigint, timestamptz) IS
'The relations of a data source as they were at a time.
Each has its whole document (columns, keys, indexes); they are ordered by schema and name. A time in the future shows the current state. Replaced documents are kept for rivergen.schema_history_retention. Errors: 400, 401, 403, 404 (no such source, or its history begins later), 413 (through a gateway, which makes one body of all rows: more than rivergen.max_answer_bytes).';
REVOKE ALL ON FUNCTION rivergen.schema_as_of(bigint, timestamptz) FROM PUBLIC;
-- Moves users' descriptions and the results of scans when a relation or column has a new name. src/merge/README.md has the
-- rules.

-- The new names of columns, by their ids, in a newer document of the same relation: {old name: new name}, null for a
-- column that is gone, without columns whose name is the same.
CREATE OR REPLACE FUNCTION rivergen_catalog.column_moves(old_document jsonb, new_document jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(c.old_name, c.new_name), '{}')
	FROM rivergen_catalog.same_columns($1, $2) c
	WHERE NOT c.is_nested AND c.old_name IS DISTINCT FROM c.new_name;
END;

-- The descriptions of columns under the columns' new names. That of a column that is gone stays for a later column of the
-- same name.
CREATE OR REPLACE FUNCTION rivergen_catalog.moved_texts(texts jsonb, moves jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(coalesce($2 ->> e.key, e.key), e.value ORDER BY $2 ->> e.key IS NOT NULL), '{}')
	FROM jsonb_each($1) e;
END;

-- The categories of columns under the columns' new names. Those of a column that is gone are dropped.
CREATE OR REPLACE FUNCTION rivergen_catalog.moved_values(found jsonb, moves jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(coalesce($2 ->> e.key, e.key), e.value ORDER BY $2 ->> e.key IS NOT NULL), '{}')
	FROM jsonb_each($1) e
	WHERE $2 -> e.key IS DISTINCT FROM 'null';
END;

-- The same for example rows, in which only existing columns have a value.
CREATE OR REPLACE FUNCTION rivergen_catalog.moved_rows(examples jsonb, moves jsonb, document jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_agg((
		SELECT coalesce(jsonb_object_agg(v.key, v.value), '{}')
		FROM jsonb_each(rivergen_catalog.moved_values(e.value, $2)) v
		WHERE jsonb_path_query_array($3, 'lax $.columns[*].name') ? v.key) ORDER BY e.ordinality), '[]')
	FROM jsonb_array_elements($1) WITH ORDINALITY e;
END;

-- The changes of this transaction in relations that have descriptions of users or results of scans.
-- OFFSET keeps the planner from choosing the index by time alone, which it would read from its end for each relation.
CREATE OR REPLACE FUNCTION rivergen_catalog.moved_findings(organization_id bigint, data_source_id bigint)
	RETURNS TABLE (relation_id bigint, column_descriptions jsonb, categories jsonb, examples jsonb)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT r.relation_id, rivergen_catalog.moved_texts(r.column_descriptions, m.moves),
		rivergen_catalog.moved_values(r.categories, m.moves),
		rivergen_catalog.moved_rows(r.examples, m.moves, r.document)
	FROM rivergen_catalog.relation r
	CROSS JOIN LATERAL (
		SELECT v.document, v.native_id
		FROM (SELECT * FROM rivergen_catalog.relation_version v
			WHERE v.organization_id = $1 AND v.data_source_id = $2 AND v.relation_id = r.relation_id OFFSET 0) v
		ORDER BY v.valid_to DESC LIMIT 1) v
	CROSS JOIN LATERAL (
		SELECT CASE WHEN v.native_id = r.native_id THEN rivergen_catalog.column_moves(v.document, r.document)
			ELSE '{}' END AS moves OFFSET 0) m
	WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.changed_at = now() AND r.deprecated_at IS NULL
		AND (r.column_descriptions <> '{}' OR r.categories <> '{}' OR r.examples <> '[]');
END;

-- The descriptions that relations inherit: a relation without descriptions that got its name in this transaction inherits
-- those of the last relation that had any under this name. That relation may be gone, or renamed long ago.
CREATE OR REPLACE FUNCTION rivergen_catalog.inherited_texts(organization_id bigint, data_source_id bigint)
	RETURNS TABLE (relation_id bigint, description text, column_descriptions jsonb)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH heir AS MATERIALIZED (
		SELECT r.relation_id, r.schema_name, r.relation_name FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.changed_at = now() AND r.deprecated_at IS NULL
			AND r.description IS NULL AND r.column_descriptions = '{}'
			AND (r.schema_name, r.relation_name) IS DISTINCT FROM (
				SELECT (v.schema_name, v.relation_name)
				FROM (SELECT * FROM rivergen_catalog.relation_version v
					WHERE v.organization_id = $1 AND v.data_source_id = $2 AND v.relation_id = r.relation_id OFFSET 0) v
				ORDER BY v.valid_to DESC LIMIT 1)
	), described AS MATERIALIZED (
		SELECT r.relation_id, r.description, r.column_descriptions FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND r.data_source_id = $2
			AND (r.description IS NOT NULL OR r.column_descriptions <> '{}') AND EXISTS (SELECT FROM heir)
	), owner AS (
		SELECT v.schema_name, v.relation_name, v.valid_to AS until, d.relation_id, d.description, d.column_descriptions
		FROM described d CROSS JOIN LATERAL (
			SELECT * FROM rivergen_catalog.relation_version v
			WHERE v.organization_id = $1 AND v.data_source_id = $2 AND v.relation_id = d.relation_id AND v.is_described
			OFFSET 0) v
		UNION ALL
		SELECT h.schema_name, h.relation_name, 'infinity', h.relation_id, NULL, NULL FROM heir h
	)
	-- No join: a planner that expects few rows may choose a nested loop, which is quadratic in the relations.
	SELECT o.relation_id, o.description, o.column_descriptions
	FROM (SELECT o.relation_id, o.until, lag(o.relation_id) OVER before AS owner_before,
			lag(o.description) OVER before AS description, lag(o.column_descriptions) OVER before AS column_descriptions
		FROM owner o WINDOW before AS (PARTITION BY o.schema_name, o.relation_name ORDER BY o.until)) o
	WHERE o.until = 'infinity' AND o.owner_before IS NOT NULL;
END;

-- A null argument leaves the column as it is.
CREATE OR REPLACE FUNCTION rivergen_catalog.write_findings(
	organization_id bigint, data_source_id bigint, relation_id bigint, description text, column_descriptions jsonb,
	categories jsonb, examples jsonb) RETURNS void
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	UPDATE rivergen_catalog.relation r SET
		description = coalesce($4, r.description),
		column_descriptions = coalesce($5, r.column_descriptions),
		categories = coalesce($6, r.categories),
		examples = coalesce($7, r.examples)
	WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.relation_id = $3
		AND (r.description, r.column_descriptions, r.categories, r.examples) IS DISTINCT FROM (coalesce($4, r.description),
			coalesce($5, r.column_descriptions), coalesce($6, r.categories), coalesce($7, r.examples));
END;

-- Called at the end of a discovery, in its transaction. Reads everything before it writes: inherited descriptions are under
-- the old names of the columns. Writes with a statement for each relation, because a join with the table may become a
-- nested loop that computes everything for each row.
CREATE OR REPLACE FUNCTION rivergen_catalog.follow_names(organization_id bigint, data_source_id bigint) RETURNS void
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	SELECT count(w.written)
	FROM (SELECT rivergen_catalog.write_findings($1, $2, relation_id, i.description,
			coalesce(i.column_descriptions, m.column_descriptions), m.categories, m.examples) AS written
		FROM rivergen_catalog.moved_findings($1, $2) m
		FULL JOIN rivergen_catalog.inherited_texts($1, $2) i USING (relation_id) OFFSET 0) w;
END;
-- Discovering all sources of an organization.

-- Why a source cannot be discovered with all the others; null when it can.
CREATE OR REPLACE FUNCTION rivergen_catalog.unfit_reason(
	maintenance boolean, has_connector boolean, is_ready boolean,
	quarantined_at timestamptz, full_discovered_at timestamptz, status text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN maintenance THEN 'maintenance'
		WHEN NOT has_connector THEN 'no_connector'
		WHEN NOT is_ready THEN 'no_credentials'
		WHEN quarantined_at IS NOT NULL THEN 'quarantined'
		WHEN full_discovered_at IS NOT NULL AND status IN ('failed', 'inactive') THEN status END;

-- Locks sources in the order of their ids, as every call does that needs several. Queues sources that were discovered
-- longest ago first, and skips those for which the queue has no room. Names at most 100 of the skipped sources.
CREATE OR REPLACE FUNCTION rivergen_catalog.discover_all(
	organization_id bigint, workspace_id bigint, type text, full_read boolean, user_id bigint, room bigint) RETURNS jsonb
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	WITH ready AS MATERIALIZED (
		SELECT t.type, t.has_credentials FROM rivergen_catalog.ready_types() t
	), looked_at AS MATERIALIZED (
		SELECT d.data_source_id, s.full_discovered_at,
			rivergen_catalog.unfit_reason(d.maintenance, d.type IN (SELECT r.type FROM ready r),
				(d.type, c.sealed IS NOT NULL) IN (SELECT r.type, r.has_credentials FROM ready r),
				s.quarantined_at, s.full_discovered_at, s.status) AS reason,
			EXISTS (SELECT FROM rivergen_catalog.job j
				WHERE j.organization_id = d.organization_id AND j.data_source_id = d.data_source_id AND j.kind = 'discover'
					AND j.schema_name IS NULL AND (j.full_read OR NOT $4) AND j.status = 'queued' AND j.run_after <= now()
					AND NOT j.for_caller AND j.requested_by_user_id IS NOT NULL AND NOT j.cancel_requested) AS queued
		FROM rivergen_catalog.data_source d
		JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id)
		LEFT JOIN rivergen_catalog.credential c USING (organization_id, data_source_id)
		WHERE d.organization_id = $1 AND d.deleted_at IS NULL
			AND ($2 IS NULL OR d.workspace_id = $2) AND ($3 IS NULL OR d.type = $3)
	), placed AS MATERIALIZED (
		SELECT l.data_source_id,
			row_number() OVER (ORDER BY l.full_discovered_at NULLS FIRST, l.data_source_id) AS place
		FROM looked_at l WHERE l.reason IS NULL AND NOT l.queued
	), held AS MATERIALIZED (
		SELECT d.data_source_id FROM rivergen_catalog.data_source d
		WHERE d.organization_id = $1 AND d.deleted_at IS NULL
			AND d.data_source_id IN (SELECT p.data_source_id FROM placed p WHERE p.place <= $6)
		ORDER BY d.data_source_id FOR KEY SHARE
	), inserted AS (
		INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind, full_read, requested_by_user_id)
		SELECT $1, p.data_source_id, 'discover', $4, $5 FROM placed p JOIN held h USING (data_source_id) ORDER BY p.place
		RETURNING data_source_id
	), skipped AS (
		SELECT l.data_source_id, l.reason FROM looked_at l WHERE l.reason IS NOT NULL
		UNION ALL
		SELECT p.data_source_id, 'queue_full' FROM placed p WHERE p.place > $6
	)
	SELECT jsonb_build_object(
		'queued', (SELECT count(*) FROM inserted),
		'already_queued', (SELECT count(*) FROM looked_at l WHERE l.reason IS NULL AND l.queued),
		'skipped_count', (SELECT count(*) FROM skipped),
		'skipped', (SELECT coalesce(jsonb_agg(jsonb_build_object(
			'data_source_id', f.data_source_id,
			'reason', f.reason) ORDER BY f.data_source_id), '[]')
			FROM (SELECT * FROM skipped ORDER BY data_source_id LIMIT 100) f));
END;

CREATE OR REPLACE FUNCTION rivergen.discover_all(
	workspace_id bigint DEFAULT NULL,
	type text DEFAULT NULL,
	"full" boolean DEFAULT false) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_discover_all'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.discover_all(bigint, text, boolean) IS
'Queues a discovery of every data source of the organization.
Only sources that are active or were never discovered, and only those of the workspace and type, if given. full: read everything, even relations that seem unchanged. At most rivergen.max_workers_per_organization discoveries run at once; sources discovered longest ago come first, after discoveries that a caller waits for. Answers {"queued", "already_queued", "skipped_count", "skipped": [{"data_source_id", "reason"}]}, skipped naming at most 100; reason is maintenance, no_connector, no_credentials, quarantined, failed, inactive or queue_full (rivergen.max_queued_per_organization: call again later). Needs the role editor. Errors: 400, 401, 403, 404 (no such workspace), 429 (the queue is full already).';
REVOKE ALL ON FUNCTION rivergen.discover_all(bigint, text, boolean) FROM PUBLIC;
-- Scanning: in a job of kind scan the connector reads values of tables and views, a batch at a time.

-- The limits of the results of a scan, under their names in the request (src/wire/README.md): the most categories of a
-- column, the most example rows, and the most characters of a value in each.
CREATE OR REPLACE FUNCTION rivergen_catalog.scan_limits() RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN '{"categories": 60, "category_length": 50, "examples": 3, "example_length": 200}'::jsonb;

CREATE OR REPLACE FUNCTION rivergen_catalog.scan_limit(name text) RETURNS integer
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (rivergen_catalog.scan_limits() ->> name)::integer;

-- The next relations of a scan, in the order of their ids, and the member `sample` of the request (src/wire/README.md). No
-- row when no relations are left. A source's metadata.scan switches parts off.
CREATE OR REPLACE FUNCTION rivergen_catalog.scan_batch(organization_id bigint, job_id bigint, after bigint, most integer)
	RETURNS TABLE (relation_ids bigint[], request jsonb)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH job AS (
		SELECT j.data_source_id, j.relation_ids, d.query_timeout, coalesce(d.metadata -> 'scan', '{}') AS options
		FROM rivergen_catalog.job j
		JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
		WHERE j.organization_id = $1 AND j.job_id = $2
	), batch AS (
		SELECT r.relation_id, r.schema_name, r.relation_name, r.kind, r.native_id
		FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND r.data_source_id = (SELECT data_source_id FROM job)
			AND r.relation_id > $3 AND rivergen_catalog.kind_group(r.kind) <> 'other' AND r.deprecated_at IS NULL
			AND ((SELECT relation_ids FROM job) IS NULL OR r.relation_id IN (SELECT unnest(relation_ids) FROM job))
		ORDER BY r.relation_id LIMIT $4
	), listed AS (
		SELECT array_agg(b.relation_id ORDER BY b.relation_id) AS ids,
			jsonb_agg(jsonb_build_object('schema', b.schema_name, 'name', b.relation_name, 'kind', b.kind,
				'id', b.native_id) ORDER BY b.relation_id) AS relations
		FROM batch b
	)
	SELECT l.ids, rivergen_catalog.scan_limits()
		|| CASE WHEN j.options @> '{"categories": false}' THEN '{"categories": 0}'::jsonb ELSE '{}' END
		|| CASE WHEN j.options @> '{"examples": false}' THEN '{"examples": 0}'::jsonb ELSE '{}' END
		|| jsonb_build_object(
		'relations', l.relations,
		'masking', NOT j.options @> '{"masking": false}',
		'relation_timeout', least(j.query_timeout, 10))
	FROM listed l CROSS JOIN job j
	WHERE l.ids IS NOT NULL;
END;

-- The number of relations that a scan reads.
CREATE OR REPLACE FUNCTION rivergen_catalog.scan_total(organization_id bigint, job_id bigint) RETURNS bigint
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT count(*)
	FROM rivergen_catalog.job j
	JOIN rivergen_catalog.relation r USING (organization_id, data_source_id)
	WHERE j.organization_id = $1 AND j.job_id = $2 AND rivergen_catalog.kind_group(r.kind) <> 'other' AND r.deprecated_at IS NULL
		AND (j.relation_ids IS NULL OR r.relation_id IN (SELECT unnest(j.relation_ids)));
END;

-- A column's categories if they keep to the limits, else null. Connectors are not trusted.
CREATE OR REPLACE FUNCTION rivergen_catalog.accepted_categories(given jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN jsonb_typeof(given) = 'array' AND given <> '[]' THEN
		CASE WHEN jsonb_array_length(given) <= rivergen_catalog.scan_limit('categories') AND NOT EXISTS (
			SELECT FROM jsonb_array_elements(given) c
			WHERE jsonb_typeof(c.value) <> 'string' OR length(c.value #>> '{}') > rivergen_catalog.scan_limit('category_length')) THEN given END END;

-- An example row with only the values that keep to the limits: null, or a text that may end in the mark of a cut.
CREATE OR REPLACE FUNCTION rivergen_catalog.accepted_example(given jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}')
	FROM jsonb_each(CASE WHEN jsonb_typeof($1) = 'object' THEN $1 ELSE '{}' END) e
	WHERE e.value = 'null' OR (jsonb_typeof(e.value) = 'string'
		AND length(e.value #>> '{}') <= rivergen_catalog.scan_limit('example_length') + 1);
END;

-- Writes the results of a scan of one relation, or the reason of its failure, which keeps the results of an earlier scan.
-- Results for unknown columns are stored and not shown.
CREATE OR REPLACE FUNCTION rivergen_catalog.store_sample(
	organization_id bigint, data_source_id bigint, relation_id bigint, sample jsonb) RETURNS void
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	UPDATE rivergen_catalog.relation r SET
		scanned_at = now(),
		scan_status = CASE WHEN $4 ? 'error' THEN 'FAILED' ELSE 'SCANNED' END,
		error_message = left($4 ->> 'error', 1000),
		categories = CASE WHEN $4 ? 'error' THEN r.categories ELSE (
			SELECT coalesce(jsonb_object_agg(c.key, rivergen_catalog.accepted_categories(c.value)), '{}')
			FROM jsonb_each(coalesce($4 -> 'categories', '{}')) c
			WHERE rivergen_catalog.accepted_categories(c.value) IS NOT NULL) END,
		examples = CASE WHEN $4 ? 'error' THEN r.examples ELSE (
			SELECT coalesce(jsonb_agg(rivergen_catalog.accepted_example(e.value) ORDER BY e.ordinality), '[]')
			FROM jsonb_array_elements(coalesce($4 -> 'examples', '[]')) WITH ORDINALITY e
			WHERE e.ordinality <= rivergen_catalog.scan_limit('examples')) END
	WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.relation_id = $3;
END;

-- After the failure of a scan as a whole: marks the relations that it had not read yet as FAILED.
CREATE OR REPLACE FUNCTION rivergen_catalog.fail_scan(organization_id bigint, job_id bigint, message text) RETURNS void
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	UPDATE rivergen_catalog.relation r SET scan_status = 'FAILED', error_message = $3, scanned_at = now()
	FROM rivergen_catalog.job j
	WHERE j.organization_id = $1 AND j.job_id = $2
		AND r.organization_id = $1 AND r.data_source_id = j.data_source_id
		AND rivergen_catalog.kind_group(r.kind) <> 'other' AND r.deprecated_at IS NULL
		AND (j.relation_ids IS NULL OR r.relation_id = ANY (j.relation_ids))
		AND (r.scanned_at IS NULL OR r.scanned_at < now());
END;

-- Deletes scan results that the new metadata.scan forbids. Results taken without masking are deleted completely when
-- masking is switched on again.
CREATE OR REPLACE FUNCTION rivergen_catalog.forget_unwanted_values(organization_id bigint, data_source_id bigint, before jsonb)
	RETURNS void
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	UPDATE rivergen_catalog.relation r SET
		categories = CASE WHEN n.masked OR n.no_categories THEN '{}' ELSE r.categories END,
		examples = CASE WHEN n.masked OR n.no_examples THEN '[]' ELSE r.examples END,
		scan_status = CASE WHEN n.masked THEN 'NOT_SCANNED' ELSE r.scan_status END,
		error_message = CASE WHEN n.masked THEN NULL ELSE r.error_message END,
		scanned_at = CASE WHEN n.masked THEN NULL ELSE r.scanned_at END
	FROM (SELECT $3 @> '{"metadata": {"scan": {"masking": false}}}' AND NOT o.scan @> '{"masking": false}' AS masked,
			o.scan @> '{"categories": false}' AS no_categories, o.scan @> '{"examples": false}' AS no_examples
		FROM (SELECT coalesce(d.metadata -> 'scan', '{}') AS scan FROM rivergen_catalog.data_source d
			WHERE d.organization_id = $1 AND d.data_source_id = $2) o
		WHERE o.scan <> coalesce($3 #> '{metadata,scan}', '{}')) n
	WHERE r.organization_id = $1 AND r.data_source_id = $2 AND (n.masked AND r.scanned_at IS NOT NULL
		OR n.no_categories AND r.categories <> '{}' OR n.no_examples AND r.examples <> '[]');
END;

CREATE OR REPLACE FUNCTION rivergen.table_description_scan(
	ids bigint[] DEFAULT NULL, db_connection_id bigint DEFAULT NULL) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_table_description_scan'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.table_description_scan(bigint[], bigint) IS
'Scans the values of tables and views in the background.
ids names table descriptions (10,000 at most, of one or several data sources), db_connection_id means all tables and views of a data source; one of the two must be given. Queues one job for each source and answers {"success", "data": {"jobs": [{"job_id", "data_source_id", "status"}]}, "message"}. Until its job has ended a description''s status is SYNCHRONIZING, then SCANNED or FAILED with error_message; if one table fails, the others are still scanned. Columns with at most 60 different values of at most 50 characters get low_cardinality and categories; each table gets up to three examples. Values that look like secrets or personal data show as *** and have no categories. metadata.scan of the source switches parts off: {"categories": false, "examples": false, "masking": false}; the results of a part that is switched off are deleted, and all results when masking is switched on again. Only an admin may switch masking off. Needs the role editor. Errors: 400, 401, 403, 404 (no such description or data source), 409 (maintenance, not discovered yet, a table that is gone), 429 (queue full), 503 (during recovery).';

REVOKE ALL ON FUNCTION rivergen.table_description_scan(bigint[], bigint) FROM PUBLIC;
-- Testing sources, their health and their life cycle.

CREATE OR REPLACE FUNCTION rivergen_catalog.health_body(organization_id bigint, data_source_id bigint, history_limit integer)
	RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH day AS (
		SELECT count(*) AS checks,
			count(*) FILTER (WHERE NOT c.success) AS failures,
			percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY c.response_time_ms) AS times
		FROM rivergen_catalog.connection_check c
		WHERE c.organization_id = $1 AND c.data_source_id = $2 AND c.checked_at > now() - interval '24 hours'
	), history AS (
		SELECT c.* FROM rivergen_catalog.connection_check c
		WHERE c.organization_id = $1 AND c.data_source_id = $2 ORDER BY c.check_id DESC LIMIT $3
	)
	SELECT jsonb_build_object(
		'data_source_id', $2,
		'status', CASE WHEN d.maintenance THEN 'maintenance' ELSE s.status END,
		'server_version', s.server_version,
		'last_tested_at', rivergen_catalog.time_text(s.last_tested_at),
		'last_successful_connection_at', rivergen_catalog.time_text(s.last_successful_connection_at),
		'last_failed_connection_at', rivergen_catalog.time_text(s.last_failed_connection_at),
		'failure_count', s.failure_count,
		'failure_reason', s.failure_reason,
		'quarantined_at', rivergen_catalog.time_text(s.quarantined_at),
		'checks_24h', day.checks,
		'failures_24h', day.failures,
		'uptime_percent', round(100.0 * (day.checks - day.failures) / nullif(day.checks, 0), 2),
		'response_time_ms', jsonb_build_object('p50', day.times[1], 'p95', day.times[2], 'p99', day.times[3]),
		'history', (SELECT coalesce(jsonb_agg(jsonb_build_object(
				'kind', h.kind,
				'checked_at', rivergen_catalog.time_text(h.checked_at),
				'success', h.success,
				'response_time_ms', h.response_time_ms,
				'server_version', h.server_version,
				'failed_step', h.step,
				'error_code', h.error_code,
				'error_message', h.error_message,
				'error_detail', h.error_detail) ORDER BY h.check_id DESC), '[]')
			FROM history h))
	FROM rivergen_catalog.data_source d
	JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id)
	CROSS JOIN day
	WHERE d.organization_id = $1 AND d.data_source_id = $2 AND d.deleted_at IS NULL;
END;

CREATE OR REPLACE FUNCTION rivergen.data_source_test(id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_test_stored'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_test(bigint) IS
'Connects to a data source and reports the outcome.
Answers {"success", "response_time_ms", "server_version", "failed_step", "error_code", "error_message", "error_detail"}. A connection that fails is an answer, not an error; failed_step is configure, resolve, connect, tls, authenticate or query. response_time_ms is in milliseconds, from the start of the connector to the authenticated connection. Sets status, counters and history of the source. Needs the role editor. Errors: 400, 401, 403, 404, 409 (maintenance, or not committed yet), 503 (no workers).';

CREATE OR REPLACE FUNCTION rivergen.data_source_test(definition jsonb) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_test_definition'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_test(jsonb) IS
'Tests a definition, as data_source_create takes it, before it is saved.
Nothing is stored. Answers as data_source_test(id) does. Needs the role editor. Errors: 400, 401, 403, 503 (no workers, or no sealing key).';

CREATE OR REPLACE FUNCTION rivergen.data_source_test(definition_text text) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_test_text'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_test(text) IS
'Tests a definition that is given as text, so that data_source_test(''{…}'') needs no cast.
Errors: those of data_source_test(jsonb), 400 (the text is not JSON; the detail names the place).';

CREATE OR REPLACE FUNCTION rivergen.data_source_health(id bigint, history_limit integer DEFAULT 10) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_health'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_health(bigint, integer) IS
'The health of a data source.
Shows its status, the tests and discoveries of the last 24 hours (checks_24h, failures_24h, uptime_percent = share of them that connected, response_time_ms percentiles in milliseconds; null without checks), and the newest of them as history. history_limit: 0-1000. Rows are kept for rivergen.health_retention. Errors: 400, 401, 403, 404.';

CREATE OR REPLACE FUNCTION rivergen.data_source_set_status(id bigint, status text, if_updated_at text DEFAULT NULL) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_set_status'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_set_status(bigint, text, text) IS
'Sets the status of a data source and returns it.
maintenance: no worker connects to the source until maintenance ends. active: ends maintenance; the status is the outcome of the last test or discovery. inactive: ends maintenance and drops that outcome. Workers set the other statuses. if_updated_at: updated_at as it was read; if the source was changed since, nothing is changed and the answer is 409. Needs the role editor. Errors: 400, 401, 403, 404, 409 (if_updated_at: the source was changed since).';

CREATE OR REPLACE FUNCTION rivergen.data_source_restore(id bigint, if_updated_at text DEFAULT NULL) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_restore'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_restore(bigint, text) IS
'Restores a deleted data source, with its credentials and everything discovered, and returns it.
if_updated_at: updated_at as it was read; if the source was changed since, nothing is changed and the answer is 409. Needs the role editor. Errors: 400, 401, 403, 404 (no such source, or deleted with force), 409 (it is not deleted, its name is taken meanwhile, or if_updated_at: the source was changed since).';

REVOKE ALL ON FUNCTION rivergen.data_source_test(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_test(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_test(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_health(bigint, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_set_status(bigint, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_restore(bigint, text) FROM PUBLIC;
-- Discovered schemas as rows. Columns have information_schema's names where it has one, so that existing queries need only
-- one more WHERE. The views show current relations of undeleted sources.
--
-- The caller's organization is an InitPlan, which is computed once per query; in a condition it would be computed for each
-- row that is read without an index. The test for deleted sources is a condition of the relation, not a join: a join may
-- be executed after the documents are unpacked, which costs a thousand times as much as the relation itself.

-- EXISTS under IS TRUE stays a subplan.
CREATE OR REPLACE VIEW rivergen_catalog.current_relation AS
	SELECT r.*
	FROM rivergen_catalog.relation r
	CROSS JOIN (SELECT) AS joined -- a view of one table alone could be written through, by the owner
	WHERE r.organization_id = (SELECT rivergen.current_organization_id()) AND r.deprecated_at IS NULL
		AND (NOT EXISTS (SELECT FROM rivergen_catalog.data_source d
			WHERE d.organization_id = r.organization_id AND d.data_source_id = r.data_source_id
				AND d.deleted_at IS NOT NULL)) IS TRUE;

-- A JSON array of texts as text[], in its order; null stays null, which STRICT makes cheap: most columns have no labels.
CREATE OR REPLACE FUNCTION rivergen_catalog.text_array(jsonb) RETURNS text[]
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT array_agg(e.value ORDER BY e.ordinality) FROM jsonb_array_elements_text($1) WITH ORDINALITY e;
END;

-- Whether an option is on, in any spelling of a boolean that PostgreSQL accepts.
CREATE OR REPLACE FUNCTION rivergen_catalog.is_on(option text) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN coalesce(lower(option COLLATE "C") = ANY ('{t,tr,tru,true,y,ye,yes,on,1}'), false);

CREATE OR REPLACE VIEW rivergen.schemas WITH (security_barrier) AS
	SELECT s.data_source_id,
		s.schema_name,
		s.comment,
		coalesce(c.tables_count, 0) AS tables_count,
		coalesce(c.views_count, 0) AS views_count,
		coalesce(c.columns_count, 0)::numeric AS columns_count
	FROM rivergen_catalog.source_schema s
	JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
	LEFT JOIN rivergen_catalog.schema_content c ON c.organization_id = s.organization_id
		AND c.data_source_id = s.data_source_id AND c.schema_name = s.schema_name
	WHERE s.organization_id = (SELECT rivergen.current_organization_id()) AND d.deleted_at IS NULL;
COMMENT ON VIEW rivergen.schemas IS
'The schemas of the discovered data sources, with the number of their tables, views and columns.
Errors: 401, 403.';

CREATE OR REPLACE VIEW rivergen.tables WITH (security_barrier) AS
	SELECT r.data_source_id,
		r.schema_name AS table_schema,
		r.relation_name AS table_name,
		rivergen_catalog.table_type(r.kind) AS table_type,
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
		CASE jsonb_typeof(r.document -> 'unreadable') WHEN 'array' THEN rivergen_catalog.text_array(r.document -> 'unreadable') END AS unreadable,
		r.relation_id,
		r.native_id,
		r.discovered_at,
		r.changed_at
	FROM rivergen_catalog.current_relation r
	WHERE rivergen_catalog.kind_group(r.kind) <> 'other';
COMMENT ON VIEW rivergen.tables IS
'The tables and views of the discovered data sources.
table_type is as in information_schema (BASE TABLE, VIEW, FOREIGN …), kind is the source''s own word (table, partitioned_table, partition, foreign_table, view, materialized_view, collection …). row_estimate and size_bytes come from the source''s own catalog and are null where it does not know. unreadable lists the members of the description that the source''s user may not read. Errors: 401, 403.';

CREATE OR REPLACE VIEW rivergen.columns WITH (security_barrier) AS
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
		upper((c.value ->> 'identity') COLLATE "C") AS identity_generation,
		CASE WHEN c.value ? 'generated' THEN 'ALWAYS' ELSE 'NEVER' END AS is_generated,
		c.value ->> 'expression' AS generation_expression,
		upper((c.value ->> 'generated') COLLATE "C") AS generation_kind,
		coalesce(d.key_columns ? (c.value ->> 'name'), false) AS is_primary_key,
		c.value ->> 'comment' AS comment,
		rivergen_catalog.text_array(c.value -> 'enum') AS enum_labels,
		c.value ->> 'domain_base' AS domain_base,
		rivergen_catalog.text_array(r.categories -> (c.value ->> 'name')) AS categories,
		coalesce(c.value ->> 'pg_type', 'text') AS pg_type,
		c.value @> '{"repeated": true}' AS is_repeated
	FROM rivergen_catalog.current_relation r
	-- OFFSET prevents inlining: the key is read once for the relation, not once for each column.
	CROSS JOIN LATERAL (SELECT r.document #> '{primary_key,columns}' AS key_columns OFFSET 0) d
	CROSS JOIN LATERAL jsonb_array_elements(r.document -> 'columns') WITH ORDINALITY c;
COMMENT ON VIEW rivergen.columns IS
'The columns of every discovered table and view, in the source''s order.
data_type is the source''s own text for the type; is_nullable is NO for NOT NULL columns and columns of NOT NULL domains; enum_labels lists the values of an enumeration; domain_base is the type behind a domain; generation_kind is STORED or VIRTUAL for generated columns; categories are the values that a scan found, where they are few; pg_type is the type of PostgreSQL that holds its values; is_repeated marks an array whose elements have data_type. The fields that are nested in a column are in rivergen.column_field_paths. Errors: 401, 403.';

-- Each column is followed by its fields.
CREATE OR REPLACE VIEW rivergen.column_field_paths WITH (security_barrier) AS
	SELECT r.data_source_id,
		r.schema_name AS table_schema,
		r.relation_name AS table_name,
		p.column_name,
		p.field_path,
		p.ordinal_position::integer AS ordinal_position,
		p.body ->> 'type' AS data_type,
		coalesce(p.body ->> 'pg_type', 'text') AS pg_type,
		p.body @> '{"repeated": true}' AS is_repeated,
		CASE WHEN p.body @> '{"not_null": true}' THEN 'NO' ELSE 'YES' END AS is_nullable,
		p.body ->> 'comment' AS comment
	FROM rivergen_catalog.current_relation r
	CROSS JOIN LATERAL rivergen_catalog.column_paths(r.document -> 'columns') p;
COMMENT ON VIEW rivergen.column_field_paths IS
'The columns of every discovered table and view, and the fields that are nested in them, of all depths.
A column''s own row has its name as field_path. Below it a member follows a dot, and the elements of an array are marked by []: address.city, lines[].sku. A name in a path that is empty or has one of . [ ] { } " stands in double quotes. ordinal_position counts columns and fields in the source''s order, a column before its fields. Errors: 401, 403.';

CREATE OR REPLACE VIEW rivergen.constraints WITH (security_barrier) AS
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
			THEN upper(coalesce(c.body ->> 'on_update', 'no action') COLLATE "C") END AS update_rule,
		CASE WHEN c.constraint_type = 'FOREIGN KEY'
			THEN upper(coalesce(c.body ->> 'on_delete', 'no action') COLLATE "C") END AS delete_rule,
		rivergen_catalog.text_array(c.body -> 'on_delete_columns') AS delete_columns,
		c.body ->> 'definition' AS definition,
		c.body @> '{"temporal": true}' AS is_temporal,
		c.body @> '{"deferrable": true}' AS is_deferrable,
		c.body @> '{"deferred": true}' AS initially_deferred,
		NOT c.body @> '{"not_valid": true}' AS is_valid,
		CASE WHEN c.body @> '{"not_enforced": true}' THEN 'NO' ELSE 'YES' END AS is_enforced
	FROM rivergen_catalog.current_relation r
	CROSS JOIN LATERAL (
		SELECT 'PRIMARY KEY' AS constraint_type, r.document -> 'primary_key' AS body
		WHERE r.document ? 'primary_key'
		UNION ALL SELECT 'UNIQUE', jsonb_array_elements(r.document -> 'unique')
		UNION ALL SELECT 'FOREIGN KEY', jsonb_array_elements(r.document -> 'foreign_keys')
		UNION ALL SELECT 'CHECK', jsonb_array_elements(r.document -> 'checks')
		UNION ALL SELECT 'EXCLUDE', jsonb_array_elements(r.document -> 'exclusions')) c;
COMMENT ON VIEW rivergen.constraints IS
'Primary, unique and foreign keys, checks and exclusions of the discovered tables.
A key is one row: column_names and referenced_columns are arrays in the key''s order. delete_columns are the columns that ON DELETE SET NULL or SET DEFAULT sets, null when it sets all. is_temporal marks WITHOUT OVERLAPS and PERIOD; is_enforced is NO for NOT ENFORCED; is_valid is false while existing rows were not checked. Errors: 401, 403.';

CREATE OR REPLACE VIEW rivergen.indexes WITH (security_barrier) AS
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
'The indexes of the discovered tables.
column_names holds columns or expressions in the index''s order; predicate is the condition of a partial index. Errors: 401, 403.';

CREATE OR REPLACE VIEW rivergen.views WITH (security_barrier) AS
	SELECT r.data_source_id,
		r.schema_name AS table_schema,
		r.relation_name AS table_name,
		r.kind = 'materialized_view' AS is_materialized,
		r.document ->> 'definition' AS view_definition,
		upper(coalesce(r.document #>> '{options,check_option}', 'none') COLLATE "C") AS check_option,
		rivergen_catalog.is_on(r.document #>> '{options,security_barrier}') AS is_security_barrier,
		rivergen_catalog.is_on(r.document #>> '{options,security_invoker}') AS is_security_invoker,
		r.document -> 'options' AS options,
		r.document ->> 'comment' AS comment
	FROM rivergen_catalog.current_relation r
	WHERE rivergen_catalog.kind_group(r.kind) = 'view';
COMMENT ON VIEW rivergen.views IS
'The views and materialized views of the discovered data sources, with the query that defines them.
check_option is NONE, LOCAL or CASCADED; options has every option as the source spells it. Errors: 401, 403.';

CREATE OR REPLACE VIEW rivergen.sequences WITH (security_barrier) AS
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
'The sequences of the discovered data sources, and the column that owns each.
Errors: 401, 403.';

CREATE OR REPLACE VIEW rivergen.jobs WITH (security_barrier) AS
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
		j.run_after,
		j.started_at,
		j.finished_at,
		j.error_code,
		j.error_message,
		j.error_detail,
		j.result
	FROM rivergen_catalog.job j
	-- OFFSET keeps the condition below the function, so that the function is called for running jobs only.
	LEFT JOIN LATERAL (
		SELECT q.* FROM rivergen.job_progress(j.job_id) q WHERE j.status = 'running' OFFSET 0) p ON true
	WHERE j.organization_id = (SELECT rivergen.current_organization_id());
COMMENT ON VIEW rivergen.jobs IS
'The organization''s jobs.
status: queued, running, succeeded, failed or cancelled. While a job runs, phase, relations_total, relations, columns and bytes show its progress. Errors: 401, 403.';

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
		a.detail
	FROM rivergen_catalog.audit a
	LEFT JOIN rivergen_catalog.app_user u USING (user_id)
	WHERE a.organization_id = (SELECT rivergen.administered_organization_id());
COMMENT ON VIEW rivergen.audit IS
'The changes in the organization, with user and time; for its admins.
The transaction that made the change wrote the row. Rows stay when the data source is gone, and are deleted with the organization. They never have values of credentials or connection strings. Errors: 401, 403 (no admin).';
COMMENT ON COLUMN rivergen.audit.audit_id IS 'Grows with time.';
COMMENT ON COLUMN rivergen.audit.occurred_at IS 'The time of the change, not of its commit.';
COMMENT ON COLUMN rivergen.audit.user_id IS 'The user that made the change; null where it was an operator.';
COMMENT ON COLUMN rivergen.audit.user_name IS 'The user''s subject, or the login role of a user without subject.';
COMMENT ON COLUMN rivergen.audit.action IS
'data_source.created, .updated, .credentials_updated, .deleted, .purged, .restored, .status_set; member.added, .role_changed, .removed; user.disabled, .enabled; invitation.sent, .withdrawn, .declined; workspace.created, .renamed, .deleted; table_description.updated.';
COMMENT ON COLUMN rivergen.audit.data_source_id IS 'The data source that was changed; null for other changes.';
COMMENT ON COLUMN rivergen.audit.detail IS
'Details of the change. Of a data source: name, changes (field → {"before", "after"}; credential_keys are names of credentials) and, when credentials were given, credentials {"changed", "keys"}. Of members: user_id or subject, role, role_before. Of workspaces: workspace_id, name, name_before. Of table descriptions: id, table_schema, table_name, before, after.';

COMMENT ON SCHEMA rivergen IS
'Data sources of organizations: registered, tested, discovered, described.
A session that listens on channel rivergen (LISTEN rivergen) gets events at commit, as JSON with ids only: {"event", "organization_id", "data_source_id", "job_id"}. event: created, updated, deleted, restored, status_changed, discovery_finished (the job has the outcome), schema_changed (relations or schemas were added, changed or deprecated), organization_closed. An event has only the ids that concern it. Every role that may connect may listen. A transaction with events cannot be prepared for two-phase commit; where that is needed, set rivergen.events = off.';
-- Figures about queue, schedule and connectors of all organizations, for operators.

CREATE OR REPLACE FUNCTION rivergen_catalog.connector_stats() RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(c.type, jsonb_build_object(
		'connections', c.connections,
		'failures', c.failures,
		'p50_ms', c.percentiles[1],
		'p95_ms', c.percentiles[2],
		'p99_ms', c.percentiles[3])), '{}')
	FROM (SELECT d.type,
			count(*) AS connections,
			count(*) FILTER (WHERE NOT k.success) AS failures,
			percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY k.response_time_ms) AS percentiles
		FROM rivergen_catalog.connection_check k
		JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
		WHERE k.checked_at > now() - interval '24 hours'
		GROUP BY d.type) c;
END;

CREATE OR REPLACE FUNCTION rivergen.stats(
	OUT queued bigint,
	OUT oldest_queued interval,
	OUT waiting bigint,
	OUT running bigint,
	OUT failed_last_hour bigint,
	OUT failed_last_day bigint,
	OUT due_sources bigint,
	OUT due_tests bigint,
	OUT oldest_discovery_at timestamptz,
	OUT never_discovered bigint,
	OUT quarantined bigint,
	OUT paused bigint,
	OUT is_copy boolean,
	OUT connectors jsonb) RETURNS record
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT q.queued, q.oldest_queued, q.waiting,
		(SELECT count(*) FROM rivergen_catalog.job WHERE status = 'running'),
		f.last_hour, f.last_day,
		(SELECT count(*) FROM rivergen_catalog.data_source_state WHERE next_discovery_at <= now()),
		(SELECT count(*) FROM rivergen_catalog.data_source_state WHERE next_test_at <= now()
			AND status IN ('active', 'failed')),
		s.oldest, s.never,
		(SELECT count(*) FROM rivergen_catalog.data_source_state t
			JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
			WHERE t.quarantined_at IS NOT NULL AND d.deleted_at IS NULL),
		(SELECT count(*) FROM rivergen_catalog.data_source WHERE maintenance AND deleted_at IS NULL),
		rivergen_catalog.is_copy(),
		rivergen_catalog.connector_stats()
	FROM (SELECT count(*) FILTER (WHERE run_after <= now()) AS queued,
			now() - min(run_after) FILTER (WHERE run_after <= now()) AS oldest_queued,
			count(*) FILTER (WHERE run_after > now()) AS waiting
		FROM rivergen_catalog.job WHERE status = 'queued') q
	CROSS JOIN (SELECT count(*) FILTER (WHERE finished_at > now() - interval '1 hour') AS last_hour, count(*) AS last_day
		FROM rivergen_catalog.job WHERE finished_at > now() - interval '24 hours' AND status = 'failed') f
	CROSS JOIN (SELECT min(t.full_discovered_at) AS oldest, count(*) FILTER (WHERE t.full_discovered_at IS NULL) AS never
		FROM rivergen_catalog.data_source d
		JOIN rivergen_catalog.data_source_state t USING (organization_id, data_source_id)
		WHERE d.schema_auto_refresh AND NOT d.maintenance AND d.deleted_at IS NULL) s;
END;
COMMENT ON FUNCTION rivergen.stats() IS
'For operators: one row about this database, all organizations together.
queued: jobs that could run now, oldest_queued: for how long the first of them could; waiting: jobs that wait for their next try; running; failed_last_hour, failed_last_day: jobs that failed for good; due_sources: sources whose scheduled discovery is due and not queued yet, due_tests: the same of scheduled tests; oldest_discovery_at: the oldest complete discovery among sources with schema_auto_refresh that are not in maintenance, never_discovered: how many of them have none; quarantined: sources that are not connected to after crashes; paused: sources in maintenance; is_copy: workers wait for rivergen.acknowledge_copy(); connectors: by type of source {"connections", "failures", "p50_ms", "p95_ms", "p99_ms"} of the last 24 hours, the times (milliseconds) being those from the start of a connector to its connection.';

REVOKE ALL ON FUNCTION rivergen.stats() FROM PUBLIC;
-- Part of check(): whether a request through a gateway can be served. Each step is checked: the login role is named in
-- rivergen.gateway_roles, may log in here, and may be switched to a role that has the grants of tenants.

CREATE OR REPLACE FUNCTION rivergen_catalog.missing_grants(role oid) RETURNS text
	AS 'MODULE_PATHNAME', 'rg_sql_missing_grants'
	LANGUAGE C STABLE STRICT;

-- The roles of the setting, spelled as the server reads it.
CREATE OR REPLACE FUNCTION rivergen_catalog.gateway_roles() RETURNS TABLE (name text, role oid)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT n.name, r.oid
	FROM regexp_split_to_table(current_setting('rivergen.gateway_roles', true), '\s*,\s*') l (item)
	CROSS JOIN LATERAL (SELECT CASE WHEN btrim(l.item) LIKE '"%"' THEN replace(btrim(btrim(l.item), '"'), '""', '"')
			ELSE lower(btrim(l.item) COLLATE "C") END) n (name)
	LEFT JOIN pg_roles r ON r.rolname = n.name
	WHERE btrim(l.item) <> '';
END;

-- Roles that a gateway uses, or seems to use, although the setting does not name them. Sessions of PostgREST and the role of
-- roles.sql are certain; a login role that inherits nothing and may be switched to a tenants' role may belong to a person.
CREATE OR REPLACE FUNCTION rivergen_catalog.forgotten_gateways() RETURNS TABLE (name text, certain boolean)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT r.rolname::text, c.certain
	FROM pg_roles r
	CROSS JOIN LATERAL (SELECT r.rolname = 'rivergen_gateway' OR EXISTS (SELECT FROM pg_stat_activity a
			WHERE a.usesysid = r.oid AND a.datname = current_database() AND a.application_name LIKE 'PostgREST%')) c (certain)
	WHERE r.rolcanlogin AND NOT r.rolsuper AND r.rolname NOT IN (SELECT g.name FROM rivergen_catalog.gateway_roles() g)
		AND (c.certain OR (NOT r.rolinherit AND EXISTS (SELECT FROM pg_auth_members m
			WHERE m.member = r.oid AND has_function_privilege(m.roleid, 'rivergen.http(bytea)', 'EXECUTE'))));
END;

-- The fault of a login role of the setting, or null; works: whether requests can be served in spite of it.
CREATE OR REPLACE FUNCTION rivergen_catalog.gateway_fault(login oid, OUT fault text, OUT works boolean)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT CASE WHEN r.oid IS NULL THEN 'does not exist' WHEN NOT r.rolcanlogin THEN 'may not log in'
			WHEN NOT has_database_privilege(r.oid, current_database(), 'CONNECT') THEN 'may not connect to this database'
			WHEN s.role IS NULL THEN 'may not be switched to a role that may use schema rivergen and call rivergen.http'
			WHEN s.missing IS NOT NULL THEN format('works as %s, which may not use %s', s.role::regrole, s.missing)
			WHEN r.rolsuper THEN 'is a superuser' WHEN r.rolcreaterole THEN 'may create roles'
			WHEN r.rolbypassrls THEN 'bypasses row security' WHEN r.rolreplication THEN 'may replicate' END,
		coalesce(r.rolcanlogin AND has_database_privilege(r.oid, current_database(), 'CONNECT') AND s.role IS NOT NULL, false)
	FROM (SELECT) o
	LEFT JOIN pg_roles r ON r.oid = login
	LEFT JOIN LATERAL (SELECT w.oid AS role, rivergen_catalog.missing_grants(w.oid) AS missing
		FROM pg_roles w
		WHERE pg_has_role(r.oid, w.oid, CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END)
			AND (r.rolsuper OR NOT w.rolsuper)
			AND has_schema_privilege(w.oid, 'rivergen', 'USAGE') AND has_function_privilege(w.oid, 'rivergen.http(bytea)', 'EXECUTE')
		ORDER BY rivergen_catalog.missing_grants(w.oid) IS NOT NULL, w.rolname = 'rivergen_web' DESC, w.rolname LIMIT 1) s ON true;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.check_gateway() RETURNS TABLE (name text, level text, detail text, what_to_do text)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT 'rivergen.gateway_roles',
		CASE WHEN bool_or(NOT g.works) THEN 'error' WHEN bool_or(g.fault IS NOT NULL) THEN 'warning' ELSE 'ok' END,
		coalesce(string_agg(format('%s %s', g.name, coalesce(g.fault, 'is fine')), '; ' ORDER BY g.name), 'No gateway is set up.'),
		nullif(CASE WHEN bool_or(g.forgotten)
				THEN 'Name the login role in rivergen.gateway_roles and reload; if it is no gateway''s, take its membership away. '
			ELSE '' END
			|| CASE WHEN bool_or(NOT g.works AND NOT g.forgotten)
				THEN 'Run roles.sql of the gateway in this database again, as a superuser; a role of another name: rivergen.grant_access(role). '
			ELSE '' END
			|| CASE WHEN bool_or(g.works AND g.fault IS NOT NULL AND NOT g.forgotten)
				THEN 'A gateway speaks for every user: give it a login role of its own that may do nothing else, and run roles.sql again.'
			ELSE '' END, '')
	FROM (SELECT r.name, f.fault, f.works, false AS forgotten
		FROM rivergen_catalog.gateway_roles() r CROSS JOIN LATERAL rivergen_catalog.gateway_fault(r.role) f
		UNION ALL
		SELECT o.name, 'seems to be a gateway''s and is not named: tokens that come through it are refused (401)',
			NOT o.certain, true
		FROM rivergen_catalog.forgotten_gateways() o) g;
END;

REVOKE ALL ON FUNCTION rivergen_catalog.missing_grants(oid) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen_catalog.gateway_roles() FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen_catalog.forgotten_gateways() FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen_catalog.gateway_fault(oid) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen_catalog.check_gateway() FROM PUBLIC;
-- Part of check(): settings that the configuration files have and that are not in force.

-- The last entry of each setting counts. A unit ('1h') is only compared where the file gives a bare number.
CREATE OR REPLACE FUNCTION rivergen_catalog.settings_not_in_force() RETURNS TABLE (name text, fault text)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT f.name, CASE
			WHEN p.context = 'postmaster' THEN format('%s stands in the file, and the server was not restarted since', f.setting)
			WHEN f.error IS NOT NULL THEN format('line %s of %s: %s', f.sourceline, f.sourcefile, f.error)
			ELSE format('%s stands in the file, and the server was not told to reload', f.setting) END
	FROM (SELECT DISTINCT ON (c.name) c.* FROM pg_file_settings c ORDER BY c.name, c.seqno DESC) f
	LEFT JOIN pg_settings p ON p.name = f.name
	WHERE f.error IS NOT NULL OR p.pending_restart
		OR (f.name LIKE 'rivergen.%' AND p.source IN ('default', 'configuration file')
			AND CASE p.vartype WHEN 'bool' THEN f.setting::boolean <> p.setting::boolean
				WHEN 'string' THEN f.setting <> p.setting
				WHEN 'integer' THEN f.setting ~ '^\d+$' AND f.setting <> p.setting ELSE false END);
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.check_settings() RETURNS TABLE (name text, level text, detail text, what_to_do text)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT 'settings', CASE WHEN count(*) > 0 THEN 'warning' ELSE 'ok' END,
		CASE WHEN count(*) > 0 THEN string_agg(concat_ws(': ', f.name, f.fault), '; ' ORDER BY f.name)
			ELSE 'What stands in the configuration files is in force.' END,
		CASE WHEN count(*) > 0 THEN 'Reload (SELECT pg_reload_conf()) or restart the server, as each says; mend what is wrong in the file first.' END
	FROM rivergen_catalog.settings_not_in_force() f;
END;

REVOKE ALL ON FUNCTION rivergen_catalog.settings_not_in_force() FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen_catalog.check_settings() FROM PUBLIC;
-- One request of the REST paths, for the gateway: nginx and PostgREST.

CREATE OR REPLACE FUNCTION rivergen.http(bytea) RETURNS json
	AS 'MODULE_PATHNAME', 'rg_sql_http'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.http(bytea) IS
'Answers one request of the paths below /api/v1.
For the HTTP gateway, which calls it through PostgREST: the argument is the body of the request, byte for byte (Content-Type: application/octet-stream); the headers X-Rivergen-Method, X-Rivergen-URI, X-Rivergen-Content-Type, X-Rivergen-Content-Encoding, X-Rivergen-Prefer and X-Rivergen-If-Match, in the setting request.headers, hold what the client sent. The answer is the body of the response; its status and headers are in the settings response.status and response.headers until the end of the transaction. A request that fails is answered too, with {"success": false, "error": {"code", "message", "details"}}, and changes nothing. The functions behind the paths check rights, so any role may be granted this one.';
REVOKE ALL ON FUNCTION rivergen.http(bytea) FROM PUBLIC;
-- check(): grades the installation. rivergen_catalog.installation() asks a worker for the facts that only a worker can see.

-- Values of a setting: this session's, and those set for roles and databases.
CREATE OR REPLACE FUNCTION rivergen_catalog.setting_values(setting text) RETURNS TABLE (value text, applies_to text)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT current_setting(setting, true), 'this session' WHERE current_setting(setting, true) IS NOT NULL
	UNION ALL
	SELECT split_part(c.text, '=', 2),
		concat_ws(' in ', CASE WHEN s.setrole <> 0 THEN 'role ' || s.setrole::regrole END, 'database ' || d.datname)
	FROM pg_db_role_setting s
	LEFT JOIN pg_database d ON d.oid = s.setdatabase
	CROSS JOIN LATERAL unnest(s.setconfig) c (text)
	WHERE split_part(c.text, '=', 1) = setting AND (s.setdatabase = 0 OR d.datname = current_database());
END;

-- Checks a setting that may write secrets to the log; harmless matches the values that do not.
CREATE OR REPLACE FUNCTION rivergen_catalog.check_setting(setting text, harmless text, meaning text, what_to_do text)
	RETURNS TABLE (name text, level text, detail text, what_to_do text)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT setting,
		CASE WHEN bool_and(v.value ~ harmless) THEN 'ok' ELSE 'warning' END,
		string_agg(format('%s (%s)', v.value, v.applies_to), ', ')
			|| CASE WHEN bool_and(v.value ~ harmless) THEN '' ELSE ': ' || meaning END,
		CASE WHEN NOT bool_and(v.value ~ harmless) THEN what_to_do END
	FROM rivergen_catalog.setting_values(setting) v
	HAVING count(*) > 0;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.check_logging() RETURNS TABLE (name text, level text, detail text, what_to_do text)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT c.*
	FROM (VALUES
		('log_statement', '^(none|ddl)$', 'the text of calls is logged, with the credentials that are written into it',
			'Set it to none or ddl; or have clients seal credentials (sealing_key()), or bind them as parameters.'),
		('log_min_duration_statement', '^-1$', 'the text of slow calls is logged, with the credentials that are written into it',
			'Set it to -1; or have clients seal credentials (sealing_key()), or bind them as parameters.'),
		('log_min_duration_sample', '^-1$', 'the text of some calls is logged, with the credentials that are written into it',
			'Set it to -1; or have clients seal credentials (sealing_key()), or bind them as parameters.'),
		('log_transaction_sample_rate', '^0$', 'the text of some calls is logged, with the credentials that are written into it',
			'Set it to 0; or have clients seal credentials (sealing_key()), or bind them as parameters.'),
		('log_min_error_statement', '^(panic|fatal|log)$', 'the text of calls that fail is logged, with the credentials that are written into it',
			'Set it to panic; or have clients seal credentials (sealing_key()), or bind them as parameters.'),
		('log_error_verbosity', '^terse$', 'where a call fails, its detail and context are logged, which quote malformed JSON, bound parameters too',
			'Set it to terse; or have clients seal credentials (sealing_key()).'),
		('log_parameter_max_length', '^0', 'with statements, their bound parameters are logged',
			'Set it to 0.'),
		('log_parameter_max_length_on_error', '^0', 'bound parameters of calls that fail are logged',
			'Set it to 0.'),
		('debug_print_parse', '^off$', 'parse trees are logged, with every constant', 'Set it to off.'),
		('debug_print_rewritten', '^off$', 'parse trees are logged, with every constant', 'Set it to off.'),
		('debug_print_plan', '^off$', 'plans are logged, with every constant', 'Set it to off.'),
		('pg_stat_statements.track_utility', '^off$', 'the text of CALL, DO, SET and PREPARE is kept as it is written',
			'Set it to off.'),
		('auto_explain.log_min_duration', '^-1$', 'the text of slow calls is logged, with the credentials that are written into it',
			'Set it to -1; or have clients seal credentials (sealing_key()), or bind them as parameters.'),
		('auto_explain.log_verbose', '^off$', 'with the plans of slow calls, their values are logged, bound parameters too',
			'Set it to off; or have clients seal credentials (sealing_key()).'),
		('auto_explain.log_parameter_max_length', '^0', 'with plans, bound parameters are logged', 'Set it to 0.')
		) s (setting, harmless, meaning, what_to_do)
	CROSS JOIN LATERAL rivergen_catalog.check_setting(s.setting, s.harmless, s.meaning, s.what_to_do) c;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.check_workers(found jsonb) RETURNS TABLE (name text, level text, detail text, what_to_do text)
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	SELECT 'shared_preload_libraries', CASE WHEN found @> '{"preloaded": true}' THEN 'ok' ELSE 'error' END,
		CASE WHEN found @> '{"preloaded": true}' THEN 'The library was loaded at the start of the server.'
			WHEN p.in_file THEN 'The configuration file names the library, and the server was not restarted since: there are no workers, and nothing can be discovered.'
			ELSE 'The library was not loaded at the start of the server: there are no workers, and nothing can be discovered.' END,
		CASE WHEN found @> '{"preloaded": true}' THEN NULL WHEN p.in_file THEN 'Restart the server.'
			ELSE 'Add shared_preload_libraries = ''rivergen'' to postgresql.conf and restart the server.' END
	FROM (SELECT coalesce((SELECT f.setting FROM pg_file_settings f WHERE f.name = 'shared_preload_libraries'
			ORDER BY f.seqno DESC LIMIT 1) ~ '\mrivergen\M', false) AS in_file) p
	UNION ALL
	SELECT 'rivergen.databases', CASE WHEN found @> '{"served": true}' THEN 'ok' ELSE 'error' END,
		format('rivergen.enabled is %s, rivergen.databases is %s; this database is %s.', current_setting('rivergen.enabled'),
			current_setting('rivergen.databases'), CASE WHEN found @> '{"served": true}' THEN 'served' ELSE 'not served' END),
		CASE WHEN NOT found @> '{"served": true}' THEN 'Switch rivergen.enabled on, name this database in rivergen.databases, and reload.' END
	UNION ALL
	SELECT 'launcher', CASE WHEN found @> '{"launcher": true}' OR pg_is_in_recovery() THEN 'ok' ELSE 'error' END,
		CASE WHEN found @> '{"launcher": true}' THEN 'It runs.' WHEN pg_is_in_recovery() THEN 'It starts when this standby is promoted.'
			ELSE 'It does not run: jobs without a waiting caller are not begun.' END,
		CASE WHEN NOT found @> '{"launcher": true}' AND NOT pg_is_in_recovery()
			THEN 'See the server''s log, and max_worker_processes.' END
	UNION ALL
	SELECT 'max_worker_processes', CASE WHEN w.room < 1 THEN 'error' WHEN w.room < w.wanted THEN 'warning' ELSE 'ok' END,
		format('%s of %s are free for the %s workers of rivergen.max_workers.', greatest(w.room, 0), w.total, w.wanted),
		CASE WHEN w.room < w.wanted THEN format('Set max_worker_processes to at least %s and restart the server.', w.total - w.room + w.wanted) END
	FROM (SELECT current_setting('max_worker_processes')::integer AS total, current_setting('rivergen.max_workers')::integer AS wanted,
			current_setting('max_worker_processes')::integer - (SELECT count(*) FROM pg_stat_activity a
				WHERE a.backend_type NOT IN ('client backend', 'autovacuum launcher', 'autovacuum worker', 'background writer',
					'checkpointer', 'startup', 'walreceiver', 'walsender', 'walwriter', 'archiver', 'walsummarizer', 'slotsync worker',
					'standalone backend', 'io worker', 'parallel worker', 'rivergen worker'))::integer AS room) w
	UNION ALL
	SELECT 'trampoline', CASE WHEN found #> '{worker,trampoline}' = 'true' THEN 'ok' ELSE 'error' END,
		CASE WHEN found #> '{worker,trampoline}' = 'true' THEN 'rivergen-run is installed.'
			ELSE 'rivergen-run is missing, or may not be executed: no connector can be started.' END,
		CASE WHEN found #> '{worker,trampoline}' = 'false' THEN 'Install the extension again.' END
	WHERE found -> 'worker' ? 'trampoline'
	UNION ALL
	SELECT 'connectors', CASE WHEN c.missing IS NOT NULL OR c.installed IS NULL THEN 'warning' ELSE 'ok' END,
		concat_ws(' ', format('Installed for: %s.', coalesce(c.installed, 'no type')),
			'Missing, although this version has it, for: ' || c.missing || '.', 'This version has none for: ' || c.never || '.'),
		CASE WHEN c.missing IS NOT NULL OR c.installed IS NULL
			THEN 'Install the client libraries that the build names, build and install again; or see rivergen.connector_directory.' END
	FROM (SELECT string_agg(t.type, ', ' ORDER BY t.position) FILTER (WHERE found #> '{worker,installed}' ? t.type) AS installed,
			string_agg(t.type, ', ' ORDER BY t.position) FILTER (WHERE found #> '{worker,missing}' ? t.type) AS missing,
			string_agg(t.type, ', ' ORDER BY t.position) FILTER (WHERE NOT found #> '{worker,installed}' ? t.type
				AND NOT found #> '{worker,missing}' ? t.type) AS never
		FROM rivergen.data_source_types() t) c
	WHERE found -> 'worker' ? 'missing'
	UNION ALL
	SELECT 'connectors in use', CASE WHEN count(*) > 0 THEN 'warning' ELSE 'ok' END,
		CASE WHEN count(*) > 0 THEN 'Data sources that no connector serves: '
			|| string_agg(format('%s of type %s', u.sources, u.type), ', ' ORDER BY u.type) ELSE 'Every data source has one.' END,
		CASE WHEN count(*) > 0 THEN 'Install a connector for these types.' END
	FROM (SELECT d.type, count(*) AS sources FROM rivergen_catalog.data_source d
		WHERE d.deleted_at IS NULL AND NOT found #> '{worker,installed}' ? d.type GROUP BY d.type) u
	WHERE found -> 'worker' ? 'installed'
	UNION ALL
	SELECT 'sandbox', 'warning',
		format('Connectors run at level %s of 3: %s. Not in use: Landlock (2; %s) and seccomp (3; %s). They have the rights of the server''s user.',
			s.level, CASE WHEN s.level = 1 THEN 'no descriptors of the server, no new privileges, limits'
				ELSE 'no new privileges, limits' END,
			CASE WHEN s.landlock > 0 THEN 'this kernel offers version ' || s.landlock ELSE 'missing in this kernel' END,
			CASE WHEN s.seccomp THEN 'this kernel offers it' ELSE 'missing in this kernel' END),
		CASE WHEN s.level = 0 THEN 'Use Linux 5.9 or later, and a container that allows pidfd_open and close_range. ' ELSE '' END
			|| 'Run the server on a machine or container of its own, from which nothing else can be reached; see docs/troubleshooting.md.'
	FROM (SELECT CASE WHEN f.pidfd AND f.close_range THEN 1 ELSE 0 END AS level, f.*
		FROM jsonb_to_record(found -> 'worker') f (pidfd boolean, close_range boolean, landlock integer, seccomp boolean)) s
	WHERE found -> 'worker' ? 'landlock'
	UNION ALL
	SELECT 'worker', CASE WHEN pg_is_in_recovery() THEN 'ok' ELSE 'error' END,
		'No worker could be asked: ' || (found #>> '{worker,unavailable}') || '.', 'See the errors in the other rows.'
	WHERE found -> 'worker' ? 'unavailable';
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.check_keys(found jsonb) RETURNS TABLE (name text, level text, detail text, what_to_do text)
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	SELECT 'keyring', CASE WHEN found #>> '{keys,fault}' IS NULL THEN 'ok' ELSE 'error' END,
		coalesce(found #>> '{keys,fault}', format('A worker can read the keys %s.', found #>> '{keys,key_ids}')),
		CASE WHEN found #>> '{keys,fault}' IS NOT NULL
			THEN 'Set rivergen.key_file to an absolute path outside the data directory, owned by the server''s user, mode 0600; reload; after a restore, bring the old file.' END
	WHERE NOT found -> 'keys' ? 'unavailable'
	UNION ALL
	SELECT 'sealing key', CASE WHEN k.key_id IS NULL OR NOT k.readable THEN 'error' ELSE 'ok' END,
		CASE WHEN k.key_id IS NULL THEN 'There is none: credentials cannot be stored.'
			WHEN NOT k.readable THEN format('Credentials are sealed for key %s, and the keyring has no private half of it.', k.key_id)
			ELSE format('Credentials are sealed for key %s.', k.key_id) END,
		CASE WHEN k.key_id IS NULL THEN 'SELECT rivergen.key_create();'
			WHEN NOT k.readable THEN 'Bring the key file back; if it is lost: SELECT rivergen.key_rotate(), then give all credentials again.' END
	FROM (SELECT max(s.key_id) AS key_id,
			coalesce(found #> '{keys,key_ids}' @> to_jsonb(max(s.key_id)), true) AS readable
		FROM rivergen_catalog.sealing_key s WHERE s.retired_at IS NULL) k
	UNION ALL
	SELECT 'credentials', CASE WHEN bool_or(c.lost) THEN 'error' WHEN count(*) > 0 THEN 'warning' ELSE 'ok' END,
		CASE WHEN count(*) = 0 THEN 'All are sealed for the present key.'
			ELSE string_agg(format('%s are sealed for key %s, which %s', c.credentials, c.key_id,
				CASE WHEN c.lost THEN 'the keyring does not have' ELSE 'is retired' END), '; ' ORDER BY c.key_id) || '.' END,
		CASE WHEN bool_or(c.lost) THEN 'Bring the key file that has them; if it is lost, these credentials must be given again.'
			WHEN count(*) > 0 THEN 'Workers seal them again within a minute; what stays is damaged and must be given again.' END
	FROM (SELECT c.key_id, count(*) AS credentials, NOT coalesce(found #> '{keys,key_ids}' @> to_jsonb(c.key_id), true) AS lost
		FROM rivergen_catalog.credential c
		WHERE NOT EXISTS (SELECT FROM rivergen_catalog.sealing_key k WHERE k.key_id = c.key_id AND k.retired_at IS NULL)
			OR NOT coalesce(found #> '{keys,key_ids}' @> to_jsonb(c.key_id), true)
		GROUP BY c.key_id) c;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.check_access() RETURNS TABLE (name text, level text, detail text, what_to_do text)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH item AS (
		SELECT 'schema ' || n.nspname AS object, n.nspname, n.nspowner AS owner, a.grantee, a.privilege_type
		FROM pg_namespace n, aclexplode(n.nspacl) a WHERE n.nspname IN ('rivergen', 'rivergen_catalog')
		UNION ALL
		SELECT format('%s.%s', n.nspname, c.relname), n.nspname, c.relowner, a.grantee, a.privilege_type
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a
		WHERE n.nspname IN ('rivergen', 'rivergen_catalog')
		UNION ALL
		SELECT format('%s.%s', n.nspname, p.proname), n.nspname, p.proowner, a.grantee, a.privilege_type
		FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
		WHERE n.nspname = 'rivergen'
	)
	SELECT 'grants to PUBLIC', CASE WHEN count(*) > 0 THEN 'error' ELSE 'ok' END,
		CASE WHEN count(*) > 0 THEN string_agg(format('%s on %s', i.privilege_type, i.object), ', ' ORDER BY i.object)
			ELSE 'There are none.' END,
		CASE WHEN count(*) > 0 THEN 'REVOKE them; rivergen.grant_access(role) grants what a tenant needs.' END
	FROM item i WHERE i.grantee = 0
	UNION ALL
	SELECT 'grants on rivergen_catalog', CASE WHEN count(*) > 0 THEN 'warning' ELSE 'ok' END,
		CASE WHEN count(*) > 0 THEN string_agg(DISTINCT format('%s has %s on %s', i.grantee::regrole, i.privilege_type, i.object), ', ')
			ELSE 'There are none.' END,
		CASE WHEN count(*) > 0 THEN 'A role that reads these tables sees every organization. REVOKE what was not meant.' END
	FROM item i WHERE i.nspname = 'rivergen_catalog' AND i.grantee NOT IN (0, i.owner)
	UNION ALL
	SELECT 'server_encoding', CASE WHEN current_setting('server_encoding') = 'UTF8' THEN 'ok' ELSE 'error' END,
		current_setting('server_encoding'),
		CASE WHEN current_setting('server_encoding') <> 'UTF8' THEN 'Move to a database whose encoding is UTF8.' END
	UNION ALL
	SELECT 'version', CASE WHEN e.extversion = a.default_version THEN 'ok' ELSE 'warning' END,
		format('Installed here: %s; on this server: %s.', e.extversion, coalesce(a.default_version, 'none')),
		CASE WHEN e.extversion IS DISTINCT FROM a.default_version THEN 'ALTER EXTENSION rivergen UPDATE;' END
	FROM pg_extension e LEFT JOIN pg_available_extensions a ON a.name = e.extname WHERE e.extname = 'rivergen';
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.check_home() RETURNS TABLE (name text, level text, detail text, what_to_do text)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT 'copy', CASE WHEN c.is_copy THEN 'error' ELSE 'ok' END,
		CASE WHEN c.is_copy THEN 'This database is a copy of another one, restored, cloned or upgraded: its workers wait.'
			ELSE 'This database is no copy of another one.' END,
		CASE WHEN c.is_copy THEN 'If it may connect to the data sources: SELECT rivergen.acknowledge_copy();' END
	FROM rivergen_catalog.is_copy() c (is_copy);
END;

CREATE OR REPLACE FUNCTION rivergen.check(OUT name text, OUT level text, OUT detail text, OUT what_to_do text) RETURNS SETOF record
	LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	WITH asked AS MATERIALIZED (SELECT rivergen_catalog.installation() AS found)
	SELECT w.* FROM asked, LATERAL rivergen_catalog.check_workers(asked.found) w
	UNION ALL SELECT h.* FROM rivergen_catalog.check_home() h
	UNION ALL SELECT k.* FROM asked, LATERAL rivergen_catalog.check_keys(asked.found) k
	UNION ALL SELECT s.* FROM rivergen_catalog.check_settings() s
	UNION ALL SELECT a.* FROM rivergen_catalog.check_access() a
	UNION ALL SELECT g.* FROM rivergen_catalog.check_gateway() g
	UNION ALL SELECT l.* FROM rivergen_catalog.check_logging() l;
END;
COMMENT ON FUNCTION rivergen.check() IS
'Grades the installation, one row for each check.
level: ok, warning (works, but something may leak or be missing) or error (something does not work). what_to_do: null when ok. The call waits for a worker to report the facts that only a worker can see (the keys, the programs, the kernel); when no worker can, the row "worker" says why. Settings are those of this session, of roles and of this database. For operators: it shows facts of all organizations.';

REVOKE ALL ON FUNCTION rivergen_catalog.setting_values(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen_catalog.check_setting(text, text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen_catalog.check_logging() FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen_catalog.check_workers(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen_catalog.check_keys(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen_catalog.check_access() FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen_catalog.check_home() FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.check() FROM PUBLIC;
-- The bodies of requests and answers, as GET /api/v1/openapi.json describes them. 360_openapi_examples.sql has the examples,
-- 370_openapi_requests.sql the bodies that create and change a data source, 380_openapi.sql makes the document. Objects
-- whose order readers see are json, because jsonb does not keep it.

-- A schema that also permits null.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_nullable(schema jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN schema ? '$ref' THEN jsonb_build_object('anyOf', jsonb_build_array(schema, '{"type": "null"}'::jsonb))
		ELSE schema || jsonb_build_object('type', jsonb_build_array(schema -> 'type', 'null')) END;

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_reference(schema text) RETURNS jsonb
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN jsonb_build_object('$ref', '#/components/schemas/' || schema);

-- A type as the tables below write it: text, time, integer, number, boolean, object or the name of a schema; then []
-- for an array of it; then | null.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_type(notation text) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH given AS (
		SELECT regexp_replace(notation, '(\[\])?( \| null)?$', '') AS name
	), one AS (
		SELECT CASE name
			WHEN 'text' THEN '{"type": "string"}'
			WHEN 'time' THEN '{"type": "string", "format": "date-time"}'
			WHEN 'integer' THEN '{"type": "integer", "format": "int64"}'
			WHEN 'number' THEN '{"type": "number"}'
			WHEN 'boolean' THEN '{"type": "boolean"}'
			WHEN 'object' THEN '{"type": "object"}'
			ELSE rivergen_catalog.openapi_reference(name) END AS body
		FROM given
	), several AS (
		SELECT CASE WHEN notation LIKE '%[]%' THEN jsonb_build_object('type', 'array', 'items', body) ELSE body END AS body
		FROM one
	)
	SELECT CASE WHEN notation LIKE '% | null' THEN rivergen_catalog.openapi_nullable(body) ELSE body END FROM several;
END;

-- Texts with a fixed list of values.
CREATE OR REPLACE VIEW rivergen_catalog.openapi_enumeration AS
	SELECT 'DataSourceTypeEnum' AS name, 'The type of a source; GET /api/v1/data-source-types lists what each type needs.' AS description,
		(SELECT array_agg(t.type ORDER BY t.position) FROM rivergen.data_source_types() t) AS labels
	UNION ALL VALUES
	('DataSourceStatus', 'The outcome of the last test or discovery; a user sets maintenance.',
		'{active,inactive,testing,failed,maintenance}'::text[]),
	('JobStatus', 'The state of a job; the last three are final.', rivergen_catalog.job_statuses()),
	('JobKind', 'The work of a job.', rivergen_catalog.job_kinds()),
	('TableDescriptionStatus', 'NOT_SCANNED: no scan has read the values yet. SYNCHRONIZING: a discovery or scan is queued or runs. DEPRECATED: the table is no longer in the source. SCANNED: the last scan succeeded. FAILED: it failed; error_message says why.',
		'{NOT_SCANNED,SYNCHRONIZING,DEPRECATED,SCANNED,FAILED}'),
	('ConnectionStep', 'The step at which a connection failed.', '{configure,resolve,connect,tls,authenticate,query}');

-- Objects. A closed object refuses members that it does not name. columns_of is the view whose COMMENTs describe members
-- that have no description below. extends names an object whose members this one has too.
CREATE OR REPLACE VIEW rivergen_catalog.openapi_object AS
	SELECT row_number() OVER () AS position, o.*
	FROM (VALUES
	('DataSourceItem', NULL, 'data_sources', false, 'A data source as lists show it.'),
	('DataSource', 'DataSourceItem', 'data_sources', false, 'A data source, without its credentials.'),
	('DataSourceList', NULL, NULL, false, 'A page of data sources: with pagination, or with next_cursor when after is given.'),
	('DataSourceReference', NULL, 'data_sources', false, 'The data source.'),
	('Metadata', NULL, NULL, false, 'Further settings of a data source: three members with a meaning here, and any of your own. At most 64 kB; private keys belong in credentials.'),
	('TlsOptions', NULL, NULL, true, 'How the connection is encrypted.'),
	('ScanOptions', NULL, NULL, true, 'The parts of a scan''s results; all are on by default.'),
	('DiscoveryOptions', NULL, NULL, true, 'The patterns and hours of discovery.'),
	('DiscoveryWindow', NULL, NULL, true, 'The hours in which the schedule may discover the source. An end that is not later than the beginning is on the next day.'),
	('DataSourceType', NULL, 'data_source_types', false, 'A type of data sources, and the fields that it needs.'),
	('ConnectionTest', NULL, NULL, false, 'The outcome of an attempt to connect. A connection that fails is an answer, not an error.'),
	('ConnectionCheck', 'ConnectionTest', NULL, false, 'A past test or discovery.'),
	('ResponseTimes', NULL, NULL, false, 'Percentiles of the last 24 hours, in milliseconds.'),
	('DataSourceHealth', NULL, 'data_sources', false, 'The health of a data source.'),
	('DiscoveredSchema', NULL, 'schemas', false, 'A discovered schema, with its counts.'),
	('SkippedObject', NULL, NULL, false, 'A schema or relation that could not be read; the result of an earlier discovery stays.'),
	('SchemaDiscovery', NULL, NULL, false, 'The statistics of a discovery.'),
	('QueuedJob', NULL, 'jobs', false, 'A job that runs in the background.'),
	('QueuedScan', 'QueuedJob', 'jobs', false, 'The scan of one data source, which runs in the background.'),
	('QueuedScans', NULL, NULL, false, 'The scans that were queued, one for each data source.'),
	('JobProgress', NULL, 'jobs', false, 'The progress of a running job.'),
	('ScanResult', NULL, NULL, false, 'The result of a scan.'),
	('Job', NULL, 'jobs', false, 'A discovery, test or scan.'),
	('JobList', NULL, NULL, false, 'A page of jobs, newest first.'),
	('DiscoveredSchemas', NULL, NULL, false, 'The discovered schemas of a data source.'),
	('SchemaDocument', NULL, 'schemas', false, 'A schema and everything in it.'),
	('RelationName', NULL, NULL, false, 'The name of a relation.'),
	('Relation', NULL, 'tables', false, 'A table, view, collection or file. Members without a value are absent.'),
	('Column', NULL, 'columns', false, 'A column, in the source''s order. Members without a value are absent.'),
	('Key', NULL, NULL, false, 'A primary key or unique constraint.'),
	('ForeignKey', NULL, NULL, false, 'A foreign key.'),
	('CheckConstraint', NULL, NULL, false, 'A check or exclusion constraint.'),
	('Index', NULL, 'indexes', false, 'An index.'),
	('Sequence', NULL, 'sequences', false, 'The range and step of a sequence.'),
	('SequenceOwner', NULL, NULL, false, 'The column that owns a sequence.'),
	('TableDescription', NULL, NULL, false, 'The description of a table or view, for people and for programs that write queries.'),
	('TableDescriptionColumn', NULL, NULL, false, 'The description of a column.'),
	('ColumnReference', NULL, NULL, false, 'The target of a column''s foreign key: of several, the first by constraint name.'),
	('TableDescriptionList', NULL, NULL, false, 'A page of table descriptions.'),
	('TableDescriptionUpdate', NULL, NULL, true, 'Texts about a table and its columns. Absent texts stay; null deletes a text.'),
	('ColumnDescriptionUpdate', NULL, NULL, true, 'A text about a column.'),
	('SealingKey', NULL, NULL, false, 'The public key that clients may seal credentials for, so that no server on the way sees them in the clear.'),
	('SealedCredentials', NULL, NULL, true, 'Credentials that a client sealed itself for the key of GET /api/v1/sealing-key.'),
	('Pagination', NULL, NULL, false, 'The position of the page among all pages.'),
	('Error', NULL, NULL, false, 'The reason of a failed request. A failed request changes nothing.'),
	('ErrorBody', NULL, NULL, false, 'The failure.')
	) AS o (name, extends, columns_of, is_closed, description);

-- Their members. A name that ends in ? may be absent; more has further keywords of JSON Schema.
CREATE OR REPLACE VIEW rivergen_catalog.openapi_member AS
	SELECT row_number() OVER () AS position, m.*
	FROM (VALUES
	('DataSourceItem', 'id', 'integer', NULL, NULL::jsonb),
	('DataSourceItem', 'organization_id', 'integer', NULL, NULL),
	('DataSourceItem', 'workspace_id', 'integer | null', NULL, NULL),
	('DataSourceItem', 'name', 'text', NULL, NULL),
	('DataSourceItem', 'type', 'DataSourceTypeEnum', NULL, NULL),
	('DataSourceItem', 'description', 'text | null', NULL, NULL),
	('DataSourceItem', 'host', 'text | null', NULL, NULL),
	('DataSourceItem', 'port', 'integer | null', NULL, NULL),
	('DataSourceItem', 'database_name', 'text | null', NULL, NULL),
	('DataSourceItem', 'schema_name', 'text | null', NULL, NULL),
	('DataSourceItem', 'file_path', 'text | null', NULL, NULL),
	('DataSourceItem', 'use_ssh_tunnel', 'boolean', NULL, NULL),
	('DataSourceItem', 'ssh_host', 'text | null', NULL, NULL),
	('DataSourceItem', 'ssh_port', 'integer | null', NULL, NULL),
	('DataSourceItem', 'status', 'DataSourceStatus', NULL, NULL),
	('DataSourceItem', 'last_tested_at', 'time | null', NULL, NULL),
	('DataSourceItem', 'last_successful_connection_at', 'time | null', NULL, NULL),
	('DataSourceItem', 'schema_discovered_at', 'time | null', NULL, NULL),
	('DataSourceItem', 'schema_auto_refresh', 'boolean', NULL, NULL),
	('DataSourceItem', 'tags', 'text[]', NULL, NULL),
	('DataSourceItem', 'created_at', 'time', NULL, NULL),
	('DataSourceItem', 'updated_at', 'time', NULL, NULL),

	('DataSource', 'ssh_username', 'text | null', NULL, NULL),
	('DataSource', 'ssh_key_id', 'integer | null', NULL, NULL),
	('DataSource', 'ssh_local_port', 'integer | null', NULL, NULL),
	('DataSource', 'connection_pool_size', 'integer', NULL, NULL),
	('DataSource', 'connection_timeout', 'integer', NULL, NULL),
	('DataSource', 'query_timeout', 'integer', NULL, NULL),
	('DataSource', 'max_retries', 'integer', NULL, NULL),
	('DataSource', 'last_failed_connection_at', 'time | null', NULL, NULL),
	('DataSource', 'failure_count', 'integer', NULL, NULL),
	('DataSource', 'failure_reason', 'text | null', NULL, NULL),
	('DataSource', 'schema_refresh_interval', 'integer', NULL, NULL),
	('DataSource', 'metadata', 'Metadata', NULL, NULL),
	('DataSource', 'created_by_user_id', 'integer', NULL, NULL),
	('DataSource', 'updated_by_user_id', 'integer | null', NULL, NULL),

	('DataSourceList', 'items', 'DataSourceItem[]', 'The data sources.', NULL),
	('DataSourceList', 'pagination?', 'Pagination', 'Absent when after was given.', NULL),
	('DataSourceList', 'next_cursor?', 'text | null', 'The after of the next page; null at the end. Only when after was given.', NULL),

	('DataSourceReference', 'id', 'integer', NULL, NULL),

	('Metadata', 'tls?', 'TlsOptions | null', 'How the connection is encrypted.', NULL),
	('Metadata', 'scan?', 'ScanOptions | null', 'The parts of a scan''s results.', NULL),
	('Metadata', 'discovery?', 'DiscoveryOptions | null', 'The patterns and hours of discovery.', NULL),
	('TlsOptions', 'mode?', 'text', 'Whether the connection is encrypted, and how the server''s certificate is checked.', '{"enum": ["disable", "prefer", "require", "verify-ca", "verify-full"]}'),
	('TlsOptions', 'ca?', 'text | null', 'The certificates to trust, in PEM form.', NULL),
	('ScanOptions', 'categories?', 'boolean', 'Whether the values of columns with few different values are stored.', '{"default": true}'),
	('ScanOptions', 'examples?', 'boolean', 'Whether example rows are stored.', '{"default": true}'),
	('ScanOptions', 'masking?', 'boolean', 'Whether values that look secret or personal are masked; only an admin may switch it off.', '{"default": true}'),
	('DiscoveryOptions', 'include?', 'text[] | null', 'Patterns such as sales or hr.*: only schemas and relations that match one of them are discovered.', '{"maxItems": 100}'),
	('DiscoveryOptions', 'exclude?', 'text[] | null', 'Patterns such as *.tmp_*: schemas and relations that match one of them are not discovered.', '{"maxItems": 100}'),
	('DiscoveryOptions', 'window?', 'DiscoveryWindow | null', 'When the schedule may discover.', NULL),
	('DiscoveryWindow', 'from?', 'text | null', 'Its beginning, such as 22:00.', '{"default": "00:00", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}'),
	('DiscoveryWindow', 'to?', 'text | null', 'Its end.', '{"default": "24:00", "pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"}'),
	('DiscoveryWindow', 'time_zone?', 'text | null', 'A name such as Europe/Berlin.', '{"default": "UTC"}'),
	('DiscoveryWindow', 'days?', 'text[] | null', 'The days on which it begins; every day unless given.', '{"minItems": 1, "items": {"type": "string", "pattern": "^([Mm][Oo][Nn]|[Tt][Uu][Ee]|[Ww][Ee][Dd]|[Tt][Hh][Uu]|[Ff][Rr][Ii]|[Ss][Aa][Tt]|[Ss][Uu][Nn])$"}}'),

	('DataSourceType', 'type', 'DataSourceTypeEnum', NULL, NULL),
	('DataSourceType', 'category', 'text', NULL, '{"enum": ["sql", "nosql", "file", "other"]}'),
	('DataSourceType', 'label', 'text', NULL, NULL),
	('DataSourceType', 'required_fields', 'text[]', NULL, NULL),
	('DataSourceType', 'optional_fields', 'text[]', NULL, NULL),
	('DataSourceType', 'credential_keys', 'text[]', NULL, NULL),
	('DataSourceType', 'default_port', 'integer | null', NULL, NULL),
	('DataSourceType', 'database_name_means', 'text | null', NULL, NULL),
	('DataSourceType', 'connector', 'text', NULL, NULL),
	('DataSourceType', 'connector_installed', 'boolean', NULL, NULL),
	('DataSourceType', 'credentials', 'text', NULL, '{"enum": ["required", "optional", "none"]}'),
	('DataSourceType', 'several_hosts', 'boolean', NULL, NULL),

	('ConnectionTest', 'success', 'boolean', 'Whether the connection succeeded.', NULL),
	('ConnectionTest', 'response_time_ms', 'integer | null', 'From the start of the connector to the authenticated connection, in milliseconds.', NULL),
	('ConnectionTest', 'server_version', 'text | null', 'Product and version, as the source reports them.', NULL),
	('ConnectionTest', 'failed_step', 'ConnectionStep | null', 'The step that failed.', NULL),
	('ConnectionTest', 'error_code', 'text | null', 'The reason, for programs: refused, unreachable, timeout, tls, authentication, database_not_found, permission, configuration, unsupported ….', NULL),
	('ConnectionTest', 'error_message', 'text | null', 'The reason, for people.', NULL),
	('ConnectionTest', 'error_detail', 'text | null', 'Further details, such as the place of the fault.', NULL),
	('ConnectionCheck', 'kind', 'text', 'The kind of job that connected.', '{"enum": ["test", "discover"]}'),
	('ConnectionCheck', 'checked_at', 'time', 'When the job connected or failed.', NULL),

	('ResponseTimes', 'p50', 'integer | null', 'The median.', NULL),
	('ResponseTimes', 'p95', 'integer | null', '95 of 100 were at least as fast.', NULL),
	('ResponseTimes', 'p99', 'integer | null', '99 of 100 were at least as fast.', NULL),

	('DataSourceHealth', 'data_source_id', 'integer', 'The data source.', NULL),
	('DataSourceHealth', 'status', 'DataSourceStatus', NULL, NULL),
	('DataSourceHealth', 'server_version', 'text | null', 'Product and version, as the source reported them at the last connection.', NULL),
	('DataSourceHealth', 'last_tested_at', 'time | null', NULL, NULL),
	('DataSourceHealth', 'last_successful_connection_at', 'time | null', NULL, NULL),
	('DataSourceHealth', 'last_failed_connection_at', 'time | null', NULL, NULL),
	('DataSourceHealth', 'failure_count', 'integer', NULL, NULL),
	('DataSourceHealth', 'failure_reason', 'text | null', NULL, NULL),
	('DataSourceHealth', 'quarantined_at', 'time | null', 'Since when the schedule does not connect to it, because connectors or workers crashed too often.', NULL),
	('DataSourceHealth', 'checks_24h', 'integer', 'Tests and discoveries of the last 24 hours.', NULL),
	('DataSourceHealth', 'failures_24h', 'integer', 'Tests and discoveries of the last 24 hours that did not connect.', NULL),
	('DataSourceHealth', 'uptime_percent', 'number | null', 'The share of checks_24h that connected; null without checks.', NULL),
	('DataSourceHealth', 'response_time_ms', 'ResponseTimes', 'How fast they connected.', NULL),
	('DataSourceHealth', 'history', 'ConnectionCheck[]', 'The newest ones, newest first.', NULL),

	('DiscoveredSchema', 'schema_name', 'text', NULL, NULL),
	('DiscoveredSchema', 'tables_count', 'integer', NULL, NULL),
	('DiscoveredSchema', 'views_count', 'integer', NULL, NULL),
	('SkippedObject', 'schema', 'text', 'Its schema.', NULL),
	('SkippedObject', 'name?', 'text', 'Its name; absent when the schema could not be listed.', NULL),
	('SkippedObject', 'reason', 'text', 'Why it could not be read.', NULL),
	('SchemaDiscovery', 'data_source_id', 'integer', 'The data source.', NULL),
	('SchemaDiscovery', 'schemas_discovered', 'DiscoveredSchema[]', 'The schemas, with the empty ones.', NULL),
	('SchemaDiscovery', 'total_tables', 'integer', 'Tables of all schemas.', NULL),
	('SchemaDiscovery', 'total_columns', 'integer', 'Columns of their tables and views.', NULL),
	('SchemaDiscovery', 'discovered_at', 'time', 'When it ended; earlier than now when the answer is from the cache.', NULL),
	('SchemaDiscovery', 'discovery_duration_ms', 'integer', 'How long it took, in milliseconds.', NULL),
	('SchemaDiscovery', 'skipped?', 'SkippedObject[]', 'Schemas and relations that could not be read; of many, the first.', NULL),

	('QueuedJob', 'job_id', 'integer', NULL, NULL),
	('QueuedJob', 'status', 'JobStatus', NULL, NULL),
	('QueuedScan', 'data_source_id', 'integer', NULL, NULL),
	('QueuedScans', 'jobs', 'QueuedScan[]', 'The jobs.', NULL),
	('JobProgress', 'phase', 'text', NULL, NULL),
	('JobProgress', 'relations_total', 'integer | null', NULL, NULL),
	('JobProgress', 'relations', 'integer', NULL, NULL),
	('JobProgress', 'columns', 'integer', NULL, NULL),
	('JobProgress', 'bytes', 'integer', NULL, NULL),
	('ScanResult', 'relations_scanned', 'integer', 'Tables and views that the scan read.', NULL),
	('ScanResult', 'relations_failed', 'integer', 'Tables and views that the scan could not read.', NULL),
	('Job', 'job_id', 'integer', NULL, NULL),
	('Job', 'data_source_id', 'integer', NULL, NULL),
	('Job', 'kind', 'JobKind', NULL, NULL),
	('Job', 'schema_name', 'text | null', NULL, NULL),
	('Job', 'status', 'JobStatus', NULL, NULL),
	('Job', 'cancel_requested', 'boolean', NULL, NULL),
	('Job', 'attempts', 'integer', NULL, NULL),
	('Job', 'requested_by_user_id', 'integer | null', NULL, NULL),
	('Job', 'queued_at', 'time', NULL, NULL),
	('Job', 'run_after', 'time', NULL, NULL),
	('Job', 'started_at', 'time | null', NULL, NULL),
	('Job', 'finished_at', 'time | null', NULL, NULL),
	('Job', 'progress', 'JobProgress | null', 'The progress, while it runs.', NULL),
	('Job', 'error_code', 'text | null', NULL, NULL),
	('Job', 'error_message', 'text | null', NULL, NULL),
	('Job', 'error_detail', 'text | null', NULL, NULL),
	('Job', 'result', 'object | null', NULL, '{"anyOf": [{"$ref": "#/components/schemas/SchemaDiscovery"}, {"$ref": "#/components/schemas/ScanResult"}, {"$ref": "#/components/schemas/ConnectionTest"}, {"type": "null"}]}'),
	('JobList', 'items', 'Job[]', 'The jobs.', NULL),
	('JobList', 'pagination', 'Pagination', 'The position of the page.', NULL),

	('DiscoveredSchemas', 'data_source_id', 'integer', 'The data source.', NULL),
	('DiscoveredSchemas', 'schema_discovered_at', 'time | null', 'When a discovery last succeeded; null before the first success.', NULL),
	('DiscoveredSchemas', 'schemas', 'SchemaDocument[]', 'The schemas, by name; a page has the schemas of its tables, and the first page also those without tables.', NULL),
	('DiscoveredSchemas', 'pagination?', 'Pagination', 'The position of the page of tables; absent when everything is shown.', NULL),
	('SchemaDocument', 'schema_name', 'text', NULL, NULL),
	('SchemaDocument', 'comment', 'text | null', NULL, NULL),
	('SchemaDocument', 'tables_count', 'integer', NULL, NULL),
	('SchemaDocument', 'views_count', 'integer', NULL, NULL),
	('SchemaDocument', 'columns_count', 'integer', NULL, NULL),
	('SchemaDocument', 'tables', 'Relation[]', 'Tables, views and other relations, by name.', NULL),
	('RelationName', 'schema', 'text', 'Its schema.', NULL),
	('RelationName', 'table', 'text', 'Its name.', NULL),
	('Relation', 'table_name', 'text', NULL, NULL),
	('Relation', 'table_type', 'text', NULL, NULL),
	('Relation', 'kind', 'text', NULL, '{"pattern": "^[a-z_]{1,32}$"}'),
	('Relation', 'columns_count', 'integer', NULL, NULL),
	('Relation', 'row_estimate', 'integer | null', NULL, NULL),
	('Relation', 'size_bytes', 'integer | null', NULL, NULL),
	('Relation', 'comment?', 'text', NULL, NULL),
	('Relation', 'owner?', 'text', NULL, NULL),
	('Relation', 'columns?', 'Column[]', 'Its columns, in the source''s order; absent with include_columns=false.', NULL),
	('Relation', 'primary_key?', 'Key', 'Its primary key.', NULL),
	('Relation', 'unique?', 'Key[]', 'Its unique constraints.', NULL),
	('Relation', 'foreign_keys?', 'ForeignKey[]', 'Its foreign keys.', NULL),
	('Relation', 'checks?', 'CheckConstraint[]', 'Its check constraints.', NULL),
	('Relation', 'exclusions?', 'CheckConstraint[]', 'Its exclusion constraints.', NULL),
	('Relation', 'indexes?', 'Index[]', 'Its indexes.', NULL),
	('Relation', 'definition?', 'text', 'Of a view: its query.', NULL),
	('Relation', 'partition_key?', 'text', NULL, NULL),
	('Relation', 'partition_of?', 'RelationName', 'Of a partition: the partitioned table.', NULL),
	('Relation', 'partition_bound?', 'text', NULL, NULL),
	('Relation', 'inherits?', 'RelationName[]', 'The tables that it inherits from.', NULL),
	('Relation', 'server?', 'text', 'Of a foreign table: its server.', NULL),
	('Relation', 'options?', 'object', 'Of a foreign table: its options.', NULL),
	('Relation', 'sequence?', 'Sequence', 'Of a sequence: its range and step.', NULL),
	('Relation', 'unreadable?', 'text[]', NULL, NULL),
	('Column', 'name', 'text', 'As the source spells it.', NULL),
	('Column', 'id?', 'text', 'The source''s own id of the column, which stays when the column is renamed.', NULL),
	('Column', 'type', 'text', 'The source''s own text for the type.', NULL),
	('Column', 'pg_type?', 'text', NULL, NULL),
	('Column', 'repeated?', 'boolean', 'Whether it is an array; type and fields then describe an element.', NULL),
	('Column', 'fields?', 'Column[]', 'The columns that are nested in it.', NULL),
	('Column', 'not_null?', 'boolean', 'Whether it is never null.', NULL),
	('Column', 'default?', 'text', 'The default, as an expression of the source.', NULL),
	('Column', 'identity?', 'text', 'Of identity columns: how they are filled.', '{"enum": ["always", "by default"]}'),
	('Column', 'generated?', 'text', 'Of generated columns: where the value is kept.', '{"enum": ["stored", "virtual"]}'),
	('Column', 'expression?', 'text', 'Of generated columns: the expression.', NULL),
	('Column', 'collation?', 'text', 'Where it is not the type''s default.', NULL),
	('Column', 'comment?', 'text', NULL, NULL),
	('Column', 'enum?', 'text[]', 'The values of an enumeration, in its order.', NULL),
	('Column', 'domain_base?', 'text', NULL, NULL),
	('Key', 'name?', 'text', 'Its name.', NULL),
	('Key', 'columns', 'text[]', 'Its columns, in its order.', NULL),
	('Key', 'nulls_not_distinct?', 'boolean', 'Whether the key treats two nulls as equal.', NULL),
	('Key', 'temporal?', 'boolean', 'Whether its last column is a period.', NULL),
	('Key', 'deferrable?', 'boolean', 'Whether it may be deferred.', NULL),
	('Key', 'deferred?', 'boolean', 'Whether it is deferred unless a transaction sets it otherwise.', NULL),
	('Key', 'not_enforced?', 'boolean', 'True where the source does not enforce it.', NULL),
	('ForeignKey', 'name?', 'text', 'Its name.', NULL),
	('ForeignKey', 'columns', 'text[]', 'Its columns, in its order.', NULL),
	('ForeignKey', 'schema?', 'text', 'The schema that it points into.', NULL),
	('ForeignKey', 'table', 'text', 'The table that it points to.', NULL),
	('ForeignKey', 'referenced_columns', 'text[]', 'The columns there, in the same order.', NULL),
	('ForeignKey', 'on_update?', 'text', 'The action when the referenced row changes; no action when absent.', NULL),
	('ForeignKey', 'on_delete?', 'text', 'The action when the referenced row is deleted; no action when absent.', NULL),
	('ForeignKey', 'match?', 'text', 'How a key with some null columns is checked.', NULL),
	('ForeignKey', 'deferrable?', 'boolean', 'Whether it may be deferred.', NULL),
	('ForeignKey', 'deferred?', 'boolean', 'Whether it is deferred unless a transaction sets it otherwise.', NULL),
	('ForeignKey', 'on_delete_columns?', 'text[]', 'The columns that set null or set default sets; all of the key when absent.', NULL),
	('ForeignKey', 'temporal?', 'boolean', 'Whether its last column is a period.', NULL),
	('ForeignKey', 'not_valid?', 'boolean', 'True while existing rows are not checked.', NULL),
	('ForeignKey', 'not_enforced?', 'boolean', 'True where the source does not enforce it.', NULL),
	('CheckConstraint', 'name?', 'text', 'Its name.', NULL),
	('CheckConstraint', 'definition', 'text', 'Its text.', NULL),
	('CheckConstraint', 'not_valid?', 'boolean', 'True while existing rows are not checked.', NULL),
	('CheckConstraint', 'not_enforced?', 'boolean', 'True where the source does not enforce it.', NULL),
	('Index', 'name', 'text', 'Its name.', NULL),
	('Index', 'method?', 'text', NULL, NULL),
	('Index', 'unique?', 'boolean', 'Whether it is unique.', NULL),
	('Index', 'primary?', 'boolean', 'Whether it is the primary key''s.', NULL),
	('Index', 'columns?', 'text[]', 'Columns or expressions, in its order.', NULL),
	('Index', 'include?', 'text[]', 'Columns that are only carried along.', NULL),
	('Index', 'predicate?', 'text', NULL, NULL),
	('Index', 'invalid?', 'boolean', 'True while it cannot be used.', NULL),
	('Index', 'definition?', 'text', NULL, NULL),
	('Sequence', 'type?', 'text', 'Its type.', NULL),
	('Sequence', 'start?', 'integer', 'Where it starts.', NULL),
	('Sequence', 'increment?', 'integer', 'Its step.', NULL),
	('Sequence', 'minimum?', 'integer', 'Its least value.', NULL),
	('Sequence', 'maximum?', 'integer', 'Its greatest value.', NULL),
	('Sequence', 'cache?', 'integer', 'How many values a session takes at once.', NULL),
	('Sequence', 'cycle?', 'boolean', 'Whether it starts again at its end.', NULL),
	('Sequence', 'owned_by?', 'SequenceOwner', 'The column that owns it.', NULL),
	('SequenceOwner', 'schema', 'text', 'The schema.', NULL),
	('SequenceOwner', 'table', 'text', 'The table.', NULL),
	('SequenceOwner', 'column', 'text', 'The column.', NULL),

	('TableDescription', 'id', 'text', 'The table description.', NULL),
	('TableDescription', 'db_connection_id', 'text', 'The data source.', NULL),
	('TableDescription', 'table_name', 'text', 'As the source spells it.', NULL),
	('TableDescription', 'description', 'text | null', 'The text that users wrote, else the source''s comment.', NULL),
	('TableDescription', 'table_schema', 'text', 'Its schema.', NULL),
	('TableDescription', 'status', 'TableDescriptionStatus', 'The state of the table and of its last scan.', NULL),
	('TableDescription', 'error_message', 'text | null', 'Why the scan failed.', NULL),
	('TableDescription', 'columns', 'TableDescriptionColumn[]', 'Its columns, in the source''s order.', NULL),
	('TableDescription', 'examples', 'object[]', 'A few rows: texts and nulls by column, *** for what looks secret or personal.', '{"items": {"type": "object", "additionalProperties": {"type": ["string", "null"]}}}'),
	('TableDescription', 'description_source?', 'text | null', 'The origin of the description: people (users wrote it) or source (its comment).', '{"enum": ["people", "source", null]}'),
	('TableDescription', 'comment?', 'text | null', 'The source''s own comment.', NULL),
	('TableDescription', 'scanned_at?', 'time | null', 'When the last scan ended, with or without success.', NULL),
	('TableDescriptionColumn', 'name', 'text', 'As the source spells it.', NULL),
	('TableDescriptionColumn', 'is_primary_key', 'boolean', 'Whether it is part of the primary key.', NULL),
	('TableDescriptionColumn', 'data_type', 'text', 'The source''s own text for the type.', NULL),
	('TableDescriptionColumn', 'description', 'text | null', 'The text that users wrote, else the source''s comment.', NULL),
	('TableDescriptionColumn', 'low_cardinality', 'boolean', 'Whether it has few different values.', NULL),
	('TableDescriptionColumn', 'categories', 'text[]', 'Those values; empty if there are many.', NULL),
	('TableDescriptionColumn', 'foreign_key', 'ColumnReference | null', 'The column that it references.', NULL),
	('TableDescriptionColumn', 'description_source?', 'text | null', 'The origin of the description: people (users wrote it) or source (its comment).', '{"enum": ["people", "source", null]}'),
	('TableDescriptionColumn', 'comment?', 'text | null', 'The source''s own comment.', NULL),
	('ColumnReference', 'field_name', 'text', 'The column there.', NULL),
	('ColumnReference', 'reference_table', 'text', 'The table, with its schema if that is another one.', NULL),
	('TableDescriptionList', 'items', 'TableDescription[]', 'The descriptions.', NULL),
	('TableDescriptionList', 'pagination', 'Pagination', 'The position of the page.', NULL),
	('TableDescriptionUpdate', 'description?', 'text | null', 'About the table.', '{"maxLength": 65536}'),
	('TableDescriptionUpdate', 'columns?', 'ColumnDescriptionUpdate[]', 'About columns; the texts of other columns stay.', NULL),
	('ColumnDescriptionUpdate', 'name', 'text', 'The column.', NULL),
	('ColumnDescriptionUpdate', 'description', 'text | null', 'About the column.', '{"maxLength": 65536}'),

	('SealingKey', 'organization_id', 'integer', 'Sealed credentials are valid in this organization only.', NULL),
	('SealingKey', 'key_id', 'integer', 'The key.', NULL),
	('SealingKey', 'algorithm', 'text', 'The algorithm to seal with.', NULL),
	('SealingKey', 'public_key', 'text', 'The public key, in base64.', '{"contentEncoding": "base64"}'),
	('SealedCredentials', 'sealed', 'text', 'The sealed box, in base64.', '{"contentEncoding": "base64", "maxLength": 1048576}'),
	('SealedCredentials', 'key_id', 'integer', 'The key that it is sealed for.', '{"minimum": 1}'),
	('SealedCredentials', 'keys?', 'text[] | null', 'The names of the credentials inside.', NULL),

	('Pagination', 'page', 'integer', 'The page; the first is 1.', NULL),
	('Pagination', 'page_size', 'integer', 'How many items a page has at most.', NULL),
	('Pagination', 'total_items', 'integer', 'How many there are on all pages.', NULL),
	('Pagination', 'total_pages', 'integer', 'How many pages there are.', NULL),
	('Pagination', 'has_next', 'boolean', 'Whether there is a page after this one.', NULL),
	('Pagination', 'has_previous', 'boolean', 'Whether there is a page before this one.', NULL),

	('Error', 'success', 'boolean', 'Always false.', '{"const": false}'),
	('Error', 'error', 'ErrorBody', 'The failure.', NULL),
	('ErrorBody', 'code', 'ErrorCode', 'The code, for programs.', NULL),
	('ErrorBody', 'message', 'text', 'The fault, for people.', NULL),
	('ErrorBody', 'details', 'text[]', 'Every fault of the request with its place; then what to do.', NULL)
	) AS m (object, name, type, description, more);

-- The COMMENT of a column of one of the public views.
CREATE OR REPLACE FUNCTION rivergen_catalog.column_comment(relation text, column_name text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT col_description(a.attrelid, a.attnum)
	FROM pg_attribute a
	WHERE a.attrelid = ('rivergen.' || relation)::regclass AND a.attname = column_name;
END;

-- The JSON Schemas of all objects, in their order.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_objects() RETURNS TABLE ("position" bigint, name text, body json)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH member AS (
		SELECT o.name AS object, o.columns_of, m.position, rtrim(m.name, '?') AS name, m.name LIKE '%?' AS is_optional,
			m.type, m.description, m.more
		FROM rivergen_catalog.openapi_object o
		JOIN rivergen_catalog.openapi_member m ON m.object IN (o.name, o.extends)
	), described AS (
		SELECT m.object, json_object_agg(m.name, jsonb_strip_nulls(jsonb_build_object('description',
				coalesce(m.description, rivergen_catalog.column_comment(m.columns_of, m.name))))
				|| rivergen_catalog.openapi_type(m.type) || coalesce(m.more, '{}') ORDER BY m.position) AS properties,
			coalesce(json_agg(m.name ORDER BY m.position) FILTER (WHERE NOT m.is_optional), '[]') AS required
		FROM member m
		GROUP BY m.object
	)
	SELECT o.position, o.name, json_build_object(
		'type', 'object',
		'description', o.description,
		'properties', d.properties,
		'required', d.required,
		'additionalProperties', NOT o.is_closed)
	FROM rivergen_catalog.openapi_object o
	JOIN described d ON d.object = o.name;
END;
-- The examples of the specification's pages, word for word where they are JSON. Two are corrected: the answer of the update
-- page lacks some of the fields; the page of the table descriptions has types in the place of values and lacks a comma.
CREATE OR REPLACE VIEW rivergen_catalog.openapi_example AS
	SELECT row_number() OVER () AS position, e.*
	FROM (VALUES
	('createDataSource', 'request', 'every_field', 'Every field', '{
"workspace_id": 1,
"name": "Production PostgreSQL",
"type": "postgresql",
"description": "Main production database",
"host": "db.example.com",
"port": 5432,
"database_name": "production",
"schema_name": "public",
"connection_string": null,
"file_path": null,
"use_ssh_tunnel": false,
"ssh_host": null,
"ssh_port": 22,
"ssh_username": null,
"ssh_local_port": null,
"connection_pool_size": 5,
"connection_timeout": 30,
"query_timeout": 300,
"max_retries": 3,
"schema_auto_refresh": true,
"schema_refresh_interval": 3600,
"credentials": {
"username": "dbuser",
"password": "securepassword",
"api_key": null,
"oauth_token": null,
"ssh_private_key": null,
"ssh_passphrase": null,
"warehouse": null,
"role": null
},
"metadata": {},
"tags": ["production", "database"]
}'::json),
	('createDataSource', 'request', 'what_is_needed', 'What a database needs', '{
"name": "Production PostgreSQL",
"type": "postgresql",
"host": "db.example.com",
"port": 5432,
"database_name": "production",
"credentials": {
"username": "dbuser",
"password": "securepassword"
}
}'),
	('createDataSource', 'answer', 'created', 'A new data source', '{
"success": true,
"data": {
"id": 1,
"organization_id": 1,
"workspace_id": 1,
"name": "Production PostgreSQL",
"type": "postgresql",
"description": "Main production database",
"host": "db.example.com",
"port": 5432,
"database_name": "production",
"schema_name": "public",
"file_path": null,
"use_ssh_tunnel": false,
"ssh_host": null,
"ssh_port": null,
"ssh_username": null,
"ssh_key_id": null,
"ssh_local_port": null,
"connection_pool_size": 5,
"connection_timeout": 30,
"query_timeout": 300,
"max_retries": 3,
"status": "inactive",
"last_tested_at": null,
"last_successful_connection_at": null,
"last_failed_connection_at": null,
"failure_count": 0,
"failure_reason": null,
"schema_discovered_at": null,
"schema_auto_refresh": true,
"schema_refresh_interval": 3600,
"metadata": {},
"tags": ["production", "database"],
"created_by_user_id": 1,
"created_at": "2024-12-01T08:00:00Z",
"updated_at": "2024-12-01T08:00:00Z",
"updated_by_user_id": null
},
"message": "Data source created successfully"
}'),
	('updateDataSource', 'request', 'several_fields', 'Several fields', '{
"name": "Updated PostgreSQL",
"description": "Updated description",
"host": "newhost.example.com",
"port": 5433,
"connection_pool_size": 10,
"connection_timeout": 60,
"tags": ["updated", "production"]
}'),
	('updateDataSource', 'request', 'two_fields', 'Two fields', '{
"name": "Updated PostgreSQL",
"connection_pool_size": 10
}'),
	('updateDataSource', 'answer', 'updated', 'The data source as it is now', '{
"success": true,
"data": {
"id": 1,
"organization_id": 1,
"workspace_id": 1,
"name": "Updated PostgreSQL",
"type": "postgresql",
"description": "Updated description",
"host": "newhost.example.com",
"port": 5433,
"database_name": "production",
"schema_name": "public",
"file_path": null,
"use_ssh_tunnel": false,
"ssh_host": null,
"ssh_port": null,
"ssh_username": null,
"ssh_key_id": null,
"ssh_local_port": null,
"connection_pool_size": 10,
"connection_timeout": 60,
"query_timeout": 300,
"max_retries": 3,
"status": "active",
"last_tested_at": "2024-12-01T10:00:00Z",
"last_successful_connection_at": "2024-12-01T10:00:00Z",
"last_failed_connection_at": null,
"failure_count": 0,
"failure_reason": null,
"schema_discovered_at": "2024-12-01T09:00:00Z",
"schema_auto_refresh": true,
"schema_refresh_interval": 3600,
"metadata": {},
"tags": ["updated", "production"],
"created_by_user_id": 1,
"created_at": "2024-12-01T08:00:00Z",
"updated_at": "2024-12-01T11:00:00Z",
"updated_by_user_id": 1
},
"message": "Data source updated successfully"
}'),
	('listDataSources', 'answer', 'first_page', 'A page', '{
"success": true,
"data": {
"items": [
{
"id": 1,
"organization_id": 1,
"workspace_id": 1,
"name": "Production PostgreSQL",
"type": "postgresql",
"description": "Main production database",
"host": "db.example.com",
"port": 5432,
"database_name": "production",
"schema_name": "public",
"file_path": null,
"use_ssh_tunnel": false,
"ssh_host": null,
"ssh_port": null,
"status": "active",
"last_tested_at": "2024-12-01T10:00:00Z",
"last_successful_connection_at": "2024-12-01T10:00:00Z",
"schema_discovered_at": "2024-12-01T09:00:00Z",
"schema_auto_refresh": true,
"tags": ["production", "database"],
"created_at": "2024-12-01T08:00:00Z",
"updated_at": "2024-12-01T10:00:00Z"
}
],
"pagination": {
"page": 1,
"page_size": 20,
"total_items": 15,
"total_pages": 1,
"has_next": false,
"has_previous": false
}
},
"message": "Data sources retrieved successfully"
}'),
	('discoverSchema', 'answer', 'discovered', 'Two schemas', '{
"success": true,
"data": {
"data_source_id": 1,
"schemas_discovered": [
{
"schema_name": "public",
"tables_count": 25,
"views_count": 5
},
{
"schema_name": "analytics",
"tables_count": 10,
"views_count": 2
}
],
"total_tables": 35,
"total_columns": 450,
"discovered_at": "2024-12-01T11:00:00Z",
"discovery_duration_ms": 5234
},
"message": "Schema discovery completed"
}'),
	('refreshTableDescriptions', 'request', 'data_source', 'A data source', '{
"db_connection_id": "1"
}'),
	('refreshTableDescriptions', 'answer', 'refreshed', 'A table with one column', '[{
"id": "string",
"db_connection_id": "string",
"table_name": "string",
"description": "string",
"table_schema": "string",
"status": "NOT_SCANNED",
"error_message": "string",
"columns": [
{
"name": "string",
"is_primary_key": false,
"data_type": "str",
"description": "string",
"low_cardinality": false,
"categories": [
"string"
],
"foreign_key": {
"field_name": "string",
"reference_table": "string"
}
}
],
"examples": []
}]')
	) AS e (operation, place, name, summary, value);
-- The bodies that create and change a data source, made from the tables that check them (src/check/field.c,
-- src/check/source_type.c): the document cannot promise what the check refuses.

CREATE OR REPLACE FUNCTION rivergen_catalog.request_fields(
	OUT "position" integer, OUT name text, OUT kind text, OUT minimum bigint, OUT maximum bigint, OUT initial jsonb,
	OUT is_required boolean, OUT is_fixed boolean) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'rg_sql_request_fields'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 22;

-- The schema of a field's values, without null. A bound beyond the integers that every JSON parser knows is left out.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_field(name text, kind text, minimum bigint, maximum bigint) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN name = 'type' THEN rivergen_catalog.openapi_reference('DataSourceTypeEnum')
		WHEN kind = 'metadata' THEN rivergen_catalog.openapi_reference('Metadata')
		WHEN kind = 'tags' THEN '{"type": "array", "maxItems": 100,
			"items": {"type": "string", "minLength": 1, "maxLength": 100}}'
		WHEN kind = 'boolean' THEN '{"type": "boolean"}'
		WHEN kind = 'integer' THEN jsonb_strip_nulls(jsonb_build_object('type', 'integer', 'minimum', minimum,
			'maximum', CASE WHEN maximum < 1::bigint << 53 THEN maximum END))
		ELSE jsonb_strip_nulls(jsonb_build_object('type', 'string', 'minLength', nullif(minimum, 0), 'maxLength', maximum))
			|| CASE WHEN kind = 'path' THEN '{"pattern": "^organizations/[0-9]+/"}'::jsonb ELSE '{}' END END;

-- Members of such a request that are no fields, and the field that they follow.
CREATE OR REPLACE VIEW rivergen_catalog.openapi_extra_member (name, after, is_for_update, schema) AS
	VALUES
	('connection_string', 'schema_name', true, '{"type": ["string", "null"],
		"description": "Instead of host, port and database_name: a URL, for PostgreSQL also keywords and values. Its parts become fields and credentials at once; the string itself is not stored."}'::jsonb),
	('storage_file_id', 'file_path', true, '{"type": ["integer", "null"], "deprecated": true,
		"description": "Use file_path instead. This field is ignored."}'),
	('credentials', 'schema_refresh_interval', false, '{"$ref": "#/components/schemas/Credentials",
		"description": "The credentials of the connection; an empty object if it needs none. Encrypted at once, and never shown."}');

-- In a new source a null field is as if absent, unless it is required; in a change null clears the field, or resets it to its
-- default.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_request_members(for_update boolean) RETURNS json
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH field AS (
		SELECT f.position::numeric, f.name, jsonb_strip_nulls(jsonb_build_object(
			'description', rivergen_catalog.column_comment('data_sources', f.name),
			'default', CASE WHEN NOT for_update THEN f.initial END))
			|| CASE WHEN f.is_required THEN s.body ELSE rivergen_catalog.openapi_nullable(s.body) END AS body
		FROM rivergen_catalog.request_fields() f
		CROSS JOIN LATERAL rivergen_catalog.openapi_field(f.name, f.kind, f.minimum, f.maximum) s (body)
		WHERE NOT (for_update AND f.is_fixed)
	), member AS (
		SELECT * FROM field
		UNION ALL
		SELECT f.position + 0.5, e.name, e.schema
		FROM rivergen_catalog.openapi_extra_member e
		JOIN field f ON f.name = e.after
		WHERE e.is_for_update OR NOT for_update
	)
	SELECT json_object_agg(name, body ORDER BY position) FROM member;
END;

-- Requires every member to be present and not null.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_given(VARIADIC names text[]) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN jsonb_build_object('required', names, 'properties', (
		SELECT jsonb_object_agg(n, '{"not": {"type": "null"}}'::jsonb) FROM unnest(names) n));

-- The types, grouped by the names of their credentials.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_credentials_by_type() RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_agg(jsonb_build_object(
		'if', jsonb_build_object('required', '["type"]'::jsonb,
			'properties', jsonb_build_object('type', jsonb_build_object('enum', k.types))),
		'then', jsonb_build_object('properties', jsonb_build_object('credentials', jsonb_build_object(
			'propertyNames', jsonb_build_object('enum', k.keys))))) ORDER BY k.position)
	FROM (SELECT min(t.position) AS position, jsonb_agg(t.type ORDER BY t.position) AS types,
			to_jsonb(t.credential_keys || (SELECT array_agg(trim(TRAILING '?' FROM m.name) ORDER BY m.position)
				FROM rivergen_catalog.openapi_member m WHERE m.object = 'SealedCredentials')) AS keys
		FROM rivergen.data_source_types() t
		GROUP BY t.credential_keys) k;
END;

-- The fields that a new source must have because of its type or its tunnel.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_requirements() RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH type AS (
		SELECT t.position, t.type, 'connection_string' = ANY (t.optional_fields) AS takes_string,
			(SELECT array_agg(f.name ORDER BY f.position) FROM unnest(t.required_fields) r (name)
			 JOIN rivergen_catalog.request_fields() f ON f.name = r.name AND NOT f.is_required) AS needs
		FROM rivergen.data_source_types() t
	), kind AS (
		SELECT min(position) AS position, jsonb_agg(type ORDER BY position) AS types, needs, takes_string
		FROM type
		WHERE needs IS NOT NULL
		GROUP BY needs, takes_string
	)
	SELECT jsonb_agg(jsonb_build_object(
		'if', jsonb_build_object('required', '["type"]'::jsonb,
			'properties', jsonb_build_object('type', jsonb_build_object('enum', types))),
		'then', CASE WHEN takes_string THEN jsonb_build_object('anyOf', jsonb_build_array(
			rivergen_catalog.openapi_given(VARIADIC needs), rivergen_catalog.openapi_given('connection_string')))
			ELSE rivergen_catalog.openapi_given(VARIADIC needs) END) ORDER BY position)
		|| jsonb_build_object(
			'if', '{"required": ["use_ssh_tunnel"], "properties": {"use_ssh_tunnel": {"const": true}}}'::jsonb,
			'then', rivergen_catalog.openapi_given('ssh_host', 'ssh_username'))
	FROM kind;
END;

-- Descriptions of the members of credentials; the type table says which of them a type has.
CREATE OR REPLACE VIEW rivergen_catalog.openapi_credential AS
	SELECT row_number() OVER () AS position, c.*
	FROM (VALUES
	('username', 'Database username'),
	('password', 'Database password'),
	('api_key', 'API key for API-based sources'),
	('oauth_token', 'OAuth token'),
	('ssh_private_key', 'SSH private key for tunnel'),
	('ssh_passphrase', 'SSH key passphrase'),
	('warehouse', 'Snowflake warehouse'),
	('role', 'Snowflake role'),
	('tls_client_certificate', 'TLS client certificate, in PEM form'),
	('tls_client_key', 'Its private key, in PEM form'),
	('access_key_id', 'AWS access key'),
	('secret_access_key', 'Its secret'),
	('session_token', 'AWS session token, of temporary keys'),
	('service_account', 'Google service account, as the JSON text of its key file'),
	('private_key', 'Private key of the user, in PEM form'),
	('private_key_passphrase', 'Its passphrase'),
	('client_id', 'OAuth client'),
	('client_secret', 'Its secret')
	) AS c (name, description);

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_credentials() RETURNS json
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH key AS (
		SELECT k.name, count(*) AS types, string_agg(t.type, ', ' ORDER BY t.position) AS names
		FROM rivergen.data_source_types() t
		CROSS JOIN LATERAL unnest(t.credential_keys) k (name)
		GROUP BY k.name
	)
	SELECT json_build_object(
		'type', 'object',
		'description', 'Credentials in the clear.',
		'properties', json_object_agg(k.name, jsonb_build_object(
			'type', '["string", "null"]'::jsonb,
			'minLength', 1,
			'maxLength', 65536,
			'description', c.description || CASE WHEN k.types < (SELECT count(*) FROM rivergen.data_source_types())
				THEN format('; for %s', k.names) ELSE '' END) ORDER BY c.position, k.name),
		'additionalProperties', false)
	FROM key k
	LEFT JOIN rivergen_catalog.openapi_credential c USING (name);
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_requests() RETURNS TABLE (place integer, "position" bigint, name text, body json)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	VALUES
	(1, 1::bigint, 'DataSourceCreate', json_build_object(
		'type', 'object',
		'description', 'A new data source. A null member is as if absent.',
		'properties', rivergen_catalog.openapi_request_members(false),
		'required', (SELECT jsonb_agg(f.name) FROM rivergen_catalog.request_fields() f WHERE f.is_required) || '["credentials"]',
		'additionalProperties', false,
		'allOf', rivergen_catalog.openapi_requirements() || rivergen_catalog.openapi_credentials_by_type())),
	(1, 2, 'DataSourceUpdate', json_build_object(
		'type', 'object',
		'description', 'The fields to change. null clears a field, or resets it to its default.',
		'properties', rivergen_catalog.openapi_request_members(true),
		'additionalProperties', false)),
	(1, 3, 'Credentials', '{"description": "Credentials in the clear, or sealed by the client.",
		"oneOf": [{"$ref": "#/components/schemas/DataSourceCredentials"},
			{"$ref": "#/components/schemas/SealedCredentials"}]}'),
	(1, 4, 'DataSourceCredentials', rivergen_catalog.openapi_credentials());
END;
-- The document of GET /api/v1/openapi.json: OpenAPI 3.1, made from the table of routes (src/http/routes.c), from the tables
-- of 350, 360 and 370, and from the COMMENTs.

CREATE OR REPLACE FUNCTION rivergen_catalog.http_routes(
	OUT "position" integer, OUT operation text, OUT method text, OUT path text, OUT tag text, OUT summary text,
	OUT statement text, OUT argument oid, OUT body text, OUT answer text, OUT is_bare boolean, OUT status integer,
	OUT success text, OUT errors integer[], OUT is_public boolean) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'rg_sql_http_routes'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 30;

CREATE OR REPLACE FUNCTION rivergen_catalog.http_parameters(
	OUT operation text, OUT "position" integer, OUT name text, OUT place text, OUT kind text, OUT is_required boolean,
	OUT initial text, OUT minimum bigint, OUT maximum bigint, OUT among text[], OUT description text) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'rg_sql_http_parameters'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 60;

CREATE OR REPLACE VIEW rivergen_catalog.openapi_tag (name, description) AS
	VALUES
	('Data sources', 'Registering and changing data sources, testing them, their health.'),
	('Discovery', 'The schemas, tables and columns of data sources, and the jobs that discover them.'),
	('Table descriptions', 'Descriptions of tables, for people and for programs that write queries.'),
	('Reference', 'Reference data about this service, for clients.');

CREATE OR REPLACE FUNCTION rivergen_catalog.error_code(status integer) RETURNS text
	AS 'MODULE_PATHNAME', 'rg_sql_error_code'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- The failures of requests. In the document, a failure that a route does not name is its "default" answer, with the code.
CREATE OR REPLACE VIEW rivergen_catalog.openapi_failure AS
	SELECT status, rivergen_catalog.error_code(status) AS code, name, description, header
	FROM (VALUES
	(400, 'BadRequest', 'Invalid request data or validation error; details names every fault', NULL),
	(401, 'Unauthorized', 'Invalid or missing authentication token', 'WWW-Authenticate'),
	(403, 'Forbidden', 'User is not a member of any organization, or may not do this', NULL),
	(404, 'NotFound', 'The organization of the user has no such resource', NULL),
	(405, 'MethodNotAllowed', 'The path does not take this method; Allow names the methods that it takes', NULL),
	(409, 'Conflict', 'The present state does not allow it: a name is taken, or the resource is in another state', NULL),
	(412, 'PreconditionFailed', 'It was changed since the version that If-Match names', NULL),
	(413, 'PayloadTooLarge', 'The body is too large, or the answer would be', NULL),
	(414, 'UriTooLong', 'The path and the query are too long', NULL),
	(415, 'UnsupportedMediaType', 'The body is not JSON, or compressed', NULL),
	(429, 'TooManyRequests', 'The organization has too many jobs in the queue', 'Retry-After'),
	(500, 'InternalError', 'A fault of this server; its log has the details', NULL),
	(501, 'NotImplemented', 'No connector is installed for the type, or the connector cannot do this', NULL),
	(502, 'BadGateway', 'The data source refused or failed; details names the job', NULL),
	(503, 'ServiceUnavailable', 'Not now: no worker, no sealing key, a fault that the operator must mend, or the server is starting', 'Retry-After'),
	(504, 'GatewayTimeout', 'The data source did not answer in time; details names the job', NULL)
	) AS f (status, name, description, header);

CREATE OR REPLACE VIEW rivergen_catalog.openapi_header (name, description, example) AS
	VALUES
	('ETag', 'Names this version of the data source; for If-Match.', '"2024-12-01T11:00:00.000000Z"'),
	('Location', 'The path of the resource.', '/api/v1/data-sources/1'),
	('Preference-Applied', 'The preference of the request that was applied.', 'respond-async'),
	('Retry-After', 'The seconds to wait before the next try.', '5'),
	('WWW-Authenticate', 'How to authenticate.', 'Bearer');

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_headers(VARIADIC names text[]) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_object_agg(n, jsonb_build_object('$ref', '#/components/headers/' || n))
	FROM unnest(names) n WHERE n IS NOT NULL;
END;

-- ---- an operation ----

-- The COMMENT of the function or view that the statement uses last, and the names of its arguments.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_comment(
	statement text, argument oid, OUT comment text, OUT arguments text[]) RETURNS record
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH called AS (
		SELECT substring(statement FROM '.*rivergen\.(\w+)') AS name
	), function AS (
		SELECT obj_description(p.oid, 'pg_proc') AS comment, p.proargnames AS arguments
		FROM pg_proc p
		WHERE p.pronamespace = 'rivergen'::regnamespace AND p.proname = (SELECT name FROM called)
		ORDER BY p.proargtypes[0] = argument DESC NULLS LAST LIMIT 1
	)
	SELECT coalesce(obj_description(to_regclass('rivergen.' || c.name), 'pg_class'), f.comment), f.arguments
	FROM called c
	LEFT JOIN function f ON true;
END;

-- A COMMENT ends with the statuses of failures, some with a reason in parentheses, and with the page it comes from. Sentences
-- about an argument ("name: …") are left out: parameters have descriptions of their own.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_description(comment text, arguments text[]) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT string_agg(s.text, ' ' ORDER BY s.ordinality)
	FROM regexp_split_to_table(regexp_replace(comment, '\s*\m(Errors|Source): .*$', ''), '(?<=\.)\s+')
		WITH ORDINALITY s (text, ordinality)
	WHERE (substring(s.text FROM '^(\w+): ') = ANY (arguments)) IS NOT TRUE;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_reason(comment text, status integer) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT upper(left(r.text, 1) COLLATE "C") || regexp_replace(substr(r.text, 2), '; \w+: .*$', '')
	FROM (SELECT substring(comment FROM 'Errors: .*\m' || status || ' \(((?:[^()]|\([^()]*\))*)\)')) r (text);
END;

-- The schema of a parameter's values. Ids in bodies may be texts, as on the page of the table descriptions.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_value(
	name text, place text, kind text, initial text, minimum bigint, maximum bigint, among text[]) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN name = 'type' THEN rivergen_catalog.openapi_reference('DataSourceTypeEnum')
		WHEN kind = 'opaque' AND place = 'body' THEN '{"type": ["integer", "string"], "minLength": 1}'
		WHEN kind = 'ids' THEN '{"type": "array", "minItems": 1, "maxItems": 10000,
			"items": {"type": ["integer", "string"], "minLength": 1}}'
		WHEN kind = 'texts' THEN '{"type": "array", "items": {"type": "string"}}'
		WHEN kind IN ('id', 'integer') THEN '{"type": "integer", "format": "int64"}'
		WHEN kind = 'boolean' THEN '{"type": "boolean"}'
		ELSE '{"type": "string"}' END::jsonb
		|| jsonb_strip_nulls(jsonb_build_object(
			'minimum', minimum,
			'maximum', maximum,
			'enum', among,
			'default', CASE WHEN kind IN ('integer', 'boolean') THEN initial::jsonb ELSE to_jsonb(initial) END));

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_parameters(operation text) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce(jsonb_agg(jsonb_build_object(
		'name', p.name,
		'in', p.place,
		'required', p.is_required,
		'description', p.description,
		'schema', rivergen_catalog.openapi_value(p.name, p.place, p.kind, p.initial, p.minimum, p.maximum, p.among))
		|| CASE p.kind WHEN 'texts' THEN '{"style": "form", "explode": false}'::jsonb ELSE '{}' END
		ORDER BY p.position), '[]')
	FROM rivergen_catalog.http_parameters() p
	WHERE p.operation = $1 AND p.place <> 'body';
END;

-- The body made of the route's own members; null when the route has none. If none of several is required, the body must
-- have at least one.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_members(operation text) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_object(
		'type', 'object',
		'properties', jsonb_object_agg(p.name, jsonb_build_object('description', p.description)
			|| rivergen_catalog.openapi_value(p.name, p.place, p.kind, p.initial, p.minimum, p.maximum, p.among)),
		'required', coalesce(jsonb_agg(p.name ORDER BY p.position) FILTER (WHERE p.is_required), '[]'),
		'additionalProperties', false)
		|| CASE WHEN count(*) > 1 AND NOT bool_or(p.is_required) THEN jsonb_build_object(
			'oneOf', jsonb_agg(jsonb_build_object('required', jsonb_build_array(p.name)) ORDER BY p.position))
			ELSE '{}' END
	FROM rivergen_catalog.http_parameters() p
	WHERE p.operation = $1 AND p.place = 'body'
	HAVING count(*) > 0;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_content(schema jsonb, operation text, place text) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_object('application/json', jsonb_strip_nulls(jsonb_build_object('schema', $1, 'examples', (
		SELECT jsonb_object_agg(e.name, jsonb_build_object('$ref', '#/components/examples/' || e.operation || '.' || e.name))
		FROM rivergen_catalog.openapi_example e
		WHERE e.operation = $2 AND e.place = $3))));
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_success(answer text, is_bare boolean, success text) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN is_bare THEN rivergen_catalog.openapi_type(answer) ELSE jsonb_build_object(
		'type', 'object',
		'properties', jsonb_build_object(
			'success', '{"const": true, "description": "Always true."}'::jsonb,
			'data', rivergen_catalog.openapi_type(answer) || jsonb_build_object('description', success || '.'),
			'message', '{"type": "string", "description": "The outcome, for people."}'::jsonb),
		'required', '["success", "data", "message"]'::jsonb) END;

-- The answers of a success, by status. A discovery without waiting answers a job.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_successes(
	operation text, status integer, answer text, is_bare boolean, success text) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_object($2, jsonb_strip_nulls(jsonb_build_object(
			'description', $5,
			'headers', rivergen_catalog.openapi_headers(CASE $3 WHEN 'DataSource' THEN 'ETag' END,
				CASE $2 WHEN 201 THEN CASE $3 WHEN 'DataSource' THEN 'Location' END END),
			'content', rivergen_catalog.openapi_content(rivergen_catalog.openapi_success($3, $4, $5), $1, 'answer'))))
		|| CASE WHEN $3 IN ('SchemaDiscovery', 'TableDescription[]') THEN jsonb_build_object(202, jsonb_build_object(
			'description', 'The discovery goes on in the background; Location is its job',
			'headers', rivergen_catalog.openapi_headers('Location', CASE $3 WHEN 'SchemaDiscovery' THEN 'Preference-Applied' END),
			'content', rivergen_catalog.openapi_content(rivergen_catalog.openapi_success('QueuedJob', false, 'The job'), NULL, NULL)))
			ELSE '{}' END;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_failures(statuses integer[], comment text) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_object_agg(f.status, jsonb_strip_nulls(jsonb_build_object(
			'$ref', '#/components/responses/' || f.name,
			'description', CASE WHEN f.status <> 400 THEN rivergen_catalog.openapi_reason($2, f.status) END)))
		|| '{"default": {"$ref": "#/components/responses/Failure"}}'
	FROM rivergen_catalog.openapi_failure f
	WHERE f.status = ANY (statuses || 500);
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_operations()
	RETURNS TABLE ("position" integer, path text, method text, body jsonb)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT r.position, r.path, lower(r.method COLLATE "C"), jsonb_strip_nulls(jsonb_build_object(
		'operationId', r.operation,
		'tags', jsonb_build_array(r.tag),
		'summary', r.summary,
		'description', coalesce(rivergen_catalog.openapi_description(c.comment, c.arguments), r.success || '.'),
		'security', CASE WHEN r.is_public THEN '[]'::jsonb END,
		'parameters', rivergen_catalog.openapi_parameters(r.operation),
		'requestBody', CASE WHEN b.schema IS NOT NULL THEN jsonb_build_object(
			'required', true,
			'content', rivergen_catalog.openapi_content(b.schema, r.operation, 'request')) END,
		'responses', rivergen_catalog.openapi_successes(r.operation, r.status, r.answer, r.is_bare, r.success)
			|| rivergen_catalog.openapi_failures(r.errors, c.comment)))
	FROM rivergen_catalog.http_routes() r
	CROSS JOIN LATERAL (SELECT coalesce(rivergen_catalog.openapi_reference(r.body),
		rivergen_catalog.openapi_members(r.operation)) AS schema) b
	CROSS JOIN LATERAL rivergen_catalog.openapi_comment(r.statement, r.argument) c;
END;

-- ---- the document ----

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_paths() RETURNS json
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT json_object_agg(p.path, p.methods ORDER BY p.position)
	FROM (SELECT o.path, min(o.position) AS position, json_object_agg(o.method, o.body ORDER BY o.position) AS methods
		FROM rivergen_catalog.openapi_operations() o
		GROUP BY o.path) p;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_schemas() RETURNS json
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH schema AS (
		SELECT r.place, r.position, r.name, r.body FROM rivergen_catalog.openapi_requests() r
		UNION ALL
		SELECT 2, o.position, o.name, o.body FROM rivergen_catalog.openapi_objects() o
		UNION ALL
		SELECT 3, row_number() OVER (), e.name, json_build_object('type', 'string', 'description', e.description,
			'enum', e.labels)
		FROM rivergen_catalog.openapi_enumeration e
		UNION ALL
		SELECT 4, 1, 'ErrorCode', json_build_object('type', 'string', 'description', 'The reason of a failure, for programs.',
			'enum', (SELECT json_agg(f.code ORDER BY f.status) FROM rivergen_catalog.openapi_failure f))
	)
	SELECT json_object_agg(name, body ORDER BY place, position) FROM schema;
END;

-- All failures have the same body; its code names the failure.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_failure_answer(description text, headers jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN jsonb_strip_nulls(jsonb_build_object(
		'description', description,
		'headers', headers,
		'content', jsonb_build_object('application/json', jsonb_build_object(
			'schema', rivergen_catalog.openapi_reference('Error')))));

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_components() RETURNS json
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT json_build_object(
		'schemas', rivergen_catalog.openapi_schemas(),
		'responses', (
			SELECT json_object_agg(f.name, rivergen_catalog.openapi_failure_answer(f.description,
				rivergen_catalog.openapi_headers(f.header)) ORDER BY f.status)
			FROM (SELECT * FROM rivergen_catalog.openapi_failure
				WHERE status = 500 OR status IN (SELECT unnest(errors) FROM rivergen_catalog.http_routes())
				UNION ALL VALUES (999, NULL, 'Failure', 'Any other failure', NULL)) f),
		'headers', (
			SELECT json_object_agg(h.name, jsonb_build_object('description', h.description,
				'schema', '{"type": "string"}'::jsonb, 'example', h.example) ORDER BY h.name)
			FROM rivergen_catalog.openapi_header h),
		'examples', (
			SELECT json_object_agg(e.operation || '.' || e.name, json_build_object('summary', e.summary, 'value', e.value)
				ORDER BY e.position)
			FROM rivergen_catalog.openapi_example e),
		'securitySchemes', '{"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT",
			"description": "A JSON Web Token. sub names the user; organization_id chooses the organization, for users of several."}}'::json);
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_document() RETURNS json
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT json_build_object(
		'openapi', '3.1.0',
		'info', json_build_object(
			'title', 'rivergen',
			'summary', 'Registers, discovers and describes an organization''s data sources',
			'description', 'Answers are `{"success": true, "data", "message"}`, failures `{"success": false, "error": {"code", "message", "details"}}`. Times are UTC. Lists count pages from 1.',
			'version', (SELECT extversion FROM pg_extension WHERE extname = 'rivergen'),
			'license', '{"name": "PostgreSQL Licence", "identifier": "PostgreSQL"}'::json),
		'servers', '[{"url": "/", "description": "This server"}]'::json,
		'tags', (SELECT json_agg(json_build_object('name', t.name, 'description', t.description) ORDER BY t.first)
			FROM (SELECT r.tag AS name, min(r.position) AS first, (SELECT d.description FROM rivergen_catalog.openapi_tag d
				WHERE d.name = r.tag) FROM rivergen_catalog.http_routes() r GROUP BY r.tag) t),
		'security', '[{"bearer": []}]'::json,
		'paths', rivergen_catalog.openapi_paths(),
		'components', rivergen_catalog.openapi_components());
END;
-- COMMENTs of the columns of the public views: \d+ and PostgREST's description show them.

COMMENT ON COLUMN rivergen.data_sources.id IS 'The data source.';
COMMENT ON COLUMN rivergen.data_sources.organization_id IS 'Its organization.';
COMMENT ON COLUMN rivergen.data_sources.workspace_id IS 'Its workspace, or null.';
COMMENT ON COLUMN rivergen.data_sources.name IS 'Unique among the organization''s sources, 1-255 characters.';
COMMENT ON COLUMN rivergen.data_sources.type IS 'One of rivergen.data_source_types.';
COMMENT ON COLUMN rivergen.data_sources.description IS 'Free text, or null.';
COMMENT ON COLUMN rivergen.data_sources.host IS 'Host name or address, or null; for types with several_hosts also a list, such as a.example.com:27017,b.example.com:27017.';
COMMENT ON COLUMN rivergen.data_sources.port IS 'TCP port, or null for the connector''s own default.';
COMMENT ON COLUMN rivergen.data_sources.database_name IS 'The database, or what the type has instead (data_source_types.database_name_means); or null.';
COMMENT ON COLUMN rivergen.data_sources.schema_name IS 'The default schema; it does not limit discovery.';
COMMENT ON COLUMN rivergen.data_sources.file_path IS 'Object path below the storage, of file types.';
COMMENT ON COLUMN rivergen.data_sources.use_ssh_tunnel IS 'Whether connections go through an SSH tunnel.';
COMMENT ON COLUMN rivergen.data_sources.ssh_host IS 'The tunnel''s host.';
COMMENT ON COLUMN rivergen.data_sources.ssh_port IS 'Its port; 22 where none was given.';
COMMENT ON COLUMN rivergen.data_sources.ssh_username IS 'Its user.';
COMMENT ON COLUMN rivergen.data_sources.ssh_key_id IS 'The id of the credentials when they hold an SSH key.';
COMMENT ON COLUMN rivergen.data_sources.ssh_local_port IS 'The local port that was asked for; a free one is used.';
COMMENT ON COLUMN rivergen.data_sources.connection_pool_size IS 'The most connections that one discovery may open, 1-100.';
COMMENT ON COLUMN rivergen.data_sources.connection_timeout IS 'Seconds, 1-3600.';
COMMENT ON COLUMN rivergen.data_sources.query_timeout IS 'Seconds, 1-86400.';
COMMENT ON COLUMN rivergen.data_sources.max_retries IS 'How often a discovery is retried after a failure that may pass, 0-100.';
COMMENT ON COLUMN rivergen.data_sources.status IS 'inactive, testing, active, failed or maintenance.';
COMMENT ON COLUMN rivergen.data_sources.last_tested_at IS 'When a worker last tried to connect.';
COMMENT ON COLUMN rivergen.data_sources.last_successful_connection_at IS 'When a worker last connected.';
COMMENT ON COLUMN rivergen.data_sources.last_failed_connection_at IS 'When a worker last failed to connect.';
COMMENT ON COLUMN rivergen.data_sources.failure_count IS 'Failures since the last success.';
COMMENT ON COLUMN rivergen.data_sources.failure_reason IS 'Why it last failed, or what is missing.';
COMMENT ON COLUMN rivergen.data_sources.schema_discovered_at IS 'When a discovery last succeeded.';
COMMENT ON COLUMN rivergen.data_sources.schema_auto_refresh IS 'Whether the schedule discovers it.';
COMMENT ON COLUMN rivergen.data_sources.schema_refresh_interval IS 'Seconds between such discoveries, at least 60.';
COMMENT ON COLUMN rivergen.data_sources.metadata IS 'Further settings; metadata.tls holds mode and ca, metadata.scan switches parts of a scan off, metadata.discovery holds the patterns include and exclude and the window.';
COMMENT ON COLUMN rivergen.data_sources.tags IS 'Tags, in the order given.';
COMMENT ON COLUMN rivergen.data_sources.created_by_user_id IS 'The user that registered it.';
COMMENT ON COLUMN rivergen.data_sources.created_at IS 'When it was registered.';
COMMENT ON COLUMN rivergen.data_sources.updated_at IS 'When a user last changed it.';
COMMENT ON COLUMN rivergen.data_sources.updated_by_user_id IS 'The user that last changed it.';

COMMENT ON COLUMN rivergen.schemas.data_source_id IS 'The data source.';
COMMENT ON COLUMN rivergen.schemas.schema_name IS 'As the source spells it.';
COMMENT ON COLUMN rivergen.schemas.comment IS 'The source''s own comment.';
COMMENT ON COLUMN rivergen.schemas.tables_count IS 'Tables in it, with partitions, foreign tables, collections, files and kinds that rivergen does not know.';
COMMENT ON COLUMN rivergen.schemas.views_count IS 'Views in it, with materialized views.';
COMMENT ON COLUMN rivergen.schemas.columns_count IS 'Columns of all its tables and views.';

COMMENT ON COLUMN rivergen.tables.data_source_id IS 'The data source.';
COMMENT ON COLUMN rivergen.tables.table_schema IS 'Its schema.';
COMMENT ON COLUMN rivergen.tables.table_name IS 'As the source spells it.';
COMMENT ON COLUMN rivergen.tables.table_type IS 'BASE TABLE, VIEW, FOREIGN or MATERIALIZED VIEW, as information_schema has it: collections, files and kinds that rivergen does not know are BASE TABLE.';
COMMENT ON COLUMN rivergen.tables.kind IS 'The source''s own word for it: table, partitioned_table, partition, foreign_table, view, materialized_view, collection, file, endpoint, or another word of letters and _.';
COMMENT ON COLUMN rivergen.tables.comment IS 'The source''s own comment.';
COMMENT ON COLUMN rivergen.tables.owner IS 'Its owner in the source.';
COMMENT ON COLUMN rivergen.tables.columns_count IS 'The number of its columns.';
COMMENT ON COLUMN rivergen.tables.row_estimate IS 'Rows, as the source''s catalog estimates; null where it does not know.';
COMMENT ON COLUMN rivergen.tables.size_bytes IS 'Its size in bytes, as the source''s catalog has it; null where it does not know.';
COMMENT ON COLUMN rivergen.tables.partition_of_schema IS 'Of a partition: the schema of the partitioned table.';
COMMENT ON COLUMN rivergen.tables.partition_of_table IS 'Of a partition: the name of the partitioned table.';
COMMENT ON COLUMN rivergen.tables.partition_key IS 'Of a partitioned table: its partition key.';
COMMENT ON COLUMN rivergen.tables.partition_bound IS 'Of a partition: the condition of its rows.';
COMMENT ON COLUMN rivergen.tables.unreadable IS 'Members of the description (comment, checks, definition …) that the user of the data source may not read: they are missing or incomplete. Null when there are none.';
COMMENT ON COLUMN rivergen.tables.relation_id IS 'Identifies it here; a rename keeps it.';
COMMENT ON COLUMN rivergen.tables.native_id IS 'Its id in the source (in PostgreSQL: the oid), or null.';
COMMENT ON COLUMN rivergen.tables.discovered_at IS 'When a discovery first found it.';
COMMENT ON COLUMN rivergen.tables.changed_at IS 'When its description last changed.';

COMMENT ON COLUMN rivergen.columns.data_source_id IS 'The data source.';
COMMENT ON COLUMN rivergen.columns.table_schema IS 'The table''s schema.';
COMMENT ON COLUMN rivergen.columns.table_name IS 'The table.';
COMMENT ON COLUMN rivergen.columns.column_name IS 'As the source spells it.';
COMMENT ON COLUMN rivergen.columns.ordinal_position IS 'Counts from 1 in the source''s order, without gaps.';
COMMENT ON COLUMN rivergen.columns.column_default IS 'The default, as an expression of the source.';
COMMENT ON COLUMN rivergen.columns.is_nullable IS 'NO for NOT NULL columns and columns of NOT NULL domains, else YES.';
COMMENT ON COLUMN rivergen.columns.data_type IS 'The source''s own text for the type.';
COMMENT ON COLUMN rivergen.columns.collation_name IS 'Its collation, if it is not the type''s default.';
COMMENT ON COLUMN rivergen.columns.is_identity IS 'YES for identity columns, else NO.';
COMMENT ON COLUMN rivergen.columns.identity_generation IS 'ALWAYS or BY DEFAULT, of identity columns.';
COMMENT ON COLUMN rivergen.columns.is_generated IS 'ALWAYS for generated columns, else NEVER.';
COMMENT ON COLUMN rivergen.columns.generation_expression IS 'Of generated columns: the expression.';
COMMENT ON COLUMN rivergen.columns.generation_kind IS 'STORED or VIRTUAL, of generated columns.';
COMMENT ON COLUMN rivergen.columns.is_primary_key IS 'Whether it is part of the primary key.';
COMMENT ON COLUMN rivergen.columns.comment IS 'The source''s own comment.';
COMMENT ON COLUMN rivergen.columns.enum_labels IS 'The values of an enumeration, in its order.';
COMMENT ON COLUMN rivergen.columns.domain_base IS 'The type behind a domain.';
COMMENT ON COLUMN rivergen.columns.categories IS 'The values that the last scan found, where they are few; else null.';
COMMENT ON COLUMN rivergen.columns.pg_type IS 'The type of PostgreSQL that holds its values; text where the source''s type has no other.';
COMMENT ON COLUMN rivergen.columns.is_repeated IS 'Whether it is an array; data_type is then the type of an element.';

COMMENT ON COLUMN rivergen.column_field_paths.data_source_id IS 'The data source.';
COMMENT ON COLUMN rivergen.column_field_paths.table_schema IS 'The table''s schema.';
COMMENT ON COLUMN rivergen.column_field_paths.table_name IS 'The table.';
COMMENT ON COLUMN rivergen.column_field_paths.column_name IS 'The column, as the source spells it.';
COMMENT ON COLUMN rivergen.column_field_paths.field_path IS 'The column, or the path to a field that is nested in it, such as address.city or lines[].sku.';
COMMENT ON COLUMN rivergen.column_field_paths.ordinal_position IS 'Counts columns and fields of the table from 1, in the source''s order.';
COMMENT ON COLUMN rivergen.column_field_paths.data_type IS 'The source''s own text for the type.';
COMMENT ON COLUMN rivergen.column_field_paths.pg_type IS 'The type of PostgreSQL that holds its values; text where the source''s type has no other.';
COMMENT ON COLUMN rivergen.column_field_paths.is_repeated IS 'Whether it is an array; data_type is then the type of an element.';
COMMENT ON COLUMN rivergen.column_field_paths.is_nullable IS 'NO where the source says that it is never null, else YES.';
COMMENT ON COLUMN rivergen.column_field_paths.comment IS 'The source''s own comment.';

COMMENT ON COLUMN rivergen.constraints.data_source_id IS 'The data source.';
COMMENT ON COLUMN rivergen.constraints.table_schema IS 'The table''s schema.';
COMMENT ON COLUMN rivergen.constraints.table_name IS 'The table.';
COMMENT ON COLUMN rivergen.constraints.constraint_name IS 'As the source spells it.';
COMMENT ON COLUMN rivergen.constraints.constraint_type IS 'PRIMARY KEY, UNIQUE, FOREIGN KEY, CHECK or EXCLUDE.';
COMMENT ON COLUMN rivergen.constraints.column_names IS 'The key''s columns in its order; null for CHECK and EXCLUDE.';
COMMENT ON COLUMN rivergen.constraints.referenced_schema IS 'Of a foreign key: the schema of the referenced table.';
COMMENT ON COLUMN rivergen.constraints.referenced_table IS 'Of a foreign key: the referenced table.';
COMMENT ON COLUMN rivergen.constraints.referenced_columns IS 'Of a foreign key: the referenced columns, in the order of column_names.';
COMMENT ON COLUMN rivergen.constraints.update_rule IS 'Of a foreign key: NO ACTION, RESTRICT, CASCADE, SET NULL or SET DEFAULT.';
COMMENT ON COLUMN rivergen.constraints.delete_rule IS 'Of a foreign key: NO ACTION, RESTRICT, CASCADE, SET NULL or SET DEFAULT.';
COMMENT ON COLUMN rivergen.constraints.delete_columns IS 'The columns that ON DELETE SET NULL or SET DEFAULT sets; null when it sets all.';
COMMENT ON COLUMN rivergen.constraints.definition IS 'The text of a CHECK or EXCLUDE.';
COMMENT ON COLUMN rivergen.constraints.is_temporal IS 'Whether its last column is a period (WITHOUT OVERLAPS, PERIOD).';
COMMENT ON COLUMN rivergen.constraints.is_deferrable IS 'Whether it may be deferred.';
COMMENT ON COLUMN rivergen.constraints.initially_deferred IS 'Whether it is deferred unless a transaction sets it otherwise.';
COMMENT ON COLUMN rivergen.constraints.is_valid IS 'False while existing rows are not checked (NOT VALID).';
COMMENT ON COLUMN rivergen.constraints.is_enforced IS 'NO for NOT ENFORCED, else YES.';

COMMENT ON COLUMN rivergen.indexes.data_source_id IS 'The data source.';
COMMENT ON COLUMN rivergen.indexes.table_schema IS 'The table''s schema.';
COMMENT ON COLUMN rivergen.indexes.table_name IS 'The table.';
COMMENT ON COLUMN rivergen.indexes.index_name IS 'As the source spells it.';
COMMENT ON COLUMN rivergen.indexes.method IS 'btree, hash, gin ….';
COMMENT ON COLUMN rivergen.indexes.is_unique IS 'Whether it is unique.';
COMMENT ON COLUMN rivergen.indexes.is_primary IS 'Whether it belongs to the primary key.';
COMMENT ON COLUMN rivergen.indexes.column_names IS 'Its columns or expressions, in its order.';
COMMENT ON COLUMN rivergen.indexes.included_columns IS 'Columns that it stores and does not search by (INCLUDE).';
COMMENT ON COLUMN rivergen.indexes.predicate IS 'The condition of a partial index.';
COMMENT ON COLUMN rivergen.indexes.is_valid IS 'False while queries cannot use it.';
COMMENT ON COLUMN rivergen.indexes.definition IS 'Its definition, where columns alone do not describe it.';

COMMENT ON COLUMN rivergen.views.data_source_id IS 'The data source.';
COMMENT ON COLUMN rivergen.views.table_schema IS 'The view''s schema.';
COMMENT ON COLUMN rivergen.views.table_name IS 'As the source spells it.';
COMMENT ON COLUMN rivergen.views.is_materialized IS 'Whether its rows are stored.';
COMMENT ON COLUMN rivergen.views.view_definition IS 'The query that defines it.';
COMMENT ON COLUMN rivergen.views.check_option IS 'NONE, LOCAL or CASCADED: the check of rows that are written through it.';
COMMENT ON COLUMN rivergen.views.is_security_barrier IS 'Whether it hides rows from functions in a caller''s query.';
COMMENT ON COLUMN rivergen.views.is_security_invoker IS 'Whether it reads with the rights of its caller.';
COMMENT ON COLUMN rivergen.views.options IS 'All its options, as the source spells them.';
COMMENT ON COLUMN rivergen.views.comment IS 'The source''s own comment.';

COMMENT ON COLUMN rivergen.sequences.data_source_id IS 'The data source.';
COMMENT ON COLUMN rivergen.sequences.sequence_schema IS 'Its schema.';
COMMENT ON COLUMN rivergen.sequences.sequence_name IS 'As the source spells it.';
COMMENT ON COLUMN rivergen.sequences.data_type IS 'Its type.';
COMMENT ON COLUMN rivergen.sequences.start_value IS 'Its first value.';
COMMENT ON COLUMN rivergen.sequences.minimum_value IS 'Its least value.';
COMMENT ON COLUMN rivergen.sequences.maximum_value IS 'Its greatest value.';
COMMENT ON COLUMN rivergen.sequences.increment IS 'Its step.';
COMMENT ON COLUMN rivergen.sequences.cycle_option IS 'YES when it begins again at its end.';
COMMENT ON COLUMN rivergen.sequences.owned_by_schema IS 'The schema of the column that owns it.';
COMMENT ON COLUMN rivergen.sequences.owned_by_table IS 'The table of the column that owns it.';
COMMENT ON COLUMN rivergen.sequences.owned_by_column IS 'The column that owns it.';
COMMENT ON COLUMN rivergen.sequences.comment IS 'The source''s own comment.';

COMMENT ON COLUMN rivergen.jobs.job_id IS 'The job.';
COMMENT ON COLUMN rivergen.jobs.data_source_id IS 'The data source of the job.';
COMMENT ON COLUMN rivergen.jobs.kind IS 'discover, test or scan.';
COMMENT ON COLUMN rivergen.jobs.schema_name IS 'The only schema to discover; null for all.';
COMMENT ON COLUMN rivergen.jobs.status IS 'queued, running, succeeded, failed or cancelled.';
COMMENT ON COLUMN rivergen.jobs.phase IS 'While it runs: its step, such as connect, authenticate or read.';
COMMENT ON COLUMN rivergen.jobs.relations_total IS 'While it runs: the number of relations to read; null when unknown.';
COMMENT ON COLUMN rivergen.jobs.relations IS 'While it runs: relations received.';
COMMENT ON COLUMN rivergen.jobs.columns IS 'While it runs: columns received.';
COMMENT ON COLUMN rivergen.jobs.bytes IS 'While it runs: bytes received.';
COMMENT ON COLUMN rivergen.jobs.attempts IS 'How often it was started.';
COMMENT ON COLUMN rivergen.jobs.cancel_requested IS 'Whether a caller asked for it to be cancelled.';
COMMENT ON COLUMN rivergen.jobs.requested_by_user_id IS 'The user that requested it; null for the schedule.';
COMMENT ON COLUMN rivergen.jobs.queued_at IS 'When it was queued.';
COMMENT ON COLUMN rivergen.jobs.run_after IS 'The earliest time of its next attempt; later than queued_at when it waits for a retry.';
COMMENT ON COLUMN rivergen.jobs.started_at IS 'When the last attempt began.';
COMMENT ON COLUMN rivergen.jobs.finished_at IS 'When it ended.';
COMMENT ON COLUMN rivergen.jobs.error_code IS 'Why it failed: a code of the connector protocol, address_refused, unknown_host, connector_crashed, crashed (its worker died, too often), too_large (more than the server''s settings allow), key_missing, unavailable (the operator of this server must mend something), credentials_invalid, credentials_misplaced, credentials_corrupt, cancelled, abandoned or internal.';
COMMENT ON COLUMN rivergen.jobs.error_message IS 'The reason, for people; without secrets.';
COMMENT ON COLUMN rivergen.jobs.error_detail IS 'The place of the fault, and what to do.';
COMMENT ON COLUMN rivergen.jobs.result IS 'The result of a successful job: the answer of discover_schema, or the number of relations that a scan read.';

COMMENT ON COLUMN rivergen.credentials.data_source_id IS 'The data source.';
COMMENT ON COLUMN rivergen.credentials.version IS 'Rises with each replacement; no version is used twice.';
COMMENT ON COLUMN rivergen.credentials.key_id IS 'The sealing key that they are sealed for.';
COMMENT ON COLUMN rivergen.credentials.key_names IS 'The names of the credentials; never their values.';
COMMENT ON COLUMN rivergen.credentials.given_by_user_id IS 'The user that gave them.';
COMMENT ON COLUMN rivergen.credentials.created_at IS 'When they were given.';
-- Makes pg_dump save the rows of every table and the positions of the sequences. One command for each, because each
-- changes the same row of pg_extension.
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
-- Until rivergen.grant_access() is called, only the owner may use the objects of this script, even where ALTER DEFAULT
-- PRIVILEGES grants rights on new objects. An upgrade keeps the rights on existing objects. A function with a new signature
-- gets the rights of the function that had its name.

CREATE OR REPLACE FUNCTION rivergen_catalog.granted_rights(OUT catalog text, OUT object bigint, OUT name name, OUT target text,
	OUT grantee text, OUT privilege text, OUT is_grantable boolean) RETURNS SETOF record
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	WITH member AS (
		SELECT 'pg_namespace' AS catalog, n.oid, n.nspname AS name, format('SCHEMA %I', n.nspname) AS target, n.nspowner AS owner,
			coalesce(n.nspacl, acldefault('n', n.nspowner)) AS rights
		FROM pg_namespace n WHERE n.nspname IN ('rivergen', 'rivergen_catalog')
		UNION ALL
		SELECT 'pg_class', c.oid, c.relname, format('%s %I.%I', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
			n.nspname, c.relname), c.relowner, c.relacl
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname IN ('rivergen', 'rivergen_catalog') AND c.relkind IN ('r', 'v', 'S')
		UNION ALL
		SELECT 'pg_proc', p.oid, p.proname, 'FUNCTION ' || p.oid::regprocedure::text, p.proowner,
			coalesce(p.proacl, acldefault('f', p.proowner))
		FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
		WHERE n.nspname IN ('rivergen', 'rivergen_catalog'))
	SELECT m.catalog, m.oid::bigint, m.name, m.target, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(r.rolname) END,
		a.privilege_type, a.is_grantable
	FROM member m
	LEFT JOIN LATERAL aclexplode(m.rights) a ON a.grantee <> m.owner
	LEFT JOIN pg_roles r ON r.oid = a.grantee;
END;
COMMENT ON FUNCTION rivergen_catalog.granted_rights() IS
'Every schema, relation and function of the extension, with the rights of roles other than its owner; grantee is null where there are none.';

-- The functions of rivergen_catalog keep PUBLIC's EXECUTE: views call them with the rights of the caller. Without USAGE on
-- the schema a caller cannot call them in any other way.
DO $$
DECLARE
	before jsonb := nullif(current_setting('rivergen_upgrade.rights', true), '')::jsonb;
	command text;
BEGIN
	FOR command IN
		SELECT DISTINCT format('REVOKE ALL ON %s FROM %s', n.target, n.grantee) FROM rivergen_catalog.granted_rights() n
		WHERE n.grantee IS NOT NULL AND NOT (n.grantee = 'PUBLIC' AND n.target LIKE 'FUNCTION rivergen\_catalog.%')
			AND NOT EXISTS (SELECT FROM jsonb_array_elements(before) b WHERE b ->> 'catalog' = n.catalog AND (b ->> 'object')::bigint = n.object)
	LOOP
		EXECUTE command;
	END LOOP;
	FOR command IN
		SELECT DISTINCT format('GRANT %s ON %s TO %s%s', b.privilege, n.target, b.grantee, CASE WHEN b.is_grantable THEN ' WITH GRANT OPTION' END)
		FROM jsonb_to_recordset(before) AS b (catalog text, object bigint, name name, grantee text, privilege text, is_grantable boolean)
		JOIN rivergen_catalog.granted_rights() n ON n.catalog = b.catalog AND n.name = b.name
		WHERE b.grantee IS NOT NULL AND NOT EXISTS (SELECT FROM jsonb_array_elements(before) o
			WHERE o ->> 'catalog' = n.catalog AND (o ->> 'object')::bigint = n.object)
	LOOP
		EXECUTE command;
	END LOOP;
	PERFORM set_config('rivergen_upgrade.rights', '', true);
END
$$;
