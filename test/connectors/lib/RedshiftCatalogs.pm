# A simulated Redshift: PostgreSQL with a schema `simulated` that stands before pg_catalog in the role's search_path, and
# holds what Redshift's catalogs have and PostgreSQL's have not. The statements of the connector name no schema, so they
# find these. Backslashes are those of 8.0.2; a value of the type varbyte is its digits.
package RedshiftCatalogs;

use strict;
use warnings;

use Exporter 'import';
our @EXPORT = qw(redshift_catalogs);

# Statements that make the catalogs, for the role reader. Late-binding views, external tables, distribution and sort keys are rows
# of tables simulated.* that a test fills.
sub redshift_catalogs
{
	return <<~'EOT';
		CREATE SCHEMA simulated;
		CREATE FUNCTION simulated.version() RETURNS text LANGUAGE sql AS
			$$SELECT 'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2, Redshift 1.0.12103'$$;
		CREATE TABLE simulated.late (view_schema name, view_name name, col_name name, col_type varchar, col_num int);
		CREATE FUNCTION simulated.pg_get_late_binding_view_cols() RETURNS SETOF record LANGUAGE sql AS
			'SELECT view_schema, view_name, col_name, col_type, col_num FROM simulated.late';
		CREATE FUNCTION simulated.from_varbyte(bytea, text) RETURNS text LANGUAGE sql AS 'SELECT pg_catalog.encode($1, $2)';
		CREATE TABLE simulated.svv_external_columns (schemaname text, tablename text, columnname text, external_type text,
			columnnum int, part_key int, is_nullable text);
		CREATE TABLE simulated.svv_external_tables (schemaname text, tablename text, location text, input_format text);
		CREATE TABLE simulated.svv_table_info ("schema" text, "table" text, table_id oid, size bigint, tbl_rows numeric(38,0));
		CREATE TABLE simulated.style (relation regclass, style int);
		CREATE TABLE simulated.layout (relation regclass, attname name, is_distribution boolean, sort int);
		CREATE VIEW simulated.pg_namespace AS SELECT * FROM pg_catalog.pg_namespace WHERE nspname <> 'simulated';
		CREATE VIEW simulated.pg_class AS SELECT c.oid, c.relname, c.relnamespace, c.relkind, coalesce(s.style, 0) AS reldiststyle
			FROM pg_catalog.pg_class c LEFT JOIN simulated.style s ON s.relation = c.oid;
		CREATE VIEW simulated.pg_attribute AS SELECT a.attrelid, a.attname, a.atttypid, a.atttypmod, a.attnum, a.attisdropped,
			coalesce(l.is_distribution, false) AS attisdistkey, coalesce(l.sort, 0) AS attsortkeyord
			FROM pg_catalog.pg_attribute a LEFT JOIN simulated.layout l ON l.relation = a.attrelid AND l.attname = a.attname;
		CREATE VIEW simulated.svv_all_tables AS SELECT current_database() AS database_name, n.nspname AS schema_name,
			c.relname AS table_name, CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END AS table_type,
			obj_description(c.oid, 'pg_class') AS remarks
			FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'v')
				AND n.nspname NOT LIKE 'pg\_%' AND has_table_privilege(c.oid, 'SELECT')
			UNION ALL SELECT current_database(), schemaname, tablename, 'EXTERNAL TABLE', NULL FROM simulated.svv_external_tables
			UNION ALL SELECT DISTINCT current_database(), view_schema, view_name, 'VIEW', NULL FROM simulated.late;
		CREATE VIEW simulated.svv_all_columns AS SELECT current_database() AS database_name, i.table_schema AS schema_name,
			i.table_name, i.column_name, i.ordinal_position, i.data_type, i.character_maximum_length, i.numeric_precision,
			i.numeric_scale, i.is_nullable, i.column_default,
			col_description((quote_ident(i.table_schema) || '.' || quote_ident(i.table_name))::regclass, i.ordinal_position) AS remarks
			FROM information_schema.columns i WHERE i.table_schema NOT LIKE 'pg\_%' AND i.table_schema <> 'simulated';
		CREATE ROLE reader LOGIN;
		GRANT USAGE ON SCHEMA simulated TO reader;
		GRANT SELECT ON ALL TABLES IN SCHEMA simulated TO reader;
		ALTER ROLE reader SET search_path = simulated, pg_catalog;
		ALTER ROLE reader SET standard_conforming_strings = off;
		ALTER ROLE reader SET escape_string_warning = off;
		CREATE TYPE simulated.varbyte;
		CREATE FUNCTION simulated.varbyte_in(cstring) RETURNS simulated.varbyte LANGUAGE internal IMMUTABLE STRICT AS 'textin';
		CREATE FUNCTION simulated.varbyte_out(simulated.varbyte) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
		CREATE TYPE simulated.varbyte (INPUT = simulated.varbyte_in, OUTPUT = simulated.varbyte_out, LIKE = text);
		EOT
}

1;
