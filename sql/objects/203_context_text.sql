-- rivergen.schema_context, first part: how a table is written in each format and at each level of detail.

-- A text that others wrote, as one line without control characters, at most so long; null when nothing is left. Marks that change
-- the direction of a text or are not visible count as control characters.
CREATE OR REPLACE FUNCTION rivergen_catalog.one_line("text" text, most integer) RETURNS text
	AS 'MODULE_PATHNAME', 'rg_sql_one_line'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- The same in double quotes, as JSON has it, so that it cannot end before its end.
CREATE OR REPLACE FUNCTION rivergen_catalog.quoted_line("text" text, most integer) RETURNS text
	AS 'MODULE_PATHNAME', 'rg_sql_quoted_line'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- A name as a query of the source spells it. Where no other dialect is known, names are quoted as in standard SQL. A
-- control character, which no line may have, becomes the replacement character.
CREATE OR REPLACE FUNCTION rivergen_catalog.context_name(name text, family text) RETURNS text
	AS 'MODULE_PATHNAME', 'rg_sql_context_name'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE OR REPLACE FUNCTION rivergen_catalog.context_table_name(schema_name text, relation_name text, family text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN concat_ws('.', rivergen_catalog.context_name(nullif(schema_name, ''), family),
		rivergen_catalog.context_name(relation_name, family));

CREATE OR REPLACE FUNCTION rivergen_catalog.context_names(names jsonb, family text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT string_agg(rivergen_catalog.context_name(n.value, $2), ', ' ORDER BY n.ordinality)
	FROM jsonb_array_elements_text($1) WITH ORDINALITY n;
END;

-- The columns of a table with what is written about each. A column is important when it belongs to a key, when its name
-- has one of the words, or when it is one of the first three.
CREATE OR REPLACE FUNCTION rivergen_catalog.context_columns(document jsonb, column_descriptions jsonb, categories jsonb,
	examples jsonb, family text, stems text[], with_examples boolean, with_descriptions boolean)
	RETURNS TABLE (number bigint, name text, type text, is_key boolean, not_null boolean, is_important boolean,
		"text" text, "values" jsonb)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT c.ordinality, rivergen_catalog.context_name(c.value ->> 'name', $5),
		coalesce(rivergen_catalog.one_line(c.value ->> 'type', 400), 'unknown'),
		d.key ? (c.value ->> 'name'),
		coalesce((c.value ->> 'not_null')::boolean, false),
		c.ordinality <= 3 OR d.key ? (c.value ->> 'name')
			OR EXISTS (SELECT FROM jsonb_array_elements(d.foreign_keys) f WHERE f.value -> 'columns' ? (c.value ->> 'name'))
			OR cardinality($6) > 0 AND rivergen_catalog.stems(rivergen_catalog.name_words(c.value ->> 'name')) && $6,
		CASE WHEN $8 THEN coalesce($2 ->> (c.value ->> 'name'), c.value ->> 'comment') END,
		CASE WHEN $7 AND (c.value ? 'enum' OR $3 ? (c.value ->> 'name') OR $4 <> '[]') THEN (SELECT jsonb_agg(rivergen_catalog.one_line(v.value, 60) ORDER BY v.number)
			FROM (SELECT e.value, e.ordinality AS number
				FROM jsonb_array_elements_text(coalesce(c.value -> 'enum', $3 -> (c.value ->> 'name'))) WITH ORDINALITY e
				UNION ALL
				SELECT e.value ->> (c.value ->> 'name'), 1000 + e.ordinality
				FROM jsonb_array_elements($4) WITH ORDINALITY e
				WHERE NOT $3 ? (c.value ->> 'name') AND NOT c.value ? 'enum'
				ORDER BY 2 LIMIT 10) v
			WHERE rivergen_catalog.one_line(v.value, 60) IS NOT NULL AND v.value <> '***') END
	-- Each access to the document would unpack all of it.
	FROM (SELECT coalesce($1 #> '{primary_key,columns}', '[]') AS key, coalesce($1 -> 'foreign_keys', '[]') AS foreign_keys OFFSET 0) d
	CROSS JOIN jsonb_array_elements($1 -> 'columns') WITH ORDINALITY c;
END;

-- What is written about a column behind its name and type, at a level: 0 all, 1 without examples, 2 and more with short
-- comments only.
CREATE OR REPLACE FUNCTION rivergen_catalog.context_remarks("text" text, "values" jsonb, level integer, glue text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN concat_ws(glue, rivergen_catalog.quoted_line("text", CASE WHEN level < 2 THEN 400 ELSE 60 END),
		CASE WHEN level = 0 AND "values" IS NOT NULL THEN 'Examples: ' || "values"::text END);

-- One table as text. level: 0 to 2 as context_remarks, 3 only important columns, 4 one line, 5 the name alone. keys are the
-- joins that a format writes behind all tables; label says which source it is when there are several.
CREATE OR REPLACE FUNCTION rivergen_catalog.context_table(format text, family text, label text, schema_name text,
	relation_name text, kind text, "text" text, document jsonb, columns jsonb, level integer)
	RETURNS TABLE (body text, keys text, columns_shown integer)
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
#variable_conflict use_column
DECLARE
	named text := rivergen_catalog.context_table_name($4, $5, $2);
	remark text := concat_ws(', ', $3, rivergen_catalog.quoted_line($7, CASE WHEN $10 < 2 THEN 400 ELSE 60 END));
	shown jsonb := (SELECT coalesce(jsonb_agg(c.value ORDER BY c.ordinality), '[]')
		FROM jsonb_array_elements($9) WITH ORDINALITY c WHERE $10 < 3 OR (c.value ->> 'is_important')::boolean);
BEGIN
	columns_shown := CASE WHEN $10 < 5 THEN jsonb_array_length(shown) ELSE 0 END;
	CASE $1
	WHEN 'json' THEN
		body := jsonb_strip_nulls(jsonb_build_object('table', named, 'source', $3, 'kind', nullif($6, 'table'),
			'comment', CASE WHEN $10 < 5 THEN rivergen_catalog.one_line($7, CASE WHEN $10 < 2 THEN 400 ELSE 60 END) END,
			'columns', CASE WHEN $10 < 4 THEN (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('name', c.value -> 'name',
				'type', c.value -> 'type', 'primary_key', nullif(c.value -> 'is_key', 'false'),
				'comment', rivergen_catalog.one_line(c.value ->> 'text', CASE WHEN $10 < 2 THEN 400 ELSE 60 END),
				'examples', CASE WHEN $10 = 0 THEN c.value -> 'values' END)) ORDER BY c.ordinality)
				FROM jsonb_array_elements(shown) WITH ORDINALITY c)
			WHEN $10 = 4 THEN (SELECT jsonb_agg(c.value -> 'name' ORDER BY c.ordinality) FROM jsonb_array_elements(shown) WITH ORDINALITY c) END,
			'foreign_keys', CASE WHEN $10 < 4 THEN (SELECT jsonb_agg(rivergen_catalog.context_key(f.value, $4, $2)
				ORDER BY f.ordinality) FROM jsonb_array_elements($8 -> 'foreign_keys') WITH ORDINALITY f) END))::text;
	WHEN 'ddl' THEN
		body := CASE $10 WHEN 5 THEN '-- ' || named
			WHEN 4 THEN '-- ' || named || ' (' || (SELECT coalesce(string_agg(c.value ->> 'name', ', ' ORDER BY c.ordinality), '')
				FROM jsonb_array_elements(shown) WITH ORDINALITY c) || ')'
			ELSE rivergen_catalog.context_statement(named, remark, $4, $2, $6, $8, shown, $10) END;
	ELSE
		body := CASE WHEN $1 = 'mschema' THEN '# Table: ' ELSE '' END || named
			|| CASE WHEN $10 = 5 THEN '' ELSE
				CASE WHEN $6 = 'table' THEN '' ELSE ' (' || rivergen_catalog.one_line($6, 40) || ')' END
				|| CASE WHEN remark = '' THEN '' ELSE ', ' || remark END END;
		IF $10 = 4 OR $1 = 'compact' AND $10 < 4 THEN
			body := body || ': ' || (SELECT coalesce(string_agg(CASE WHEN $10 = 4 THEN c.value ->> 'name' ELSE concat_ws(' ',
				c.value ->> 'name', c.value ->> 'type', CASE WHEN (c.value ->> 'is_key')::boolean THEN 'PK' END,
				CASE WHEN c.value ?| '{text,values}' THEN
					nullif(rivergen_catalog.context_remarks(c.value ->> 'text', c.value -> 'values', $10, ' '), '') END) END, ', '
				ORDER BY c.ordinality), '') FROM jsonb_array_elements(shown) WITH ORDINALITY c);
		ELSIF $10 < 4 THEN
			body := body || E'\n[\n' || (SELECT coalesce(string_agg('(' || concat_ws(', ', (c.value ->> 'name') || ':' || (c.value ->> 'type'),
				CASE WHEN (c.value ->> 'is_key')::boolean THEN 'Primary Key' END,
				CASE WHEN c.value ?| '{text,values}' THEN
					nullif(rivergen_catalog.context_remarks(c.value ->> 'text', c.value -> 'values', $10, ', '), '') END) || ')', E',\n'
				ORDER BY c.ordinality), '') FROM jsonb_array_elements(shown) WITH ORDINALITY c) || E'\n]';
		END IF;
		IF $10 < 4 THEN
			keys := (SELECT string_agg(named || '(' || rivergen_catalog.context_names(f.value -> 'columns', $2) || ')='
				|| rivergen_catalog.context_table_name(coalesce(f.value ->> 'schema', $4), f.value ->> 'table', $2)
				|| '(' || rivergen_catalog.context_names(f.value -> 'referenced_columns', $2) || ')', E'\n' ORDER BY f.ordinality)
				FROM jsonb_array_elements($8 -> 'foreign_keys') WITH ORDINALITY f);
		END IF;
	END CASE;
	RETURN NEXT;
END
$$;

-- A foreign key for the format json.
CREATE OR REPLACE FUNCTION rivergen_catalog.context_key(key jsonb, schema_name text, family text) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_build_object(
		'columns', (SELECT jsonb_agg(rivergen_catalog.context_name(c.value, $3) ORDER BY c.ordinality)
			FROM jsonb_array_elements_text($1 -> 'columns') WITH ORDINALITY c),
		'references', rivergen_catalog.context_table_name(coalesce($1 ->> 'schema', $2), $1 ->> 'table', $3),
		'referenced_columns', (SELECT jsonb_agg(rivergen_catalog.context_name(c.value, $3) ORDER BY c.ordinality)
			FROM jsonb_array_elements_text($1 -> 'referenced_columns') WITH ORDINALITY c));
END;

-- A table as a statement. A comment follows the comma of its line.
CREATE OR REPLACE FUNCTION rivergen_catalog.context_statement(named text, remark text, schema_name text, family text, kind text,
	document jsonb, columns jsonb, level integer) RETURNS text
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
#variable_conflict use_column
BEGIN
	RETURN (WITH item AS (
			SELECT 1 AS part, c.ordinality AS number, (c.value ->> 'name') || ' ' || (c.value ->> 'type')
				|| CASE WHEN (c.value ->> 'not_null')::boolean THEN ' NOT NULL' ELSE '' END AS body,
				CASE WHEN c.value ?| '{text,values}' THEN
					nullif(rivergen_catalog.context_remarks(c.value ->> 'text', c.value -> 'values', $8, ' '), '') END AS remark
			FROM jsonb_array_elements($7) WITH ORDINALITY c
			UNION ALL
			SELECT 2, 0, 'PRIMARY KEY (' || rivergen_catalog.context_names($6 #> '{primary_key,columns}', $4) || ')', NULL
			WHERE $6 ? 'primary_key'
			UNION ALL
			SELECT 3, f.ordinality, 'FOREIGN KEY (' || rivergen_catalog.context_names(f.value -> 'columns', $4) || ') REFERENCES '
				|| rivergen_catalog.context_table_name(coalesce(f.value ->> 'schema', $3), f.value ->> 'table', $4)
				|| ' (' || rivergen_catalog.context_names(f.value -> 'referenced_columns', $4) || ')', NULL
			FROM jsonb_array_elements($6 -> 'foreign_keys') WITH ORDINALITY f
		), listed AS (
			SELECT i.*, lead(i.part) OVER (ORDER BY i.part, i.number) IS NULL AS is_last FROM item i
		)
		SELECT 'CREATE TABLE ' || $1 || ' (' || CASE WHEN concat_ws('', nullif($5, 'table'), $2) = '' THEN ''
				ELSE ' -- ' || concat_ws(', ', rivergen_catalog.one_line(nullif($5, 'table'), 40), nullif($2, '')) END || E'\n'
			|| coalesce(string_agg(E'\t' || l.body || CASE WHEN l.is_last THEN '' ELSE ',' END || coalesce(' -- ' || l.remark, ''), E'\n'
				ORDER BY l.part, l.number) || E'\n', '') || ');'
		FROM listed l);
END
$$;
