-- An organization of :columns columns, 50 in each relation, 10,000 relations in the first source and 1,000 in each other one,
-- whose names are two or three words each. The session's user is a member.
SELECT setseed(0.5);
CREATE FUNCTION pg_temp.word(place bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT (ARRAY['customer', 'order', 'line', 'product', 'address', 'invoice', 'payment', 'status', 'amount', 'region', 'city',
		'code', 'created', 'updated', 'shipped', 'price', 'total', 'note', 'type', 'group', 'owner', 'email', 'phone', 'account',
		'balance', 'rate', 'start', 'end', 'count', 'level'])[1 + place % 30] || CASE WHEN place % 7 = 0 THEN '_' || place % 977 ELSE '' END $$;
INSERT INTO rivergen_catalog.data_source (organization_id, name, type, use_ssh_tunnel, connection_pool_size, connection_timeout,
		query_timeout, max_retries, schema_auto_refresh, schema_refresh_interval, metadata, tags, created_by_user_id)
	SELECT :organization, 'source ' || i, 'other', false, 5, 30, 300, 3, false, 3600, '{}', '{}', 1
	FROM generate_series(1, greatest(:columns / 50000 - 9, 1)) i;
INSERT INTO rivergen_catalog.data_source_state (organization_id, data_source_id, status)
	SELECT organization_id, data_source_id, 'active' FROM rivergen_catalog.data_source;
INSERT INTO rivergen_catalog.relation (organization_id, data_source_id, schema_name, relation_name, kind, columns_count, hash, document)
	SELECT d.organization_id, d.data_source_id, 'public', pg_temp.word(n * 31) || '_' || pg_temp.word(n / 30) || '_' || i, 'table', 50, '\x00',
		jsonb_build_object('columns', (SELECT jsonb_agg(jsonb_build_object('name', concat_ws('_', pg_temp.word(n + c),
			pg_temp.word(n * 7 + c * 11), CASE WHEN c % 5 = 0 THEN pg_temp.word(n * 13 + c * 3) END, c), 'type', 'text'))
			FROM generate_series(1, 50) c))
	FROM (SELECT d.*, row_number() OVER (ORDER BY d.data_source_id) AS place FROM rivergen_catalog.data_source d) d
	CROSS JOIN LATERAL (SELECT i, CASE d.place WHEN 1 THEN 1000 ELSE (d.place + 9) * 1000 END + i AS n
		FROM generate_series(1, CASE d.place WHEN 1 THEN least(:columns / 50, 10000) ELSE 1000 END) i) r;
INSERT INTO rivergen_catalog.source_schema (organization_id, data_source_id, schema_name)
	SELECT organization_id, data_source_id, 'public' FROM rivergen_catalog.data_source;
INSERT INTO rivergen_catalog.schema_content
	SELECT organization_id, data_source_id, schema_name, count(*), count(*), 0, sum(columns_count) FROM rivergen_catalog.relation
	GROUP BY 1, 2, 3;
SELECT count(rivergen_catalog.index_relations(organization_id, data_source_id, NULL)) FROM rivergen_catalog.data_source;
VACUUM ANALYZE;
