#include "connectors/snowflake/catalog.h"

#include <string.h>

#include "connectors/service/answer.h"

#define COUNT(names) ((int) (sizeof(names) / sizeof((names)[0])))

static const char *const database_names[] = {"name"};
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

/* Without the first ones of their columns such a list says nothing. */
#define COLUMNS_NEEDED 3
#define KEYS_NEEDED    4

/* Everything that is told of a schema but its relations. */
typedef struct Member
{
	const char *what;
	const char *const *names;
	int count;
	int needed;
	size_t place; /* of its rows in a catalog */
} Member;

#define MEMBER(what, names, needed, place)                                                                   \
	{                                                                                                        \
		what, names, COUNT(names), needed, offsetof(Catalog, place)                                          \
	}

static const Member members[CATALOG_MEMBERS] = {
	MEMBER("COLUMNS", column_names, COLUMNS_NEEDED, columns),
	MEMBER("PRIMARY KEYS", key_names, KEYS_NEEDED, primary_keys),
	MEMBER("UNIQUE KEYS", key_names, KEYS_NEEDED, unique_keys),
	MEMBER("IMPORTED KEYS", reference_names, KEYS_NEEDED, references),
};

static SqlRows *
rows_of(Catalog *catalog, const Member *member)
{
	return (SqlRows *) ((char *) catalog + member->place);
}

/* The names that are there, but this one, in their order. */
static bool
read_names(SqlRows *rows, Service *service, const Show *show, const char *without, HttpFailure *failure)
{
	size_t kept = 0;
	int shown;

	if (!shown_add(rows, service, show, &shown, failure))
		return false;
	for (size_t i = 0; i < rows->count; i++)
		if (strcmp(rows->items[i][SHOWN_NAME], without) != 0)
			rows->items[kept++] = rows->items[i];
	rows->count = kept;
	sql_rows_sort(rows);
	return true;
}

bool
catalog_read_databases(SqlRows *databases, Service *service, HttpFailure *failure)
{
	Show show = {
		.what = "DATABASES", .names = database_names, .count = COUNT(database_names), .in_pages = true};

	return read_names(databases, service, &show, "SNOWFLAKE", failure);
}

bool
catalog_read_schemas(SqlRows *schemas, Service *service, HttpFailure *failure)
{
	Show show = {.what = "SCHEMAS",
				 .in = "DATABASE",
				 .names = schema_names,
				 .count = COUNT(schema_names),
				 .in_pages = true};

	return read_names(schemas, service, &show, "INFORMATION_SCHEMA", failure);
}

static bool
has_external(const SqlRows *tables)
{
	for (size_t i = 0; i < tables->count; i++)
		if (tables->items[i][TABLE_EXTERNAL] != NULL && strcmp(tables->items[i][TABLE_EXTERNAL], "Y") == 0)
			return true;
	return false;
}

static void
ask_list(Showing *showing, Service *service, const char *schema, const char *what, const char *const *names,
		 int count)
{
	shown_begin(showing, service,
				&(Show){.what = what,
						.in = "SCHEMA",
						.schema = schema,
						.names = names,
						.count = count,
						.in_pages = true});
}

static bool
take_list(SqlRows *rows, Showing *showing, HttpFailure *failure)
{
	int shown;

	if (!shown_finish(rows, showing, &shown, failure))
		return false;
	sql_rows_sort(rows);
	return true;
}

/* Where an external table has its files is a detail: without it the table is told all the same. */
static bool
read_externals(Catalog *catalog, Service *service, const char *schema, HttpFailure *failure)
{
	Showing externals;

	catalog->externals.columns = EXTERNAL_COLUMNS;
	if (!has_external(&catalog->tables))
		return true;
	ask_list(&externals, service, schema, "EXTERNAL TABLES", external_names, COUNT(external_names));
	return take_list(&catalog->externals, &externals, failure) || !failure->transient;
}

bool
catalog_read_relations(Catalog *catalog, Service *service, const char *schema, HttpFailure *failure)
{
	Showing tables;
	Showing views;

	ask_list(&tables, service, schema, "TABLES", table_names, COUNT(table_names));
	ask_list(&views, service, schema, "VIEWS", view_names, COUNT(view_names));
	if (!take_list(&catalog->tables, &tables, failure))
	{
		shown_abandon(&views);
		return false;
	}
	return take_list(&catalog->views, &views, failure) && read_externals(catalog, service, schema, failure);
}

/* Does it concern this statement only? */
static bool
is_too_much(const HttpFailure *failure)
{
	return strcmp(failure->code, "too_large") == 0 || strcmp(failure->code, "query") == 0;
}

static void
ask_member(MembersAsked *asked, int number, Service *service, const Show *place)
{
	Show show = *place;

	show.what = members[number].what;
	show.names = members[number].names;
	show.count = members[number].count;
	show.needed = members[number].needed;
	asked->are_asked[number] = true;
	shown_begin(&asked->showings[number], service, &show);
}

static bool
take_member(Catalog *catalog, MembersAsked *asked, int number, int *shown, HttpFailure *failure)
{
	SqlRows *rows = rows_of(catalog, &members[number]);

	asked->are_asked[number] = false;
	if (!shown_finish(rows, &asked->showings[number], shown, failure))
		return false;
	sql_rows_sort(rows);
	return true;
}

static void
abandon_members(MembersAsked *asked)
{
	for (int i = 0; i < CATALOG_MEMBERS; i++)
		if (asked->are_asked[i])
			shown_abandon(&asked->showings[i]);
}

bool
catalog_read_members(Catalog *catalog, Service *service, const char *schema, HttpFailure *failure)
{
	MembersAsked asked = {.are_asked = {false}};

	for (int i = 0; i < CATALOG_MEMBERS; i++)
		ask_member(&asked, i, service, &(Show){.in = "SCHEMA", .schema = schema});
	for (int i = 0; i < CATALOG_MEMBERS; i++)
	{
		int shown = 0;
		bool fine = take_member(catalog, &asked, i, &shown, failure);

		if (!fine && !is_too_much(failure))
		{
			abandon_members(&asked);
			return false;
		}
		catalog->is_whole[i] = fine && shown < MOST_SHOWN;
	}
	return true;
}

bool
catalog_is_whole(const Catalog *catalog)
{
	for (int i = 0; i < CATALOG_MEMBERS; i++)
		if (!catalog->is_whole[i])
			return false;
	return true;
}

/* Views have no keys. */
void
catalog_ask_members(MembersAsked *asked, const Catalog *catalog, Service *service, const char *schema,
					const char *relation, bool is_view)
{
	Show place = {.in = is_view ? "VIEW" : "TABLE", .schema = schema, .relation = relation};

	*asked = (MembersAsked){.are_asked = {false}};
	for (int i = 0; i < CATALOG_MEMBERS; i++)
		if (!catalog->is_whole[i] && (i == 0 || !is_view))
			ask_member(asked, i, service, &place);
}

bool
catalog_take_members(Catalog *catalog, MembersAsked *asked, HttpFailure *failure)
{
	int shown;

	for (int i = 0; i < CATALOG_MEMBERS; i++)
	{
		if (!catalog->is_whole[i])
			sql_rows_free(rows_of(catalog, &members[i]));
		if (asked->are_asked[i] && !take_member(catalog, asked, i, &shown, failure))
		{
			abandon_members(asked);
			return false;
		}
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
				 .count = COUNT(column_names),
				 .needed = COLUMNS_NEEDED};
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
