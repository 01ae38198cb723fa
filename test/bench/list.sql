-- A catalog of :sources data sources: one organization of a tenth of them, one of a thousandth, and 10,000 small
-- ones (a hundred small ones for each 10,000 sources). The session's user is a member of the two large ones.
SELECT setseed(0.5);
CREATE TEMP TABLE word AS
	SELECT ARRAY['orders', 'billing', 'warehouse', 'customers', 'events', 'inventory', 'payments', 'analytics', 'archive',
		'sensors', 'logistics', 'marketing', 'support', 'finance', 'research', 'production', 'staging', 'reporting'] AS words;
SELECT rivergen.organization_create('large') AS large, rivergen.organization_create('middle') AS middle \gset
SELECT rivergen.membership_add(:large, 1), rivergen.membership_add(:middle, 1);
INSERT INTO rivergen_catalog.organization (name) SELECT 'small ' || i FROM generate_series(1, :sources / 100) i;
INSERT INTO rivergen_catalog.organization_queue SELECT organization_id FROM rivergen_catalog.organization ON CONFLICT DO NOTHING;
INSERT INTO rivergen_catalog.workspace (organization_id, name) SELECT :large, 'workspace ' || i FROM generate_series(1, 20) i;

CREATE TEMP TABLE seed AS
	SELECT i, CASE WHEN i <= :sources / 10 THEN :large WHEN i <= :sources / 10 + :sources / 1000 THEN :middle
			ELSE :middle + 1 + i % (:sources / 100) END AS organization_id,
		words[1 + (random() * 17)::int] || ' ' || words[1 + (random() * 17)::int] || ' ' || i AS name,
		'The ' || words[1 + (random() * 17)::int] || ' of team ' || (random() * 500)::int || ', kept by '
			|| words[1 + (random() * 17)::int] || ' for ' || words[1 + (random() * 17)::int] AS description,
		ARRAY[words[1 + (random() * 17)::int], 'team-' || (random() * 500)::int] AS tags, random() AS luck
	FROM generate_series(1, :sources) i, word;
-- Filling an index row by row takes far longer than building it.
SELECT pg_get_indexdef('rivergen_catalog.data_source_search'::regclass) AS search_index \gset
DROP INDEX rivergen_catalog.data_source_search;
INSERT INTO rivergen_catalog.data_source (organization_id, workspace_id, name, type, description, host, port, database_name,
		use_ssh_tunnel, connection_pool_size, connection_timeout, query_timeout, max_retries, schema_auto_refresh,
		schema_refresh_interval, metadata, tags, created_by_user_id, created_at, updated_at)
	SELECT s.organization_id, w.workspace_id, s.name, (ARRAY['postgresql', 'mysql', 'csv', 'http_api'])[1 + i % 4],
		s.description, 'db' || i % 1000 || '.example.com', 5432, 'app', false, 5, 30, 300, 3, true, 3600, '{}', s.tags, 1,
		'2024-01-01'::timestamptz + i * interval '7 s', '2024-06-01'::timestamptz + luck * interval '300 days'
	FROM seed s LEFT JOIN (SELECT organization_id, workspace_id, row_number() OVER () AS place FROM rivergen_catalog.workspace
		WHERE organization_id = :large) w ON w.organization_id = s.organization_id AND w.place = 1 + s.i % 20;
INSERT INTO rivergen_catalog.data_source_state (organization_id, data_source_id, status)
	SELECT organization_id, data_source_id, (ARRAY['active', 'active', 'active', 'inactive', 'failed'])[1 + data_source_id % 5]
	FROM rivergen_catalog.data_source;
:search_index;
VACUUM ANALYZE;
