-- What relations were before a discovery met them, as far as their source keeps it (src/merge/versions.c). It becomes rows
-- of relation_version and schema_change with the source's own times.

-- The time of a count of milliseconds since 1970 if it lies between the two; otherwise null.
CREATE OR REPLACE FUNCTION rivergen_catalog.time_between(milliseconds bigint, after timestamptz, before timestamptz)
	RETURNS timestamptz
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN CASE WHEN milliseconds > extract(epoch FROM coalesce(after, '0001-01-01 00:00+00')) * 1000
		AND milliseconds < extract(epoch FROM before) * 1000
		THEN timestamptz 'epoch' + milliseconds * interval '1 millisecond' END;

-- The changes from one version of a relation to the next one, without what follows from new names of its columns.
CREATE OR REPLACE FUNCTION rivergen_catalog.version_changes(
	old_kind text, old_document jsonb, new_kind text, new_document jsonb, dialect text)
	RETURNS TABLE (object_type text, object_name text, change text, before jsonb, after jsonb)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH found AS MATERIALIZED (
		SELECT * FROM rivergen_catalog.relation_changes($1, $2, $5, $3, $4, $5, true)
	), names AS MATERIALIZED (
		SELECT array_agg(f.before ->> 'name' ORDER BY f.object_name) AS old,
			array_agg(f.after ->> 'name' ORDER BY f.object_name) AS new
		FROM found f WHERE f.object_type = 'column' AND f.change = 'renamed'
		HAVING count(*) BETWEEN 1 AND 50
	)
	SELECT f.* FROM found f
	WHERE NOT (f.change = 'changed' AND EXISTS (SELECT FROM names n WHERE length(f.before::text) < 100000
		AND rivergen_catalog.object_follows(f.before, f.after, n.old, n.new, rivergen_catalog.dialect_family($5), false)));
END;

-- Stores the changes of a relation from one version to the next one, as found by a job.
CREATE OR REPLACE FUNCTION rivergen_catalog.record_version_changes(organization_id bigint, data_source_id bigint,
	relation_id bigint, job_id bigint, changed_at timestamptz,
	old_kind text, old_document jsonb, new_kind text, new_document jsonb) RETURNS void
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	INSERT INTO rivergen_catalog.schema_change (organization_id, data_source_id, job_id, changed_at, relation_id,
		schema_name, relation_name, object_type, object_name, change, breaking, before, after)
	SELECT $1, $2, $4, $5, $3, r.schema_name, r.relation_name, c.object_type, c.object_name, c.change,
		rivergen_catalog.is_breaking(c.object_type, c.change, c.before, c.after),
		CASE c.change WHEN 'changed' THEN rivergen_catalog.different(c.before, c.after) ELSE c.before END,
		CASE c.change WHEN 'changed' THEN rivergen_catalog.different(c.after, c.before) ELSE c.after END
	FROM rivergen_catalog.relation r
	CROSS JOIN LATERAL rivergen_catalog.version_changes($6, $7, $8, $9, r.dialect) c
	WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.relation_id = $3
	ORDER BY c.object_type <> 'relation', c.object_type <> 'column', c.object_type, c.object_name, c.change DESC;
END;

-- Keeps what a relation was between two times.
CREATE OR REPLACE FUNCTION rivergen_catalog.keep_version(organization_id bigint, data_source_id bigint, relation_id bigint,
	valid_from timestamptz, valid_to timestamptz, kind text, document jsonb) RETURNS void
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	INSERT INTO rivergen_catalog.relation_version (organization_id, data_source_id, relation_id, valid_from, valid_to,
		schema_name, relation_name, kind, native_id, document, dialect)
	SELECT $1, $2, $3, $4, $5, r.schema_name, r.relation_name, $6, r.native_id, $7, r.dialect
	FROM rivergen_catalog.relation r
	WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.relation_id = $3;
END;

-- The changes of a replaced version have been recorded with the time of this transaction. They get the source's own time;
-- if there were versions in between, they are deleted, and the caller records them again, step by step.
CREATE OR REPLACE FUNCTION rivergen_catalog.date_changes(organization_id bigint, data_source_id bigint, relation_id bigint,
	job_id bigint, changed_at timestamptz, again boolean) RETURNS void
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	DELETE FROM rivergen_catalog.schema_change c
	WHERE $6 AND c.organization_id = $1 AND c.data_source_id = $2 AND c.job_id = $4 AND c.changed_at = now()
		AND c.relation_id = $3 AND (c.object_type <> 'relation' OR c.change = 'changed');
	UPDATE rivergen_catalog.schema_change c SET changed_at = $5
	WHERE NOT $6 AND c.organization_id = $1 AND c.data_source_id = $2 AND c.job_id = $4 AND c.changed_at = now()
		AND c.relation_id = $3 AND (c.object_type <> 'relation' OR c.change = 'changed');
END;

-- Called for each relation that this transaction has written and that has a time of its source's own: changed_at, since when
-- its source has had the document. times, kinds and documents: what it was before, the oldest one first. Of a relation
-- that was known, only what is newer than its known version counts; a relation that has returned is left as it is.
CREATE OR REPLACE FUNCTION rivergen_catalog.tell_versions(organization_id bigint, data_source_id bigint, job_id bigint,
	schema_name text, relation_name text, changed_at bigint, times bigint[], kinds text[], documents jsonb[]) RETURNS void
	LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	r record;
	replaced record;
	present timestamptz;
	since timestamptz;
	kind text;
	document jsonb;
	step record;
	steps integer := 0;
BEGIN
	SELECT * INTO r FROM rivergen_catalog.relation x
	WHERE x.organization_id = $1 AND x.data_source_id = $2 AND x.schema_name = $4 AND x.relation_name = $5
		AND x.deprecated_at IS NULL AND x.changed_at = now();
	SELECT * INTO replaced FROM rivergen_catalog.relation_version v
	WHERE v.organization_id = $1 AND v.data_source_id = $2 AND v.relation_id = r.relation_id AND v.valid_to = now();
	IF r.relation_id IS NULL OR (replaced.relation_id IS NULL AND EXISTS (
		SELECT FROM rivergen_catalog.relation_version v
		WHERE v.organization_id = $1 AND v.data_source_id = $2 AND v.relation_id = r.relation_id))
	THEN
		RETURN;
	END IF;
	since := replaced.valid_from;
	kind := replaced.kind;
	document := replaced.document;
	present := coalesce(rivergen_catalog.time_between($6, since, now()), now());
	IF since IS NOT NULL THEN
		SELECT count(*) INTO steps FROM unnest($7) t
		WHERE rivergen_catalog.time_between(t, since, present) IS NOT NULL;
		IF steps = 0 AND present = now() THEN
			RETURN;
		END IF;
		PERFORM rivergen_catalog.date_changes($1, $2, r.relation_id, $3, present, steps > 0);
	END IF;
	FOR step IN
		SELECT s.at, s.kind, s.document
		FROM (SELECT rivergen_catalog.time_between(v.at, since, present) AS at, v.kind, v.document
			FROM unnest($7, $8, $9) v (at, kind, document)
			UNION ALL SELECT present, r.kind, r.document) s
		WHERE s.at IS NOT NULL
		ORDER BY s.at
	LOOP
		IF document IS NOT NULL AND (replaced.relation_id IS NULL OR steps > 0) THEN
			PERFORM rivergen_catalog.record_version_changes($1, $2, r.relation_id, $3, step.at,
				kind, document, step.kind, step.document);
		END IF;
		IF since = replaced.valid_from THEN
			UPDATE rivergen_catalog.relation_version v SET valid_to = step.at
			WHERE v.organization_id = $1 AND v.data_source_id = $2 AND v.relation_id = r.relation_id AND v.valid_to = now();
		ELSIF document IS NOT NULL THEN
			PERFORM rivergen_catalog.keep_version($1, $2, r.relation_id, since, step.at, kind, document);
		END IF;
		since := step.at;
		kind := step.kind;
		document := step.document;
	END LOOP;
	IF present < now() THEN
		PERFORM rivergen_catalog.keep_version($1, $2, r.relation_id, present, now(), r.kind, r.document);
	END IF;
END $$;

-- After the first discovery of a source, if it has told times of its own: its history begins where that of the relation
-- does that is known for the shortest time.
CREATE OR REPLACE FUNCTION rivergen_catalog.reach_back(organization_id bigint, data_source_id bigint) RETURNS void
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	UPDATE rivergen_catalog.schema_history h SET begins_at = b.at
	FROM (SELECT max(coalesce((SELECT min(v.valid_from) FROM rivergen_catalog.relation_version v
			WHERE v.organization_id = $1 AND v.data_source_id = $2 AND v.relation_id = r.relation_id), now())) AS at
		FROM rivergen_catalog.relation r WHERE r.organization_id = $1 AND r.data_source_id = $2) b
	WHERE h.organization_id = $1 AND h.data_source_id = $2 AND b.at < h.begins_at;
END;
