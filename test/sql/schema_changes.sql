-- Comparing two documents of one relation: what is told, and what is breaking. Each line is one pair.
CREATE EXTENSION rivergen;
\pset null -
CREATE FUNCTION pg_temp.told(old jsonb, new jsonb) RETURNS TABLE (told text) LANGUAGE sql AS $$
	SELECT concat_ws(' ', CASE WHEN rivergen_catalog.is_breaking(object_type, change, before, after) THEN '!' ELSE '.' END,
		object_type, object_name, change, before, '->', after)
	FROM rivergen_catalog.object_changes(old, new, true, false, 'postgresql') ORDER BY object_type, object_name, change DESC, after::text
$$;
CREATE FUNCTION pg_temp.told_in(family text, other_dialect boolean, old jsonb, new jsonb) RETURNS TABLE (told text) LANGUAGE sql AS $$
	SELECT concat_ws(' ', CASE WHEN rivergen_catalog.is_breaking(object_type, change, before, after) THEN '!' ELSE '.' END,
		object_type, object_name, change, before, '->', after)
	FROM rivergen_catalog.object_changes(old, new, true, other_dialect, family) ORDER BY object_type, object_name, change DESC, after::text
$$;
CREATE FUNCTION pg_temp.column_told(old jsonb, new jsonb) RETURNS TABLE (told text) LANGUAGE sql AS $$
	SELECT pg_temp.told(jsonb_build_object('columns', jsonb_build_array('{"name": "c"}' || old)), jsonb_build_object('columns', jsonb_build_array('{"name": "c"}' || new)))
$$;

-- The same, said otherwise.
SELECT * FROM pg_temp.told('{"columns": [{"name": "a", "not_null": false}, {"name": "b", "comment": ""}]}', '{"columns": [{"name": "b"}, {"name": "a", "default": null}]}');
SELECT * FROM pg_temp.column_told('{"type": "text", "id": "1", "pg_type": "text"}', '{"type": "text", "id": "2", "pg_type": "json"}');
-- Members of a connector's own are compared like all others, and break nothing.
SELECT * FROM pg_temp.column_told('{"type": "text"}', '{"type": "text", "codec": {"name": "zstd"}}');
SELECT * FROM pg_temp.told('{"primary_key": {"columns": ["a"]}, "indexes": [{"name": "i"}], "foreign_keys": [{"name": "f", "of": 1}]}', '{"primary_key": {"columns": ["a"], "order": ["desc"]}, "indexes": [{"name": "i", "status": "building"}], "foreign_keys": [{"name": "f", "of": 2}]}');
CREATE FUNCTION pg_temp.relation_told(old jsonb, new jsonb) RETURNS TABLE (breaking boolean, before jsonb, after jsonb) LANGUAGE sql AS $$
	SELECT rivergen_catalog.is_breaking('relation', 'changed', b, a), rivergen_catalog.different(b, a), rivergen_catalog.different(a, b)
	FROM rivergen_catalog.compared_relation('table', old) b, rivergen_catalog.compared_relation('table', new) a WHERE a <> b
$$;
SELECT * FROM pg_temp.relation_told('{"columns": [{"name": "a"}], "unreadable": ["comment"], "shards": ["t_1"], "ttl": null, "checks": [{"name": "c"}]}', '{"columns": [], "shards": ["t_1", "t_2"], "kind": "x"}');
SELECT * FROM pg_temp.relation_told('{"engine": "InnoDB", "triggers": [{"name": "t", "timing": "before"}]}', '{"engine": "Aria", "triggers": [{"name": "t", "timing": "after"}], "clustering": {"columns": ["a"]}, "ttl": 60, "validator": ""}');
-- In another dialect those that only one side has are the connector's news; what both have is the source's.
SELECT * FROM pg_temp.told_in('mysql', true, '{"columns": [{"name": "c", "type": "INT", "charset": "latin1", "old": 1, "not_null": true, "default": "(a)"}], "indexes": [{"name": "i", "visible": "no", "predicate": "p"}]}',
	'{"columns": [{"name": "c", "type": "`int`", "charset": "utf8mb4", "codec": "x", "fields": [{"name": "f"}], "repeated": true, "default": "a", "comment": "c"}], "indexes": [{"name": "i", "parser": "ngram"}]}');
SELECT rivergen_catalog.respelled('relation', '{"kind": "table", "engine": "a", "gone": 1, "owner": "o", "definition": "x"}', '{"kind": "view", "engine": "b", "new": 1, "comment": "c", "definition": "(x)"}', 'mysql');
SELECT f.family, rivergen_catalog.bare_type(to_jsonb(t.type), f.family) FROM (VALUES ('postgresql'), ('mysql'), ('sqlserver'), (NULL)) f (family), (VALUES ('"Va" [r]`C` []'::text)) t (type);
-- Columns.
SELECT n, told FROM (VALUES
	(1, '{"type": "integer"}'::jsonb, '{"type": "bigint"}'::jsonb),
	(2, '{}', '{"not_null": true}'),
	(3, '{"not_null": true}', '{}'),
	(4, '{"default": "1"}', '{"default": "2"}'),
	(5, '{"default": "1"}', '{}'),
	(6, '{"default": "1", "not_null": true}', '{"not_null": true}'),
	(7, '{"default": "1", "not_null": true}', '{"identity": "by default", "not_null": true}'),
	(8, '{"identity": "by default"}', '{"identity": "always"}'),
	(9, '{"identity": "always"}', '{"identity": "by default"}'),
	(10, '{}', '{"generated": "stored", "expression": "a + 1"}'),
	(11, '{"generated": "stored", "expression": "a + 1"}', '{"generated": "stored", "expression": "a + 2"}'),
	(12, '{"collation": "C"}', '{}'),
	(13, '{"enum": ["a", "b"]}', '{"enum": ["b", "c", "a"]}'),
	(14, '{"enum": ["a", "b"]}', '{"enum": ["a"]}'),
	(15, '{"domain_base": "text"}', '{"domain_base": "integer"}'),
	(16, '{"comment": "x"}', '{"comment": "y"}')) p (n, old, new), pg_temp.column_told(old, new) ORDER BY n;
-- Keys and indexes: another name is no other key, but a table may have several alike.
SELECT * FROM pg_temp.told('{"primary_key": {"name": "p", "columns": ["a"]}, "indexes": [{"name": "p", "unique": true, "primary": true, "columns": ["a"]}]}',
	'{"primary_key": {"name": "q", "columns": ["a", "b"]}, "indexes": [{"name": "q", "unique": true, "primary": true, "columns": ["a", "b"]}]}');
SELECT * FROM pg_temp.told('{"checks": [{"name": "c1", "definition": "x"}, {"name": "c2", "definition": "x"}]}', '{"checks": [{"name": "c3", "definition": "x"}]}');
SELECT * FROM pg_temp.told('{"indexes": [{"name": "i", "columns": ["a"], "unique": true}]}', '{"unique": [{"name": "i", "columns": ["a"]}], "indexes": [{"name": "i", "columns": ["a"], "unique": true}]}');
SELECT * FROM pg_temp.told('{"indexes": [{"name": "i", "definition": "CREATE INDEX i ON s.t USING btree (a)"}]}', '{"indexes": [{"name": "i", "definition": "CREATE INDEX i ON s.u USING btree (a)"}]}');
SELECT * FROM pg_temp.told('{"indexes": [{"name": "i", "columns": ["a"]}, {"name": "k", "columns": ["b"], "invalid": true}]}', '{"indexes": [{"name": "i", "columns": ["a"], "unique": true}, {"name": "k", "columns": ["b"]}]}');
SELECT * FROM pg_temp.told('{"foreign_keys": [{"name": "f", "table": "t"}]}', '{"foreign_keys": [{"name": "f", "table": "t", "deferrable": true}]}');
-- A key that the source does not see to may come and go.
SELECT n, told FROM (VALUES
	(1, '{}'::jsonb, '{"primary_key": {"columns": ["a"], "not_enforced": true}}'::jsonb),
	(2, '{"unique": [{"name": "u", "not_enforced": true}]}', '{}'),
	(3, '{"unique": [{"name": "u", "not_enforced": true}]}', '{"unique": [{"name": "u"}]}')) p (n, old, new), pg_temp.told(old, new) ORDER BY n;
-- What a constraint is beside its columns: enforced, valid, deferrable, temporal.
SELECT n, told FROM (VALUES
	(1, '{}'::jsonb, '{"not_enforced": true}'::jsonb),
	(2, '{"not_enforced": true, "not_valid": true}', '{}'),
	(3, '{"not_valid": true}', '{}'),
	(4, '{"deferrable": true, "deferred": true}', '{"deferrable": true}'),
	(5, '{}', '{"deferrable": true, "deferred": true}'),
	(6, '{"temporal": true}', '{}'),
	(7, '{"on_delete": "set null"}', '{"on_delete": "set null", "on_delete_columns": ["b"]}'),
	(8, NULL, '{"not_enforced": true}'),
	(9, NULL, '{"not_valid": true}')) p (n, old, new),
	pg_temp.told(jsonb_build_object('foreign_keys', coalesce(jsonb_build_array('{"name": "f"}' || old), '[]')), jsonb_build_object('foreign_keys', jsonb_build_array('{"name": "f"}' || new))) ORDER BY n;
SELECT * FROM pg_temp.told('{"checks": [{"name": "c", "definition": "CHECK ((a > 1)) NOT VALID", "not_valid": true}]}', '{"checks": [{"name": "c", "definition": "CHECK ((a > 1))"}]}');
SELECT * FROM pg_temp.told('{"checks": [{"name": "c", "definition": "CHECK ((a > 1)) NO INHERIT NOT ENFORCED", "not_valid": true, "not_enforced": true}]}', '{"checks": [{"name": "c", "definition": "CHECK ((a > 1)) NO INHERIT"}]}');
-- Keys that have no names: what is in both documents is not taken for a change of another.
SELECT * FROM pg_temp.told('{"foreign_keys": [{"table": "t"}, {"table": "u"}]}', '{"foreign_keys": [{"table": "u"}]}');
SELECT * FROM pg_temp.told('{"foreign_keys": [{"table": "t"}, {"table": "t"}]}', '{"foreign_keys": [{"table": "t"}]}');
-- Columns with ids: renamed, changed names with each other, gone while another takes the name; what names them has not changed.
SELECT * FROM pg_temp.told('{"columns": [{"name": "a", "id": "1", "type": "text"}, {"name": "b", "id": "2"}], "primary_key": {"name": "p", "columns": ["a"]}, "checks": [{"name": "c", "definition": "CHECK ((a > ''b''))"}], "indexes": [{"name": "i", "columns": ["a", "lower(a)"], "definition": "CREATE INDEX i ON s.t USING btree (a, lower(a)) WHERE (ab > a)"}]}',
	'{"columns": [{"name": "New \"a\"", "id": "1", "type": "text"}, {"name": "b", "id": "2"}], "primary_key": {"name": "p", "columns": ["New \"a\""]}, "checks": [{"name": "c", "definition": "CHECK ((\"New \"\"a\"\"\" > ''b''))"}], "indexes": [{"name": "i", "columns": ["New \"a\"", "lower(\"New \"\"a\"\"\")"], "definition": "CREATE INDEX i ON s.t USING btree (\"New \"\"a\"\"\", lower(\"New \"\"a\"\"\")) WHERE (ab > \"New \"\"a\"\"\")"}]}');
SELECT * FROM pg_temp.told('{"columns": [{"name": "a", "id": "1", "type": "text"}, {"name": "b", "id": "2", "type": "integer"}], "unique": [{"name": "u", "columns": ["a", "b"]}], "checks": [{"name": "c", "definition": "CHECK ((a > 1))"}, {"name": "d", "definition": "CHECK ((a > 1))"}]}',
	'{"columns": [{"name": "b", "id": "1", "type": "text"}, {"name": "a", "id": "2", "type": "bigint"}], "unique": [{"name": "u", "columns": ["b", "a"]}], "checks": [{"name": "c", "definition": "CHECK ((b > 1))"}, {"name": "d", "definition": "CHECK ((b > 2))"}]}');
SELECT * FROM pg_temp.told('{"columns": [{"name": "a", "id": "1"}, {"name": "b", "id": "2", "type": "text"}]}', '{"columns": [{"name": "b", "id": "1"}]}');
SELECT * FROM pg_temp.told('{"columns": [{"name": "a", "id": "1"}, {"name": "b", "id": "2"}]}', '{"columns": [{"name": "a", "id": "5"}, {"name": "b", "id": "6"}]}');
SELECT * FROM pg_temp.told('{"columns": [{"name": "a"}, {"name": "b"}]}', '{"columns": [{"name": "a", "id": "1"}, {"name": "c", "id": "2"}]}');
SELECT * FROM pg_temp.told('{"columns": [{"name": "a", "id": "1"}, {"name": "b", "id": "1"}, {"name": "c", "id": 7}]}', '{"columns": [{"name": "d", "id": "1"}, {"name": "e", "id": 7}]}');
SELECT * FROM pg_temp.told('{"columns": [{"name": "true", "id": "1"}, {"name": "columns", "id": "2"}], "unique": [{"name": "u", "columns": ["true"], "nulls_not_distinct": true}]}', '{"columns": [{"name": "x", "id": "1"}, {"name": "y", "id": "2"}], "unique": [{"name": "u", "columns": ["x"], "nulls_not_distinct": true}]}');
SELECT rivergen_catalog.object_changes('{"columns": [{"name": "a", "id": "1"}]}', '{"columns": [{"name": "b", "id": "1"}]}', NULL);
SELECT rivergen_catalog.moved_texts('{"a": "of a", "b": "of b", "c": "of c", "d": "stale"}', '{"a": "b", "b": "a", "c": "d"}');
-- Only PostgreSQL spells definitions as PostgreSQL does.
SELECT f.family, pg_temp.told_in(f.family, false, '{"indexes": [{"name": "i", "definition": "CREATE INDEX i ON s.t USING btree (a)"}], "checks": [{"name": "c", "definition": "CHECK (a) NOT VALID"}]}',
	'{"indexes": [{"name": "i", "definition": "CREATE INDEX i ON s.u USING btree (a)"}], "checks": [{"name": "c", "definition": "CHECK (a)"}]}') FROM (VALUES ('mysql'), (NULL), ('postgresql')) f (family);
SELECT d, rivergen_catalog.dialect_family(d) FROM unnest('{PostgreSQL 15,mysql 8.4,sqlserver,NULL}'::text[]) d;
-- A name that every family quotes in its own way is followed in it. An old name must have gone from what names it.
SELECT f.family, pg_temp.told_in(f.family, false, '{"columns": [{"name": "a", "id": "1"}], "checks": [{"name": "c", "definition": "a > 1"}]}',
	jsonb_build_object('columns', '[{"name": "b c", "id": "1"}]'::jsonb, 'checks', jsonb_build_array(jsonb_build_object('name', 'c', 'definition', f.quoted || ' > 1'))))
	FROM (VALUES ('postgresql', '"b c"'), ('mysql', '`b c`'), ('mariadb', '"b c"'), ('sqlserver', '[b c]'), ('oracle', '"b c"'), (NULL, '"b c"')) f (family, quoted);
SELECT * FROM pg_temp.told('{"columns": [{"name": "a", "id": "1"}], "checks": [{"name": "c", "definition": "a > 1 AND a < 5"}]}', '{"columns": [{"name": "b", "id": "1"}, {"name": "a", "id": "2"}], "checks": [{"name": "c", "definition": "b > 1 AND a < 5"}]}');
SELECT family, array_agg(word ORDER BY place) FROM (VALUES ('postgresql'), ('mysql'), ('sqlserver'), (NULL)) f (family), rivergen_catalog.words('"a""b" `c``d` [e]]f] g', family) GROUP BY 1 ORDER BY 1;
-- Nested columns: told by their path, where both have some; not when what they are in came, went or was renamed.
SELECT * FROM pg_temp.told('{"columns": [{"name": "s", "type": "STRUCT<a INT64, b STRUCT<c INT64>>", "fields": [{"name": "a", "type": "INT64"}, {"name": "b", "type": "STRUCT<c INT64>", "fields": [{"name": "c", "type": "INT64"}]}]}]}',
	'{"columns": [{"name": "s", "type": "STRUCT<b STRUCT<c STRING, \"d.e\" INT64>, f INT64>", "fields": [{"name": "b", "type": "STRUCT<c STRING>", "fields": [{"name": "d.e", "type": "INT64", "not_null": true}, {"name": "c", "type": "STRING"}]}, {"name": "f", "type": "INT64"}]}]}');
SELECT * FROM pg_temp.told('{"columns": [{"name": "s", "type": "STRUCT<a INT64>", "fields": [{"name": "a"}]}, {"name": "t", "type": "int"}, {"name": "u", "fields": [{"name": "x"}]}]}', '{"columns": [{"name": "s", "type": "MAP<a INT64>", "repeated": true, "fields": [{"name": "a"}]}, {"name": "t", "type": "object", "fields": [{"name": "a"}]}, {"name": "v", "fields": [{"name": "x"}]}]}');
SELECT * FROM pg_temp.told('{"columns": [{"name": "a", "id": "1", "fields": [{"name": "x", "id": "2", "type": "i"}, {"name": "y", "fields": [{"name": "z", "id": "3"}]}]}]}', '{"columns": [{"name": "b", "id": "1", "fields": [{"name": "w", "id": "2", "type": "j"}, {"name": "y", "fields": [{"name": "v", "id": "3"}]}]}]}');
SELECT * FROM pg_temp.told('{"columns": [{"name": "a", "id": "1", "fields": [{"name": "x", "id": "1"}]}, {"name": "c", "fields": [{"name": "m", "id": "7"}]}]}', '{"columns": [{"name": "b", "id": "1", "fields": [{"name": "y", "id": "1"}]}, {"name": "c", "fields": [{"name": "n", "id": "7"}, {"name": "o", "id": "7"}]}]}');
SELECT * FROM pg_temp.told('{"columns": [{"name": "a.b"}, {"name": "a", "fields": [{"name": "b"}]}]}', '{"columns": [{"name": "a.b", "comment": "x"}, {"name": "a", "fields": [{"name": "b", "comment": "y"}]}]}');
SELECT rivergen_catalog.column_moves('{"columns": [{"name": "a", "id": "1", "fields": [{"name": "x", "id": "2"}]}]}', '{"columns": [{"name": "b", "id": "1", "fields": [{"name": "y", "id": "2"}]}]}');
-- What could not be read of one of them is no change.
CREATE FUNCTION pg_temp.compared_told(old jsonb, new jsonb) RETURNS TABLE (told text) LANGUAGE sql AS $$
	SELECT pg_temp.told(rivergen_catalog.comparable(old, new), rivergen_catalog.comparable(new, old))
$$;
SELECT * FROM pg_temp.compared_told('{"columns": [{"name": "a", "type": "text", "comment": "x", "default": "1"}], "checks": [{"name": "c"}], "unique": [{"name": "u"}]}', '{"columns": [{"name": "a", "type": "integer", "default": "2"}], "unreadable": ["comment", "checks"]}');
SELECT * FROM pg_temp.compared_told('{"columns": [{"name": "a", "fields": [{"name": "b", "comment": "x"}]}]}', '{"columns": [{"name": "a", "fields": [{"name": "b"}, {"name": "c"}]}], "unreadable": ["comment"]}');
SELECT rivergen_catalog.comparable('{"comment": "x", "definition": "y", "columns": [1, {"comment": "z", "name": "n"}]}', '{"unreadable": ["comment", 7, "columns of another kind"]}'), rivergen_catalog.comparable('{"unreadable": "comment", "columns": 7}', '[]'), rivergen_catalog.comparable('[]', '{}');
-- Whatever a connector sent, nothing fails.
SELECT * FROM pg_temp.told('{"columns": {"a": 1}, "unique": 7, "indexes": [1, null, "x", []], "primary_key": "p", "checks": null}', '[]');
SELECT * FROM pg_temp.told('{"columns": [{"type": "text"}, {"name": 1}]}', '{"columns": [{"name": "1"}]}');
-- A caller who is no user gets no answer.
SELECT * FROM rivergen.schema_as_of(1, now());
SELECT * FROM rivergen.schema_changes;
SELECT rivergen.quick_start('Acme') ->> 'success' AS started;
SELECT * FROM rivergen.schema_as_of(1, now());
SELECT * FROM rivergen.schema_as_of(NULL, now());
SELECT rivergen.data_source_create('{"name": "s", "type": "http_api", "credentials": {}, "schema_auto_refresh": false}') ->> 'success' AS created;
SELECT * FROM rivergen.schema_as_of(1, now());
SELECT * FROM rivergen.schema_changes;
DROP EXTENSION rivergen;
