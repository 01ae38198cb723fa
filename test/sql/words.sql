-- A list of words that stands in C (src/wordlist.c) and in SQL is the same in both.
CREATE EXTENSION rivergen;
\pset format unaligned
\pset tuples_only on
CREATE TEMPORARY TABLE document AS SELECT rivergen_catalog.openapi_document()::jsonb AS body;

-- The words that a request may give, from C, and those that an answer may have, from SQL.
SELECT o.path, p ->> 'name', p #> '{schema,enum}' = body #> ARRAY['components', 'schemas', o.shown, 'enum'] AS same
FROM document, (VALUES ('/data-sources', 'status_filter', 'DataSourceStatus'), ('/jobs', 'status', 'JobStatus'),
		('/table-descriptions', 'status', 'TableDescriptionStatus')) o (path, parameter, shown),
	jsonb_each(body -> 'paths') path, jsonb_array_elements(path.value #> '{get,parameters}') p
WHERE path.key LIKE '%' || o.path AND p ->> 'name' = o.parameter
ORDER BY 1;

-- The message lists the roles of C; the domain of the column is SQL's.
SELECT rivergen.organization_create('Words') AS organization, rivergen.user_create(subject => 'words') AS words_user \gset
SELECT rivergen.membership_add(:organization, :words_user, 'owner');
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contypid = 'rivergen_catalog.member_role'::regtype;
DROP EXTENSION rivergen;
