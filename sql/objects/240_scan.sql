-- Scanning: in a job of kind scan the connector reads values of tables and views, a batch at a time.

-- The limits of the results of a scan, under their names in the request (src/wire/README.md): the most categories of a
-- column, the most example rows, and the most characters of a value in each.
CREATE OR REPLACE FUNCTION rivergen_catalog.scan_limits() RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN '{"categories": 60, "category_length": 50, "examples": 3, "example_length": 200}'::jsonb;

CREATE OR REPLACE FUNCTION rivergen_catalog.scan_limit(name text) RETURNS integer
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (rivergen_catalog.scan_limits() ->> name)::integer;

-- The next relations of a scan, in the order of their ids, and the member `sample` of the request (src/wire/README.md). No
-- row when no relations are left. A source's metadata.scan switches parts off.
CREATE OR REPLACE FUNCTION rivergen_catalog.scan_batch(organization_id bigint, job_id bigint, after bigint, most integer)
	RETURNS TABLE (relation_ids bigint[], request jsonb)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH job AS (
		SELECT j.data_source_id, j.relation_ids, d.query_timeout, coalesce(d.metadata -> 'scan', '{}') AS options
		FROM rivergen_catalog.job j
		JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
		WHERE j.organization_id = $1 AND j.job_id = $2
	), batch AS (
		SELECT r.relation_id, r.schema_name, r.relation_name, r.kind, r.native_id
		FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND r.data_source_id = (SELECT data_source_id FROM job)
			AND r.relation_id > $3 AND rivergen_catalog.kind_group(r.kind) <> 'other' AND r.deprecated_at IS NULL
			AND ((SELECT relation_ids FROM job) IS NULL OR r.relation_id IN (SELECT unnest(relation_ids) FROM job))
		ORDER BY r.relation_id LIMIT $4
	), listed AS (
		SELECT array_agg(b.relation_id ORDER BY b.relation_id) AS ids,
			jsonb_agg(jsonb_build_object('schema', b.schema_name, 'name', b.relation_name, 'kind', b.kind,
				'id', b.native_id) ORDER BY b.relation_id) AS relations
		FROM batch b
	)
	SELECT l.ids, rivergen_catalog.scan_limits()
		|| CASE WHEN j.options @> '{"categories": false}' THEN '{"categories": 0}'::jsonb ELSE '{}' END
		|| CASE WHEN j.options @> '{"examples": false}' THEN '{"examples": 0}'::jsonb ELSE '{}' END
		|| jsonb_build_object(
		'relations', l.relations,
		'masking', NOT j.options @> '{"masking": false}',
		'relation_timeout', least(j.query_timeout, 10))
	FROM listed l CROSS JOIN job j
	WHERE l.ids IS NOT NULL;
END;

-- The number of relations that a scan reads.
CREATE OR REPLACE FUNCTION rivergen_catalog.scan_total(organization_id bigint, job_id bigint) RETURNS bigint
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT count(*)
	FROM rivergen_catalog.job j
	JOIN rivergen_catalog.relation r USING (organization_id, data_source_id)
	WHERE j.organization_id = $1 AND j.job_id = $2 AND rivergen_catalog.kind_group(r.kind) <> 'other' AND r.deprecated_at IS NULL
		AND (j.relation_ids IS NULL OR r.relation_id IN (SELECT unnest(j.relation_ids)));
END;

-- A column's categories if they keep to the limits, else null. Connectors are not trusted.
CREATE OR REPLACE FUNCTION rivergen_catalog.accepted_categories(given jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN jsonb_typeof(given) = 'array' AND given <> '[]' THEN
		CASE WHEN jsonb_array_length(given) <= rivergen_catalog.scan_limit('categories') AND NOT EXISTS (
			SELECT FROM jsonb_array_elements(given) c
			WHERE jsonb_typeof(c.value) <> 'string' OR length(c.value #>> '{}') > rivergen_catalog.scan_limit('category_length')) THEN given END END;

-- An example row with only the values that keep to the limits: null, or a text that may end in the mark of a cut.
CREATE OR REPLACE FUNCTION rivergen_catalog.accepted_example(given jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}')
	FROM jsonb_each(CASE WHEN jsonb_typeof($1) = 'object' THEN $1 ELSE '{}' END) e
	WHERE e.value = 'null' OR (jsonb_typeof(e.value) = 'string'
		AND length(e.value #>> '{}') <= rivergen_catalog.scan_limit('example_length') + 1);
END;

-- Writes the results of a scan of one relation, or the reason of its failure, which keeps the results of an earlier scan.
-- Results for unknown columns are stored and not shown.
CREATE OR REPLACE FUNCTION rivergen_catalog.store_sample(
	organization_id bigint, data_source_id bigint, relation_id bigint, sample jsonb) RETURNS void
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	UPDATE rivergen_catalog.relation r SET
		scanned_at = now(),
		scan_status = CASE WHEN $4 ? 'error' THEN 'FAILED' ELSE 'SCANNED' END,
		error_message = left($4 ->> 'error', 1000),
		categories = CASE WHEN $4 ? 'error' THEN r.categories ELSE (
			SELECT coalesce(jsonb_object_agg(c.key, rivergen_catalog.accepted_categories(c.value)), '{}')
			FROM jsonb_each(coalesce($4 -> 'categories', '{}')) c
			WHERE rivergen_catalog.accepted_categories(c.value) IS NOT NULL) END,
		examples = CASE WHEN $4 ? 'error' THEN r.examples ELSE (
			SELECT coalesce(jsonb_agg(rivergen_catalog.accepted_example(e.value) ORDER BY e.ordinality), '[]')
			FROM jsonb_array_elements(coalesce($4 -> 'examples', '[]')) WITH ORDINALITY e
			WHERE e.ordinality <= rivergen_catalog.scan_limit('examples')) END
	WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.relation_id = $3;
	SELECT rivergen_catalog.index_relations($1, $2, $3);
END;

-- After the failure of a scan as a whole: marks the relations that it had not read yet as FAILED.
CREATE OR REPLACE FUNCTION rivergen_catalog.fail_scan(organization_id bigint, job_id bigint, message text) RETURNS void
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	UPDATE rivergen_catalog.relation r SET scan_status = 'FAILED', error_message = $3, scanned_at = now()
	FROM rivergen_catalog.job j
	WHERE j.organization_id = $1 AND j.job_id = $2
		AND r.organization_id = $1 AND r.data_source_id = j.data_source_id
		AND rivergen_catalog.kind_group(r.kind) <> 'other' AND r.deprecated_at IS NULL
		AND (j.relation_ids IS NULL OR r.relation_id = ANY (j.relation_ids))
		AND (r.scanned_at IS NULL OR r.scanned_at < now());
END;

-- Deletes scan results that the new metadata.scan forbids. Results taken without masking are deleted completely when
-- masking is switched on again.
CREATE OR REPLACE FUNCTION rivergen_catalog.forget_unwanted_values(organization_id bigint, data_source_id bigint, before jsonb)
	RETURNS void
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	UPDATE rivergen_catalog.relation r SET
		categories = CASE WHEN n.masked OR n.no_categories THEN '{}' ELSE r.categories END,
		examples = CASE WHEN n.masked OR n.no_examples THEN '[]' ELSE r.examples END,
		scan_status = CASE WHEN n.masked THEN 'NOT_SCANNED' ELSE r.scan_status END,
		error_message = CASE WHEN n.masked THEN NULL ELSE r.error_message END,
		scanned_at = CASE WHEN n.masked THEN NULL ELSE r.scanned_at END
	FROM (SELECT $3 @> '{"metadata": {"scan": {"masking": false}}}' AND NOT o.scan @> '{"masking": false}' AS masked,
			o.scan @> '{"categories": false}' AS no_categories, o.scan @> '{"examples": false}' AS no_examples
		FROM (SELECT coalesce(d.metadata -> 'scan', '{}') AS scan FROM rivergen_catalog.data_source d
			WHERE d.organization_id = $1 AND d.data_source_id = $2) o
		WHERE o.scan <> coalesce($3 #> '{metadata,scan}', '{}')) n
	WHERE r.organization_id = $1 AND r.data_source_id = $2 AND (n.masked AND r.scanned_at IS NOT NULL
		OR n.no_categories AND r.categories <> '{}' OR n.no_examples AND r.examples <> '[]');
	SELECT rivergen_catalog.index_relations($1, $2, r.relation_id)
	FROM rivergen_catalog.relation r
	JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
	WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.categories = '{}'
		AND coalesce(d.metadata -> 'scan', '{}') <> coalesce($3 #> '{metadata,scan}', '{}');
END;

CREATE OR REPLACE FUNCTION rivergen.table_description_scan(
	ids bigint[] DEFAULT NULL, db_connection_id bigint DEFAULT NULL) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_table_description_scan'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.table_description_scan(bigint[], bigint) IS
'Scans the values of tables and views in the background.
ids names table descriptions (10,000 at most, of one or several data sources), db_connection_id means all tables and views of a data source; one of the two must be given. Queues one job for each source and answers {"success", "data": {"jobs": [{"job_id", "data_source_id", "status"}]}, "message"}. Until its job has ended a description''s status is SYNCHRONIZING, then SCANNED or FAILED with error_message; if one table fails, the others are still scanned. Columns with at most 60 different values of at most 50 characters get low_cardinality and categories; each table gets up to three examples. Values that look like secrets or personal data show as *** and have no categories. metadata.scan of the source switches parts off: {"categories": false, "examples": false, "masking": false}; the results of a part that is switched off are deleted, and all results when masking is switched on again. Only an admin may switch masking off. Needs the role editor. Errors: 400, 401, 403, 404 (no such description or data source), 409 (maintenance, not discovered yet, a table that is gone), 429 (queue full), 503 (during recovery).';

REVOKE ALL ON FUNCTION rivergen.table_description_scan(bigint[], bigint) FROM PUBLIC;
