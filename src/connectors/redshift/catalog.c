/*
 * catalog.c — the statements, and which of them a discovery can go without.
 *
 * Joins are of catalogs alone: functions of the leader node cannot be joined with tables of users. Keys come
 * as arrays of numbers, because Redshift has no functions that take arrays apart.
 */
#include "connectors/redshift/catalog.h"

/* The second parameter is empty where every relation of the schema is wanted. */
#define OF_RELATION(name) "AND (CAST($2 AS varchar) = '' OR " name " = $2)"

static const char schemas_sql[] =
	"SELECT n.nspname, 0, n.oid, obj_description(n.oid, 'pg_namespace') FROM pg_namespace n "
	"WHERE SUBSTRING(n.nspname, 1, 3) <> 'pg_' AND n.nspname NOT IN ('information_schema', 'catalog_history') "
	"ORDER BY n.nspname";

static const char tables_sql[] = "SELECT table_name, 0, table_type, remarks FROM svv_all_tables "
								 "WHERE database_name = current_database() AND schema_name = $1 " OF_RELATION(
									 "table_name") " ORDER BY table_name";

static const char columns_sql[] =
	"SELECT table_name, ordinal_position, column_name, data_type, character_maximum_length, numeric_precision, "
	"numeric_scale, is_nullable, column_default, remarks FROM svv_all_columns "
	"WHERE database_name = current_database() AND schema_name = $1 " OF_RELATION(
		"table_name") " ORDER BY table_name, ordinal_position";

static const char stored_sql[] =
	"SELECT c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), c.oid, c.reldiststyle, "
	"a.attisdistkey, a.attsortkeyord, a.atttypid, a.atttypmod FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
	"JOIN pg_attribute a ON a.attrelid = c.oid WHERE n.nspname = $1 AND c.relkind IN ('r', 'v') "
	"AND a.attnum > 0 AND NOT a.attisdropped " OF_RELATION("c.relname") " ORDER BY c.relname, a.attnum";

/* The column is view_schema; a filter by another name is null there, and drops every row. */
static const char late_sql[] =
	"SELECT view_name, col_num, col_name, col_type, NULL, NULL FROM pg_get_late_binding_view_cols() "
	"cols(view_schema name, view_name name, col_name name, col_type varchar, col_num int) "
	"WHERE view_schema = $1 " OF_RELATION("view_name") " ORDER BY view_name, col_num";

static const char external_columns_sql[] =
	"SELECT tablename, columnnum, columnname, external_type, part_key, is_nullable FROM svv_external_columns "
	"WHERE schemaname = $1 " OF_RELATION("tablename") " ORDER BY tablename, columnnum";

static const char keys_sql[] =
	"SELECT c.relname, 0, k.conname, k.contype, k.conkey, rn.nspname, rc.relname, k.confkey "
	"FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
	"LEFT JOIN pg_class rc ON rc.oid = k.confrelid LEFT JOIN pg_namespace rn ON rn.oid = rc.relnamespace "
	"WHERE n.nspname = $1 AND k.contype IN ('p', 'u', 'f') " OF_RELATION(
		"c.relname") " ORDER BY c.relname, k.conname";

static const char referenced_sql[] =
	"SELECT c.relname, a.attnum, k.conname, a.attname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid "
	"JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = k.confrelid "
	"WHERE n.nspname = $1 AND k.contype = 'f' AND a.attnum > 0 " OF_RELATION(
		"c.relname") " ORDER BY c.relname, a.attnum";

static const char external_sql[] = "SELECT tablename, 0, location, input_format FROM svv_external_tables "
								   "WHERE schemaname = $1 " OF_RELATION("tablename") " ORDER BY tablename";

static const char sizes_sql[] =
	"SELECT \"table\", 0, size, tbl_rows FROM svv_table_info WHERE \"schema\" = $1 " OF_RELATION(
		"\"table\"") " ORDER BY \"table\"";

static const char views_sql[] =
	"SELECT viewname, 0, definition FROM pg_views WHERE schemaname = $1 " OF_RELATION(
		"viewname") " ORDER BY viewname";

void
catalog_read_schemas(Session *session, SqlRows *schemas)
{
	schemas->columns = SCHEMA_COLUMNS;
	session_read(session, schemas_sql, NULL, NULL, true, schemas);
}

static void
begin(Catalog *catalog)
{
	*catalog = (Catalog){.tables.columns = TABLE_COLUMNS,
						 .columns.columns = COLUMN_COLUMNS,
						 .stored.columns = STORED_COLUMNS,
						 .late.columns = LOOSE_COLUMNS,
						 .external_columns.columns = LOOSE_COLUMNS,
						 .keys.columns = KEY_COLUMNS,
						 .referenced.columns = REFERENCED_COLUMNS,
						 .external.columns = EXTERNAL_COLUMNS,
						 .sizes.columns = SIZE_COLUMNS,
						 .views.columns = VIEW_COLUMNS};
}

void
catalog_read(Catalog *catalog, Session *session, const char *schema)
{
	begin(catalog);
	session_read(session, tables_sql, schema, "", true, &catalog->tables);
	session_read(session, columns_sql, schema, "", true, &catalog->columns);
	session_read(session, stored_sql, schema, "", true, &catalog->stored);
	session_read(session, keys_sql, schema, "", true, &catalog->keys);
	session_read(session, referenced_sql, schema, "", true, &catalog->referenced);
	session_read(session, views_sql, schema, "", true, &catalog->views);
	session_read(session, late_sql, schema, "", false, &catalog->late);
	session_read(session, external_columns_sql, schema, "", false, &catalog->external_columns);
	session_read(session, external_sql, schema, "", false, &catalog->external);
	session_read(session, sizes_sql, schema, "", false, &catalog->sizes);
}

void
catalog_read_relation(Catalog *catalog, Session *session, const char *schema, const char *name)
{
	begin(catalog);
	session_read(session, tables_sql, schema, name, true, &catalog->tables);
	session_read(session, columns_sql, schema, name, true, &catalog->columns);
	session_read(session, stored_sql, schema, name, true, &catalog->stored);
	session_read(session, keys_sql, schema, name, true, &catalog->keys);
	if (catalog->stored.count > 0)
		return;
	session_read(session, late_sql, schema, name, false, &catalog->late);
	session_read(session, external_columns_sql, schema, name, false, &catalog->external_columns);
}

void
catalog_free(Catalog *catalog)
{
	SqlRows *const all[] = {&catalog->tables,     &catalog->columns,          &catalog->stored,
							&catalog->late,       &catalog->external_columns, &catalog->keys,
							&catalog->referenced, &catalog->external,         &catalog->sizes,
							&catalog->views};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		sql_rows_free(all[i]);
}
