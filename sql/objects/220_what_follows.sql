-- What people wrote about relations and columns, and what scanning found in them, when something has another name than
-- before. src/merge/README.md says what follows what.

-- Where the columns of a document are in another one of the same relation, by their ids: {name: name}, null of one that
-- has gone, without those whose name is the same.
CREATE OR REPLACE FUNCTION rivergen_catalog.column_moves(old_document jsonb, new_document jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(c.old_name, c.new_name), '{}')
	FROM rivergen_catalog.same_columns($1, $2) c
	WHERE NOT c.is_nested AND c.old_name IS DISTINCT FROM c.new_name;
END;

-- The texts of columns under the columns' new names. That of a column that has gone stays, for one that has its name.
CREATE OR REPLACE FUNCTION rivergen_catalog.moved_texts(texts jsonb, moves jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(coalesce($2 ->> e.key, e.key), e.value ORDER BY $2 ->> e.key IS NOT NULL), '{}')
	FROM jsonb_each($1) e;
END;

-- What was found in columns, under their new names. What was found in a column that has gone is true of no other.
CREATE OR REPLACE FUNCTION rivergen_catalog.moved_values(found jsonb, moves jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(coalesce($2 ->> e.key, e.key), e.value ORDER BY $2 ->> e.key IS NOT NULL), '{}')
	FROM jsonb_each($1) e
	WHERE $2 -> e.key IS DISTINCT FROM 'null';
END;

-- The same of rows, in which only columns that there are have a value.
CREATE OR REPLACE FUNCTION rivergen_catalog.moved_rows(examples jsonb, moves jsonb, document jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_agg((
		SELECT coalesce(jsonb_object_agg(v.key, v.value), '{}')
		FROM jsonb_each(rivergen_catalog.moved_values(e.value, $2)) v
		WHERE jsonb_path_query_array($3, 'lax $.columns[*].name') ? v.key) ORDER BY e.ordinality), '[]')
	FROM jsonb_array_elements($1) WITH ORDINALITY e;
END;

-- What this transaction changed of relations of which people wrote something, or in which scanning found something.
-- OFFSET keeps the order out of the choice of an index: the one by time alone would be read from its end for each.
CREATE OR REPLACE FUNCTION rivergen_catalog.moved_findings(organization_id bigint, data_source_id bigint)
	RETURNS TABLE (relation_id bigint, column_descriptions jsonb, categories jsonb, examples jsonb)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT r.relation_id, rivergen_catalog.moved_texts(r.column_descriptions, m.moves),
		rivergen_catalog.moved_values(r.categories, m.moves),
		rivergen_catalog.moved_rows(r.examples, m.moves, r.document)
	FROM rivergen_catalog.relation r
	CROSS JOIN LATERAL (
		SELECT v.document, v.native_id
		FROM (SELECT * FROM rivergen_catalog.relation_version v
			WHERE v.organization_id = $1 AND v.data_source_id = $2 AND v.relation_id = r.relation_id OFFSET 0) v
		ORDER BY v.valid_to DESC LIMIT 1) v
	CROSS JOIN LATERAL (
		SELECT CASE WHEN v.native_id = r.native_id THEN rivergen_catalog.column_moves(v.document, r.document)
			ELSE '{}' END AS moves OFFSET 0) m
	WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.changed_at = now() AND r.deprecated_at IS NULL
		AND (r.column_descriptions <> '{}' OR r.categories <> '{}' OR r.examples <> '[]');
END;

-- The texts for relations that have none, and since this transaction have the name of another one that had some under it:
-- of the last such one. It may have gone, or have another name since long.
CREATE OR REPLACE FUNCTION rivergen_catalog.inherited_texts(organization_id bigint, data_source_id bigint)
	RETURNS TABLE (relation_id bigint, description text, column_descriptions jsonb)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH heir AS MATERIALIZED (
		SELECT r.relation_id, r.schema_name, r.relation_name FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.changed_at = now() AND r.deprecated_at IS NULL
			AND r.description IS NULL AND r.column_descriptions = '{}'
			AND (r.schema_name, r.relation_name) IS DISTINCT FROM (
				SELECT (v.schema_name, v.relation_name)
				FROM (SELECT * FROM rivergen_catalog.relation_version v
					WHERE v.organization_id = $1 AND v.data_source_id = $2 AND v.relation_id = r.relation_id OFFSET 0) v
				ORDER BY v.valid_to DESC LIMIT 1)
	), described AS MATERIALIZED (
		SELECT r.relation_id, r.description, r.column_descriptions FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND r.data_source_id = $2
			AND (r.description IS NOT NULL OR r.column_descriptions <> '{}') AND EXISTS (SELECT FROM heir)
	), owner AS (
		SELECT v.schema_name, v.relation_name, v.valid_to AS until, d.relation_id, d.description, d.column_descriptions
		FROM described d CROSS JOIN LATERAL (
			SELECT * FROM rivergen_catalog.relation_version v
			WHERE v.organization_id = $1 AND v.data_source_id = $2 AND v.relation_id = d.relation_id AND v.is_described
			OFFSET 0) v
		UNION ALL
		SELECT h.schema_name, h.relation_name, 'infinity', h.relation_id, NULL, NULL FROM heir h
	)
	-- No join: a planner that expects few rows may take a nested loop, and then every heir costs all the others.
	SELECT o.relation_id, o.description, o.column_descriptions
	FROM (SELECT o.relation_id, o.until, lag(o.relation_id) OVER before AS owner_before,
			lag(o.description) OVER before AS description, lag(o.column_descriptions) OVER before AS column_descriptions
		FROM owner o WINDOW before AS (PARTITION BY o.schema_name, o.relation_name ORDER BY o.until)) o
	WHERE o.until = 'infinity' AND o.owner_before IS NOT NULL;
END;

-- null: as it was.
CREATE OR REPLACE FUNCTION rivergen_catalog.write_findings(
	organization_id bigint, data_source_id bigint, relation_id bigint, description text, column_descriptions jsonb,
	categories jsonb, examples jsonb) RETURNS void
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	UPDATE rivergen_catalog.relation r SET
		description = coalesce($4, r.description),
		column_descriptions = coalesce($5, r.column_descriptions),
		categories = coalesce($6, r.categories),
		examples = coalesce($7, r.examples)
	WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.relation_id = $3
		AND (r.description, r.column_descriptions, r.categories, r.examples) IS DISTINCT FROM (coalesce($4, r.description),
			coalesce($5, r.column_descriptions), coalesce($6, r.categories), coalesce($7, r.examples));
END;

-- After a discovery has written what differs, in its transaction. One look at all of it: what is inherited is under the
-- names that the columns had. A statement for each relation: a join with the table may be a nested loop that looks again
-- for each.
CREATE OR REPLACE FUNCTION rivergen_catalog.follow_names(organization_id bigint, data_source_id bigint) RETURNS void
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	SELECT count(w.written)
	FROM (SELECT rivergen_catalog.write_findings($1, $2, relation_id, i.description,
			coalesce(i.column_descriptions, m.column_descriptions), m.categories, m.examples) AS written
		FROM rivergen_catalog.moved_findings($1, $2) m
		FULL JOIN rivergen_catalog.inherited_texts($1, $2) i USING (relation_id) OFFSET 0) w;
END;
