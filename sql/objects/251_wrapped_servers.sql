-- Discovery through the foreign data wrapper of a foreign server of this database (src/worker/wrapper.c): whether it may run,
-- and what a worker reads of foreign tables.

-- The event triggers that CREATE FOREIGN TABLE would fire, by name.
CREATE OR REPLACE FUNCTION rivergen_catalog.event_triggers_of_imports() RETURNS text
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT string_agg(quote_ident(e.evtname), ', ' ORDER BY e.evtname)
	FROM pg_event_trigger e
	WHERE e.evtenabled IN ('O', 'A') AND e.evtevent IN ('ddl_command_start', 'ddl_command_end')
		AND (e.evttags IS NULL OR 'CREATE FOREIGN TABLE' = ANY (e.evttags));
END;

-- Wrappers run as this role. One with more rights than a stranger would lend them to every admin of a source.
CREATE OR REPLACE FUNCTION rivergen_catalog.is_privileged_role(role oid) RETURNS boolean
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT EXISTS (SELECT FROM pg_roles r WHERE pg_has_role($1, r.oid, 'MEMBER')
		AND (r.rolsuper OR r.rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')));
END;

-- Passwords and the like of the mapping under which the wrapper connects, for messages to be freed of them.
CREATE OR REPLACE FUNCTION rivergen_catalog.secrets_of_wrapped_server(role oid, server oid) RETURNS text
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(o.option_name, o.option_value), '{}')::text
	FROM (SELECT s.srvoptions FROM pg_foreign_server s WHERE s.oid = $2
		UNION ALL SELECT m.umoptions FROM pg_user_mapping m WHERE m.umserver = $2 AND m.umuser IN ($1, 0)) h (options)
	CROSS JOIN LATERAL pg_options_to_table(h.options) o
	WHERE o.option_name ~* 'pass|secret|token|key';
END;

-- Whether the wrapper of the server may run: then code is null.
CREATE OR REPLACE FUNCTION rivergen_catalog.wrapped_server(role_name text, server_name text, OUT role oid, OUT server oid,
	OUT version text, OUT secrets text, OUT code text, OUT message text, OUT detail text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	wrapper name;
BEGIN
	SELECT s.oid, w.fdwname, w.fdwname || coalesce(' ' || e.extversion, '') INTO server, wrapper, version
	FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
	LEFT JOIN pg_depend d ON d.classid = 'pg_foreign_data_wrapper'::regclass AND d.objid = w.oid AND d.deptype = 'e'
	LEFT JOIN pg_extension e ON e.oid = d.refobjid
	WHERE s.srvname = server_name;
	role := (SELECT r.oid FROM pg_roles r WHERE r.rolname = role_name);
	IF role_name = '' THEN
		code := 'unsupported';
		message := 'discovery through foreign servers is off';
		detail := 'An operator names the role as which their wrappers run in rivergen.foreign_role.';
	ELSIF role IS NULL THEN
		code := 'unavailable';
		message := format('the role "%s" of rivergen.foreign_role does not exist', role_name);
	ELSIF rivergen_catalog.is_privileged_role(role) THEN
		code := 'unavailable';
		message := format('the role "%s" of rivergen.foreign_role has too many rights', role_name);
		detail := 'It is a superuser, may read or write files of this server or run programs, or is a member of such a role.';
	ELSIF server IS NULL OR wrapper = 'rivergen' THEN
		code := 'configuration';
		message := format('there is no foreign server "%s" that could be described', server_name);
		detail := 'metadata.foreign_server names a foreign server of this database.';
	ELSIF NOT has_server_privilege(role, server, 'USAGE') THEN
		code := 'permission';
		message := format('the role "%s" may not use the foreign server "%s"', role_name, server_name);
		detail := format('GRANT USAGE ON FOREIGN SERVER %I TO %I; and CREATE USER MAPPING for the same role.', server_name, role_name);
	ELSIF rivergen_catalog.event_triggers_of_imports() IS NOT NULL THEN
		code := 'unavailable';
		message := 'event triggers would run with the statements of a foreign data wrapper';
		detail := format('They are: %s. Their WHEN TAG IN can leave out CREATE FOREIGN TABLE, or they can be disabled.',
			rivergen_catalog.event_triggers_of_imports());
	ELSE
		secrets := rivergen_catalog.secrets_of_wrapped_server(role, server);
	END IF;
END;
$$;

-- The foreign server that a request names for a source that did not name it before; null: none. A source without a metadata in
-- the request keeps its own.
CREATE OR REPLACE FUNCTION rivergen_catalog.newly_wrapped_server(request jsonb, current jsonb) RETURNS text
	LANGUAGE sql IMMUTABLE
	RETURN CASE WHEN coalesce(request ->> 'type', current ->> 'type') = 'other'
		AND jsonb_typeof(coalesce(request -> 'metadata', current -> 'metadata') -> 'foreign_server') = 'string'
		AND (current ->> 'type' IS DISTINCT FROM 'other'
			OR coalesce(request -> 'metadata', current -> 'metadata') -> 'foreign_server' IS DISTINCT FROM current #> '{metadata,foreign_server}')
		THEN coalesce(request -> 'metadata', current -> 'metadata') ->> 'foreign_server' END;

CREATE OR REPLACE FUNCTION rivergen_catalog.may_use_foreign_server(role oid, server_name text) RETURNS boolean
	LANGUAGE sql STABLE
	RETURN EXISTS (SELECT FROM pg_foreign_server s WHERE s.srvname = server_name AND has_server_privilege(role, s.oid, 'USAGE'));

-- The foreign tables of the server that the role may read.
CREATE OR REPLACE FUNCTION rivergen_catalog.wrapped_tables(role oid, server oid)
	RETURNS TABLE (relation oid, schema_name text, table_name text)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT c.oid, n.nspname::text, c.relname::text
	FROM pg_foreign_table t JOIN pg_class c ON c.oid = t.ftrelid JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE t.ftserver = $2 AND has_schema_privilege($1, n.oid, 'USAGE') AND has_table_privilege($1, c.oid, 'SELECT')
	ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C";
END;

-- The columns of a foreign table, as a document has them. A domain's values are those of its type.
CREATE OR REPLACE FUNCTION rivergen_catalog.wrapped_columns(relation oid) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
		'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
		'pg_type', CASE WHEN rivergen_catalog.is_listed_type(h.held) AND h.held <> 'text' THEN h.held END,
		'not_null', CASE WHEN a.attnotnull THEN true END,
		'default', CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
		'generated', CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END,
		'expression', CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END,
		'collation', CASE WHEN a.attcollation <> t.typcollation THEN (SELECT l.collname FROM pg_collation l WHERE l.oid = a.attcollation) END,
		'comment', col_description(a.attrelid, a.attnum))) ORDER BY a.attnum)
	FROM pg_attribute a
	JOIN pg_type t ON t.oid = a.atttypid
	LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
	CROSS JOIN LATERAL (SELECT format_type(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END, NULL)) h (held)
	WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped;
END;

-- The frame of a foreign table (src/wire/README.md). id: null if it does not outlive the discovery.
CREATE OR REPLACE FUNCTION rivergen_catalog.wrapped_relation(relation oid, schema_name text, table_name text, id oid,
	OUT frame text, OUT columns integer)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_strip_nulls(jsonb_build_object('frame', 'relation', 'schema', schema_name, 'name', table_name, 'kind', 'foreign_table',
			'id', id::text, 'columns', coalesce(jsonb_array_length(c.columns), 0),
			'document', jsonb_build_object('comment', obj_description($1, 'pg_class'), 'columns', c.columns)))::text,
		coalesce(jsonb_array_length(c.columns), 0)
	FROM (SELECT rivergen_catalog.wrapped_columns($1)) c (columns);
END;

-- Part of check(): may the wrapper of each source that names a foreign server run?
CREATE OR REPLACE FUNCTION rivergen_catalog.check_wrapped_servers() RETURNS TABLE (name text, level text, detail text, what_to_do text)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT 'foreign servers', CASE WHEN count(w.code) > 0 THEN 'warning' ELSE 'ok' END,
		CASE WHEN count(w.code) > 0 THEN (string_agg(DISTINCT concat_ws(' ', w.message || '.', w.detail), ' ') FILTER (WHERE w.code IS NOT NULL))
			ELSE format('Wrappers describe %s of them as role %s.', count(*), current_setting('rivergen.foreign_role')) END,
		CASE WHEN count(w.code) > 0 THEN 'See docs/connectors.md, "Type other by a foreign data wrapper".' END
	FROM (SELECT DISTINCT d.metadata ->> 'foreign_server' AS server_name FROM rivergen_catalog.data_source d
		WHERE d.deleted_at IS NULL AND d.type = 'other' AND jsonb_typeof(d.metadata -> 'foreign_server') = 'string') s
	CROSS JOIN LATERAL rivergen_catalog.wrapped_server(current_setting('rivergen.foreign_role'), s.server_name) w
	HAVING count(*) > 0;
END;

REVOKE ALL ON FUNCTION rivergen_catalog.check_wrapped_servers(), rivergen_catalog.newly_wrapped_server(jsonb, jsonb), rivergen_catalog.may_use_foreign_server(oid, text),
	rivergen_catalog.event_triggers_of_imports(), rivergen_catalog.is_privileged_role(oid),
	rivergen_catalog.secrets_of_wrapped_server(oid, oid), rivergen_catalog.wrapped_server(text, text),
	rivergen_catalog.wrapped_tables(oid, oid), rivergen_catalog.wrapped_columns(oid),
	rivergen_catalog.wrapped_relation(oid, text, text, oid) FROM PUBLIC;
