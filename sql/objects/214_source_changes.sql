-- The changes that a discovery reports: those of the relations of a source, without the consequences of renames.

-- The changes from one document of a relation to another one: those of the relation itself, and those of its objects.
CREATE OR REPLACE FUNCTION rivergen_catalog.relation_changes(old_kind text, old_document jsonb, old_dialect text,
	new_kind text, new_document jsonb, new_dialect text, ids_hold boolean)
	RETURNS TABLE (object_type text, object_name text, change text, before jsonb, after jsonb)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT 'relation', NULL::text, 'changed', c.before, c.after
	FROM (SELECT CASE WHEN $3 <> $6
			THEN rivergen_catalog.respelled('relation', p.before, p.after, rivergen_catalog.dialect_family($6))
			ELSE p.before END AS before, p.after
		FROM (SELECT rivergen_catalog.compared_relation($1, rivergen_catalog.comparable($2, $5)) AS before,
			rivergen_catalog.compared_relation($4, rivergen_catalog.comparable($5, $2)) AS after) p) c
	WHERE c.before <> c.after
		-- A cheap test first: most documents differ in their objects only.
		AND ($1, $2 - rivergen_catalog.object_members()) <> ($4, $5 - rivergen_catalog.object_members())
	UNION ALL
	SELECT c.* FROM rivergen_catalog.object_changes(rivergen_catalog.comparable($2, $5), rivergen_catalog.comparable($5, $2),
		$7, $3 <> $6, rivergen_catalog.dialect_family($6)) c;
END;

-- The relations that this transaction replaced, deprecated and added. A relation is reported as added only if it was surely
-- not there before: its schema or the whole source was discovered before, and it was not skipped the last time. Relations
-- that the patterns of this discovery exclude were not removed; those that the last patterns excluded are not new.
-- OFFSET and NOT IN keep the plan independent of statistics, which lack the rows of this transaction.
CREATE OR REPLACE FUNCTION rivergen_catalog.found_changes(
	organization_id bigint, data_source_id bigint, new_schemas text[], patterns jsonb)
	RETURNS TABLE (relation_id bigint, schema_name text, relation_name text, object_type text, object_name text,
		change text, before jsonb, after jsonb, family text)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH kept AS MATERIALIZED (
		SELECT v.* FROM rivergen_catalog.relation_version v
		WHERE v.organization_id = $1 AND v.data_source_id = $2 AND v.valid_to = now()
	)
	SELECT n.relation_id, n.schema_name, n.relation_name, c.*, rivergen_catalog.dialect_family(n.dialect)
	FROM kept k
	CROSS JOIN LATERAL (SELECT r.* FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.relation_id = k.relation_id OFFSET 0) n
	CROSS JOIN LATERAL (
		SELECT 'relation', NULL::text, 'removed',
			rivergen_catalog.relation_summary(k.kind, k.document, n.columns_count), NULL::jsonb
		WHERE n.deprecated_at IS NOT NULL
		UNION ALL
		SELECT 'relation', NULL, 'renamed',
			jsonb_build_object('schema', k.schema_name, 'name', k.relation_name),
			jsonb_build_object('schema', n.schema_name, 'name', n.relation_name)
		WHERE n.deprecated_at IS NULL
			AND (k.schema_name, k.relation_name) <> (n.schema_name, n.relation_name)
		UNION ALL
		SELECT c.* FROM rivergen_catalog.relation_changes(k.kind, k.document, k.dialect, n.kind, n.document, n.dialect,
			k.native_id = n.native_id) c
		WHERE n.deprecated_at IS NULL) AS c (object_type, object_name, change, before, after)
	WHERE n.deprecated_at IS NULL OR rivergen_catalog.selects($4, n.schema_name, n.relation_name)
	UNION ALL
	SELECT r.relation_id, r.schema_name, r.relation_name, 'relation', NULL, 'added', NULL,
		rivergen_catalog.relation_summary(r.kind, r.document, r.columns_count), NULL
	FROM rivergen_catalog.relation r
	JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id)
	JOIN rivergen_catalog.schema_history h USING (organization_id, data_source_id)
	LEFT JOIN rivergen_catalog.source_schema e ON e.organization_id = $1 AND e.data_source_id = $2
		AND e.schema_name = r.schema_name
	WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.deprecated_at IS NULL AND r.changed_at = now()
		AND (s.full_discovered_at IS NOT NULL OR r.schema_name <> ALL ($3))
		AND r.relation_id NOT IN (SELECT k.relation_id FROM kept k)
		AND rivergen_catalog.selects(rivergen_catalog.last_patterns(e.scoped_discovered_at, e.scoped_patterns,
			s.full_discovered_at, h.patterns), r.schema_name, r.relation_name)
		AND NOT EXISTS (SELECT FROM jsonb_array_elements(h.skipped) k
			WHERE (k ->> 'schema' IS NULL OR k ->> 'schema' = r.schema_name)
				AND (k ->> 'name' IS NULL OR k ->> 'name' = r.relation_name));
END;

-- The reported changes: all found changes except the consequences of reported renames. Keys, columns, views, partitions and
-- children that contain a renamed name have not changed. With elsewhere, another discovery reports the given renames.
-- Without elsewhere no discovery reports them, and their consequences are marked instead. The rename of an enumeration is
-- reported for its columns only.
CREATE OR REPLACE FUNCTION rivergen_catalog.source_changes(
	organization_id bigint, data_source_id bigint, new_schemas text[], patterns jsonb,
	old_names text[], new_names text[], elsewhere boolean)
	RETURNS TABLE (relation_id bigint, schema_name text, relation_name text, object_type text, object_name text,
		change text, before jsonb, after jsonb, follows boolean)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH found AS MATERIALIZED (
		SELECT * FROM rivergen_catalog.found_changes($1, $2, $3, $4)
	), name AS MATERIALIZED (
		SELECT f.before ->> m AS old, f.after ->> m AS new, true AS is_told
		FROM found f CROSS JOIN unnest('{schema,name}'::text[]) m
		WHERE f.change = 'renamed' AND f.object_type IN ('relation', 'column') AND f.before ->> m <> f.after ->> m
		UNION SELECT n.old, n.new, $7 FROM unnest($5, $6) n (old, new)
	), type_name AS (
		SELECT b.word AS old, a.word AS new
		FROM found f
		CROSS JOIN LATERAL rivergen_catalog.words(f.before ->> 'type', f.family) b
		JOIN LATERAL rivergen_catalog.words(f.after ->> 'type', f.family) a USING (place)
		WHERE f.change = 'changed' AND f.object_type = 'column' AND b.word <> a.word
			AND rivergen_catalog.is_renamed_enumeration(f.before, f.after)
	), names AS MATERIALIZED (
		SELECT n.of_columns, n.are_told, array_agg(n.old ORDER BY n.old, n.new) AS old,
			array_agg(n.new ORDER BY n.old, n.new) AS new
		FROM (SELECT c.of_columns, t.are_told, n.old, n.new
			FROM name n CROSS JOIN (VALUES (true), (false)) c (of_columns) CROSS JOIN (VALUES (true), (false)) t (are_told)
			WHERE n.is_told OR NOT t.are_told
			UNION SELECT false, t.are_told, n.old, n.new
			FROM type_name n CROSS JOIN (VALUES (true), (false)) t (are_told)) n
		GROUP BY n.of_columns, n.are_told
		HAVING count(*) <= 50
	)
	SELECT f.relation_id, f.schema_name, f.relation_name, f.object_type, f.object_name, f.change, f.before, f.after,
		f.change = 'changed' AND EXISTS (SELECT FROM names n
		WHERE NOT n.are_told AND n.of_columns = (f.object_type = 'column') AND length(f.before::text) < 100000
			AND rivergen_catalog.object_follows(f.before, f.after, n.old, n.new, f.family, false))
	FROM found f
	WHERE NOT (f.change = 'changed' AND EXISTS (SELECT FROM names n
		WHERE n.are_told AND n.of_columns = (f.object_type = 'column') AND length(f.before::text) < 100000
			AND rivergen_catalog.object_follows(f.before, f.after, n.old, n.new, f.family, false)));
END;

-- Stores the reported changes as found by a job. The other parameters are those of source_changes.
CREATE OR REPLACE FUNCTION rivergen_catalog.record_changes(
	organization_id bigint, data_source_id bigint, job_id bigint, new_schemas text[], patterns jsonb,
	old_names text[], new_names text[], elsewhere boolean) RETURNS void
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	INSERT INTO rivergen_catalog.schema_change (organization_id, data_source_id, job_id, relation_id, schema_name,
		relation_name, object_type, object_name, change, breaking, before, after)
	SELECT $1, $2, $3, c.relation_id, c.schema_name, c.relation_name, c.object_type, c.object_name, c.change,
		NOT c.follows AND rivergen_catalog.is_breaking(c.object_type, c.change, c.before, c.after),
		CASE c.change WHEN 'changed' THEN rivergen_catalog.different(c.before, c.after) ELSE c.before END,
		CASE c.change WHEN 'changed' THEN rivergen_catalog.different(c.after, c.before) ELSE c.after END
	FROM rivergen_catalog.source_changes($1, $2, $4, $5, $6, $7, $8) c
	ORDER BY c.schema_name, c.relation_name, c.object_type <> 'relation', c.object_type <> 'column', c.object_type,
		c.object_name, c.change DESC;
END;
