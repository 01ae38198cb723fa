-- Discovery and jobs. The bodies are made by the functions of rivergen_catalog, which are internal. Those that return a
-- set of one body are called in FROM: there PostgreSQL makes them part of the statement that calls them, whose plan a
-- session keeps; called as a value they would be planned every time, which takes longer than the work.

-- Is it counted as a table, or as a view? Sequences are neither.
CREATE FUNCTION rivergen_catalog.is_view(kind text) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN kind IN ('view', 'materialized_view');

CREATE FUNCTION rivergen_catalog.is_table(kind text) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN kind NOT IN ('view', 'materialized_view', 'sequence');

CREATE FUNCTION rivergen_catalog.schema_counts(organization_id bigint, data_source_id bigint, only_schema text)
	RETURNS TABLE (schema_name text, tables_count bigint, views_count bigint, columns_count bigint)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	-- No join: a planner that expects few relations would read all of them once for each schema.
	SELECT u.schema_name,
		count(*) FILTER (WHERE rivergen_catalog.is_table(u.kind)),
		count(*) FILTER (WHERE rivergen_catalog.is_view(u.kind)),
		coalesce(sum(u.columns_count), 0)
	FROM (
		SELECT r.schema_name, r.kind, r.columns_count
		FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND r.data_source_id = $2 AND ($3 IS NULL OR r.schema_name = $3)
			AND r.deprecated_at IS NULL
		UNION ALL
		SELECT s.schema_name, NULL, NULL
		FROM rivergen_catalog.source_schema s
		WHERE s.organization_id = $1 AND s.data_source_id = $2 AND ($3 IS NULL OR s.schema_name = $3)) u
	GROUP BY u.schema_name
	HAVING bool_or(u.kind IS NULL);
END;

CREATE FUNCTION rivergen_catalog.discovery_result(
	organization_id bigint, data_source_id bigint, only_schema text, discovered_at timestamptz, duration_ms bigint)
	RETURNS SETOF jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_object(
		'data_source_id', $2,
		'schemas_discovered', coalesce(jsonb_agg(jsonb_build_object(
			'schema_name', c.schema_name,
			'tables_count', c.tables_count,
			'views_count', c.views_count) ORDER BY c.schema_name), '[]'),
		'total_tables', coalesce(sum(c.tables_count), 0),
		'total_columns', coalesce(sum(c.columns_count), 0),
		'discovered_at', rivergen_catalog.time_text($4),
		'discovery_duration_ms', $5)
	FROM rivergen_catalog.schema_counts($1, $2, $3) c;
END;

-- A full discovery answers for each of its schemas, unless that schema was discovered alone since.
CREATE FUNCTION rivergen_catalog.discovery_cached(organization_id bigint, data_source_id bigint, only_schema text)
	RETURNS SETOF jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT r.body
	FROM rivergen_catalog.data_source_state s
	JOIN rivergen_catalog.schema_history h USING (organization_id, data_source_id)
	JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id),
	LATERAL rivergen_catalog.discovery_result($1, $2, NULL, s.full_discovered_at, s.full_discovery_ms) r (body)
	WHERE s.organization_id = $1 AND s.data_source_id = $2 AND s.full_discovered_at IS NOT NULL AND $3 IS NULL
		AND h.patterns IS NOT DISTINCT FROM rivergen_catalog.discovery_patterns(d.metadata)
	UNION ALL
	SELECT r.body
	FROM rivergen_catalog.data_source_state s
	JOIN rivergen_catalog.source_schema e USING (organization_id, data_source_id)
	JOIN rivergen_catalog.schema_history h USING (organization_id, data_source_id)
	JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id),
	LATERAL (SELECT s.full_discovered_at >= e.scoped_discovered_at OR e.scoped_discovered_at IS NULL AS is_full) newest,
	LATERAL rivergen_catalog.discovery_result($1, $2, $3,
		CASE WHEN newest.is_full THEN s.full_discovered_at ELSE e.scoped_discovered_at END,
		CASE WHEN newest.is_full THEN s.full_discovery_ms ELSE e.scoped_discovery_ms END) r (body)
	WHERE s.organization_id = $1 AND s.data_source_id = $2 AND e.schema_name = $3
		AND (s.full_discovered_at IS NOT NULL OR e.scoped_discovered_at IS NOT NULL)
		AND rivergen_catalog.discovery_patterns(d.metadata) IS NOT DISTINCT FROM rivergen_catalog.last_patterns(
			e.scoped_discovered_at, e.scoped_patterns, s.full_discovered_at, h.patterns);
END;

CREATE FUNCTION rivergen.job_progress(
	job_id bigint, OUT phase text, OUT relations_total bigint, OUT relations bigint, OUT columns bigint,
	OUT bytes bigint) RETURNS record
	AS 'MODULE_PATHNAME', 'rg_job_progress'
	LANGUAGE C VOLATILE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.job_progress(bigint) IS
'How far a running job is, from the worker''s own memory.
Tells phase, relations to read (null when unknown), relations, columns and bytes received. Null when the job does not run. Errors: 401, 403.';

CREATE FUNCTION rivergen_catalog.job_body(job rivergen_catalog.job) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_object(
		'job_id', (job).job_id,
		'data_source_id', (job).data_source_id,
		'kind', (job).kind,
		'schema_name', (job).schema_name,
		'status', (job).status,
		'cancel_requested', (job).cancel_requested,
		'attempts', (job).attempts,
		'requested_by_user_id', (job).requested_by_user_id,
		'queued_at', rivergen_catalog.time_text((job).queued_at),
		'run_after', rivergen_catalog.time_text((job).run_after),
		'started_at', rivergen_catalog.time_text((job).started_at),
		'finished_at', rivergen_catalog.time_text((job).finished_at),
		'progress', CASE WHEN (job).status = 'running'
			THEN (SELECT to_jsonb(p) FROM rivergen.job_progress((job).job_id) p WHERE p.phase IS NOT NULL) END,
		'error_code', (job).error_code,
		'error_message', (job).error_message,
		'error_detail', (job).error_detail,
		'result', (job).result);
END;

CREATE FUNCTION rivergen_catalog.job_page(
	organization_id bigint, data_source_id bigint, status text, page integer, page_size integer) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH chosen AS (
		SELECT j AS job, j.job_id FROM rivergen_catalog.job j
		WHERE j.organization_id = $1 AND ($2 IS NULL OR j.data_source_id = $2) AND ($3 IS NULL OR j.status = $3)
	), shown AS (
		SELECT job, job_id FROM chosen ORDER BY job_id DESC LIMIT $5 OFFSET ($4::bigint - 1) * $5
	)
	SELECT jsonb_build_object(
		'items', (SELECT coalesce(jsonb_agg(rivergen_catalog.job_body(job) ORDER BY job_id DESC), '[]') FROM shown),
		'pagination', rivergen_catalog.pagination($4, $5, (SELECT count(*) FROM chosen)));
END;

-- What the document says, in the words of information_schema where it has them.
CREATE FUNCTION rivergen_catalog.table_type(kind text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN kind IN ('table', 'partitioned_table', 'partition') THEN 'BASE TABLE'
		WHEN kind = 'foreign_table' THEN 'FOREIGN'
		ELSE upper(replace(kind, '_', ' ')) END;

CREATE FUNCTION rivergen_catalog.table_body(r rivergen_catalog.relation, include_columns boolean) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_object(
		'table_name', (r).relation_name,
		'table_type', rivergen_catalog.table_type((r).kind),
		'kind', (r).kind,
		'columns_count', (r).columns_count,
		'row_estimate', (r).row_estimate,
		'size_bytes', (r).size_bytes)
		|| CASE WHEN include_columns THEN (r).document ELSE (r).document - 'columns' END;
END;

CREATE FUNCTION rivergen_catalog.discovered_schemas(
	organization_id bigint, data_source_id bigint, only_schema text, only_table text, include_columns boolean)
	RETURNS SETOF jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH shown AS (
		SELECT c.schema_name, c.tables_count, c.views_count, c.columns_count,
			(SELECT s.comment FROM rivergen_catalog.source_schema s
			 WHERE s.organization_id = $1 AND s.data_source_id = $2 AND s.schema_name = c.schema_name) AS comment,
			(SELECT coalesce(jsonb_agg(rivergen_catalog.table_body(r, $5) ORDER BY r.relation_name), '[]')
			 FROM rivergen_catalog.relation r
			 WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.schema_name = c.schema_name
				AND r.deprecated_at IS NULL AND ($4 IS NULL OR r.relation_name = $4)) AS tables
		FROM rivergen_catalog.schema_counts($1, $2, $3) c
	), found AS (
		SELECT * FROM shown WHERE $4 IS NULL OR tables <> '[]'
	)
	SELECT CASE WHEN EXISTS (SELECT FROM found) OR ($3 IS NULL AND $4 IS NULL) THEN jsonb_build_object(
		'data_source_id', $2,
		'schema_discovered_at', (SELECT rivergen_catalog.time_text(schema_discovered_at)
			FROM rivergen_catalog.data_source_state s WHERE s.organization_id = $1 AND s.data_source_id = $2),
		'schemas', (SELECT coalesce(jsonb_agg(jsonb_build_object(
			'schema_name', schema_name,
			'comment', comment,
			'tables_count', tables_count,
			'views_count', views_count,
			'columns_count', columns_count,
			'tables', tables) ORDER BY schema_name), '[]') FROM found)) END;
END;

CREATE FUNCTION rivergen.discover_schema(
	data_source_id bigint,
	schema_name text DEFAULT NULL,
	refresh boolean DEFAULT false,
	wait boolean DEFAULT true,
	"full" boolean DEFAULT false) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_discover_schema'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.discover_schema(bigint, text, boolean, boolean, boolean) IS
'Discovers the schemas, tables and columns of a data source and returns the statistics of what was found.
schema_name: only that schema. refresh: look again although it was discovered before. full: read everything, even what seems unchanged. wait: with true (the default) a worker discovers while this call waits, in transactions of its own; with false a job is queued at commit and its id returned at once. discovery_duration_ms is in milliseconds. Needs the role editor, or viewer for what is cached. Errors: 400, 401, 403, 404 (no such source, or schema), 409 (not committed yet, maintenance, or cancelled), 429 (queue full), 502 (the source refused or failed; the detail names the job), 503 (no workers, or no key), 504 (time-out). Source: RiverGen API, Discover Schema.';

CREATE FUNCTION rivergen.job_get(job_id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_job_get'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.job_get(bigint) IS
'One job of the organization.
Tells its status (queued, running, succeeded, failed, cancelled), progress while it runs, and its result or error. Errors: 400, 401, 403, 404.';

CREATE FUNCTION rivergen.job_list(
	data_source_id bigint DEFAULT NULL,
	status text DEFAULT NULL,
	page integer DEFAULT 1,
	page_size integer DEFAULT 20) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_job_list'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.job_list(bigint, text, integer, integer) IS
'A page of the organization''s jobs, newest first.
Answers {"items", "pagination"}. page counts from 1, page_size is 1-1000. Errors: 400, 401, 403.';

CREATE FUNCTION rivergen.job_cancel(job_id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_job_cancel'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.job_cancel(bigint) IS
'Cancels a job.
Ends a queued one at once, a running one as soon as this is committed; what it has read is dropped. Needs the role editor. Errors: 400, 401, 403, 404, 409 (it has ended already).';

CREATE FUNCTION rivergen.data_source_schemas(
	id bigint,
	schema_name text DEFAULT NULL,
	table_name text DEFAULT NULL,
	include_columns boolean DEFAULT true) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_data_source_schemas'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_schemas(bigint, text, text, boolean) IS
'What was discovered of a data source, as one document.
It holds schemas, their tables and views, columns in the source''s order, keys, indexes, comments. schema_name and table_name narrow it; without include_columns the columns are left out. Sizes are in bytes. Errors: 400, 401, 403, 404 (no such source, schema or table).';

REVOKE ALL ON FUNCTION rivergen.job_progress(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.discover_schema(bigint, text, boolean, boolean, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.job_get(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.job_list(bigint, text, integer, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.job_cancel(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_schemas(bigint, text, text, boolean) FROM PUBLIC;
