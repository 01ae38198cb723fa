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
