-- The types of data sources, from the table that validation uses too.

CREATE OR REPLACE FUNCTION rivergen.data_source_types(
	OUT "position" integer, OUT type text, OUT category text, OUT label text, OUT required_fields text[],
	OUT optional_fields text[], OUT credential_keys text[], OUT default_port integer, OUT database_name_means text,
	OUT connector text, OUT connector_installed boolean, OUT credentials text,
	OUT several_hosts boolean, OUT tested_against text) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_types'
	LANGUAGE C STABLE PARALLEL SAFE ROWS 24 SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_types() IS
'The rows of the view rivergen.data_source_types.';
REVOKE ALL ON FUNCTION rivergen.data_source_types() FROM PUBLIC;

CREATE OR REPLACE VIEW rivergen.data_source_types AS
	SELECT type, category, label, required_fields, optional_fields, credential_keys, default_port, database_name_means,
		connector, connector_installed, credentials, several_hosts, tested_against
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
COMMENT ON COLUMN rivergen.data_source_types.tested_against IS
'What the connector of this version is tested against: real, the service itself; emulator, another program that serves its protocol; simulated, a server that the tests arrange to answer like it. Null: this version has no connector for the type.';

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
