-- Everything that people can see says what it is.
CREATE EXTENSION rivergen;
SELECT p.oid::regprocedure FROM pg_proc p
WHERE pronamespace = 'rivergen'::regnamespace AND obj_description(oid, 'pg_proc') IS NULL ORDER BY 1;
SELECT c.oid::regclass FROM pg_class c
WHERE relnamespace = 'rivergen'::regnamespace AND relkind = 'v' AND obj_description(oid, 'pg_class') IS NULL ORDER BY 1;
SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0
WHERE relnamespace = 'rivergen'::regnamespace AND relkind = 'v' AND col_description(c.oid, attnum) IS NULL ORDER BY 1, 2;
-- A parameter without a name cannot be called by name, nor be spoken of. The body of a request has none.
SELECT p.oid::regprocedure FROM pg_proc p
WHERE pronamespace = 'rivergen'::regnamespace AND pronargs > 0 AND (proargnames IS NULL OR '' = ANY (proargnames)) ORDER BY 1;
-- A setting's name has a description.
SELECT name FROM pg_settings WHERE name LIKE 'rivergen.%' AND short_desc = '' ORDER BY 1;
-- Nothing is for everybody.
SELECT p.oid::regprocedure FROM pg_proc p CROSS JOIN LATERAL aclexplode(coalesce(proacl, acldefault('f', proowner))) a
WHERE pronamespace = 'rivergen'::regnamespace AND a.grantee = 0 ORDER BY 1;
DROP EXTENSION rivergen;
