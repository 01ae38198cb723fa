-- Foreign servers of other wrappers that this database has already, as data sources (docs/guide.md).

-- Options of a server, a mapping or a foreign table as an object.
CREATE OR REPLACE FUNCTION rivergen_catalog.options_of(options text[]) RETURNS jsonb
	LANGUAGE sql STABLE
	RETURN (SELECT coalesce(jsonb_object_agg(o.option_name, o.option_value), '{}') FROM pg_options_to_table(options) o);

-- The foreign servers that the role may use, other than those that attach makes. mapping: the options of the role's own
-- user mapping; null: it has none. A mapping of PUBLIC or of another role is never read.
CREATE OR REPLACE FUNCTION rivergen_catalog.usable_foreign_servers(role oid)
	RETURNS TABLE (server_oid oid, server_name name, wrapper name, options jsonb, mapping jsonb)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT s.oid, s.srvname, w.fdwname, rivergen_catalog.options_of(s.srvoptions),
		CASE WHEN m.oid IS NOT NULL THEN rivergen_catalog.options_of(m.umoptions) END
	FROM pg_foreign_server s
	JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw AND w.fdwname <> 'rivergen'
	LEFT JOIN pg_user_mapping m ON m.umserver = s.oid AND m.umuser = $1
	WHERE has_server_privilege($1, s.oid, 'USAGE');
END;

-- What the options of each wrapper are called. member: of a data source, or of its credentials.
CREATE OR REPLACE VIEW rivergen_catalog.foreign_server_option (wrapper, option, member, is_credential) AS
	VALUES
	('postgres_fdw', 'host', 'host', false),
	('postgres_fdw', 'port', 'port', false),
	('postgres_fdw', 'dbname', 'database_name', false),
	('postgres_fdw', 'connect_timeout', 'connection_timeout', false),
	('postgres_fdw', 'sslmode', 'tls', false),
	('postgres_fdw', 'user', 'username', true),
	('postgres_fdw', 'password', 'password', true),
	('mysql_fdw', 'host', 'host', false),
	('mysql_fdw', 'port', 'port', false),
	('mysql_fdw', 'username', 'username', true),
	('mysql_fdw', 'password', 'password', true),
	('tds_fdw', 'servername', 'host', false),
	('tds_fdw', 'port', 'port', false),
	('tds_fdw', 'database', 'database_name', false),
	('tds_fdw', 'username', 'username', true),
	('tds_fdw', 'password', 'password', true),
	('oracle_fdw', 'dbserver', 'address', false),
	('oracle_fdw', 'user', 'username', true),
	('oracle_fdw', 'password', 'password', true);

-- The type of the data sources that servers of a wrapper become.
CREATE OR REPLACE FUNCTION rivergen_catalog.type_of_wrapper(wrapper name) RETURNS text
	LANGUAGE sql IMMUTABLE
	RETURN CASE wrapper WHEN 'postgres_fdw' THEN 'postgresql' WHEN 'mysql_fdw' THEN 'mysql' WHEN 'tds_fdw' THEN 'sqlserver'
		WHEN 'oracle_fdw' THEN 'oracle' END;

-- The only database that foreign tables of the server name: servers of mysql_fdw name none themselves.
CREATE OR REPLACE FUNCTION rivergen_catalog.database_of_foreign_tables(server oid) RETURNS text
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT min(o.option_value) FROM pg_foreign_table t CROSS JOIN LATERAL pg_options_to_table(t.ftoptions) o
	WHERE t.ftserver = $1 AND o.option_name = 'dbname'
	HAVING min(o.option_value) = max(o.option_value);
END;

-- A port or a time of an option as the number that a definition has; a text that is none stays one, and is a fault there.
CREATE OR REPLACE FUNCTION rivergen_catalog.option_number(option text) RETURNS jsonb
	LANGUAGE sql IMMUTABLE
	RETURN CASE WHEN option ~ '^[0-9]{1,9}$' THEN to_jsonb(option::integer) ELSE to_jsonb(option) END;

-- Host, port and service of an oracle_fdw's dbserver as //host:port/service; null members: it is of another form.
CREATE OR REPLACE FUNCTION rivergen_catalog.oracle_address(dbserver text) RETURNS text[]
	LANGUAGE sql IMMUTABLE
	RETURN regexp_match(dbserver, '^(?://)?(\[[^]]+\]|[^]/:()=[ ]+)(?::([0-9]+))?/([^]/:()=[ ]+)$');

-- The definition of a data source, without name and credentials; null: servers of this wrapper become none. What the options
-- do not say is absent.
CREATE OR REPLACE FUNCTION rivergen_catalog.definition_of_foreign_server(wrapper name, options jsonb, database_name text)
	RETURNS jsonb
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	-- By the names of members; ports and times are numbers.
	named jsonb := (SELECT coalesce(jsonb_object_agg(o.member, CASE WHEN o.member IN ('port', 'connection_timeout')
				THEN rivergen_catalog.option_number(options ->> o.option) ELSE options -> o.option END), '{}')
		FROM rivergen_catalog.foreign_server_option o WHERE o.wrapper = $1 AND NOT o.is_credential AND options ? o.option);
	address text[] := rivergen_catalog.oracle_address(named ->> 'address');
	tls text := named ->> 'tls';
BEGIN
	IF rivergen_catalog.type_of_wrapper(wrapper) IS NULL THEN
		RETURN NULL;
	ELSIF address IS NOT NULL THEN
		named := named || jsonb_build_object('host', address[1], 'port', rivergen_catalog.option_number(coalesce(address[2], '1521')),
			'database_name', address[3]);
	END IF;
	RETURN jsonb_strip_nulls(jsonb_build_object('type', rivergen_catalog.type_of_wrapper(wrapper),
			'host', CASE wrapper WHEN 'mysql_fdw' THEN '127.0.0.1' WHEN 'tds_fdw' THEN '127.0.0.1' END,
			'port', CASE wrapper WHEN 'postgres_fdw' THEN 5432 WHEN 'mysql_fdw' THEN 3306 WHEN 'tds_fdw' THEN 1433 END,
			'database_name', CASE wrapper WHEN 'mysql_fdw' THEN database_name END)
		|| (named - '{tls,address}'::text[])
		|| CASE WHEN tls IS NULL THEN '{}' ELSE jsonb_build_object('metadata', jsonb_build_object('tls', jsonb_build_object('mode',
			CASE tls WHEN 'allow' THEN 'prefer' ELSE tls END))) END);
END;
$$;

-- The options that are not in the definition, by name. A dbserver of another form is one of them.
CREATE OR REPLACE FUNCTION rivergen_catalog.options_left_out(wrapper name, options jsonb, mapping jsonb) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce(jsonb_agg(k.option ORDER BY k.option COLLATE "C"), '[]')
	FROM (SELECT jsonb_object_keys(options), false UNION SELECT jsonb_object_keys(mapping), true) k (option, is_credential)
	WHERE NOT EXISTS (SELECT FROM rivergen_catalog.foreign_server_option o
			WHERE o.wrapper = $1 AND o.option = k.option AND o.is_credential = k.is_credential)
		OR (k.option = 'dbserver' AND rivergen_catalog.oracle_address(options ->> 'dbserver') IS NULL);
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.credentials_of_mapping(wrapper name, mapping jsonb) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(o.member, mapping -> o.option), '{}')
	FROM rivergen_catalog.foreign_server_option o WHERE o.wrapper = $1 AND o.is_credential AND mapping ? o.option;
END;

-- The answer of rivergen.data_source_list_foreign_servers.
CREATE OR REPLACE FUNCTION rivergen_catalog.list_foreign_servers(role oid) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce(jsonb_agg(jsonb_build_object('server_name', f.server_name, 'wrapper', f.wrapper, 'type', d.definition -> 'type',
		'host', d.definition -> 'host', 'port', CASE jsonb_typeof(d.definition -> 'port') WHEN 'number' THEN d.definition -> 'port' END, 'database_name', d.definition -> 'database_name',
		'has_mapping', f.mapping IS NOT NULL,
		'options_left_out', rivergen_catalog.options_left_out(f.wrapper, f.options, coalesce(f.mapping, '{}')))
		ORDER BY f.server_name COLLATE "C"), '[]')
	FROM rivergen_catalog.usable_foreign_servers($1) f
	CROSS JOIN LATERAL (SELECT rivergen_catalog.definition_of_foreign_server(f.wrapper, f.options,
		rivergen_catalog.database_of_foreign_tables(f.server_oid))) d (definition);
END;

-- What rivergen.data_source_create takes for a foreign server, with the secrets of the role's own mapping; or a refusal.
CREATE OR REPLACE FUNCTION rivergen_catalog.definition_from_foreign_server(role oid, server_name text, name text,
	OUT definition jsonb, OUT left_out jsonb, OUT status integer, OUT message text, OUT detail text, OUT hint text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	server record;
BEGIN
	SELECT * INTO server FROM rivergen_catalog.usable_foreign_servers($1) f WHERE f.server_name = $2;
	IF NOT FOUND THEN
		status := 404;
		message := 'foreign server not found';
		detail := format('Role %s may use no foreign server of this name.', role::regrole);
		hint := 'rivergen.data_source_list_foreign_servers() lists those that it may use.';
	ELSIF rivergen_catalog.type_of_wrapper(server.wrapper) IS NULL THEN
		status := 501;
		message := format('a foreign server of wrapper %s cannot become a data source', server.wrapper);
		hint := 'Servers of postgres_fdw, mysql_fdw, tds_fdw and oracle_fdw can. An admin registers another one as type other, with metadata.foreign_server.';
	ELSIF server.mapping IS NULL THEN
		status := 403;
		message := format('role %s has no user mapping of its own for the foreign server', role::regrole);
		detail := 'A mapping of PUBLIC or of another role is not used.';
		hint := 'Use CREATE USER MAPPING, or rivergen.data_source_create.';
	ELSE
		definition := rivergen_catalog.definition_of_foreign_server(server.wrapper, server.options,
				rivergen_catalog.database_of_foreign_tables(server.server_oid))
			|| jsonb_build_object('name', coalesce($3, server.server_name::text),
				'credentials', rivergen_catalog.credentials_of_mapping(server.wrapper, server.mapping));
		left_out := rivergen_catalog.options_left_out(server.wrapper, server.options, server.mapping);
	END IF;
END;
$$;

CREATE OR REPLACE FUNCTION rivergen.data_source_list_foreign_servers() RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_list_foreign_servers'
	LANGUAGE C STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_list_foreign_servers() IS
'Lists the foreign servers of this database that the role of the session may use, by name.
data: [{"server_name", "wrapper", "type", "host", "port", "database_name", "has_mapping", "options_left_out"}]. type: of the data source that data_source_from_foreign_server makes; null: servers of this wrapper become none. has_mapping: the role has a user mapping of its own. options_left_out: the names of the options that a data source does not take over. The role is that of the session (SET ROLE counts); through a gateway that of rivergen.organization_set_attachment_role. Servers that rivergen.attach made are not listed. Needs the role editor. Errors: 401, 403 (also through a gateway whose organization has no such role).';

CREATE OR REPLACE FUNCTION rivergen.data_source_from_foreign_server(server_name text, name text DEFAULT NULL) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_from_foreign_server'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_from_foreign_server(text, text) IS
'Registers as a data source what a foreign server of postgres_fdw, mysql_fdw, tds_fdw or oracle_fdw connects to, and returns it.
Host, port, database, TLS mode and connection timeout come from the server''s options; user and password from the user mapping of the session''s role, and are sealed. Only for servers that the role may use, and with a mapping of its own, never one of PUBLIC or of another role. name: default: the server''s name. The database of mysql_fdw is the one that all foreign tables of the server name; the address of oracle_fdw is a dbserver of the form //host:port/service. options_left_out in data: the names of the options that were not taken over, such as files (sslrootcert, ssl_ca …) and those that tune the wrapper. Later changes of the server do not reach the data source. Needs the role editor; the role is that of data_source_list_foreign_servers. Errors: 400 (each field that the options do not give), 401, 403 (also: no mapping of its own), 404, 409 (the name is taken), 501 (another wrapper), 503 (no sealing key).';

REVOKE ALL ON FUNCTION rivergen.data_source_list_foreign_servers() FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_from_foreign_server(text, text) FROM PUBLIC;
