-- 0.3.0 to 0.4.0: how the connector of a job was confined, and what it dialed; the host key that a tunnel's SSH server
-- has shown, and whether a connection had its tunnel.
ALTER TABLE rivergen_catalog.job ADD COLUMN sandbox_level text;
ALTER TABLE rivergen_catalog.job ADD COLUMN sandbox_missing text[];
ALTER TABLE rivergen_catalog.job ADD COLUMN dialed jsonb;
COMMENT ON COLUMN rivergen_catalog.job.sandbox_level IS 'How the connector of the last attempt was confined: basic, filtered, confined or full; null: none was started.';
COMMENT ON COLUMN rivergen_catalog.job.sandbox_missing IS 'What the sandbox lacked, each as feature=reason; empty: nothing; null: no connector was started.';
COMMENT ON COLUMN rivergen_catalog.job.dialed IS
'The addresses that the last attempt dialed: [{"address", "port", "verdict"}], each once, at most 100; null: no connector was started.';
ALTER TABLE rivergen_catalog.data_source_state ADD COLUMN ssh_host_key text;
COMMENT ON COLUMN rivergen_catalog.data_source_state.ssh_host_key IS
'The key that the tunnel''s SSH server has shown, as a line of a known_hosts file with its fingerprint; null: none was seen.';
ALTER TABLE rivergen_catalog.connection_check ADD COLUMN ssh_tunnel_established boolean;

-- The foreign data wrapper. A script's functions of sql/objects come after this part, so the wrapper's two are made here.
CREATE FUNCTION rivergen_catalog.wrapper_handler() RETURNS fdw_handler
	AS 'MODULE_PATHNAME', 'rg_sql_fdw_handler' LANGUAGE C STRICT;
CREATE FUNCTION rivergen_catalog.wrapper_validator(options text[], catalog oid) RETURNS void
	AS 'MODULE_PATHNAME', 'rg_sql_fdw_validator' LANGUAGE C STRICT;
CREATE FOREIGN DATA WRAPPER rivergen HANDLER rivergen_catalog.wrapper_handler VALIDATOR rivergen_catalog.wrapper_validator;
COMMENT ON FOREIGN DATA WRAPPER rivergen IS 'Reads the relations of attached data sources, each through the connector of its type.';
