-- Moves users' descriptions and the results of scans when a relation or column has a new name. src/merge/README.md has the
-- rules.

-- The new names of columns, by their ids, in a newer document of the same relation: {old name: new name}, null for a
-- column that is gone, without columns whose name is the same.
CREATE OR REPLACE FUNCTION rivergen_catalog.column_moves(old_document jsonb, new_document jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(c.old_name, c.new_name), '{}')
	FROM rivergen_catalog.same_columns($1, $2) c
	WHERE NOT c.is_nested AND c.old_name IS DISTINCT FROM c.new_name;
END;

-- The descriptions or tags of columns under the columns' new names. That of a column that is gone stays for a later column of the
-- same name.
CREATE OR REPLACE FUNCTION rivergen_catalog.moved_texts(texts jsonb, moves jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(coalesce($2 ->> e.key, e.key), e.value ORDER BY $2 ->> e.key IS NOT NULL), '{}')
	FROM jsonb_each($1) e;
END;

-- The categories of columns under the columns' new names. Those of a column that is gone are dropped.
CREATE OR REPLACE FUNCTION rivergen_catalog.moved_values(found jsonb, moves jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(coalesce($2 ->> e.key, e.key), e.value ORDER BY $2 ->> e.key IS NOT NULL), '{}')
	FROM jsonb_each($1) e
	WHERE $2 -> e.key IS DISTINCT FROM 'null';
END;

-- The same for example rows, in which only existing columns have a value.
CREATE OR REPLACE FUNCTION rivergen_catalog.moved_rows(examples jsonb, moves jsonb, document jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_agg((
		SELECT coalesce(jsonb_object_agg(v.key, v.value), '{}')
		FROM jsonb_each(rivergen_catalog.moved_values(e.value, $2)) v
		WHERE jsonb_path_query_array($3, 'lax $.columns[*].name') ? v.key) ORDER BY e.ordinality), '[]')
	FROM jsonb_array_elements($1) WITH ORDINALITY e;
END;

-- The changes of this transaction in relations that have descriptions or tags of users or results of scans.
-- OFFSET keeps the planner from choosing the index by time alone, which it would read from its end for each relation.
CREATE OR REPLACE FUNCTION rivergen_catalog.moved_findings(organization_id bigint, data_source_id bigint)
	RETURNS TABLE (relation_id bigint, column_descriptions jsonb, column_tags jsonb, categories jsonb, examples jsonb)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT r.relation_id, rivergen_catalog.moved_texts(r.column_descriptions, m.moves),
		rivergen_catalog.moved_texts(r.column_tags, m.moves),
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
		AND (r.column_descriptions <> '{}' OR r.column_tags <> '{}' OR r.categories <> '{}' OR r.examples <> '[]');
END;

-- The descriptions and tags that relations inherit: a relation without any that got its name in this transaction inherits
-- those of the last relation that had any under this name. That relation may be gone, or renamed long ago.
CREATE OR REPLACE FUNCTION rivergen_catalog.inherited_texts(organization_id bigint, data_source_id bigint)
	RETURNS TABLE (relation_id bigint, description text, column_descriptions jsonb, tags text[], column_tags jsonb)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH heir AS MATERIALIZED (
		SELECT r.relation_id, r.schema_name, r.relation_name FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.changed_at = now() AND r.deprecated_at IS NULL
			AND NOT rivergen_catalog.is_described(r.description, r.column_descriptions, r.tags, r.column_tags)
			AND (r.schema_name, r.relation_name) IS DISTINCT FROM (
				SELECT (v.schema_name, v.relation_name)
				FROM (SELECT * FROM rivergen_catalog.relation_version v
					WHERE v.organization_id = $1 AND v.data_source_id = $2 AND v.relation_id = r.relation_id OFFSET 0) v
				ORDER BY v.valid_to DESC LIMIT 1)
	), described AS MATERIALIZED (
		SELECT r.relation_id, r.description, r.column_descriptions, r.tags, r.column_tags FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND r.data_source_id = $2
			AND rivergen_catalog.is_described(r.description, r.column_descriptions, r.tags, r.column_tags) AND EXISTS (SELECT FROM heir)
	), owner AS (
		SELECT v.schema_name, v.relation_name, v.valid_to AS until, d.relation_id, d.description, d.column_descriptions,
			d.tags, d.column_tags
		FROM described d CROSS JOIN LATERAL (
			SELECT * FROM rivergen_catalog.relation_version v
			WHERE v.organization_id = $1 AND v.data_source_id = $2 AND v.relation_id = d.relation_id AND v.is_described
			OFFSET 0) v
		UNION ALL
		SELECT h.schema_name, h.relation_name, 'infinity', h.relation_id, NULL, NULL, NULL, NULL FROM heir h
	)
	-- No join: a planner that expects few rows may choose a nested loop, which is quadratic in the relations.
	SELECT o.relation_id, o.description, o.column_descriptions, o.tags, o.column_tags
	FROM (SELECT o.relation_id, o.until, lag(o.relation_id) OVER before AS owner_before,
			lag(o.description) OVER before AS description, lag(o.column_descriptions) OVER before AS column_descriptions,
			lag(o.tags) OVER before AS tags, lag(o.column_tags) OVER before AS column_tags
		FROM owner o WINDOW before AS (PARTITION BY o.schema_name, o.relation_name ORDER BY o.until)) o
	WHERE o.until = 'infinity' AND o.owner_before IS NOT NULL;
END;

-- A null argument leaves the column as it is.
CREATE OR REPLACE FUNCTION rivergen_catalog.write_findings(
	organization_id bigint, data_source_id bigint, relation_id bigint, description text, column_descriptions jsonb,
	tags text[], column_tags jsonb, categories jsonb, examples jsonb) RETURNS void
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	UPDATE rivergen_catalog.relation r SET
		description = coalesce($4, r.description),
		column_descriptions = coalesce($5, r.column_descriptions),
		tags = coalesce($6, r.tags),
		column_tags = coalesce($7, r.column_tags),
		categories = coalesce($8, r.categories),
		examples = coalesce($9, r.examples)
	WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.relation_id = $3
		AND (r.description, r.column_descriptions, r.tags, r.column_tags, r.categories, r.examples)
			IS DISTINCT FROM (coalesce($4, r.description), coalesce($5, r.column_descriptions), coalesce($6, r.tags),
				coalesce($7, r.column_tags), coalesce($8, r.categories), coalesce($9, r.examples));
END;

-- Called at the end of a discovery, in its transaction. Reads everything before it writes: inherited descriptions are under
-- the old names of the columns. Writes with a statement for each relation, because a join with the table may become a
-- nested loop that computes everything for each row.
CREATE OR REPLACE FUNCTION rivergen_catalog.follow_names(organization_id bigint, data_source_id bigint) RETURNS void
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	SELECT count(w.written)
	FROM (SELECT rivergen_catalog.write_findings($1, $2, relation_id, i.description,
			coalesce(i.column_descriptions, m.column_descriptions), i.tags, coalesce(i.column_tags, m.column_tags), m.categories, m.examples) AS written
		FROM rivergen_catalog.moved_findings($1, $2) m
		FULL JOIN rivergen_catalog.inherited_texts($1, $2) i USING (relation_id) OFFSET 0) w;
END;
