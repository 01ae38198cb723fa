-- The catalog can be distributed by organization: what Citus refuses is not used. docs/design.md, "Data".
CREATE EXTENSION rivergen;
CREATE TEMP VIEW tenant_table AS
	SELECT c.oid, c.relname, a.attnum AS organization
	FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id'
	WHERE c.relnamespace = 'rivergen_catalog'::regnamespace AND c.relkind IN ('r', 'p');
SELECT count(*) > 10 AS are_many FROM tenant_table;

-- Primary keys, unique keys and exclusion constraints begin with the organization.
SELECT t.relname, i.indexrelid::regclass AS key
	FROM tenant_table t JOIN pg_index i ON i.indrelid = t.oid
	WHERE (i.indisunique OR i.indisexclusion) AND i.indkey[0] IS DISTINCT FROM t.organization
	ORDER BY 1, 2;

-- Foreign keys between them do so on both sides.
SELECT t.relname, k.conname
	FROM pg_constraint k JOIN tenant_table t ON t.oid = k.conrelid
	JOIN tenant_table r ON r.oid = k.confrelid
	WHERE k.contype = 'f' AND (k.conkey[1] <> t.organization OR k.confkey[1] <> r.organization)
	ORDER BY 1, 2;

-- SET NULL and SET DEFAULT leave the organization alone.
SELECT t.relname, k.conname
	FROM pg_constraint k JOIN tenant_table t ON t.oid = k.conrelid
	WHERE k.contype = 'f'
		AND (k.confupdtype IN ('n', 'd')
			OR k.confdeltype IN ('n', 'd') AND t.organization = ANY (coalesce(k.confdelsetcols, k.conkey)))
	ORDER BY 1, 2;

-- There are no triggers, and no functions that take a row of a table.
SELECT tgrelid::regclass, tgname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
	WHERE NOT tgisinternal AND c.relnamespace IN ('rivergen'::regnamespace, 'rivergen_catalog'::regnamespace);
SELECT DISTINCT p.proname
	FROM pg_proc p CROSS JOIN unnest(p.proargtypes) argument (type)
	JOIN pg_type t ON t.oid = argument.type
	JOIN pg_class c ON c.oid = coalesce(nullif(t.typrelid, 0), (SELECT e.typrelid FROM pg_type e WHERE e.oid = t.typelem))
	WHERE p.pronamespace IN ('rivergen'::regnamespace, 'rivergen_catalog'::regnamespace) AND c.relkind IN ('r', 'p')
	ORDER BY 1;
DROP VIEW tenant_table;
DROP EXTENSION rivergen;
