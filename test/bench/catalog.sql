-- An organization with eight data sources, four of :relations tables of 28 columns and four of a tenth of that, and
-- another one with a single small source. The session's user is a member of both; the large one is its first.
SELECT rivergen.organization_create('other') AS other \gset
SELECT rivergen.membership_add(:other, 1);
SELECT organization_id AS own FROM rivergen_catalog.organization WHERE name = 'Bench' \gset
CREATE TEMP TABLE source AS
	SELECT i, CASE WHEN i = 9 THEN :other ELSE :own END AS organization_id,
		CASE WHEN i <= 4 THEN :relations WHEN i <= 8 THEN :relations / 10 ELSE 100 END AS relations,
		(rivergen.data_source_create(jsonb_build_object('name', 'source ' || i, 'type', 'postgresql', 'host', '127.0.0.1',
			'port', 1, 'database_name', 'big', 'schema_auto_refresh', false,
			'credentials', '{"username": "u", "password": "p"}'::jsonb)) #>> '{data,id}')::bigint AS data_source_id
	FROM generate_series(1, 8) i;
SELECT set_config('rivergen.organization_id', :'other', false);
INSERT INTO source SELECT 9, :other, 100, (rivergen.data_source_create(jsonb_build_object('name', 'source 9', 'type',
	'postgresql', 'host', '127.0.0.1', 'port', 1, 'database_name', 'big', 'schema_auto_refresh', false,
	'credentials', '{"username": "u", "password": "p"}'::jsonb)) #>> '{data,id}')::bigint;
SELECT set_config('rivergen.organization_id', :'own', false);

-- Few documents, used again and again: what is read costs the same, and making them costs nothing.
CREATE TEMP TABLE template AS
	SELECT t, (ARRAY['orders', 'billing', 'warehouse', 'customers', 'events', 'inventory', 'payments', 'archive'])[1 + t % 8] AS word,
		jsonb_build_object(
			'owner', 'app',
			'comment', CASE WHEN t % 2 = 0 THEN 'Kept by team ' || t || ' for the monthly report' END,
			'columns', (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', c, 'name', CASE c WHEN 1 THEN 'id' ELSE 'column_' || t || '_' || c END,
				'type', (ARRAY['bigint', 'text', 'timestamp with time zone', 'numeric(12,2)', 'boolean'])[1 + c % 5],
				'not_null', CASE WHEN c % 3 = 1 THEN true END,
				'default', CASE WHEN c % 7 = 0 THEN 'now()' END,
				'comment', CASE WHEN c % 4 = 0 THEN 'What column ' || c || ' is for' END)) ORDER BY c) FROM generate_series(1, 28) c),
			'primary_key', jsonb_build_object('name', 'pk_' || t, 'columns', '["id"]'::jsonb),
			'foreign_keys', jsonb_build_array(jsonb_build_object('name', 'fk_' || t, 'columns', jsonb_build_array('column_' || t || '_6'),
				'schema', 's1', 'table', 'customers', 'referenced_columns', '["id"]'::jsonb)),
			'indexes', jsonb_build_array(jsonb_build_object('name', 'pk_' || t, 'method', 'btree', 'unique', true, 'primary', true,
				'columns', '["id"]'::jsonb, 'definition', 'CREATE UNIQUE INDEX pk_' || t || ' ON s1.t USING btree (id)'))) AS document
	FROM generate_series(0, 99) t;
INSERT INTO rivergen_catalog.source_schema (organization_id, data_source_id, schema_name)
	SELECT organization_id, data_source_id, 's' || n FROM source CROSS JOIN generate_series(1, 50) n;
INSERT INTO rivergen_catalog.relation (organization_id, data_source_id, schema_name, relation_name, kind, native_id,
		columns_count, row_estimate, size_bytes, hash, document, dialect)
	SELECT s.organization_id, s.data_source_id, 's' || 1 + n % 50, t.word || '_' || n, CASE WHEN n % 10 = 0 THEN 'view' ELSE 'table' END,
		n::text AS native_id, 28, n, n * 8192, '\x00', t.document, 'postgresql 15'
	FROM source s CROSS JOIN LATERAL generate_series(1, s.relations) n JOIN template t ON t.t = n % 100
	ORDER BY s.i, n % 50, n;
UPDATE rivergen_catalog.data_source_state SET schema_discovered_at = now(), full_discovered_at = now(), full_discovery_ms = 1;
SELECT rivergen_catalog.count_schemas(organization_id, data_source_id) FROM source;
INSERT INTO rivergen_catalog.schema_history (organization_id, data_source_id) SELECT organization_id, data_source_id FROM source
	ON CONFLICT DO NOTHING;
