-- Foreign tables follow their source: after a discovery a worker refreshes the attachments (src/worker/attachments.c). Nothing
-- cascades; what cannot be followed stays, and is told in rivergen.attachments.

-- What makes the columns of a foreign table those of the document. A statement each, in their order. Tables that inherit from it
-- have rows of their own: they lose no column, no constraint and no value, so only names and new columns reach them (ONLY).
CREATE OR REPLACE FUNCTION rivergen_catalog.column_steps(foreign_table oid, document jsonb, renames jsonb)
	RETURNS TABLE (step integer, "position" bigint, statement text)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH target AS (
		SELECT format('ALTER FOREIGN TABLE ONLY %I.%I ', n.nspname, c.relname) AS altered,
			format('ALTER FOREIGN TABLE %I.%I ', n.nspname, c.relname) AS altered_with_heirs, format('%I.%I', n.nspname, c.relname) AS name
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1
	), here AS (
		SELECT a.attnum, a.attname::text AS local_name, coalesce(o.column_name, a.attname) AS remote, o.column_name IS NOT NULL AS is_named,
			o.source_type, a.attnotnull AS not_null, a.atttypid AS local_type, col_description($1, a.attnum) AS comment
		FROM pg_attribute a
		CROSS JOIN LATERAL (SELECT max(x.option_value) FILTER (WHERE x.option_name = 'column_name') AS column_name,
			max(x.option_value) FILTER (WHERE x.option_name = 'type') AS source_type FROM pg_options_to_table(a.attfdwoptions) x) o
		WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
	), there AS (
		SELECT c.* FROM rivergen_catalog.foreign_columns($2) c
	), pair AS (
		SELECT h.attnum, h.local_name AS old_name, h.remote, h.is_named, h.source_type AS old_source_type, h.not_null AS was_not_null,
			h.local_type AS old_type, h.comment AS old_comment, t.*
		FROM here h
		FULL JOIN there t ON t.column_name = CASE WHEN h.remote NOT IN (SELECT c.column_name FROM there c)
			THEN coalesce($3 ->> h.remote, h.remote) ELSE h.remote END
	), kept AS (
		-- A column that a user has renamed here keeps its name.
		SELECT p.*, CASE WHEN p.old_name = rivergen_catalog.local_name(p.remote, p.remote, true) AND p.column_name <> p.remote
				AND NOT EXISTS (SELECT FROM here h WHERE h.local_name = p.local_name) THEN p.local_name ELSE p.old_name END AS new_name
		FROM pair p WHERE p.attnum IS NOT NULL AND p.column_name IS NOT NULL
	)
	SELECT s.step, s."position", s.statement FROM (
		SELECT 1 AS step, p.attnum::bigint AS "position", format('%sDROP COLUMN %I', t.altered, p.old_name) AS statement
		FROM pair p, target t WHERE p.column_name IS NULL
		UNION ALL
		SELECT 2, k."position", format('%sRENAME COLUMN %I TO %I', t.altered_with_heirs, k.old_name, k.new_name)
		FROM kept k, target t WHERE k.new_name <> k.old_name
		UNION ALL
		SELECT 3, k."position", format('%sALTER COLUMN %I OPTIONS (%s column_name %L)', t.altered, k.new_name,
			CASE WHEN k.is_named THEN 'SET' ELSE 'ADD' END, k.column_name)
		FROM kept k, target t WHERE NOT k.is_named OR k.column_name <> k.remote
		UNION ALL
		SELECT 4, k."position", t.altered || CASE WHEN to_regtype(k.local_type) <> k.old_type
				THEN format('ALTER COLUMN %I TYPE %s, ', k.new_name, k.local_type) ELSE '' END
			|| format('ALTER COLUMN %I OPTIONS (%s)', k.new_name, CASE WHEN k.source_type IS NULL THEN 'DROP type'
				ELSE format('%s type %L', CASE WHEN k.old_source_type IS NULL THEN 'ADD' ELSE 'SET' END, k.source_type) END)
		FROM kept k, target t WHERE k.source_type IS DISTINCT FROM k.old_source_type
		UNION ALL
		SELECT 5, k."position", format('%sALTER COLUMN %I %s NOT NULL', t.altered, k.new_name, CASE WHEN k.not_null THEN 'SET' ELSE 'DROP' END)
		FROM kept k, target t WHERE k.not_null <> k.was_not_null
		UNION ALL
		SELECT 6, p."position", format('%sADD COLUMN %s', t.altered_with_heirs, rivergen_catalog.column_definition(p.local_name, p.local_type,
				rivergen_catalog.column_options(p.column_name, p.source_type), p.not_null))
			|| coalesce(format('; COMMENT ON COLUMN %s.%I IS %L', t.name, p.local_name, nullif(p.comment, '')), '')
		FROM pair p, target t WHERE p.attnum IS NULL
		UNION ALL
		SELECT 7, k."position", format('COMMENT ON COLUMN %s.%I IS %L', t.name, k.new_name, k.comment)
		FROM kept k, target t WHERE nullif(k.comment, '') IS DISTINCT FROM nullif(k.old_comment, '')
	) s
	ORDER BY s.step, s."position";
END;

-- The option of a foreign table in ALTER … OPTIONS, or null where it is right.
CREATE OR REPLACE FUNCTION rivergen_catalog.option_step(name text, old_value text, new_value text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN CASE WHEN new_value IS NOT DISTINCT FROM old_value THEN NULL WHEN new_value IS NULL THEN 'DROP ' || name
		ELSE format('%s %s %L', CASE WHEN old_value IS NULL THEN 'ADD' ELSE 'SET' END, name, new_value) END;

-- What gives a foreign table the name, options and comment of its relation; the new name last. A table that a user has
-- renamed here keeps its name.
CREATE OR REPLACE FUNCTION rivergen_catalog.table_steps(foreign_table oid, organization_id bigint, data_source_id bigint, relation_id bigint)
	RETURNS TABLE (step integer, "position" bigint, statement text)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH here AS (
		SELECT format('%I.%I', n.nspname, c.relname) AS name, n.nspname, c.relname::text, c.relnamespace, obj_description(c.oid, 'pg_class') AS comment, o.*
		FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_foreign_table f ON f.ftrelid = c.oid
		CROSS JOIN LATERAL (SELECT max(x.option_value) FILTER (WHERE x.option_name = 'schema_name') AS schema_name,
			max(x.option_value) FILTER (WHERE x.option_name = 'table_name') AS table_name,
			max(x.option_value) FILTER (WHERE x.option_name = 'id') AS id,
			max(x.option_value) FILTER (WHERE x.option_name = 'kind') AS kind FROM pg_options_to_table(f.ftoptions) x) o
		WHERE c.oid = $1
	), there AS (
		SELECT r.schema_name, r.relation_name, r.kind, r.native_id, nullif(r.document ->> 'comment', '') AS comment,
			rivergen_catalog.local_name(r.relation_name, r.schema_name || '.' || r.relation_name, true) AS local_name
		FROM rivergen_catalog.relation r
		WHERE r.organization_id = $2 AND r.data_source_id = $3 AND r.relation_id = $4
	), options AS (
		SELECT nullif(concat_ws(', ', rivergen_catalog.option_step('schema_name', h.schema_name, t.schema_name),
			rivergen_catalog.option_step('table_name', h.table_name, t.relation_name),
			rivergen_catalog.option_step('kind', h.kind, t.kind),
			rivergen_catalog.option_step('id', h.id, t.native_id)), '') AS list
		FROM here h, there t
	)
	SELECT 8, 0::bigint, format('ALTER FOREIGN TABLE %s OPTIONS (%s)', h.name, o.list) FROM here h, options o WHERE o.list IS NOT NULL
	UNION ALL
	SELECT 9, 0, format('COMMENT ON FOREIGN TABLE %s IS %L', h.name, t.comment) FROM here h, there t
	WHERE t.comment IS DISTINCT FROM nullif(h.comment, '')
	UNION ALL
	SELECT 10, 0, format('ALTER FOREIGN TABLE %s RENAME TO %I', h.name, t.local_name) FROM here h, there t
	WHERE t.relation_name <> h.table_name AND t.local_name <> h.relname
		AND h.relname = rivergen_catalog.local_name(h.table_name, h.schema_name || '.' || h.table_name, true)
		AND NOT EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = h.relnamespace AND c.relname = t.local_name)
		AND NOT EXISTS (SELECT FROM pg_type y WHERE y.typnamespace = h.relnamespace AND y.typname = t.local_name)
	ORDER BY 1;
END;

-- Renames of columns of a relation since then: {old name: new name}. A column that was renamed twice is followed twice.
CREATE OR REPLACE FUNCTION rivergen_catalog.column_renames(organization_id bigint, data_source_id bigint, relation_id bigint, since timestamptz)
	RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH RECURSIVE one AS (
		SELECT c.change_id, c.before ->> 'name' AS old_name, c.after ->> 'name' AS new_name
		FROM rivergen_catalog.schema_change c
		WHERE c.organization_id = $1 AND c.data_source_id = $2 AND c.relation_id = $3 AND c.object_type = 'column'
			AND c.change = 'renamed' AND ($4 IS NULL OR c.changed_at > $4)
	), chain AS (
		SELECT o.change_id, o.old_name, o.new_name FROM one o
		UNION ALL
		SELECT o.change_id, c.old_name, o.new_name FROM chain c JOIN one o ON o.old_name = c.new_name AND o.change_id > c.change_id
	)
	SELECT coalesce(jsonb_object_agg(l.old_name, l.new_name), '{}')
	FROM (SELECT DISTINCT ON (c.old_name) c.old_name, c.new_name FROM chain c ORDER BY c.old_name, c.change_id DESC) l;
END;

-- Makes one foreign table as its relation is; answers what could not be followed.
CREATE OR REPLACE FUNCTION rivergen_catalog.follow_relation(organization_id bigint, data_source_id bigint, relation_id bigint,
	foreign_table oid, owner oid, followed_at timestamptz) RETURNS jsonb[]
	LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	r record;
	s record;
	failure record;
	problems jsonb[] := '{}';
	local_name text := (SELECT c.relname FROM pg_class c WHERE c.oid = foreign_table);
BEGIN
	SELECT x.schema_name, x.relation_name, x.document INTO STRICT r FROM rivergen_catalog.relation x
	WHERE x.organization_id = $1 AND x.data_source_id = $2 AND x.relation_id = $3;
	FOR s IN SELECT c.statement FROM rivergen_catalog.column_steps(foreign_table, r.document,
			rivergen_catalog.column_renames($1, $2, $3, followed_at)) c
		UNION ALL SELECT t.statement FROM rivergen_catalog.table_steps(foreign_table, $1, $2, $3) t
	LOOP
		failure := rivergen_catalog.run_as(owner, s.statement);
		IF failure.state IS NOT NULL THEN
			problems := problems || rivergen_catalog.attachment_problem(r.schema_name, r.relation_name, local_name, failure.message, failure.detail);
		END IF;
	END LOOP;
	RETURN problems;
END;
$$;

-- Is there a server of that name, of the wrapper rivergen?
CREATE OR REPLACE FUNCTION rivergen_catalog.is_own_server(server name) RETURNS boolean
	LANGUAGE sql STABLE
	RETURN EXISTS (SELECT FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw AND w.fdwname = 'rivergen'
		WHERE s.srvname = server);

-- Has an attachment a server, with foreign tables or a schema for them? Else its parts were dropped by hand.
CREATE OR REPLACE FUNCTION rivergen_catalog.attachment_exists(server name, local_schemas jsonb) RETURNS boolean
	LANGUAGE sql STABLE
	RETURN rivergen_catalog.is_own_server(server)
		AND (EXISTS (SELECT FROM rivergen_catalog.foreign_tables_of(server)) OR EXISTS (
			SELECT FROM jsonb_each_text(local_schemas) m JOIN pg_namespace n ON n.nspname = m.value));

-- Removes what is left of an attachment whose server, or whose schemas and foreign tables, were dropped by hand.
CREATE OR REPLACE FUNCTION rivergen_catalog.forget_attachment(organization_id bigint, attachment_id bigint) RETURNS boolean
	LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	a record;
BEGIN
	SELECT * INTO STRICT a FROM rivergen_catalog.attachment x WHERE x.organization_id = $1 AND x.attachment_id = $2;
	IF rivergen_catalog.attachment_exists(a.server_name, a.local_schemas) THEN
		RETURN false;
	END IF;
	IF rivergen_catalog.is_own_server(a.server_name) THEN
		PERFORM rivergen_catalog.drop_server(a.server_name);
	END IF;
	DELETE FROM rivergen_catalog.attachment x WHERE x.organization_id = $1 AND x.attachment_id = $2;
	RETURN true;
END;
$$;

-- The role that owns new foreign tables of an attachment: that of those it has, else of its schemas.
CREATE OR REPLACE FUNCTION rivergen_catalog.attachment_owner(server name, local_schemas jsonb) RETURNS oid
	LANGUAGE sql STABLE
	RETURN coalesce((SELECT t.owner FROM rivergen_catalog.foreign_tables_of(server) t ORDER BY t.relation LIMIT 1),
		(SELECT n.nspowner FROM jsonb_each_text(local_schemas) m JOIN pg_namespace n ON n.nspname = m.value ORDER BY n.oid LIMIT 1));

-- Gives each new schema of the source a schema here, if all of the source was attached. Answers what could not be made.
CREATE OR REPLACE FUNCTION rivergen_catalog.follow_schemas(organization_id bigint, attachment_id bigint, role oid) RETURNS jsonb[]
	LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s record;
	failure record;
	problems jsonb[] := '{}';
BEGIN
	FOR s IN SELECT n.schema_name, rivergen_catalog.local_name(n.name, n.base || '.' || n.schema_name,
				NOT EXISTS (SELECT FROM pg_namespace p WHERE p.nspname = n.name)) AS local_schema
		FROM (SELECT DISTINCT r.schema_name, a.local_base AS base, a.local_base || '_' || rivergen_catalog.identifier_of(r.schema_name) AS name
			FROM rivergen_catalog.attachment a
			JOIN rivergen_catalog.relation r USING (organization_id, data_source_id)
			WHERE a.organization_id = $1 AND a.attachment_id = $2 AND a.follows_schemas AND r.deprecated_at IS NULL
				AND rivergen_catalog.kind_group(r.kind) <> 'other' AND NOT a.local_schemas ? r.schema_name) n
		ORDER BY n.schema_name
	LOOP
		failure := rivergen_catalog.run_as(role, format('CREATE SCHEMA %I', s.local_schema));
		IF failure.state IS NOT NULL THEN
			problems := problems || rivergen_catalog.attachment_problem(s.schema_name, NULL, NULL,
				format('schema "%s" could not be made: %s', s.local_schema, failure.message), failure.detail);
			CONTINUE;
		END IF;
		UPDATE rivergen_catalog.attachment x SET local_schemas = x.local_schemas || jsonb_build_object(s.schema_name, s.local_schema),
			made_schemas = x.made_schemas || s.local_schema
		WHERE x.organization_id = $1 AND x.attachment_id = $2;
	END LOOP;
	RETURN problems;
END;
$$;

-- Makes the foreign tables of an attachment as the last discovery found the source. Nothing cascades: what has dependents
-- stays, and is told.
CREATE OR REPLACE FUNCTION rivergen_catalog.refresh_attachment(organization_id bigint, attachment_id bigint) RETURNS void
	LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	a record;
	t record;
	failure record;
	left_open jsonb[] := '{}';
	is_broken boolean := false;
	role oid;
	locked integer := 0;
BEGIN
	PERFORM rivergen_catalog.follow_renamed_schemas($1, $2);
	SELECT * INTO a FROM rivergen_catalog.attachment x WHERE x.organization_id = $1 AND x.attachment_id = $2 FOR UPDATE;
	IF NOT FOUND OR rivergen_catalog.forget_attachment($1, $2) THEN
		RETURN;
	END IF;
	role := rivergen_catalog.attachment_owner(a.server_name, a.local_schemas);
	FOR t IN SELECT x.* FROM rivergen_catalog.attached_tables($1, $2) x ORDER BY x.relation_id NULLS FIRST, x.foreign_table
	LOOP
		-- Other sessions use the tables: each wait for a lock takes as long as lock_timeout. The next refresh goes on.
		locked := (SELECT count(*) FROM unnest(left_open) p WHERE p ->> 'reason' LIKE '%lock timeout%');
		EXIT WHEN locked >= 3;
		IF t.relation_id IS NULL THEN
			failure := rivergen_catalog.run_as(t.owner, format('DROP FOREIGN TABLE %I.%I', t.local_schema, t.local_name));
			IF failure.state IS NOT NULL THEN
				is_broken := true;
				left_open := left_open || rivergen_catalog.attachment_problem(t.schema_name, t.table_name, t.local_name,
					'the source has this relation no more; ' || failure.message, failure.detail);
			END IF;
		ELSIF t.changed_at >= a.followed_at OR a.followed_at IS NULL
			OR a.problems @> jsonb_build_array(jsonb_build_object('local_name', t.local_name)) THEN
			left_open := left_open || rivergen_catalog.follow_relation($1, a.data_source_id, t.relation_id, t.foreign_table, t.owner, a.refreshed_at);
		END IF;
	END LOOP;
	IF locked >= 3 THEN
		UPDATE rivergen_catalog.attachment x SET state = 'stale', problems = to_jsonb(left_open)
		WHERE x.organization_id = $1 AND x.attachment_id = $2;
		RETURN;
	END IF;
	left_open := left_open || rivergen_catalog.follow_schemas($1, $2, role);
	left_open := left_open || ARRAY(SELECT p.value FROM jsonb_array_elements(rivergen_catalog.make_foreign_tables($1, $2, role) -> 'skipped') p
		WHERE p.value -> 'local_name' <> 'null');
	UPDATE rivergen_catalog.attachment x SET
		state = CASE WHEN is_broken THEN 'broken' WHEN left_open <> '{}' THEN 'stale' ELSE 'fresh' END,
		problems = to_jsonb(left_open),
		followed_at = rivergen_catalog.relations_changed_at($1, a.data_source_id),
		refreshed_at = now()
	WHERE x.organization_id = $1 AND x.attachment_id = $2;
END;
$$;

-- The attachments of a source that a discovery has to refresh.
CREATE OR REPLACE FUNCTION rivergen_catalog.attachments_to_refresh(organization_id bigint, data_source_id bigint, has_changed boolean)
	RETURNS bigint[]
	LANGUAGE plpgsql STABLE
AS $$
BEGIN
	RETURN (SELECT array_agg(a.attachment_id ORDER BY a.attachment_id) FROM rivergen_catalog.attachment a
		WHERE a.organization_id = $1 AND a.data_source_id = $2
			AND ($3 OR a.state <> 'fresh' OR NOT rivergen_catalog.attachment_exists(a.server_name, a.local_schemas)));
END $$;

-- After a refresh that failed as a whole.
CREATE OR REPLACE FUNCTION rivergen_catalog.fail_refresh(organization_id bigint, attachment_id bigint, reason text) RETURNS void
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	UPDATE rivergen_catalog.attachment a SET state = 'stale',
		problems = jsonb_build_array(rivergen_catalog.attachment_problem(NULL, NULL, NULL, $3, NULL))
	WHERE a.organization_id = $1 AND a.attachment_id = $2;
END;
