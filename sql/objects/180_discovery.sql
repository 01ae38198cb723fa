-- Discovery and jobs. Internal functions of rivergen_catalog make the bodies. A function that returns a set of one body is
-- called in FROM: there PostgreSQL inlines it into the calling statement, whose plan the session keeps. Called as a value
-- it would be planned at each call, which takes longer than the work.

-- The bytes of a value before it was compressed. Reads only the head of the value.
CREATE OR REPLACE FUNCTION rivergen_catalog.stored_bytes(jsonb) RETURNS bigint
	AS 'MODULE_PATHNAME', 'rg_sql_stored_bytes'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- Writes the counts of a source's schemas where they have changed. A discovery that changed something calls it at its end.
CREATE OR REPLACE FUNCTION rivergen_catalog.count_schemas(organization_id bigint, data_source_id bigint) RETURNS void
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	WITH found AS MATERIALIZED (
		SELECT r.schema_name,
			count(*) AS relations,
			count(*) FILTER (WHERE rivergen_catalog.kind_group(r.kind) = 'table') AS tables,
			count(*) FILTER (WHERE rivergen_catalog.kind_group(r.kind) = 'view') AS views,
			sum(r.columns_count) AS columns
		FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.deprecated_at IS NULL
		GROUP BY r.schema_name
	), emptied AS (
		DELETE FROM rivergen_catalog.schema_content c
		WHERE c.organization_id = $1 AND c.data_source_id = $2 AND c.schema_name NOT IN (SELECT schema_name FROM found)
	)
	INSERT INTO rivergen_catalog.schema_content AS c
		SELECT $1, $2, schema_name, relations, tables, views, columns FROM found
		ON CONFLICT (organization_id, data_source_id, schema_name) DO UPDATE SET
			relations_count = excluded.relations_count, tables_count = excluded.tables_count,
			views_count = excluded.views_count, columns_count = excluded.columns_count
		WHERE (c.relations_count, c.tables_count, c.views_count, c.columns_count)
			<> (excluded.relations_count, excluded.tables_count, excluded.views_count, excluded.columns_count);
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.discovery_result(
	organization_id bigint, data_source_id bigint, only_schema text, discovered_at timestamptz, duration_ms bigint)
	RETURNS SETOF jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_object(
		'data_source_id', $2,
		'schemas_discovered', coalesce(jsonb_agg(jsonb_build_object(
			'schema_name', s.schema_name,
			'tables_count', coalesce(c.tables_count, 0),
			'views_count', coalesce(c.views_count, 0)) ORDER BY s.schema_name), '[]'),
		'total_tables', coalesce(sum(c.tables_count), 0),
		'total_columns', coalesce(sum(c.columns_count), 0),
		'discovered_at', rivergen_catalog.time_text($4),
		'discovery_duration_ms', $5)
	FROM rivergen_catalog.source_schema s
	LEFT JOIN rivergen_catalog.schema_content c ON c.organization_id = $1 AND c.data_source_id = $2
		AND c.schema_name = s.schema_name
	WHERE s.organization_id = $1 AND s.data_source_id = $2 AND ($3 IS NULL OR s.schema_name = $3);
END;

-- A full discovery is the answer for each of its schemas, unless the schema was discovered alone since.
CREATE OR REPLACE FUNCTION rivergen_catalog.discovery_cached(organization_id bigint, data_source_id bigint, only_schema text)
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

CREATE OR REPLACE FUNCTION rivergen.job_progress(
	job_id bigint, OUT phase text, OUT relations_total bigint, OUT relations bigint, OUT columns bigint,
	OUT bytes bigint) RETURNS record
	AS 'MODULE_PATHNAME', 'rg_sql_job_progress'
	LANGUAGE C VOLATILE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.job_progress(bigint) IS
'The progress of a running job, from the worker''s own memory.
Shows phase, relations to read (null when unknown), and relations, columns and bytes received. Null when the job does not run. Errors: 401, 403.';

CREATE OR REPLACE VIEW rivergen_catalog.shown_job AS
	SELECT j.organization_id, j.job_id, jsonb_build_object(
		'job_id', j.job_id,
		'data_source_id', j.data_source_id,
		'kind', j.kind,
		'schema_name', j.schema_name,
		'status', j.status,
		'cancel_requested', j.cancel_requested,
		'attempts', j.attempts,
		'requested_by_user_id', j.requested_by_user_id,
		'queued_at', rivergen_catalog.time_text(j.queued_at),
		'run_after', rivergen_catalog.time_text(j.run_after),
		'started_at', rivergen_catalog.time_text(j.started_at),
		'finished_at', rivergen_catalog.time_text(j.finished_at),
		'progress', CASE WHEN j.status = 'running'
			THEN (SELECT to_jsonb(p) FROM rivergen.job_progress(j.job_id) p WHERE p.phase IS NOT NULL) END,
		'error_code', j.error_code,
		'error_message', j.error_message,
		'error_detail', j.error_detail,
		'result', j.result,
		'sandbox_level', j.sandbox_level,
		'sandbox_missing', to_jsonb(j.sandbox_missing),
		'dialed', j.dialed) AS body
	FROM rivergen_catalog.job j;

-- About how many bytes a page of jobs takes in the answer.
CREATE OR REPLACE FUNCTION rivergen_catalog.job_page_bytes(
	organization_id bigint, data_source_id bigint, status text, page integer, page_size integer) RETURNS SETOF bigint
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce(sum(700 + coalesce(rivergen_catalog.stored_bytes(j.result), 0)
			+ coalesce(rivergen_catalog.stored_bytes(j.dialed), 0)), 0)::bigint FROM (
		SELECT j.result, j.dialed FROM rivergen_catalog.job j
		WHERE j.organization_id = $1 AND ($2 IS NULL OR j.data_source_id = $2) AND ($3 IS NULL OR j.status = $3)
		ORDER BY j.job_id DESC LIMIT $5 OFFSET ($4::bigint - 1) * $5) j;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.job_page(
	organization_id bigint, data_source_id bigint, status text, page integer, page_size integer) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH chosen AS (
		SELECT j.job_id FROM rivergen_catalog.job j
		WHERE j.organization_id = $1 AND ($2 IS NULL OR j.data_source_id = $2) AND ($3 IS NULL OR j.status = $3)
	), shown AS (
		SELECT job_id FROM chosen ORDER BY job_id DESC LIMIT $5 OFFSET ($4::bigint - 1) * $5
	)
	SELECT jsonb_build_object(
		'items', (SELECT coalesce(jsonb_agg(b.body ORDER BY b.job_id DESC), '[]')
			FROM rivergen_catalog.shown_job b WHERE b.organization_id = $1 AND b.job_id IN (SELECT job_id FROM shown)),
		'pagination', rivergen_catalog.pagination($4, $5, (SELECT count(*) FROM chosen)));
END;

-- The relations on a page of data_source_schemas: their ids, about how many bytes they take in the answer, and their
-- number on all pages. A null filter selects all; with a null page_size there is one page.
CREATE OR REPLACE FUNCTION rivergen_catalog.located_relations(
	organization_id bigint, data_source_id bigint, only_schema text, only_table text, include_columns boolean,
	page integer, page_size integer) RETURNS TABLE (ids bigint[], bytes bigint, total bigint)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH shown AS (
		SELECT r.relation_id, rivergen_catalog.stored_bytes(r.document) AS bytes
		FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.deprecated_at IS NULL
			AND ($3 IS NULL OR r.schema_name = $3) AND ($4 IS NULL OR r.relation_name = $4)
		ORDER BY r.schema_name, r.relation_name
		LIMIT $7 OFFSET ($6::bigint - 1) * $7
	)
	-- Without columns, only keys and indexes are left: less than half of the bytes.
	SELECT coalesce(array_agg(s.relation_id), '{}'),
		coalesce(sum(300 + CASE WHEN $5 THEN s.bytes ELSE s.bytes / 2 END), 0)::bigint,
		CASE WHEN $7 IS NULL THEN count(*) WHEN $4 IS NULL THEN (
			SELECT coalesce(sum(c.relations_count), 0)::bigint FROM rivergen_catalog.schema_content c
			WHERE c.organization_id = $1 AND c.data_source_id = $2 AND ($3 IS NULL OR c.schema_name = $3))
		ELSE (SELECT count(*) FROM rivergen_catalog.relation r
			WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.deprecated_at IS NULL
				AND r.relation_name = $4 AND ($3 IS NULL OR r.schema_name = $3)) END
	FROM shown s;
END;

-- The same for one table in a given schema; its own function, because one plan serves all such calls.
CREATE OR REPLACE FUNCTION rivergen_catalog.located_relation(
	organization_id bigint, data_source_id bigint, only_schema text, only_table text, include_columns boolean)
	RETURNS TABLE (ids bigint[], bytes bigint, total bigint)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce(array_agg(r.relation_id), '{}'), coalesce(sum(300 + rivergen_catalog.stored_bytes(r.document)), 0)::bigint, count(*)
	FROM rivergen_catalog.relation r
	WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.deprecated_at IS NULL
		AND r.schema_name = $3 AND r.relation_name = $4;
END;

-- The document of the relations with these ids, in their schemas; with_empty: also shows schemas without relations.
CREATE OR REPLACE FUNCTION rivergen_catalog.discovered_schemas(
	organization_id bigint, data_source_id bigint, only_schema text, ids bigint[], include_columns boolean,
	with_empty boolean) RETURNS SETOF jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH listed AS MATERIALIZED (
		SELECT r.schema_name, jsonb_agg(jsonb_build_object(
			'table_name', r.relation_name,
			'table_type', rivergen_catalog.table_type(r.kind),
			'kind', r.kind,
			'columns_count', r.columns_count,
			'row_estimate', r.row_estimate,
			'size_bytes', r.size_bytes)
			|| CASE WHEN $5 THEN r.document ELSE r.document - 'columns' END ORDER BY r.relation_name) AS tables
		FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.relation_id = ANY ($4)
		GROUP BY r.schema_name
	)
	SELECT jsonb_build_object(
		'data_source_id', $2,
		'schema_discovered_at', (SELECT rivergen_catalog.time_text(schema_discovered_at)
			FROM rivergen_catalog.data_source_state s WHERE s.organization_id = $1 AND s.data_source_id = $2),
		'schemas', coalesce(jsonb_agg(jsonb_build_object(
			'schema_name', s.schema_name,
			'comment', s.comment,
			'tables_count', coalesce(c.tables_count, 0),
			'views_count', coalesce(c.views_count, 0),
			'columns_count', coalesce(c.columns_count, 0),
			'tables', coalesce(l.tables, '[]')) ORDER BY s.schema_name), '[]'))
	FROM rivergen_catalog.source_schema s
	LEFT JOIN rivergen_catalog.schema_content c ON c.organization_id = $1 AND c.data_source_id = $2
		AND c.schema_name = s.schema_name
	LEFT JOIN listed l ON l.schema_name = s.schema_name
	WHERE s.organization_id = $1 AND s.data_source_id = $2 AND ($3 IS NULL OR s.schema_name = $3)
		AND (l.schema_name IS NOT NULL OR $6 AND c.schema_name IS NULL);
END;

CREATE OR REPLACE FUNCTION rivergen.discover_schema(
	data_source_id bigint,
	schema_name text DEFAULT NULL,
	refresh boolean DEFAULT false,
	wait boolean DEFAULT true,
	"full" boolean DEFAULT false) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_discover_schema'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.discover_schema(bigint, text, boolean, boolean, boolean) IS
'Discovers the schemas, tables and columns of a data source and returns statistics.
schema_name: only that schema. refresh: read the source again although it was discovered before. full: read everything, even relations that seem unchanged. wait: with true (the default) a worker discovers while this call waits, in transactions of its own; with false a job is queued at commit and its id returned at once. discovery_duration_ms is in milliseconds. Needs the role editor; a viewer gets cached results only. Errors: 400, 401, 403, 404 (no such source, or schema), 409 (not committed yet, maintenance, or cancelled), 429 (queue full), 502 (the source refused or failed; the detail names the job), 503 (no workers, or no key), 504 (time-out). Source: RiverGen API, Discover Schema.';

CREATE OR REPLACE FUNCTION rivergen.job_get(job_id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_job_get'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.job_get(bigint) IS
'One job of the organization.
Shows its status (queued, running, succeeded, failed, cancelled), progress while it runs, its result or error, how its connector was confined (sandbox_level, sandbox_missing) and the addresses that were dialed (dialed). Errors: 400, 401, 403, 404.';

CREATE OR REPLACE FUNCTION rivergen.job_list(
	data_source_id bigint DEFAULT NULL,
	status text DEFAULT NULL,
	page integer DEFAULT 1,
	page_size integer DEFAULT 20) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_job_list'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.job_list(bigint, text, integer, integer) IS
'A page of the organization''s jobs, newest first.
Answers {"items", "pagination"}. page counts from 1, page_size is 1-1000. Errors: 400, 401, 403, 413 (the page takes more than rivergen.max_answer_bytes: ask for fewer).';

CREATE OR REPLACE FUNCTION rivergen.job_cancel(job_id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_job_cancel'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.job_cancel(bigint) IS
'Cancels a job.
A queued job ends at once, a running job as soon as this call is committed; the relations that it has read are dropped. Needs the role editor. Errors: 400, 401, 403, 404, 409 (it has ended already).';

CREATE OR REPLACE FUNCTION rivergen.data_source_schemas(
	id bigint,
	schema_name text DEFAULT NULL,
	table_name text DEFAULT NULL,
	include_columns boolean DEFAULT true,
	page integer DEFAULT NULL,
	page_size integer DEFAULT NULL) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_schemas'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_schemas(bigint, text, text, boolean, integer, integer) IS
'The discovered schemas of a data source, as one document.
It has schemas, their tables and views, columns in the source''s order, keys, indexes, comments. schema_name and table_name narrow it; include_columns => false leaves the columns out. With page or page_size it shows one page of tables and views by schema and name, and pagination counts them: page counts from 1, page_size is 1-1000, 100 by default; the counts of a schema are those of the whole schema, and schemas without tables are on the first page. Without both everything is shown. Sizes are in bytes. Errors: 400, 401, 403, 404 (no such source, schema or table), 413 (more than rivergen.max_answer_bytes: narrow it, or ask for pages).';

REVOKE ALL ON FUNCTION rivergen.job_progress(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.discover_schema(bigint, text, boolean, boolean, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.job_get(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.job_list(bigint, text, integer, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.job_cancel(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_schemas(bigint, text, text, boolean, integer, integer) FROM PUBLIC;
