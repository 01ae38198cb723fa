#include "connectors/snowflake/catalog.h"

#include <string.h>

#include "connectors/service/answer.h"

#define COUNT(names) ((int) (sizeof(names) / sizeof((names)[0])))

static const char *const schema_names[] = {"name", "comment"};
static const char *const table_names[] = {"name",  "kind",        "comment",    "cluster_by", "rows",
										  "bytes", "is_external", "is_dynamic", "is_iceberg", "is_hybrid"};
static const char *const view_names[] = {"name", "comment", "text", "is_secure", "is_materialized"};
static const char *const external_names[] = {"name", "location", "file_format_type"};
static const char *const column_names[] = {"table_name", "column_name", "data_type", "default",
										   "kind",       "expression",  "comment",   "autoincrement"};
static const char *const key_names[] = {"table_name", "constraint_name", "key_sequence", "column_name",
										"rely"};
static const char *const reference_names[] = {
	"fk_table_name",  "fk_name",       "key_sequence",   "fk_column_name", "rely",       "pk_database_name",
	"pk_schema_name", "pk_table_name", "pk_column_name", "update_rule",    "delete_rule"};

/* Everything that is told of a schema but its relations. */
typedef struct Member
{
	const char *what;
	const char *const *names;
	int count;
	size_t place; /* of its rows in a catalog */
} Member;

#define MEMBER(what, names, place)                                                                           \
	{                                                                                                        \
		what, names, COUNT(names), offsetof(Catalog, place)                                                  \
	}

static const Member members[CATALOG_MEMBERS] = {
	MEMBER("COLUMNS", column_names, columns),
	MEMBER("PRIMARY KEYS", key_names, primary_keys),
	MEMBER("UNIQUE KEYS", key_names, unique_keys),
	MEMBER("IMPORTED KEYS", reference_names, references),
};

static SqlRows *
rows_of(Catalog *catalog, const Member *member)
{
	return (SqlRows *) ((char *) catalog + member->place);
}

bool
catalog_read_schemas(SqlRows *schemas, Service *service, HttpFailure *failure)
{
	Show show = {.what = "SCHEMAS",
				 .in = "DATABASE",
				 .names = schema_names,
				 .count = COUNT(schema_names),
				 .in_pages = true};
	size_t kept = 0;
	int shown;

	if (!shown_add(schemas, service, &show, &shown, failure))
		return false;
	for (size_t i = 0; i < schemas->count; i++)
		if (strcmp(schemas->items[i][SHOWN_NAME], "INFORMATION_SCHEMA") != 0)
			schemas->items[kept++] = schemas->items[i];
	schemas->count = kept;
	sql_rows_sort(schemas);
	return true;
}

static bool
has_external(const SqlRows *tables)
{
	for (size_t i = 0; i < tables->count; i++)
		if (tables->items[i][TABLE_EXTERNAL] != NULL && strcmp(tables->items[i][TABLE_EXTERNAL], "Y") == 0)
			return true;
	return false;
}

static bool
read_list(SqlRows *rows, Service *service, const char *schema, const char *what, const char *const *names,
		  int count, HttpFailure *failure)
{
	Show show = {
		.what = what, .in = "SCHEMA", .schema = schema, .names = names, .count = count, .in_pages = true};
	int shown;

	if (!shown_add(rows, service, &show, &shown, failure))
		return false;
	sql_rows_sort(rows);
	return true;
}

/* Where an external table has its files is a detail: without it the table is told all the same. */
bool
catalog_read_relations(Catalog *catalog, Service *service, const char *schema, HttpFailure *failure)
{
	if (!read_list(&catalog->tables, service, schema, "TABLES", table_names, COUNT(table_names), failure) ||
		!read_list(&catalog->views, service, schema, "VIEWS", view_names, COUNT(view_names), failure))
		return false;
	catalog->externals.columns = EXTERNAL_COLUMNS;
	if (has_external(&catalog->tables))
		return read_list(&catalog->externals, service, schema, "EXTERNAL TABLES", external_names,
						 COUNT(external_names), failure) ||
			   !failure->transient;
	return true;
}

/* Of one relation, if it is named. */
static bool
read_member(Catalog *catalog, int number, Service *service, const Show *place, int *shown,
			HttpFailure *failure)
{
	const Member *member = &members[number];
	SqlRows *rows = rows_of(catalog, member);
	Show show = *place;

	show.what = member->what;
	show.names = member->names;
	show.count = member->count;
	rows->columns = member->count + 1;
	if (!shown_add(rows, service, &show, shown, failure))
		return false;
	sql_rows_sort(rows);
	return true;
}

/* Does it concern this statement only? */
static bool
is_too_much(const HttpFailure *failure)
{
	return strcmp(failure->code, "too_large") == 0 || strcmp(failure->code, "query") == 0;
}

bool
catalog_read_members(Catalog *catalog, Service *service, const char *schema, HttpFailure *failure)
{
	Show place = {.in = "SCHEMA", .schema = schema};

	for (int i = 0; i < CATALOG_MEMBERS; i++)
	{
		int shown = 0;
		bool fine = read_member(catalog, i, service, &place, &shown, failure);

		if (!fine && !is_too_much(failure))
			return false;
		catalog->is_whole[i] = fine && shown < MOST_SHOWN;
	}
	return true;
}

/* Views have no keys. */
bool
catalog_read_members_of(Catalog *catalog, Service *service, const char *schema, const char *relation,
						bool is_view, HttpFailure *failure)
{
	Show place = {.in = is_view ? "VIEW" : "TABLE", .schema = schema, .relation = relation};
	int shown;

	for (int i = 0; i < CATALOG_MEMBERS; i++)
	{
		if (catalog->is_whole[i])
			continue;
		sql_rows_free(rows_of(catalog, &members[i]));
		if ((i == 0 || !is_view) && !read_member(catalog, i, service, &place, &shown, failure))
			return false;
	}
	return true;
}

bool
catalog_read_columns_of(SqlRows *columns, Service *service, const char *schema, const char *relation,
						HttpFailure *failure)
{
	Show show = {.what = "COLUMNS",
				 .in = "TABLE",
				 .schema = schema,
				 .relation = relation,
				 .names = column_names,
				 .count = COUNT(column_names)};
	int shown;

	if (shown_add(columns, service, &show, &shown, failure))
		return true;
	if (!failure_is_missing(failure))
		return false;
	show.in = "VIEW";
	return shown_add(columns, service, &show, &shown, failure);
}

void
catalog_free(Catalog *catalog)
{
	for (int i = 0; i < CATALOG_MEMBERS; i++)
		sql_rows_free(rows_of(catalog, &members[i]));
	sql_rows_free(&catalog->tables);
	sql_rows_free(&catalog->views);
	sql_rows_free(&catalog->externals);
}
