-- Oracle's data dictionary, as views of PostgreSQL's catalog: for the connector oracle, of whose server no package exists.
-- Names that are not quoted are folded to lower case here, and to upper case by Oracle.
CREATE SCHEMA ora;
SET search_path = ora, pg_catalog;

CREATE FUNCTION to_char(numeric, text, text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT $1::text $$;
CREATE FUNCTION to_char(double precision, text, text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT $1::text $$;
CREATE FUNCTION to_char(timestamp, text, text) RETURNS text LANGUAGE sql STABLE AS $$ SELECT to_char($1, $2) $$;
CREATE FUNCTION to_char(interval) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT $1::text $$;
CREATE FUNCTION to_char(boolean) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT upper($1::text) $$;
CREATE FUNCTION sys_extract_utc(timestamptz) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$ SELECT $1 AT TIME ZONE 'UTC' $$;

-- What a test calls a synonym is a view here.
CREATE TABLE made_synonym (owner text, synonym_name text, table_owner text, table_name text, db_link text);

CREATE VIEW nls_session_parameters AS SELECT 'NLS_COMP' AS parameter, 'BINARY' AS value;

CREATE VIEW all_users AS
	SELECT nspname AS username, CASE WHEN nspname ~ '^(pg_|ora$|information_schema$)' THEN 'Y' ELSE 'N' END AS oracle_maintained
	FROM pg_namespace;

CREATE VIEW relation AS
	SELECT c.oid, n.nspname::text AS owner, c.relname::text AS name, c.relkind, c.reltuples, c.relpersistence
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND NOT c.relispartition;

CREATE VIEW all_synonyms AS SELECT * FROM made_synonym;

-- A materialized view has a table of its name.
CREATE VIEW all_objects AS
	SELECT owner, name AS object_name, oid::text AS object_id, NULL::text AS subobject_name, 'VALID' AS status,
		CASE WHEN EXISTS (SELECT FROM made_synonym s WHERE s.owner = r.owner AND s.synonym_name = r.name) THEN 'SYNONYM'
			ELSE CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END
			END AS object_type
	FROM relation r
	UNION ALL
	SELECT owner, name, oid::text || '0', NULL, 'VALID', 'TABLE' FROM relation WHERE relkind = 'm';

CREATE VIEW all_tables AS
	SELECT owner, name AS table_name, NULLIF(reltuples, -1)::bigint AS num_rows, CASE relkind WHEN 'p' THEN 'YES' ELSE 'NO' END AS partitioned,
		'N' AS temporary, NULL::text AS iot_type, NULL::text AS iot_name, NULL::text AS cluster_name, 'NO' AS nested, 'N' AS secondary,
		'NO' AS dropped
	FROM relation WHERE relkind IN ('r', 'p', 'm');

CREATE VIEW all_external_tables AS SELECT owner, name AS table_name, 'ORACLE_LOADER' AS type_name FROM relation WHERE relkind = 'f';

CREATE VIEW all_part_tables AS
	SELECT owner, name AS table_name, CASE p.partstrat WHEN 'r' THEN 'RANGE' WHEN 'l' THEN 'LIST' ELSE 'HASH' END AS partitioning_type
	FROM relation JOIN pg_partitioned_table p ON p.partrelid = oid;

CREATE VIEW all_part_key_columns AS
	SELECT r.owner, r.name, 'TABLE' AS object_type, a.attname::text AS column_name, k.position AS column_position
	FROM relation r JOIN pg_partitioned_table p ON p.partrelid = r.oid
	CROSS JOIN LATERAL unnest(p.partattrs::int2[]) WITH ORDINALITY AS k (number, position)
	JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = k.number;

-- The dictionary has itself, in upper case.
CREATE VIEW all_tab_cols AS
	SELECT r.owner, r.name AS table_name, a.attnum AS internal_column_id, a.attname::text AS column_name,
		CASE t.typname WHEN 'int2' THEN 'NUMBER' WHEN 'int4' THEN 'NUMBER' WHEN 'int8' THEN 'NUMBER' WHEN 'numeric' THEN 'NUMBER'
			WHEN 'float4' THEN 'BINARY_FLOAT' WHEN 'float8' THEN 'BINARY_DOUBLE' WHEN 'text' THEN 'VARCHAR2' WHEN 'varchar' THEN 'VARCHAR2'
			WHEN 'bpchar' THEN 'CHAR' WHEN 'date' THEN 'DATE' WHEN 'timestamp' THEN CASE a.atttypmod WHEN 3 THEN 'TIMESTAMP(9)' ELSE 'TIMESTAMP(6)' END
			WHEN 'timestamptz' THEN 'TIMESTAMP(6) WITH TIME ZONE' WHEN 'interval' THEN 'INTERVAL DAY(2) TO SECOND(6)' WHEN 'bytea' THEN 'RAW'
			WHEN 'bool' THEN 'BOOLEAN' ELSE upper(t.typname) END AS data_type,
		CASE WHEN t.typname IN ('int2', 'int4', 'int8', 'numeric', 'float4', 'float8', 'text', 'varchar', 'bpchar', 'date', 'timestamp',
			'timestamptz', 'interval', 'bytea', 'bool') THEN NULL ELSE 'OWNER OF TYPES' END AS data_type_owner,
		CASE WHEN a.atttypmod > 4 THEN a.atttypmod - 4 ELSE 4000 END AS data_length,
		CASE WHEN a.atttypmod > 4 THEN a.atttypmod - 4 ELSE 4000 END AS char_length,
		CASE WHEN t.typname = 'varchar' THEN 'C' ELSE 'B' END AS char_used,
		CASE t.typname WHEN 'int2' THEN 4 WHEN 'int4' THEN 9 WHEN 'int8' THEN 18
			WHEN 'numeric' THEN CASE WHEN a.atttypmod > 4 THEN (a.atttypmod - 4) >> 16 END END AS data_precision,
		CASE WHEN t.typname IN ('int2', 'int4', 'int8') THEN 0
			WHEN t.typname = 'numeric' AND a.atttypmod > 4 THEN (a.atttypmod - 4) & 65535 END AS data_scale,
		CASE WHEN a.attnotnull THEN 'N' ELSE 'Y' END AS nullable, CASE a.attgenerated WHEN '' THEN 'NO' ELSE 'YES' END AS virtual_column,
		'NO' AS hidden_column, 'NO' AS user_generated, length(d.expression) AS default_length, d.expression AS data_default,
		CASE a.attidentity WHEN '' THEN 'NO' ELSE 'YES' END AS identity_column, a.attidentity, 'USING_NLS_COMP' AS collation
	FROM relation r
	JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
	JOIN pg_type t ON t.oid = a.atttypid
	CROSS JOIN LATERAL (SELECT CASE WHEN a.attidentity <> '' THEN '"X"."ISEQ$$_1".nextval'
		ELSE (SELECT regexp_replace(pg_get_expr(adbin, adrelid), '::[a-z ]+$', '') || E' \n' FROM pg_attrdef WHERE adrelid = a.attrelid AND adnum = a.attnum) END) d (expression)
	WHERE r.relkind <> 'S' AND r.owner <> 'ora'
	UNION ALL
	SELECT 'SYS', upper(c.relname), a.attnum, upper(a.attname), 'VARCHAR2', NULL, 128, 128, 'B', NULL, NULL, 'Y', 'NO', 'NO', 'NO', NULL, NULL,
		'NO', '', NULL
	FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'ora'::regnamespace AND a.attnum > 0;

CREATE VIEW all_tab_identity_cols AS
	SELECT owner, table_name, column_name, CASE attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END AS generation_type
	FROM all_tab_cols WHERE attidentity <> '';

CREATE VIEW all_tab_comments AS
	SELECT owner, name AS table_name, obj_description(oid, 'pg_class') AS comments FROM relation WHERE relkind <> 'm';

CREATE VIEW all_mview_comments AS
	SELECT owner, name AS mview_name, obj_description(oid, 'pg_class') AS comments FROM relation WHERE relkind = 'm';

CREATE VIEW all_col_comments AS
	SELECT r.owner, r.name AS table_name, a.attname::text AS column_name, col_description(r.oid, a.attnum) AS comments
	FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped;

-- NOT NULL is a constraint with a name of Oracle's.
CREATE VIEW all_constraints AS
	SELECT r.owner, r.name AS table_name, c.conname::text AS constraint_name,
		CASE c.contype WHEN 'p' THEN 'P' WHEN 'u' THEN 'U' WHEN 'f' THEN 'R' ELSE 'C' END AS constraint_type,
		f.owner AS r_owner, k.conname::text AS r_constraint_name,
		CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'a' THEN 'NO ACTION' END AS delete_rule,
		'ENABLED' AS status, CASE WHEN c.convalidated THEN 'VALIDATED' ELSE 'NOT VALIDATED' END AS validated, 'USER NAME' AS generated,
		i.relname::text AS index_name, left(s.condition, 4000) AS search_condition_vc, s.condition AS search_condition
	FROM relation r
	JOIN pg_constraint c ON c.conrelid = r.oid AND c.contype IN ('p', 'u', 'f', 'c')
	LEFT JOIN relation f ON f.oid = c.confrelid
	LEFT JOIN pg_constraint k ON k.conindid = c.conindid AND k.contype IN ('p', 'u') AND c.contype = 'f'
	LEFT JOIN pg_class i ON i.oid = c.conindid
	CROSS JOIN LATERAL (SELECT CASE c.contype WHEN 'c' THEN pg_get_expr(c.conbin, c.conrelid) END) s (condition)
	UNION ALL
	SELECT owner, table_name, 'SYS_C' || internal_column_id || '_' || table_name, 'C', NULL, NULL, NULL, 'ENABLED', 'VALIDATED',
		'GENERATED NAME', NULL, '"' || column_name || '" IS NOT NULL', '"' || column_name || '" IS NOT NULL'
	FROM all_tab_cols WHERE nullable = 'N';

CREATE VIEW all_cons_columns AS
	SELECT r.owner, r.name AS table_name, c.conname::text AS constraint_name, a.attname::text AS column_name,
		CASE WHEN c.contype <> 'c' THEN k.position END AS position
	FROM relation r
	JOIN pg_constraint c ON c.conrelid = r.oid
	CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k (number, position)
	JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = k.number;

-- A column in descending order is an expression.
CREATE VIEW index_part AS
	SELECT r.owner AS table_owner, r.name AS table_name, i.oid, i.relname::text AS index_name, x.indisunique, k.position AS column_position,
		CASE WHEN k.number = 0 OR is_descending THEN 'SYS_NC' || k.position || '$' ELSE a.attname::text END AS column_name,
		CASE WHEN is_descending THEN 'DESC' ELSE 'ASC' END AS descend,
		CASE WHEN k.number = 0 THEN pg_get_indexdef(i.oid, k.position::integer, false)
			WHEN is_descending THEN '"' || a.attname || '"' END AS column_expression
	FROM relation r
	JOIN pg_index x ON x.indrelid = r.oid
	JOIN pg_class i ON i.oid = x.indexrelid
	CROSS JOIN LATERAL unnest(x.indkey::int2[], x.indoption::int2[]) WITH ORDINALITY AS k (number, option, position)
	CROSS JOIN LATERAL (SELECT k.option & 1 = 1) o (is_descending)
	LEFT JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = k.number AND k.number > 0;

CREATE VIEW all_indexes AS
	SELECT DISTINCT table_owner AS owner, index_name, table_owner, table_name, 'NORMAL' AS index_type,
		CASE WHEN indisunique THEN 'UNIQUE' ELSE 'NONUNIQUE' END AS uniqueness, 'VISIBLE' AS visibility, 'VALID' AS status
	FROM index_part;

CREATE VIEW all_ind_columns AS SELECT table_owner AS index_owner, index_name, column_name, column_position, descend FROM index_part;

CREATE VIEW all_ind_expressions AS
	SELECT table_owner, table_name, index_name, column_position, column_expression FROM index_part WHERE column_expression IS NOT NULL;

CREATE VIEW all_views AS
	SELECT owner, name AS view_name, length(pg_get_viewdef(oid)) AS text_length, left(pg_get_viewdef(oid), 4000) AS text_vc,
		pg_get_viewdef(oid) AS text
	FROM relation WHERE relkind = 'v';

CREATE VIEW all_mviews AS SELECT owner, name AS mview_name, pg_get_viewdef(oid) AS query FROM relation WHERE relkind = 'm';

CREATE VIEW all_sequences AS
	SELECT owner AS sequence_owner, name AS sequence_name, s.seqmin AS min_value, s.seqmax AS max_value, s.seqincrement AS increment_by,
		CASE WHEN s.seqcycle THEN 'Y' ELSE 'N' END AS cycle_flag, s.seqcache AS cache_size
	FROM relation JOIN pg_sequence s ON s.seqrelid = oid;
