-- Comparing documents, and reading what changed. src/merge/README.md says what is compared and what is breaking.

-- The members of an object that are compared. What says nothing (null, false, empty) is as if it were not there. Null of null.
CREATE OR REPLACE FUNCTION rivergen_catalog.compared(body jsonb, members text[]) RETURNS jsonb
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}')
	FROM jsonb_each(body) e
	WHERE e.key = ANY (members) AND e.value NOT IN ('null', 'false', '""', '[]', '{}');
END;

-- The members of a document that hold its named objects.
CREATE OR REPLACE FUNCTION rivergen_catalog.object_members() RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN '{columns,primary_key,unique,foreign_keys,checks,exclusions,indexes}'::text[];

-- A document for the comparison with another one: without what the source's user was not allowed to read of either. Such
-- members are missing, or say less than there is.
CREATE OR REPLACE FUNCTION rivergen_catalog.without_members(document jsonb, members text[]) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT document - members - 'unreadable'::text || CASE WHEN jsonb_typeof(document -> 'columns') = 'array'
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

-- The named objects of a document. twin is what another discovery finds the same object by: its name, but a table has
-- one primary key. The lax paths never fail, whatever a connector sent.
CREATE OR REPLACE FUNCTION rivergen_catalog.document_objects(document jsonb)
	RETURNS TABLE (object_type text, twin text, object_name text, body jsonb)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT l.object_type, CASE l.object_type WHEN 'primary_key' THEN '' ELSE coalesce(o ->> 'name', '') END,
		coalesce(o ->> 'name', ''), o
	FROM (VALUES
		('column', 'lax $.columns[*] ? (@.type() == "object")'::jsonpath),
		('primary_key', 'lax $.primary_key ? (@.type() == "object")'),
		('unique', 'lax $.unique[*] ? (@.type() == "object")'),
		('foreign_key', 'lax $.foreign_keys[*] ? (@.type() == "object")'),
		('check', 'lax $.checks[*] ? (@.type() == "object")'),
		('exclusion', 'lax $.exclusions[*] ? (@.type() == "object")'),
		('index', 'lax $.indexes[*] ? (@.type() == "object")')) l (object_type, path)
	CROSS JOIN LATERAL jsonb_path_query($1, l.path) o;
END;

-- An index's definition names the table and the index, which may be renamed without any change of the index. A
-- constraint's definition ends in what its other members tell.
CREATE OR REPLACE FUNCTION rivergen_catalog.compared_object(object_type text, body jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE object_type
		WHEN 'column' THEN rivergen_catalog.compared(body,
			'{type,not_null,default,identity,generated,expression,collation,comment,enum,domain_base}')
		WHEN 'index' THEN rivergen_catalog.compared(body, '{method,unique,columns,include,predicate,invalid}')
			|| CASE WHEN body ->> 'definition' <> '' THEN jsonb_build_object('definition',
				regexp_replace(body ->> 'definition', '^.*? USING ', 'USING ')) ELSE '{}' END
		ELSE rivergen_catalog.compared(body, '{columns,nulls_not_distinct,schema,table,referenced_columns,on_update,on_delete,on_delete_columns,match,temporal,deferrable,deferred,not_valid,not_enforced}')
			|| CASE WHEN body ->> 'definition' <> '' THEN jsonb_build_object('definition',
				regexp_replace(body ->> 'definition', '( NOT VALID| NOT ENFORCED| DEFERRABLE| INITIALLY DEFERRED)+$', '')) ELSE '{}' END
	END;

CREATE OR REPLACE FUNCTION rivergen_catalog.compared_relation(kind text, document jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN jsonb_build_object('kind', kind) || rivergen_catalog.compared(document,
		'{comment,owner,definition,partition_key,partition_of,partition_bound,inherits,server,options,sequence}');

-- The members of one that the other has not, or has otherwise.
CREATE OR REPLACE FUNCTION rivergen_catalog.different(one jsonb, other jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}')
	FROM jsonb_each(one) e WHERE other -> e.key IS DISTINCT FROM e.value;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.differ(one jsonb, other jsonb, members text[]) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(bool_or(one -> m IS DISTINCT FROM other -> m), false) FROM unnest(members) m;
END;

-- A type's name as far as every version spells it alike.
CREATE OR REPLACE FUNCTION rivergen_catalog.bare_type(type jsonb) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN regexp_replace(lower((type #>> '{}') COLLATE "C"), '[\s"]', '', 'g');

-- Columns of an index, some of which are expressions.
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

-- What was read of another version of the server, with those texts replaced that a version deparses in its own way: they
-- cannot be compared. That one is there or not can be.
CREATE OR REPLACE FUNCTION rivergen_catalog.respelled(before jsonb, after jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT before || coalesce(jsonb_object_agg(e.key, e.value), '{}')
	FROM jsonb_each(after) e
	WHERE before ? e.key AND CASE
		WHEN e.key IN ('type', 'domain_base')
			THEN rivergen_catalog.bare_type(before -> e.key) = rivergen_catalog.bare_type(e.value)
		WHEN e.key = 'columns' THEN rivergen_catalog.same_but_expressions(before -> e.key, e.value)
		ELSE e.key IN ('definition', 'default', 'expression', 'predicate', 'partition_key', 'partition_bound') END;
END;

-- Has the type of a column nothing but another name? Of enumerations the labels tell it; other types say too little.
CREATE OR REPLACE FUNCTION rivergen_catalog.is_renamed_enumeration(before jsonb, after jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN before ? 'enum' AND before -> 'enum' = after -> 'enum'
		AND before ? 'domain_base' = after ? 'domain_base'
		AND (before ->> 'type' LIKE '%[]') = (after ->> 'type' LIKE '%[]');

-- May a query or a write that worked before fail, or mean something else?
CREATE OR REPLACE FUNCTION rivergen_catalog.is_breaking_column(change text, before jsonb, after jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE change
		WHEN 'removed' THEN true
		WHEN 'renamed' THEN true
		WHEN 'added' THEN after ? 'not_null' AND NOT after ?| '{default,identity,generated}'
		ELSE rivergen_catalog.differ(before, after, '{collation}')
			OR rivergen_catalog.differ(before, after, '{type,domain_base}')
				AND NOT rivergen_catalog.is_renamed_enumeration(before, after)
			OR (after ? 'not_null' AND NOT before ? 'not_null')
			OR (after ? 'not_null' AND before ?| '{default,identity,generated}'
				AND NOT after ?| '{default,identity,generated}')
			OR (after @> '{"identity": "always"}' AND NOT before @> '{"identity": "always"}')
			OR (after ? 'generated' AND NOT before ? 'generated')
			OR (before ? 'enum' AND NOT coalesce(after -> 'enum' @> (before -> 'enum'), false))
	END;

-- Of a view: a check of what is written through it, and whose rights its query needs.
CREATE OR REPLACE FUNCTION rivergen_catalog.is_breaking_option(before jsonb, after jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (after ? 'check_option' AND before -> 'check_option' IS DISTINCT FROM after -> 'check_option') IS TRUE
		OR before -> 'security_invoker' IS DISTINCT FROM after -> 'security_invoker';

CREATE OR REPLACE FUNCTION rivergen_catalog.is_breaking_relation(change text, before jsonb, after jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE change
		WHEN 'removed' THEN true
		WHEN 'added' THEN false
		WHEN 'renamed' THEN true
		ELSE (before -> 'kind' <> after -> 'kind'
				AND NOT (before ->> 'kind' IN ('table', 'partition') AND after ->> 'kind' IN ('table', 'partition')))
			OR before #> '{sequence,type}' IS DISTINCT FROM after #> '{sequence,type}'
			OR rivergen_catalog.is_breaking_option(before -> 'options', after -> 'options')
	END;

CREATE OR REPLACE FUNCTION rivergen_catalog.is_breaking(object_type text, change text, before jsonb, after jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN object_type = 'relation' THEN rivergen_catalog.is_breaking_relation(change, before, after)
		WHEN object_type = 'column' THEN rivergen_catalog.is_breaking_column(change, before, after)
		WHEN change = 'renamed' THEN false
		WHEN object_type = 'index' THEN (coalesce(before, '{}') ? 'unique' OR coalesce(after, '{}') ? 'unique')
			AND (change <> 'changed' OR rivergen_catalog.differ(before, after, '{unique,columns,predicate}'))
		WHEN change = 'removed' THEN object_type IN ('primary_key', 'unique')
		WHEN after ? 'not_enforced' THEN false
		WHEN change = 'added' THEN true
		ELSE rivergen_catalog.differ(before, after,
				'{columns,nulls_not_distinct,schema,table,referenced_columns,on_update,on_delete,on_delete_columns,match,temporal,definition}')
			-- What could wait until the end of the transaction no longer can; what was not checked is.
			OR before ? 'not_enforced'
			OR (before ? 'deferrable' AND NOT after ? 'deferrable')
			OR (before ? 'deferred' AND NOT after ? 'deferred')
	END;

-- The columns of a document that have ids of their own, which must be unique to count, as {id: 1}, their names and what
-- another document calls them: null what it has not.
-- No join: a planner that expects few rows may take a nested loop, and then every column costs all the others.
CREATE OR REPLACE FUNCTION rivergen_catalog.same_columns(old_document jsonb, new_document jsonb)
	RETURNS TABLE (id jsonb, old_name text, new_name text)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT c.id, min(c.name) FILTER (WHERE c.is_old), min(c.name) FILTER (WHERE NOT c.is_old)
	FROM (SELECT true AS is_old, body -> 'id' AS id, object_name AS name
		FROM rivergen_catalog.document_objects($1) WHERE object_type = 'column'
		UNION ALL
		SELECT false, body -> 'id', object_name
		FROM rivergen_catalog.document_objects($2) WHERE object_type = 'column') c
	WHERE jsonb_typeof(c.id) = 'string'
	GROUP BY c.id
	HAVING count(*) FILTER (WHERE c.is_old) = 1 AND count(*) FILTER (WHERE NOT c.is_old) <= 1;
END;

-- A name as it stands in the text of a jsonb, without the quotes around it.
CREATE OR REPLACE FUNCTION rivergen_catalog.bare_json(name text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN substr(to_jsonb(name)::text, 2, length(to_jsonb(name)::text) - 2);

-- Is the object the old one but for the new names of columns? Names are replaced as they stand in the text, whatever
-- they mean there: that both come out the same, but for the quotes of identifiers, is proof enough. They are replaced
-- one by one, by way of names that nothing has, so that two columns may have changed names. A longer list would cost
-- more than it tells.
CREATE OR REPLACE FUNCTION rivergen_catalog.only_names_moved(before jsonb, after jsonb, old_names text[], new_names text[])
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH RECURSIVE away (step, body) AS (
		SELECT 0, before::text WHERE cardinality(old_names) <= 50
		UNION ALL
		SELECT step + 1, regexp_replace(body,
			'(?<![[:alnum:]_$])' || regexp_replace(rivergen_catalog.bare_json(old_names[step + 1]), '(\W)', '\\\1', 'g') || '(?![[:alnum:]_$])',
			chr(1) || step + 1 || chr(2), 'g')
		FROM away WHERE step < cardinality(old_names)
	), back (step, body) AS (
		SELECT 0, body FROM away WHERE step = cardinality(old_names)
		UNION ALL
		SELECT step + 1, replace(body, chr(1) || step + 1 || chr(2), rivergen_catalog.bare_json(new_names[step + 1]))
		FROM back WHERE step < cardinality(new_names)
	)
	SELECT coalesce(bool_or(replace(body, '\"', '') = replace(after::text, '\"', '')), false) FROM back WHERE step = cardinality(new_names);
END;

-- What became of the columns, keys and indexes. The index of a key is the key's. A key or index that went while one
-- with the same content came under another name was renamed; columns have too little content to say that of them, but
-- when ids_hold (it is the same relation) a column with the same id is the same column. other_version: the documents
-- were read with different major versions of the server. Most objects are the same, member by member: they are sorted out
-- before anything else is done.
CREATE OR REPLACE FUNCTION rivergen_catalog.object_changes(
	old_document jsonb, new_document jsonb, ids_hold boolean, other_version boolean DEFAULT false)
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
		SELECT array_agg(old_name ORDER BY id) AS old_names, array_agg(new_name ORDER BY id) AS new_names
		FROM same WHERE old_name <> new_name
	), old AS MATERIALIZED (
		SELECT o.object_type, coalesce('#' || s.id::text, '=' || o.twin) AS twin, o.object_name, o.body
		FROM gone_object o LEFT JOIN same s ON o.object_type = 'column' AND s.id = o.body -> 'id'
	), new AS MATERIALIZED (
		SELECT n.object_type, coalesce('#' || s.id::text, '=' || n.twin) AS twin, n.object_name, n.body
		FROM come_object n LEFT JOIN same s ON n.object_type = 'column' AND s.id = n.body -> 'id'
	), key_name AS MATERIALIZED (
		SELECT object_name FROM old_object WHERE object_type IN ('primary_key', 'unique', 'exclusion')
		UNION SELECT object_name FROM new_object WHERE object_type IN ('primary_key', 'unique', 'exclusion')
	), pair AS MATERIALIZED (
		SELECT object_type, o.object_name AS old_name, n.object_name AS new_name,
			CASE WHEN $4 AND o.body IS NOT NULL AND n.body IS NOT NULL
				THEN rivergen_catalog.respelled(rivergen_catalog.compared_object(object_type, o.body),
					rivergen_catalog.compared_object(object_type, n.body))
				ELSE rivergen_catalog.compared_object(object_type, o.body) END AS before,
			rivergen_catalog.compared_object(object_type, n.body) AS after
		FROM old o FULL JOIN new n USING (object_type, twin)
		WHERE NOT (object_type = 'index' AND (
			coalesce(o.object_name, n.object_name) IN (SELECT k.object_name FROM key_name k)
			OR o.body @> '{"primary": true}' IS TRUE OR n.body @> '{"primary": true}' IS TRUE))
	), single AS MATERIALIZED (
		SELECT object_type, old_name, new_name,
			CASE object_type WHEN 'column' THEN to_jsonb(coalesce(old_name, new_name)) ELSE coalesce(before, after) END AS content,
			coalesce(before, after) AS body,
			row_number() OVER (PARTITION BY object_type, old_name IS NULL, coalesce(before, after)
				ORDER BY coalesce(old_name, new_name)) AS number
		FROM pair WHERE old_name IS NULL OR new_name IS NULL
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
	SELECT object_type, new_name, 'renamed', jsonb_build_object('name', old_name), jsonb_build_object('name', new_name)
	FROM pair WHERE old_name <> new_name
	UNION ALL
	SELECT object_type, new_name, 'changed', before, after
	FROM pair WHERE before <> after AND NOT EXISTS (SELECT FROM renamed r
		WHERE r.old_names IS NOT NULL AND rivergen_catalog.only_names_moved(before, after, r.old_names, r.new_names));
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.relation_summary(kind text, document jsonb, columns bigint) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN jsonb_build_object('kind', kind, 'columns_count', columns)
		|| rivergen_catalog.compared(document, '{comment,owner}');

-- What became of one relation: version is what it was, current what it is.
CREATE OR REPLACE FUNCTION rivergen_catalog.relation_changes(
	version rivergen_catalog.relation_version, current rivergen_catalog.relation)
	RETURNS TABLE (object_type text, object_name text, change text, before jsonb, after jsonb)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT 'relation', NULL::text, 'removed',
		rivergen_catalog.relation_summary((version).kind, (version).document, (current).columns_count), NULL::jsonb
	WHERE (current).deprecated_at IS NOT NULL
	UNION ALL
	SELECT 'relation', NULL, 'renamed',
		jsonb_build_object('schema', (version).schema_name, 'name', (version).relation_name),
		jsonb_build_object('schema', (current).schema_name, 'name', (current).relation_name)
	WHERE (current).deprecated_at IS NULL
		AND ((version).schema_name, (version).relation_name) <> ((current).schema_name, (current).relation_name)
	UNION ALL
	SELECT 'relation', NULL, 'changed', c.before, c.after
	FROM (SELECT CASE WHEN (version).dialect <> (current).dialect
			THEN rivergen_catalog.respelled(p.before, p.after) ELSE p.before END AS before, p.after
		FROM (SELECT rivergen_catalog.compared_relation((version).kind, rivergen_catalog.comparable((version).document, (current).document)) AS before,
			rivergen_catalog.compared_relation((current).kind, rivergen_catalog.comparable((current).document, (version).document)) AS after) p) c
	WHERE (current).deprecated_at IS NULL AND c.before <> c.after
		-- Cheap, hence looked at first: most documents differ in their objects only.
		AND ((version).kind, (version).document - rivergen_catalog.object_members())
			<> ((current).kind, (current).document - rivergen_catalog.object_members())
	UNION ALL
	SELECT c.* FROM rivergen_catalog.object_changes(rivergen_catalog.comparable((version).document, (current).document),
		rivergen_catalog.comparable((current).document, (version).document),
		(version).native_id = (current).native_id, (version).dialect <> (current).dialect) c
	WHERE (current).deprecated_at IS NULL;
END;

-- What this transaction replaced, deprecated and added. Added is told only where it is known that it was not there:
-- in a schema that was known, or when the whole source was; and not if it was skipped the last time.
-- The plan must not hang on statistics, which know nothing yet of what this transaction wrote: hence OFFSET and NOT IN.
-- What the patterns of this discovery exclude was not removed, and what those of the last one excluded is not new.
CREATE OR REPLACE FUNCTION rivergen_catalog.found_changes(
	organization_id bigint, data_source_id bigint, new_schemas text[], patterns jsonb)
	RETURNS TABLE (relation_id bigint, schema_name text, relation_name text, object_type text, object_name text,
		change text, before jsonb, after jsonb)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH kept AS MATERIALIZED (
		SELECT v, v.relation_id FROM rivergen_catalog.relation_version v
		WHERE v.organization_id = $1 AND v.data_source_id = $2 AND v.valid_to = now()
	)
	SELECT (n.r).relation_id, (n.r).schema_name, (n.r).relation_name, c.*
	FROM kept k
	CROSS JOIN LATERAL (SELECT r FROM rivergen_catalog.relation r
		WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.relation_id = k.relation_id OFFSET 0) n
	CROSS JOIN LATERAL rivergen_catalog.relation_changes(k.v, n.r) c
	WHERE (n.r).deprecated_at IS NULL OR rivergen_catalog.selects($4, (n.r).schema_name, (n.r).relation_name)
	UNION ALL
	SELECT r.relation_id, r.schema_name, r.relation_name, 'relation', NULL, 'added', NULL,
		rivergen_catalog.relation_summary(r.kind, r.document, r.columns_count)
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

-- The words of a text, quoted ones without their quotes, and what stands between them.
CREATE OR REPLACE FUNCTION rivergen_catalog.words(body text) RETURNS TABLE (place bigint, word text)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT w.ordinality, CASE WHEN w.part[1] LIKE '"_%' THEN substr(w.part[1], 2, length(w.part[1]) - 2) ELSE w.part[1] END
	FROM regexp_matches($1, '("(?:[^"\\]|\\.|"")*"|[[:alnum:]_$]+|[^[:alnum:]_$"]+|")', 'g') WITH ORDINALITY w (part);
END;

-- A view shows a renamed column as `new AS old`, and one that was renamed back without: here it is without.
CREATE OR REPLACE FUNCTION rivergen_catalog.without_aliases(body text, names text[], aliases text[]) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH RECURSIVE shorter (step, body) AS (
		SELECT 0, $1
		UNION ALL
		SELECT step + 1, replace(body, quote_ident($2[step + 1]) || ' AS ' || quote_ident($3[step + 1]), quote_ident($2[step + 1]))
		FROM shorter WHERE step < cardinality($2)
	)
	SELECT body FROM shorter ORDER BY step DESC LIMIT 1;
END;

-- Are the texts the same, word by word, but for old names that are new ones?
CREATE OR REPLACE FUNCTION rivergen_catalog.follows_renames(before text, after text, old_names text[], new_names text[])
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(bool_and(b.word IS NOT DISTINCT FROM a.word
		OR (b.word, a.word) IN (SELECT n.old, n.new FROM unnest($3, $4) n (old, new))), $1 IS NOT DISTINCT FROM $2)
	FROM rivergen_catalog.words(rivergen_catalog.without_aliases($1, $3, $4)) b
	FULL JOIN rivergen_catalog.words(rivergen_catalog.without_aliases($2, $4, $3)) a USING (place);
END;

-- Is a value the same but for those names: as a name, as a text that has some, or as JSON?
CREATE OR REPLACE FUNCTION rivergen_catalog.value_follows(before jsonb, after jsonb, old_names text[], new_names text[])
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN before = after
		OR (before #>> '{}', after #>> '{}') IN (SELECT n.old, n.new FROM unnest(old_names, new_names) n (old, new))
		OR rivergen_catalog.follows_renames(before #>> '{}', after #>> '{}', old_names, new_names);

-- The same of each element of two arrays.
CREATE OR REPLACE FUNCTION rivergen_catalog.elements_follow(before jsonb, after jsonb, old_names text[], new_names text[])
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_typeof($1) = 'array' AND jsonb_typeof($2) = 'array' AND coalesce(bool_and(
		coalesce(rivergen_catalog.value_follows(b.value, a.value, $3, $4), false)), true)
	FROM jsonb_array_elements(CASE jsonb_typeof($1) WHEN 'array' THEN $1 END) WITH ORDINALITY b
	FULL JOIN jsonb_array_elements(CASE jsonb_typeof($2) WHEN 'array' THEN $2 END) WITH ORDINALITY a USING (ordinality);
END;

-- The same of each member of two objects, but for those that people write.
CREATE OR REPLACE FUNCTION rivergen_catalog.object_follows(before jsonb, after jsonb, old_names text[], new_names text[])
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(bool_and(coalesce(b.value = a.value OR key <> ALL ('{comment,owner,enum}') AND (
		rivergen_catalog.value_follows(b.value, a.value, $3, $4)
		OR rivergen_catalog.elements_follow(b.value, a.value, $3, $4)), false)), true)
	FROM jsonb_each($1) b FULL JOIN jsonb_each($2) a USING (key);
END;

-- What is told: all that was found, but for what follows from a rename that is told: by this discovery, or, of the names
-- that are given with elsewhere, by another one. The keys, columns, views, partitions and heirs that name what was renamed
-- have not changed. Without elsewhere the given names are told nowhere, and what follows from them is marked instead. That
-- an enumeration has another name is told of its columns, and nowhere else.
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
		CROSS JOIN LATERAL rivergen_catalog.words(f.before ->> 'type') b
		JOIN LATERAL rivergen_catalog.words(f.after ->> 'type') a USING (place)
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
	SELECT f.*, f.change = 'changed' AND EXISTS (SELECT FROM names n
		WHERE NOT n.are_told AND n.of_columns = (f.object_type = 'column') AND length(f.before::text) < 100000
			AND rivergen_catalog.object_follows(f.before, f.after, n.old, n.new))
	FROM found f
	WHERE NOT (f.change = 'changed' AND EXISTS (SELECT FROM names n
		WHERE n.are_told AND n.of_columns = (f.object_type = 'column') AND length(f.before::text) < 100000
			AND rivergen_catalog.object_follows(f.before, f.after, n.old, n.new)));
END;

CREATE OR REPLACE VIEW rivergen.schema_changes WITH (security_barrier) AS
	SELECT c.change_id,
		c.data_source_id,
		c.job_id,
		c.changed_at,
		c.schema_name AS table_schema,
		c.relation_name AS table_name,
		c.relation_id,
		c.object_type,
		c.object_name,
		c.change,
		CASE WHEN c.breaking THEN 'breaking' ELSE 'compatible' END AS classification,
		c.before,
		c.after
	FROM rivergen_catalog.schema_change c
	JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id)
	WHERE c.organization_id = (SELECT rivergen.current_organization_id()) AND d.deleted_at IS NULL;
COMMENT ON VIEW rivergen.schema_changes IS
'What discoveries found to have changed in the schemas of data sources.
One row for each relation, column, key or index that was added, removed, renamed or changed since the discovery before. The first discovery of a source writes none. Rows are kept for rivergen.schema_history_retention. Errors: 401, 403.';
COMMENT ON COLUMN rivergen.schema_changes.change_id IS 'Identifies the change; later ones are higher.';
COMMENT ON COLUMN rivergen.schema_changes.data_source_id IS 'The data source.';
COMMENT ON COLUMN rivergen.schema_changes.job_id IS 'The discovery that found it.';
COMMENT ON COLUMN rivergen.schema_changes.changed_at IS 'When it was found, which is when schema_as_of begins to show it.';
COMMENT ON COLUMN rivergen.schema_changes.table_schema IS 'The relation''s schema; after the change.';
COMMENT ON COLUMN rivergen.schema_changes.table_name IS 'The relation; after the change.';
COMMENT ON COLUMN rivergen.schema_changes.relation_id IS 'Identifies the relation here; survives renames.';
COMMENT ON COLUMN rivergen.schema_changes.object_type IS 'relation, column, primary_key, unique, foreign_key, check, exclusion or index.';
COMMENT ON COLUMN rivergen.schema_changes.object_name IS 'The column, key or index; after the change. Null for the relation itself.';
COMMENT ON COLUMN rivergen.schema_changes.change IS 'added, removed, renamed or changed. A renamed column is one removed and one added where the source does not number its columns.';
COMMENT ON COLUMN rivergen.schema_changes.classification IS 'breaking: a query or a write that worked before may fail or mean something else; otherwise compatible.';
COMMENT ON COLUMN rivergen.schema_changes.before IS 'What it was: of something changed, the members that differ; null when it was added.';
COMMENT ON COLUMN rivergen.schema_changes.after IS 'What it is; null when it was removed.';

CREATE OR REPLACE FUNCTION rivergen_catalog.relations_as_of(organization_id bigint, data_source_id bigint, at timestamptz)
	RETURNS TABLE (table_schema text, table_name text, kind text, document jsonb)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT r.schema_name, r.relation_name, r.kind, r.document
	FROM rivergen_catalog.relation r
	WHERE r.organization_id = $1 AND r.data_source_id = $2 AND r.deprecated_at IS NULL AND r.changed_at <= $3
	UNION ALL
	SELECT v.schema_name, v.relation_name, v.kind, v.document
	FROM rivergen_catalog.relation_version v
	WHERE v.organization_id = $1 AND v.data_source_id = $2 AND v.valid_to > $3 AND v.valid_from <= $3
	ORDER BY 1, 2;
END;

-- The caller's organization, once it is sure that the source is its own and that its history reaches back so far.
CREATE OR REPLACE FUNCTION rivergen_catalog.organization_with_history(data_source_id bigint, at timestamptz) RETURNS bigint
	AS 'MODULE_PATHNAME', 'rg_organization_with_history'
	LANGUAGE C STABLE PARALLEL RESTRICTED;

CREATE OR REPLACE FUNCTION rivergen.schema_as_of(data_source_id bigint, at timestamptz)
	RETURNS TABLE (table_schema text, table_name text, kind text, document jsonb)
	LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT r.* FROM rivergen_catalog.organization_with_history($1, $2) o
	CROSS JOIN LATERAL rivergen_catalog.relations_as_of(o, $1, $2) r;
END;
COMMENT ON FUNCTION rivergen.schema_as_of(bigint, timestamptz) IS
'The relations of a data source as the discoveries up to a time had found them.
Each has its whole document (columns, keys, indexes); they are ordered by schema and name. A time to come answers as now. Replaced documents are kept for rivergen.schema_history_retention. Errors: 400, 401, 403, 404 (no such source, or its history begins later), 413 (through a gateway, which makes one body of all rows: more than rivergen.max_answer_bytes).';
REVOKE ALL ON FUNCTION rivergen.schema_as_of(bigint, timestamptz) FROM PUBLIC;
