-- Foreign tables of the relations of a source, as statements. Each statement quotes every name and text in it. The server
-- runs them with search_path = pg_catalog, pg_temp, so that the names of types mean those of pg_catalog. format, concat_ws
-- and convert_to are STABLE: the planner would not inline them into functions that are declared IMMUTABLE.

-- Is this one of the types that may hold a column's values (src/wire/pg_type.c)?
CREATE OR REPLACE FUNCTION rivergen_catalog.is_listed_type(name text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'rg_sql_is_listed_type'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- A type of a document for a column definition. Without quotes bit would be bit(1).
CREATE OR REPLACE FUNCTION rivergen_catalog.foreign_type(name text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN name IN ('bit', 'bit[]') THEN 'pg_catalog."bit"' || substr(name, 4)
		WHEN rivergen_catalog.is_listed_type(name) THEN name ELSE 'text' END;

-- The name itself where it may be used here, else cut, with eight hexadecimal digits that stand for all of path. The cast
-- cuts between two characters.
CREATE OR REPLACE FUNCTION rivergen_catalog.local_name(name text, path text, is_free boolean) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN CASE WHEN is_free AND octet_length(name) BETWEEN 1 AND 63 THEN name
		ELSE substr(('_________' || name)::name::text, 10) || '_' || encode(substr(sha256(convert_to(path, 'UTF8')), 1, 4), 'hex') END;

-- The name of a source or schema as an identifier.
CREATE OR REPLACE FUNCTION rivergen_catalog.identifier_of(name text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN regexp_replace(btrim(regexp_replace(lower(name COLLATE "C"), '[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+', '_', 'g'), '_'),
		'^(?=pg_|[0-9]|$)', '_');

-- The columns of a document as columns here. A name that two columns would have, or that PostgreSQL keeps for itself, is
-- changed.
CREATE OR REPLACE FUNCTION rivergen_catalog.foreign_columns(document jsonb)
	RETURNS TABLE ("position" bigint, column_name text, local_name text, local_type text, source_type text, not_null boolean,
		comment text)
	LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH named AS (
		SELECT c.ordinality, c.value AS col, c.value ->> 'name' AS name, rivergen_catalog.local_name(c.value ->> 'name', c.value ->> 'name',
			c.value ->> 'name' NOT IN ('tableoid', 'ctid', 'xmin', 'xmax', 'cmin', 'cmax')) AS first_name
		FROM jsonb_array_elements($1 -> 'columns') WITH ORDINALITY c
	)
	SELECT n.ordinality, n.name, CASE WHEN row_number() OVER (PARTITION BY n.first_name ORDER BY n.first_name <> n.name, n.ordinality) = 1
			THEN n.first_name ELSE rivergen_catalog.local_name(n.name, n.ordinality || '.' || n.name, false) END,
		rivergen_catalog.foreign_type(n.col ->> 'pg_type'), nullif(n.col ->> 'type', ''),
		coalesce(n.col -> 'not_null' = 'true', false), n.col ->> 'comment'
	FROM named n;
END;

-- The name at the source is an option even where it is the name here: so a column that a user renames is still read.
CREATE OR REPLACE FUNCTION rivergen_catalog.column_options(column_name text, source_type text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN format(' OPTIONS (column_name %L%s)', column_name, ', type ' || quote_literal(source_type));

CREATE OR REPLACE FUNCTION rivergen_catalog.column_definition(local_name text, local_type text, options text, not_null boolean)
	RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN format('%I %s%s%s', local_name, local_type, options, CASE WHEN not_null THEN ' NOT NULL' END);

-- CREATE FOREIGN TABLE, with comments.
CREATE OR REPLACE FUNCTION rivergen_catalog.foreign_table_statement(server name, local_schema text, local_name text, schema_name text,
	relation_name text, kind text, native_id text, document jsonb) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	definitions text;
	comments text;
	target text := format('%I.%I', local_schema, local_name);
BEGIN
	SELECT string_agg(rivergen_catalog.column_definition(c.local_name, c.local_type,
			rivergen_catalog.column_options(c.column_name, c.source_type), c.not_null), ', ' ORDER BY c."position"),
		string_agg(format('; COMMENT ON COLUMN %s.%I IS %L', target, c.local_name, c.comment), '' ORDER BY c."position")
			FILTER (WHERE c.comment IS NOT NULL)
	INTO definitions, comments
	FROM rivergen_catalog.foreign_columns(document) c;
	RETURN format('CREATE FOREIGN TABLE %s (%s) SERVER %I OPTIONS (schema_name %L, table_name %L, kind %L%s)', target, definitions, server,
			schema_name, relation_name, kind, ', id ' || quote_literal(native_id))
		|| coalesce(format('; COMMENT ON FOREIGN TABLE %s IS %L', target, nullif(document ->> 'comment', '')), '') || coalesce(comments, '');
END;
$$;

-- Why a relation becomes no foreign table; null: it does. Rows of partitions are read through the partitioned table, as
-- IMPORT FOREIGN SCHEMA does it, unless the caller names them.
CREATE OR REPLACE FUNCTION rivergen_catalog.not_attachable(document jsonb, is_named boolean) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN CASE WHEN jsonb_array_length(coalesce(document -> 'columns', '[]')) > 1600
			THEN format('it has %s columns, and a table here has at most 1,600', jsonb_array_length(document -> 'columns'))
		WHEN document ? 'partition_of' AND NOT is_named THEN format('it is a partition of %s.%s, through which its rows are read',
			document #>> '{partition_of,schema}', document #>> '{partition_of,table}') END;

-- The foreign tables of a server of ours.
CREATE OR REPLACE FUNCTION rivergen_catalog.foreign_tables_of(server name)
	RETURNS TABLE (relation oid, local_schema name, local_name name, owner oid, schema_name text, table_name text, native_id text)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT c.oid, n.nspname, c.relname, c.relowner, o.schema_name, o.table_name, o.native_id
	FROM pg_foreign_server s
	JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw AND w.fdwname = 'rivergen'
	JOIN pg_foreign_table f ON f.ftserver = s.oid
	JOIN pg_class c ON c.oid = f.ftrelid
	JOIN pg_namespace n ON n.oid = c.relnamespace
	CROSS JOIN LATERAL (SELECT coalesce(max(x.option_value) FILTER (WHERE x.option_name = 'schema_name'), '') AS schema_name,
			max(x.option_value) FILTER (WHERE x.option_name = 'table_name') AS table_name,
			max(x.option_value) FILTER (WHERE x.option_name = 'id') AS native_id
		FROM pg_options_to_table(f.ftoptions) x) o
	WHERE s.srvname = $1;
END;

-- The foreign tables of an attachment with their relations. relation_id null: the source has the relation no more. A foreign
-- table that no discovery has ever known is a user's own, and is left out.
CREATE OR REPLACE FUNCTION rivergen_catalog.attached_tables(organization_id bigint, attachment_id bigint)
	RETURNS TABLE (foreign_table oid, local_schema text, local_name text, owner oid, schema_name text, table_name text, relation_id bigint,
		changed_at timestamptz)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT t.relation, t.local_schema::text, t.local_name::text, t.owner, t.schema_name, t.table_name,
		coalesce(i.relation_id, n.relation_id), coalesce(i.changed_at, n.changed_at)
	FROM rivergen_catalog.attachment a
	CROSS JOIN LATERAL rivergen_catalog.foreign_tables_of(a.server_name) t
	LEFT JOIN rivergen_catalog.relation i ON i.organization_id = a.organization_id AND i.data_source_id = a.data_source_id
		AND i.native_id = t.native_id AND i.deprecated_at IS NULL
	LEFT JOIN rivergen_catalog.relation n ON n.organization_id = a.organization_id AND n.data_source_id = a.data_source_id
		AND n.schema_name = t.schema_name AND n.relation_name = t.table_name AND n.deprecated_at IS NULL AND i.relation_id IS NULL
	WHERE a.organization_id = $1 AND a.attachment_id = $2
		AND (i.relation_id IS NOT NULL OR n.relation_id IS NOT NULL OR EXISTS (
			SELECT FROM rivergen_catalog.relation g WHERE g.organization_id = a.organization_id AND g.data_source_id = a.data_source_id
				AND g.schema_name = t.schema_name AND g.relation_name = t.table_name AND g.deprecated_at IS NOT NULL));
END;

-- The relations that an attachment does not have yet, with their names here. attachment_id null: it is still to be made. schemas:
-- {schema: local schema}. What another attachment of the source has in the local schema is refused: attached_by names that one.
CREATE OR REPLACE FUNCTION rivergen_catalog.attachable_relations(organization_id bigint, data_source_id bigint, schemas jsonb,
	table_names text[], attachment_id bigint)
	RETURNS TABLE (relation_id bigint, schema_name text, relation_name text, local_schema text, local_name text, refusal text,
		attached_by bigint)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH here AS MATERIALIZED (
		SELECT t.relation_id, t.local_schema, min(t.local_name) AS local_name, min(a.attachment_id) AS attachment_id
		FROM rivergen_catalog.attachment a
		CROSS JOIN LATERAL rivergen_catalog.attached_tables(a.organization_id, a.attachment_id) t
		WHERE a.organization_id = $1 AND a.data_source_id = $2 AND a.attachment_id IS DISTINCT FROM $5
			AND t.local_schema IN (SELECT s.value FROM jsonb_each_text($3) s)
		GROUP BY t.relation_id, t.local_schema
	), chosen AS (
		SELECT r.relation_id, r.schema_name, r.relation_name, s.value AS local_schema,
			rivergen_catalog.not_attachable(r.document, $4 IS NOT NULL) AS refusal,
			rivergen_catalog.local_name(r.relation_name, r.schema_name || '.' || r.relation_name, true) AS first_name
		FROM rivergen_catalog.relation r
		JOIN jsonb_each_text($3) s ON s.key = r.schema_name
		WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.deprecated_at IS NULL
			AND rivergen_catalog.kind_group(r.kind) <> 'other'
			AND ($4 IS NULL OR r.relation_name = ANY ($4))
			AND NOT EXISTS (SELECT FROM rivergen_catalog.attachment a CROSS JOIN unnest(a.relation_ids) i
				WHERE a.organization_id = $1 AND a.attachment_id = $5 AND i = r.relation_id)
	), taken AS (
		SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		UNION SELECT n.nspname, t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
	)
	SELECT c.relation_id, c.schema_name, c.relation_name, c.local_schema,
		CASE WHEN t.relname IS NULL AND row_number() OVER (PARTITION BY c.local_schema, c.first_name
			ORDER BY c.first_name <> c.relation_name, c.relation_id) = 1
			THEN c.first_name ELSE rivergen_catalog.local_name(c.relation_name, c.relation_id || '.' || c.relation_name, false) END,
		CASE WHEN c.refusal IS NULL AND h.attachment_id IS NOT NULL
			THEN format('it is attached already, as %I.%I', h.local_schema, h.local_name) ELSE c.refusal END,
		h.attachment_id
	FROM chosen c
	LEFT JOIN here h ON h.relation_id = c.relation_id AND h.local_schema = c.local_schema
	LEFT JOIN taken t ON t.nspname = c.local_schema AND t.relname = c.first_name;
END;
