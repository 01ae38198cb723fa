-- Every test and every discovery leaves a row; see rivergen.health_retention.
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
-- Written in the order of time.
CREATE INDEX connection_check_recent ON rivergen_catalog.connection_check USING brin (checked_at);

-- Few rows ever: what a worker that died while it tested left behind is found through it.
CREATE INDEX data_source_testing ON rivergen_catalog.data_source_state (organization_id, data_source_id)
	WHERE status = 'testing';
