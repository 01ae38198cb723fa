-- Lists long enough that what was counted decides how a page is read: few rows by their ids, many in their order, others
-- as they come. Whichever it is, a page is what a plain query finds.
CREATE EXTENSION rivergen;
SELECT rivergen.quick_start('Large') ->> 'message' AS message;
INSERT INTO rivergen_catalog.data_source (organization_id, name, type, description, host, use_ssh_tunnel, connection_pool_size,
		connection_timeout, query_timeout, max_retries, schema_auto_refresh, schema_refresh_interval, metadata, tags, maintenance,
		created_by_user_id, created_at, updated_at, deleted_at)
	SELECT 1, CASE WHEN i % 10 = 0 THEN 'depot ' ELSE 'Ware-House ' END || i, 'http_api', CASE WHEN i % 4 = 0 THEN 'q' || i END, 'h' || i % 50,
		false, 5, 30, 300, 3, false, 3600, '{}', CASE WHEN i % 3 = 0 THEN '{}' ELSE '{red}' END::text[], i % 100 = 1, 1,
		'2024-01-01'::timestamptz + i * 7919 % 6500 * interval '1 hour', '2025-01-01'::timestamptz + i * 31 % 6500 * interval '1 hour',
		CASE WHEN i % 50 = 7 THEN now() END
	FROM generate_series(1, 6500) i;
INSERT INTO rivergen_catalog.data_source_state (organization_id, data_source_id, status)
	SELECT organization_id, data_source_id, (ARRAY['active', 'failed', 'inactive'])[1 + data_source_id % 3] FROM rivergen_catalog.data_source;
ANALYZE rivergen_catalog.data_source, rivergen_catalog.data_source_state;

-- The same by a plain query.
CREATE FUNCTION pg_temp.plain(search text, tags text[], status text, sort_by text, sort_order text, page int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	ids text;
	total bigint;
BEGIN
	EXECUTE format($f$WITH found AS MATERIALIZED (
			SELECT d.* FROM rivergen_catalog.data_source d JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id)
			WHERE d.deleted_at IS NULL AND ($1 IS NULL OR position(lower($1) IN lower(concat_ws(chr(1), d.name, d.description))) > 0)
				AND ($2 IS NULL OR d.tags @> $2)
				AND ($3 IS NULL OR CASE WHEN d.maintenance THEN 'maintenance' ELSE s.status END = $3))
		SELECT (SELECT string_agg(data_source_id::text, ' ' ORDER BY place) FROM (SELECT data_source_id, row_number() OVER () AS place
			FROM (SELECT data_source_id FROM found ORDER BY %1$I %2$s, data_source_id %2$s LIMIT 7 OFFSET ($4 - 1) * 7) o) p), (SELECT count(*) FROM found)$f$,
		sort_by, sort_order) INTO ids, total USING search, tags, status, page;
	RETURN concat_ws(' of ', ids, total);
END $$;
CREATE FUNCTION pg_temp.listed(search text, tags text[], status text, sort_by text, sort_order text, page int) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' of ', (SELECT string_agg(item ->> 'id', ' ' ORDER BY place) FROM jsonb_array_elements(answer #> '{data,items}') WITH ORDINALITY i (item, place)),
		answer #>> '{data,pagination,total_items}')
	FROM rivergen.data_source_list(search => search, tags => tags, status_filter => status, sort_by => sort_by, sort_order => sort_order,
		page => page, page_size => 7) answer
$$;
SELECT search, tags, status, count(*) AS pages, count(*) FILTER (WHERE pg_temp.listed(search, tags, status, sort_by, sort_order, page)
		IS NOT DISTINCT FROM pg_temp.plain(search, tags, status, sort_by, sort_order, page)) AS agree,
		min(pg_temp.listed(search, tags, status, 'created_at', 'desc', 1)) AS first
	FROM (VALUES ('ware-house', NULL::text[], NULL), ('E-', NULL, NULL), ('q4', NULL, NULL), ('pot 12', NULL, NULL), ('zebra', NULL, NULL),
			('ze', NULL, NULL), ('house', '{red}', NULL), (NULL, '{red}', NULL), ('house', NULL, 'failed'), ('ouse 1', NULL, 'maintenance'),
			(NULL, NULL, 'failed'), (NULL, NULL, 'maintenance')) v (search, tags, status),
		unnest('{created_at,updated_at,name,host}'::text[]) sort_by, unnest('{asc,desc}'::text[]) sort_order, unnest('{1,3,200,2000}'::int[]) page
	GROUP BY search, tags, status ORDER BY search, tags, status;
DROP EXTENSION rivergen;
