-- What scans of foreign tables send to the source: columns, conditions, limits. Nothing is read here.
CREATE EXTENSION rivergen;
SET client_min_messages = warning;
SELECT rivergen.quick_start('Acme') ->> 'success' AS made;
-- The catalog as discovery and attaching leave it.
INSERT INTO rivergen_catalog.data_source (organization_id, data_source_id, name, type, use_ssh_tunnel, connection_pool_size, connection_timeout,
	query_timeout, max_retries, schema_auto_refresh, schema_refresh_interval, metadata, tags, created_by_user_id)
	SELECT organization_id, 1, 'Shop', 'postgresql', false, 5, 30, 300, 3, false, 3600, '{"query": {"enabled": true}}', '{}', 1
	FROM rivergen_catalog.organization;
INSERT INTO rivergen_catalog.data_source_state (organization_id, data_source_id, capabilities)
	SELECT organization_id, 1, '{read,exact}' FROM rivergen_catalog.organization;
INSERT INTO rivergen_catalog.relation (organization_id, data_source_id, schema_name, relation_name, kind, columns_count, row_estimate, hash, document)
	SELECT organization_id, 1, 'sales', 'Orders', 'table', 8, 1000000, '\x00',
		'{"columns": [{"name": "id"}], "primary_key": {"columns": ["id"]}, "indexes": [{"columns": ["grp", "id"]}]}'
	FROM rivergen_catalog.organization;
CREATE SERVER rivergen_1 FOREIGN DATA WRAPPER rivergen;
INSERT INTO rivergen_catalog.attachment (organization_id, data_source_id, user_id, server_name, local_schemas)
	SELECT organization_id, 1, 1, 'rivergen_1', '{}' FROM rivergen_catalog.organization;
CREATE FOREIGN TABLE orders (
	id bigint OPTIONS (type 'bigint'),
	grp integer OPTIONS (type 'integer'),
	status text OPTIONS (type 'character varying(20)'),
	mood text OPTIONS (type 'mood'),
	amount numeric OPTIONS (type 'numeric(12,2)'),
	paid boolean OPTIONS (type 'boolean', column_name 'Is Paid'),
	on_day date OPTIONS (type 'date'),
	code uuid OPTIONS (type 'uuid'))
	SERVER rivergen_1 OPTIONS (schema_name 'sales', table_name 'Orders', id '16400', kind 'table');
CREATE FUNCTION plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	-- PostgreSQL 17 names the result of a subquery in another way.
	FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
		RETURN NEXT regexp_replace(replace(line, '(InitPlan 1).col1', '$0'), ' \(returns .*\)$', '');
	END LOOP;
END
$$;
SET jit = off;

-- Columns, and conditions that the source alone applies.
SELECT plan('SELECT status FROM orders WHERE id >= 7 AND paid AND 5 > grp AND status IN (''new'', ''done'') AND mood IS NULL AND NOT paid');
SELECT plan('SELECT orders FROM orders WHERE amount <> 1.5 AND on_day BETWEEN ''2020-01-01'' AND ''2020-02-01'' AND code = ''a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11''');
-- The type at the source is another one, the value has a wider type, or the collation is another one: checked here too.
SELECT plan('SELECT id FROM orders WHERE mood = ''ok''');
SELECT plan('SELECT id FROM orders WHERE grp = 5::bigint');
SELECT plan('SELECT id FROM orders WHERE status = ''new'' COLLATE "C"');
-- Not sent: order of texts, expressions, functions, alternatives, values that change from row to row.
SELECT plan('SELECT id FROM orders WHERE status > ''new'' AND upper(status) = ''NEW'' AND (id = 1 OR grp = 2) AND id = random() AND id = grp AND status LIKE ''n%''');
-- A value is computed here, once.
SELECT plan('SELECT id FROM orders WHERE id > length(current_user) AND on_day > current_date - 7');
SELECT plan('SELECT id FROM orders WHERE grp = (SELECT 3)');

-- Limits and count(*), only where the source alone applies every condition.
SELECT plan('SELECT id FROM orders WHERE grp = 5 LIMIT 10 OFFSET 3');
SELECT plan('SELECT id FROM orders WHERE mood = ''ok'' LIMIT 10');
SELECT plan('SELECT id FROM orders ORDER BY grp LIMIT 10');
SELECT plan('SELECT DISTINCT grp FROM orders LIMIT 10');
SELECT plan('SELECT generate_series(1, grp) FROM orders LIMIT 10');
SELECT plan('SELECT id FROM orders LIMIT 10 FOR UPDATE');
SELECT plan('SELECT count(*) * 2 FROM orders WHERE grp = 5');
SELECT plan('SELECT count(*), count(*) FILTER (WHERE paid) FROM orders');
SELECT plan('SELECT count(*) FROM orders WHERE status = ''new''');
SELECT plan('SELECT count(*) FROM orders WHERE mood = ''ok''');
SELECT plan('SELECT count(*) FROM orders HAVING count(*) > 5');
SELECT plan('SELECT count(*) FROM orders WHERE false');

-- A join by a key asks for the rows of each value; a subquery sends its parameter.
CREATE TABLE wanted AS SELECT i AS id FROM generate_series(1, 10) i;
ANALYZE wanted;
SELECT plan('SELECT o.status FROM wanted w JOIN orders o ON o.id = w.id');
SELECT plan('SELECT o.status FROM wanted w JOIN wanted v ON v.id = w.id JOIN orders o ON o.id = v.id');
SELECT plan('SELECT (SELECT status FROM orders WHERE id = w.id LIMIT 1) FROM wanted w');
SET plan_cache_mode = force_generic_plan;
PREPARE by_ids(bigint[], bigint) AS SELECT status FROM orders WHERE id = ANY($1) LIMIT $2;
EXPLAIN (VERBOSE, COSTS OFF) EXECUTE by_ids('{1,2}', 3);

-- Faults that become null: other rows fulfil a condition here than at the source.
ALTER FOREIGN TABLE orders OPTIONS (ADD on_error 'null');
SELECT plan('SELECT id FROM orders WHERE grp = 5 AND amount IS NULL AND amount IS NOT NULL LIMIT 1');
ALTER FOREIGN TABLE orders OPTIONS (DROP on_error);
-- A modifier here.
ALTER FOREIGN TABLE orders ALTER COLUMN amount TYPE numeric(5,1);
SELECT plan('SELECT id FROM orders WHERE amount = 1.5');
-- Masked values are compared as they arrive.
UPDATE rivergen_catalog.data_source SET metadata = '{"query": {"enabled": true, "masking": true}}';
SELECT plan('SELECT id FROM orders WHERE grp = 5 LIMIT 1');
UPDATE rivergen_catalog.data_source SET metadata = '{"query": {"enabled": true}}';
-- A connector without `exact`; a server that belongs to no source.
UPDATE rivergen_catalog.data_source_state SET capabilities = '{read}';
SELECT plan('SELECT id FROM orders WHERE grp = 5 LIMIT 1');
SELECT plan('SELECT id FROM orders LIMIT 1');
DELETE FROM rivergen_catalog.attachment;
SELECT plan('SELECT id FROM orders WHERE grp = 5');
-- Any role that may select can plan.
CREATE ROLE plans_reader;
GRANT SELECT ON orders TO plans_reader;
SET ROLE plans_reader;
SELECT plan('SELECT id FROM orders WHERE grp = 5');
RESET ROLE;
DROP FUNCTION plan;
DROP SERVER rivergen_1 CASCADE;
DROP TABLE wanted;
DROP ROLE plans_reader;
DROP EXTENSION rivergen;
