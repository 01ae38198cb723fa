-- Foreign tables of attached sources. No role is granted USAGE: rivergen.attach() makes the servers.
CREATE FOREIGN DATA WRAPPER rivergen HANDLER rivergen_catalog.wrapper_handler VALIDATOR rivergen_catalog.wrapper_validator;
COMMENT ON FOREIGN DATA WRAPPER rivergen IS 'Reads the relations of attached data sources, each through the connector of its type.';
