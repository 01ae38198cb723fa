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
	ssh_host_key text,
	capabilities text[],
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

COMMENT ON COLUMN rivergen_catalog.data_source_state.ssh_host_key IS
'The key that the tunnel''s SSH server has shown, as a line of a known_hosts file with its fingerprint; null: none was seen.';
COMMENT ON COLUMN rivergen_catalog.data_source_state.capabilities IS
'What the connector last said that it can do (src/wire/README.md); null: it has not been asked yet.';

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
	ssh_tunnel_established boolean,
	PRIMARY KEY (organization_id, data_source_id, check_id),
	FOREIGN KEY (organization_id, data_source_id) REFERENCES rivergen_catalog.data_source ON DELETE CASCADE
);
CREATE INDEX connection_check_time ON rivergen_catalog.connection_check
	(organization_id, data_source_id, checked_at);
-- Rows are written in the order of time, which suits BRIN.
CREATE INDEX connection_check_recent ON rivergen_catalog.connection_check USING brin (checked_at);
