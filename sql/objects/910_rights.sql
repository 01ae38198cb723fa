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
