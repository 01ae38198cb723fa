-- The parts of two documents that are compared. src/merge/README.md says which differences are reported.

-- The first word of a dialect: how its texts are quoted and deparsed. Null where no dialect is known.
CREATE OR REPLACE FUNCTION rivergen_catalog.dialect_family(dialect text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN lower(split_part(dialect, ' ', 1) COLLATE "C");

-- The members of an object without the ignored ones. Null, false and empty members count as absent.
CREATE OR REPLACE FUNCTION rivergen_catalog.compared(body jsonb, ignored text[]) RETURNS jsonb
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}')
	FROM jsonb_each(body) e
	WHERE e.key <> ALL (ignored) AND e.value NOT IN ('null', 'false', '""', '[]', '{}');
END;

-- The members of a document that hold its named objects.
CREATE OR REPLACE FUNCTION rivergen_catalog.object_members() RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN '{columns,primary_key,unique,foreign_keys,checks,exclusions,indexes}'::text[];

-- A document without the members that either of two documents lists as unreadable: the source's user was not allowed to
-- read all of them.
CREATE OR REPLACE FUNCTION rivergen_catalog.without_members(document jsonb, members text[]) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT document - members || jsonb_build_object('unreadable', members) || CASE WHEN jsonb_typeof(document -> 'columns') = 'array'
		THEN jsonb_build_object('columns', (SELECT coalesce(jsonb_agg(CASE jsonb_typeof(e.value) WHEN 'object' THEN e.value - members ELSE e.value END ORDER BY e.ordinality), '[]')
			FROM jsonb_array_elements(document -> 'columns') WITH ORDINALITY e))
		ELSE '{}' END;
END;
CREATE OR REPLACE FUNCTION rivergen_catalog.comparable(document jsonb, other jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN jsonb_typeof(document) = 'object' AND (document ? 'unreadable' OR other ? 'unreadable')
		THEN rivergen_catalog.without_members(document, (SELECT coalesce(array_agg(m #>> '{}'), '{}')
			FROM unnest(ARRAY[document, other]) d CROSS JOIN jsonb_path_query(d, 'lax $.unreadable[*] ? (@.type() == "string")') m))
		ELSE document END;
END;

-- The named objects of a document. The name of a nested column is its path; it also has steps. The lax paths never fail,
-- whatever a connector sent. Keep the name right before the body: two places before it, the hash of the name would cancel
-- out in the hash of the row, because the body begins with the name, and all columns would have the same hash.
CREATE OR REPLACE FUNCTION rivergen_catalog.document_objects(document jsonb)
	RETURNS TABLE (object_type text, steps jsonb, object_name text, body jsonb)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT l.object_type, NULL::jsonb, coalesce(o ->> 'name', ''), o
	FROM (VALUES
		('column', 'lax $.columns[*] ? (@.type() == "object")'::jsonpath),
		('primary_key', 'lax $.primary_key ? (@.type() == "object")'),
		('unique', 'lax $.unique[*] ? (@.type() == "object")'),
		('foreign_key', 'lax $.foreign_keys[*] ? (@.type() == "object")'),
		('check', 'lax $.checks[*] ? (@.type() == "object")'),
		('exclusion', 'lax $.exclusions[*] ? (@.type() == "object")'),
		('index', 'lax $.indexes[*] ? (@.type() == "object")')) l (object_type, path)
	CROSS JOIN LATERAL jsonb_path_query($1, l.path) o
	UNION ALL
	SELECT 'column', n.steps, n.field_path, n.body - ARRAY(
			SELECT m #>> '{}' FROM jsonb_path_query($1, 'lax $.unreadable[*] ? (@.type() == "string")') m)
	FROM rivergen_catalog.nested_columns($1 -> 'columns') n;
END;

-- A definition of PostgreSQL without the parts that other members have: the definition of an index names the table and the
-- index, which may be renamed without a change of the index; that of a constraint ends in its options.
CREATE OR REPLACE FUNCTION rivergen_catalog.compared_definition(object_type text, definition text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE object_type WHEN 'index' THEN regexp_replace(definition, '^.*? USING ', 'USING ')
		ELSE regexp_replace(definition, '( NOT VALID| NOT ENFORCED| DEFERRABLE| INITIALLY DEFERRED)+$', '') END;

-- Not compared: pg_type, which follows from the type, and ids, which only match objects.
CREATE OR REPLACE FUNCTION rivergen_catalog.compared_object(object_type text, body jsonb, family text) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN object_type = 'column' THEN rivergen_catalog.compared(body, '{name,id,pg_type}')
		WHEN family = 'postgresql' AND body ->> 'definition' <> '' THEN rivergen_catalog.compared(body, '{name}')
			|| jsonb_build_object('definition', rivergen_catalog.compared_definition(object_type, body ->> 'definition'))
		ELSE rivergen_catalog.compared(body, '{name}') END;

CREATE OR REPLACE FUNCTION rivergen_catalog.has_fields(body jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN jsonb_typeof(body -> 'fields') = 'array' AND body -> 'fields' <> '[]';

-- A column without the parts that its fields have: `STRUCT<a INT64>` is a STRUCT.
CREATE OR REPLACE FUNCTION rivergen_catalog.without_fields(body jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (body - 'fields') || CASE WHEN body ? 'type'
		THEN jsonb_build_object('type', regexp_replace(body ->> 'type', '\s*[<({].*$', '')) ELSE '{}' END;

CREATE OR REPLACE FUNCTION rivergen_catalog.compared_relation(kind text, document jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN rivergen_catalog.compared(document, rivergen_catalog.object_members() || '{unreadable,shards}'::text[])
		|| jsonb_build_object('kind', kind);

-- The members of the first object that the other lacks, or has with another value.
CREATE OR REPLACE FUNCTION rivergen_catalog.different(one jsonb, other jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}')
	FROM jsonb_each(one) e WHERE other -> e.key IS DISTINCT FROM e.value;
END;

-- The opening and closing quote of names, which is doubled inside a name. Null where no dialect is known.
CREATE OR REPLACE FUNCTION rivergen_catalog.name_quotes(family text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN family IN ('mysql', 'mariadb') THEN '``' WHEN family = 'sqlserver' THEN '[]' WHEN family <> '' THEN '""' ELSE '' END;

-- The part of a type's name that every dialect of a family spells alike.
CREATE OR REPLACE FUNCTION rivergen_catalog.bare_type(type jsonb, family text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN translate(regexp_replace(lower((type #>> '{}') COLLATE "C"), '\s', '', 'g'), rivergen_catalog.name_quotes(family), '');

-- Compares columns of an index, some of which are expressions.
CREATE OR REPLACE FUNCTION rivergen_catalog.same_but_expressions(before jsonb, after jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_typeof(before) = 'array' AND jsonb_typeof(after) = 'array'
		AND (SELECT coalesce(bool_and(b.value IS NOT DISTINCT FROM a.value
				OR strpos(b.value #>> '{}', '(') > 0 AND strpos(a.value #>> '{}', '(') > 0), true)
			FROM jsonb_array_elements(CASE jsonb_typeof(before) WHEN 'array' THEN before END) WITH ORDINALITY b
			FULL JOIN jsonb_array_elements(CASE jsonb_typeof(after) WHEN 'array' THEN after END) WITH ORDINALITY a
				USING (ordinality));
END;

-- The members that every connector reports where the source has them; other members are a connector's own.
CREATE OR REPLACE FUNCTION rivergen_catalog.common_members(object_type text) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE object_type
		WHEN 'relation' THEN '{kind,comment,owner,definition,partition_key,partition_of,partition_bound,inherits,server,options,sequence}'::text[]
		WHEN 'column' THEN '{type,not_null,default,identity,generated,expression,collation,comment,enum,domain_base}'
		WHEN 'index' THEN '{method,unique,primary,columns,include,predicate,invalid,definition}'
		ELSE '{columns,nulls_not_distinct,schema,table,referenced_columns,on_update,on_delete,on_delete_columns,match,temporal,deferrable,deferred,not_valid,not_enforced,definition}'
	END;

-- Whether a member may be the same although two dialects spell it differently.
CREATE OR REPLACE FUNCTION rivergen_catalog.may_be_respelled(member text, before jsonb, after jsonb, family text) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN member IN ('type', 'domain_base')
			THEN rivergen_catalog.bare_type(before, family) = rivergen_catalog.bare_type(after, family)
		WHEN member = 'columns' THEN rivergen_catalog.same_but_expressions(before, after)
		ELSE member IN ('definition', 'default', 'expression', 'predicate', 'partition_key', 'partition_bound') END;

-- The old object in the new dialect's spelling. Texts that may be respelled are not compared, only whether they are there.
-- A connector's own member that only one side has is ignored: the connector has changed, not the source.
CREATE OR REPLACE FUNCTION rivergen_catalog.respelled(object_type text, before jsonb, after jsonb, family text) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(key, CASE WHEN b.value IS NULL THEN a.value
		WHEN a.value IS NOT NULL AND rivergen_catalog.may_be_respelled(key, b.value, a.value, $4) THEN a.value
		ELSE b.value END), '{}')
	FROM jsonb_each($2) b FULL JOIN jsonb_each($3) a USING (key)
	WHERE CASE WHEN b.value IS NULL THEN key <> ALL (rivergen_catalog.common_members($1))
		WHEN a.value IS NULL THEN key = ANY (rivergen_catalog.common_members($1))
		ELSE true END;
END;
