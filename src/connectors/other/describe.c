/*
 * describe.c — columns, and the keys and indexes that the driver knows. The functions about these may fail,
 * and some drivers call a key what is none: a key with a column that the relation does not have, or with a
 * gap, is left out.
 */
#include "connectors/other/describe.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connectors/common/memory.h"

/* The positions of ODBC 3 behind catalog, schema and name, of the functions about one relation. */
enum
{
	KEY_COLUMN = 3,
	KEY_POSITION,
	KEY_NAME,
	KEY_CELLS
};

enum
{
	FOREIGN_CATALOG,
	FOREIGN_SCHEMA,
	FOREIGN_TABLE,
	FOREIGN_REFERENCED,
	FOREIGN_OWN, /* catalog, schema and name of the relation itself */
	FOREIGN_COLUMN = 7,
	FOREIGN_POSITION,
	FOREIGN_ON_UPDATE,
	FOREIGN_ON_DELETE,
	FOREIGN_NAME,
	FOREIGN_CELLS
};

enum
{
	INDEX_NOT_UNIQUE = 3,
	INDEX_NAME = 5,
	INDEX_TYPE,
	INDEX_POSITION,
	INDEX_COLUMN,
	INDEX_ORDER,
	INDEX_CARDINALITY,
	INDEX_FILTER = 12,
	INDEX_CELLS
};

#define MOST_PARTS   64 /* columns of a key or an index */
#define MOST_OBJECTS 1000

typedef struct Description
{
	SqlArena *arena;
	OdbcSession *session;
	TheirName name;
	SqlRelation *relation;
} Description;

static const char *
filled(const char *text)
{
	return text == NULL || *text == '\0' ? NULL : text;
}

static long
number(const char *text)
{
	return text ? strtol(text, NULL, 10) : -1;
}

const char *
describe_kind(const char *const *table)
{
	static const char *const views[] = {"VIEW", "SYNONYM", "ALIAS"};

	if (strcasecmp(table[TABLE_TYPE], "MATERIALIZED VIEW") == 0 ||
		strcasecmp(table[TABLE_TYPE], "MATVIEW") == 0)
		return "materialized_view";
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
		if (strcasecmp(table[TABLE_TYPE], views[i]) == 0)
			return "view";
	return strcasecmp(table[TABLE_TYPE], "FOREIGN TABLE") == 0 ? "foreign_table" : "table";
}

ColumnType
describe_type(const char *const *column)
{
	return (ColumnType){.number = (int) number(column[COLUMN_TYPE]),
						.name = column[COLUMN_TYPE_NAME],
						.size = column[COLUMN_SIZE],
						.digits = column[COLUMN_DIGITS]};
}

/* ---- columns ---- */

/* The word NULL is of no default; TRUNCATED is of one that the driver cannot say. */
static const char *
default_of(const char *text)
{
	if (filled(text) == NULL || strcmp(text, "NULL") == 0 || strcmp(text, "TRUNCATED") == 0)
		return NULL;
	return text;
}

static bool
has_column(const SqlRelation *relation, const char *name)
{
	for (int i = 0; name != NULL && i < relation->column_count; i++)
		if (strcmp(relation->columns[i].name, name) == 0)
			return true;
	return false;
}

static void
describe_columns(const Description *description, SqlGroup rows)
{
	SqlRelation *relation = description->relation;

	relation->columns = sql_arena_array(description->arena, SqlColumn, rows.count);
	for (size_t i = 0; i < rows.count; i++)
	{
		const char *const *row = rows.items[i];
		ColumnType type = describe_type(row);

		if (has_column(relation, row[COLUMN_NAME]))
			continue;
		relation->columns[relation->column_count++] =
			(SqlColumn){.name = row[COLUMN_NAME],
						.type = type_text(description->arena, &type),
						.pg_type = type_in_postgresql(description->session, &type),
						.not_null = number(row[COLUMN_NULLABLE]) == SQL_NO_NULLS,
						.default_text = default_of(row[COLUMN_DEFAULT]),
						.comment = filled(row[COLUMN_REMARKS])};
	}
}

/* ---- lists of columns, whose parts come in any order ---- */

static const char *
copy(const Description *description, const char *text)
{
	return sql_arena_text(description->arena, text);
}

/* Puts a name at its position, from 1; what is out of bounds makes a gap. */
static void
put_name(const Description *description, SqlNames *names, const char *position, const char *name)
{
	long at = number(position);

	if (at < 1 || at > MOST_PARTS || filled(name) == NULL)
		return;
	if (names->items == NULL)
		names->items = sql_arena_array(description->arena, const char *, MOST_PARTS);
	names->items[at - 1] = copy(description, name);
	if (at > names->count)
		names->count = (int) at;
}

static bool
is_whole(const SqlNames *names)
{
	for (int i = 0; i < names->count; i++)
		if (names->items[i] == NULL)
			return false;
	return names->count > 0;
}

static bool
are_columns(const SqlRelation *relation, const SqlNames *names)
{
	for (int i = 0; i < names->count; i++)
		if (!has_column(relation, names->items[i]))
			return false;
	return true;
}

/* ---- keys ---- */

/* Where a table has no primary key, the driver of SQLite calls a unique one so, by the name of its index. */
static bool
is_only_unique(const char *name)
{
	return name != NULL && strncmp(name, "sqlite_autoindex_", strlen("sqlite_autoindex_")) == 0;
}

static void
describe_primary_key(const Description *description)
{
	SqlKey *key = sql_arena_array(description->arena, SqlKey, 1);
	OdbcAnswer answer;
	OdbcRow row = {0};

	odbc_begin(description->session, &answer);
	catalog_ask_primary_key(&answer, &description->name);
	while (SQL_SUCCEEDED(answer.done) && odbc_next_row(&answer, &row, KEY_CELLS))
	{
		if (!catalog_is(&description->name, row.cells))
			continue;
		key->name = copy(description, filled(row.cells[KEY_NAME]));
		put_name(description, &key->columns, row.cells[KEY_POSITION], row.cells[KEY_COLUMN]);
	}
	odbc_end(&answer);
	wire_free(&row.text);
	if (is_whole(&key->columns) && are_columns(description->relation, &key->columns) &&
		!is_only_unique(key->name))
		description->relation->primary_key = key;
}

static const char *
rule(const char *code)
{
	switch (number(code))
	{
		case SQL_CASCADE:
			return "cascade";
		case SQL_SET_NULL:
			return "set null";
		case SQL_SET_DEFAULT:
			return "set default";
		default:
			return NULL; /* drivers give one of the others where there is none */
	}
}

/* The key of a row: of this name, or, where keys have none, the one that its first column began. */
static SqlKey *
key_of(const Description *description, const char *const *cells)
{
	SqlRelation *relation = description->relation;
	const char *name = filled(cells[FOREIGN_NAME]);
	SqlKey *last =
		relation->foreign_key_count > 0 ? &relation->foreign_keys[relation->foreign_key_count - 1] : NULL;

	for (int i = 0; name != NULL && i < relation->foreign_key_count; i++)
		if (relation->foreign_keys[i].name && strcmp(relation->foreign_keys[i].name, name) == 0)
			return &relation->foreign_keys[i];
	if (name == NULL && last != NULL && number(cells[FOREIGN_POSITION]) > 1)
		return last;
	if (relation->foreign_key_count == MOST_OBJECTS)
		return NULL;
	last = &relation->foreign_keys[relation->foreign_key_count++];
	*last =
		(SqlKey){.name = copy(description, name),
				 .schema = copy(description, catalog_schema(cells[FOREIGN_CATALOG], cells[FOREIGN_SCHEMA])),
				 .table = copy(description, cells[FOREIGN_TABLE]),
				 .on_update = rule(cells[FOREIGN_ON_UPDATE]),
				 .on_delete = rule(cells[FOREIGN_ON_DELETE])};
	return last;
}

static bool
is_foreign_key(const SqlRelation *relation, const SqlKey *key)
{
	return filled(key->table) && is_whole(&key->columns) && is_whole(&key->referenced) &&
		   key->columns.count == key->referenced.count && are_columns(relation, &key->columns);
}

static int
compare_keys(const void *one, const void *other)
{
	const SqlKey *first = one;
	const SqlKey *second = other;
	int order = strcmp(first->name ? first->name : "", second->name ? second->name : "");

	return order != 0 ? order : strcmp(first->columns.items[0], second->columns.items[0]);
}

static void
describe_foreign_keys(const Description *description)
{
	SqlRelation *relation = description->relation;
	OdbcAnswer answer;
	OdbcRow row = {0};
	int kept = 0;

	relation->foreign_keys = sql_arena_array(description->arena, SqlKey, MOST_OBJECTS);
	odbc_begin(description->session, &answer);
	catalog_ask_foreign_keys(&answer, &description->name);
	while (SQL_SUCCEEDED(answer.done) && odbc_next_row(&answer, &row, FOREIGN_CELLS))
	{
		SqlKey *key =
			catalog_is(&description->name, row.cells + FOREIGN_OWN) ? key_of(description, row.cells) : NULL;

		if (key == NULL)
			continue;
		put_name(description, &key->columns, row.cells[FOREIGN_POSITION], row.cells[FOREIGN_COLUMN]);
		put_name(description, &key->referenced, row.cells[FOREIGN_POSITION], row.cells[FOREIGN_REFERENCED]);
	}
	odbc_end(&answer);
	wire_free(&row.text);
	for (int i = 0; i < relation->foreign_key_count; i++)
		if (is_foreign_key(relation, &relation->foreign_keys[i]))
			relation->foreign_keys[kept++] = relation->foreign_keys[i];
	relation->foreign_key_count = kept;
	if (kept > 1)
		qsort(relation->foreign_keys, (size_t) kept, sizeof(SqlKey), compare_keys);
}

/* ---- indexes ---- */

static SqlIndex *
index_of(const Description *description, const char *const *cells)
{
	SqlRelation *relation = description->relation;
	const char *name = filled(cells[INDEX_NAME]);

	for (int i = 0; name != NULL && i < relation->index_count; i++)
		if (strcmp(relation->indexes[i].name, name) == 0)
			return &relation->indexes[i];
	if (name == NULL || relation->index_count == MOST_OBJECTS)
		return NULL;
	relation->indexes[relation->index_count] =
		(SqlIndex){.name = copy(description, name),
				   .unique = number(cells[INDEX_NOT_UNIQUE]) == SQL_FALSE && !filled(cells[INDEX_FILTER])};
	return &relation->indexes[relation->index_count++];
}

static const char *
index_column(const Description *description, const char *const *cells)
{
	bool is_descending = cells[INDEX_ORDER] && strcmp(cells[INDEX_ORDER], "D") == 0;

	if (filled(cells[INDEX_COLUMN]) == NULL)
		return NULL;
	return is_descending ? sql_arena_join(description->arena, cells[INDEX_COLUMN], " DESC", "")
						 : cells[INDEX_COLUMN];
}

static int
compare_indexes(const void *one, const void *other)
{
	return strcmp(((const SqlIndex *) one)->name, ((const SqlIndex *) other)->name);
}

/* The index of the primary key bears its name. */
static void
settle_indexes(SqlRelation *relation)
{
	const char *key = relation->primary_key ? relation->primary_key->name : NULL;
	int kept = 0;

	for (int i = 0; i < relation->index_count; i++)
		if (is_whole(&relation->indexes[i].columns))
			relation->indexes[kept++] = relation->indexes[i];
	relation->index_count = kept;
	for (int i = 0; key != NULL && i < kept; i++)
		relation->indexes[i].primary = strcmp(relation->indexes[i].name, key) == 0;
	if (kept > 1)
		qsort(relation->indexes, (size_t) kept, sizeof(SqlIndex), compare_indexes);
}

static void
describe_indexes(const Description *description, int64_t *row_estimate)
{
	OdbcAnswer answer;
	OdbcRow row = {0};

	description->relation->indexes = sql_arena_array(description->arena, SqlIndex, MOST_OBJECTS);
	odbc_begin(description->session, &answer);
	catalog_ask_indexes(&answer, &description->name);
	while (SQL_SUCCEEDED(answer.done) && odbc_next_row(&answer, &row, INDEX_CELLS))
	{
		bool is_of_table = number(row.cells[INDEX_TYPE]) == SQL_TABLE_STAT;
		SqlIndex *index;

		if (!catalog_is(&description->name, row.cells))
			continue;
		if (is_of_table && number(row.cells[INDEX_CARDINALITY]) >= 0)
			*row_estimate = number(row.cells[INDEX_CARDINALITY]);
		index = is_of_table ? NULL : index_of(description, row.cells);
		if (index != NULL)
			put_name(description, &index->columns, row.cells[INDEX_POSITION],
					 index_column(description, row.cells));
	}
	odbc_end(&answer);
	wire_free(&row.text);
	settle_indexes(description->relation);
}

/* ---- a relation ---- */

/* A type that has no kind of its own is an option. */
static void
describe_type_of_table(const Description *description, const char *const *table, const char *kind)
{
	SqlRelation *relation = description->relation;
	const char *type = table[TABLE_TYPE];

	if (filled(type) == NULL || strcasecmp(type, "TABLE") == 0 || strcasecmp(type, "BASE TABLE") == 0 ||
		strcasecmp(type, "VIEW") == 0 || strcmp(kind, "materialized_view") == 0 ||
		strcmp(kind, "foreign_table") == 0)
		return;
	relation->options = sql_arena_array(description->arena, SqlOption, 1);
	relation->options[relation->option_count++] = (SqlOption){.name = "table_type", .value = type};
}

void
describe(SqlArena *arena, OdbcSession *session, const char *const *table, SqlGroup columns,
		 SqlRelation *relation, int64_t *row_estimate)
{
	const char *kind = describe_kind(table);
	Description description = {.arena = arena,
							   .session = session,
							   .name = {.catalog = table[TABLE_CATALOG],
										.schema = table[TABLE_THEIR_SCHEMA],
										.name = table[TABLE_NAME]},
							   .relation = relation};

	*relation = (SqlRelation){.comment = filled(table[TABLE_REMARKS])};
	*row_estimate = ABSENT;
	describe_type_of_table(&description, table, kind);
	describe_columns(&description, columns);
	if (strcmp(kind, "view") == 0)
		return;
	describe_primary_key(&description);
	describe_foreign_keys(&description);
	describe_indexes(&description, row_estimate);
}
