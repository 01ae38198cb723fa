-- The changes of a relation and of the objects in its document.

-- The columns and fields of a document that have an id, with their names in both documents; new_name is null where the new
-- document lacks the id. An id that is not unique is ignored.
-- No join: a planner that expects few rows may choose a nested loop, which is quadratic in the columns.
CREATE OR REPLACE FUNCTION rivergen_catalog.same_columns(old_document jsonb, new_document jsonb)
	RETURNS TABLE (id text, is_nested boolean, old_name text, new_name text)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT c.body ->> 'id', c.steps IS NOT NULL, min(coalesce(c.body ->> 'name', '')) FILTER (WHERE c.is_old),
		min(coalesce(c.body ->> 'name', '')) FILTER (WHERE NOT c.is_old)
	FROM (SELECT true AS is_old, * FROM rivergen_catalog.document_objects($1)
		UNION ALL
		SELECT false, * FROM rivergen_catalog.document_objects($2)) c
	WHERE c.object_type = 'column' AND jsonb_typeof(c.body -> 'id') = 'string'
	GROUP BY 1, 2
	HAVING count(*) FILTER (WHERE c.is_old) = 1 AND count(*) FILTER (WHERE NOT c.is_old) <= 1;
END;

-- The key of a column, or of a field in its parent, in another document: its id, if ids has it, or else its name.
CREATE OR REPLACE FUNCTION rivergen_catalog.step_key(name jsonb, id jsonb, is_nested boolean, ids jsonb) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN ids ? ((id #>> '{}') || is_nested::text) THEN '#' || id::text ELSE '=' || name::text END;

-- The same for all steps of a path; null if there are none.
CREATE OR REPLACE FUNCTION rivergen_catalog.path_key(steps jsonb, ids jsonb) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT string_agg(rivergen_catalog.step_key(s.value -> 0, s.value -> 1, s.ordinality > 1, $2), '' ORDER BY s.ordinality)
	FROM jsonb_array_elements($1) WITH ORDINALITY s;
END;

-- The key of an object in another document: of a column as above, of others the name; a table has only one primary key.
CREATE OR REPLACE FUNCTION rivergen_catalog.object_key(object_type text, object_name text, steps jsonb, id jsonb, ids jsonb)
	RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN object_type = 'primary_key' THEN '' WHEN object_type <> 'column' THEN object_name
		WHEN steps IS NULL THEN rivergen_catalog.step_key(to_jsonb(object_name), id, false, ids)
		ELSE rivergen_catalog.path_key(steps, ids) END;

-- The changes of columns, keys and indexes. The index of a key belongs to the key. A removed key or index and an added one
-- with the same content are reported as renamed. Columns have too little content for that; if ids_hold (it is the same
-- relation), a column with the same id is the same column. Fields of a column are reported one by one where both
-- documents have fields there. other_dialect: the documents were read in different dialects, the new one of this family.
-- Most objects are equal, member by member: they are removed before anything else is done.
CREATE OR REPLACE FUNCTION rivergen_catalog.object_changes(
	old_document jsonb, new_document jsonb, ids_hold boolean, other_dialect boolean DEFAULT false, family text DEFAULT NULL)
	RETURNS TABLE (object_type text, object_name text, change text, before jsonb, after jsonb)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH old_object AS MATERIALIZED (
		SELECT * FROM rivergen_catalog.document_objects($1)
	), new_object AS MATERIALIZED (
		SELECT * FROM rivergen_catalog.document_objects($2)
	), gone_object AS MATERIALIZED (
		SELECT * FROM old_object EXCEPT ALL SELECT * FROM new_object
	), come_object AS MATERIALIZED (
		SELECT * FROM new_object EXCEPT ALL SELECT * FROM old_object
	), same AS MATERIALIZED (
		SELECT * FROM rivergen_catalog.same_columns($1, $2)
		WHERE $3 AND new_name IS NOT NULL AND EXISTS (SELECT FROM gone_object WHERE object_type = 'column')
			AND EXISTS (SELECT FROM come_object WHERE object_type = 'column')
	), renamed AS MATERIALIZED (
		SELECT array_agg(old_name ORDER BY is_nested, id) AS old_names, array_agg(new_name ORDER BY is_nested, id) AS new_names
		FROM same WHERE old_name <> new_name HAVING count(*) BETWEEN 1 AND 50
	), known AS MATERIALIZED (
		SELECT coalesce(jsonb_object_agg(id || is_nested::text, 1), '{}') AS ids FROM same
	), old AS MATERIALIZED (
		SELECT object_type, rivergen_catalog.object_key(object_type, object_name, steps, body -> 'id', (SELECT ids FROM known)) AS key,
			object_name, steps, body
		FROM gone_object
	), new AS MATERIALIZED (
		SELECT object_type, rivergen_catalog.object_key(object_type, object_name, steps, body -> 'id', (SELECT ids FROM known)) AS key,
			object_name, steps, body
		FROM come_object
	), key_name AS MATERIALIZED (
		SELECT object_name FROM old_object WHERE object_type IN ('primary_key', 'unique', 'exclusion')
		UNION SELECT object_name FROM new_object WHERE object_type IN ('primary_key', 'unique', 'exclusion')
	), pair AS MATERIALIZED (
		SELECT c.object_type, c.key, c.parent, c.have_fields, c.old_name, c.new_name, c.old_own_name, c.new_own_name,
			CASE WHEN $4 AND c.before IS NOT NULL AND c.after IS NOT NULL
				THEN rivergen_catalog.respelled(c.object_type, c.before, c.after, $5) ELSE c.before END AS before,
			c.after
		FROM (SELECT j.object_type, j.key, j.parent, j.have_fields, j.old_name, j.new_name,
				coalesce(j.old_body ->> 'name', '') AS old_own_name, coalesce(j.new_body ->> 'name', '') AS new_own_name,
				rivergen_catalog.compared_object(j.object_type,
					CASE WHEN j.have_fields THEN rivergen_catalog.without_fields(j.old_body) ELSE j.old_body END, $5) AS before,
				rivergen_catalog.compared_object(j.object_type,
					CASE WHEN j.have_fields THEN rivergen_catalog.without_fields(j.new_body) ELSE j.new_body END, $5) AS after
			FROM (SELECT object_type, key, o.object_name AS old_name, n.object_name AS new_name, o.body AS old_body, n.body AS new_body,
					rivergen_catalog.path_key(coalesce(o.steps, n.steps) - -1, (SELECT ids FROM known)) AS parent,
					object_type = 'column' AND rivergen_catalog.has_fields(o.body) AND rivergen_catalog.has_fields(n.body) AS have_fields
				FROM old o FULL JOIN new n USING (object_type, key)
				WHERE NOT (object_type = 'index' AND (
					coalesce(o.object_name, n.object_name) IN (SELECT k.object_name FROM key_name k)
					OR o.body @> '{"primary": true}' IS TRUE OR n.body @> '{"primary": true}' IS TRUE))) j) c
	), single AS MATERIALIZED (
		SELECT object_type, old_name, new_name,
			CASE object_type WHEN 'column' THEN to_jsonb(coalesce(old_name, new_name)) ELSE coalesce(before, after) END AS content,
			coalesce(before, after) AS body,
			row_number() OVER (PARTITION BY object_type, old_name IS NULL, coalesce(before, after)
				ORDER BY coalesce(old_name, new_name)) AS number
		FROM pair
		WHERE (old_name IS NULL OR new_name IS NULL)
			AND (parent IS NULL OR parent IN (SELECT p.key FROM pair p WHERE p.have_fields))
	), gone AS (
		SELECT * FROM single WHERE new_name IS NULL
	), come AS (
		SELECT * FROM single WHERE old_name IS NULL
	)
	SELECT object_type, coalesce(c.new_name, g.old_name),
		CASE WHEN c.new_name IS NULL THEN 'removed' WHEN g.old_name IS NULL THEN 'added' ELSE 'renamed' END,
		CASE WHEN c.new_name IS NOT NULL AND g.old_name IS NOT NULL THEN jsonb_build_object('name', g.old_name) ELSE g.body END,
		CASE WHEN c.new_name IS NOT NULL AND g.old_name IS NOT NULL THEN jsonb_build_object('name', c.new_name) ELSE c.body END
	FROM gone g FULL JOIN come c USING (object_type, content, number)
	UNION ALL
	SELECT object_type, new_name, 'renamed', jsonb_build_object('name', old_own_name), jsonb_build_object('name', new_own_name)
	FROM pair WHERE old_name IS NOT NULL AND new_name IS NOT NULL AND old_own_name <> new_own_name
	UNION ALL
	SELECT object_type, new_name, 'changed', before, after
	FROM pair WHERE before <> after AND NOT EXISTS (SELECT FROM renamed r
		WHERE rivergen_catalog.object_follows(before, after, r.old_names, r.new_names, $5, true));
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.relation_summary(kind text, document jsonb, columns bigint) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN jsonb_build_object('kind', kind, 'columns_count', columns)
		|| jsonb_strip_nulls(jsonb_build_object('comment', nullif(document ->> 'comment', ''), 'owner', nullif(document ->> 'owner', '')));
