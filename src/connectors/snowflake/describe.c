#include "connectors/snowflake/describe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connectors/sql/members.h"

#define MOST_OPTIONS 8

static bool
says(const char *text, const char *word)
{
	return text != NULL && strcasecmp(text, word) == 0;
}

const char *
describe_table_kind(const char *const *table)
{
	return says(table[TABLE_EXTERNAL], "Y")  ? "foreign_table"
		   : says(table[TABLE_DYNAMIC], "Y") ? "materialized_view"
											 : "table";
}

const char *
describe_view_kind(const char *const *view)
{
	return says(view[VIEW_MATERIALIZED], "true") ? "materialized_view" : "view";
}

/* ---- columns ---- */

void
describe_type(ColumnType *type, const char *const *column)
{
	const char *text = column[COLUMN_TYPE] ? column[COLUMN_TYPE] : "";
	char fault[64];
	JsonTree *tree = json_tree_read(text, strlen(text), fault, sizeof(fault));

	column_type_read(type, tree ? json_tree_root(tree) : NULL);
	json_tree_free(tree);
}

static void
describe_column(SqlColumn *column, SqlArena *arena, const char *const *row)
{
	ColumnType type;
	bool is_computed = says(row[COLUMN_KIND], "VIRTUAL_COLUMN") || says(row[COLUMN_KIND], "VIRTUAL");

	describe_type(&type, row);
	*column = (SqlColumn){.name = row[COLUMN_NAME],
						  .type = sql_arena_text(arena, type.text),
						  .pg_type = type.pg_type,
						  .not_null = type.not_null,
						  .default_text = row[COLUMN_DEFAULT],
						  .identity = row[COLUMN_AUTOINCREMENT] != NULL ? "by default" : NULL,
						  .generated = is_computed ? "virtual" : NULL,
						  .expression = row[COLUMN_EXPRESSION],
						  .collation = type.has_collation ? sql_arena_text(arena, type.collation) : NULL,
						  .comment = row[COLUMN_COMMENT]};
}

static void
describe_columns(SqlRelation *relation, SqlArena *arena, SqlGroup rows)
{
	relation->columns = sql_arena_array(arena, SqlColumn, rows.count + 1);
	for (size_t i = 0; i < rows.count; i++)
		if (rows.items[i][COLUMN_NAME] != NULL)
			describe_column(&relation->columns[relation->column_count++], arena, rows.items[i]);
}

/* ---- keys ---- */

static int
compare_keys(const void *one, const void *other)
{
	const char *const *first = *(const char *const *const *) one;
	const char *const *second = *(const char *const *const *) other;
	const char *name = first[KEY_NAME] ? first[KEY_NAME] : "";
	int order = strcmp(name, second[KEY_NAME] ? second[KEY_NAME] : "");
	long left = strtol(first[KEY_NUMBER] ? first[KEY_NUMBER] : "", NULL, 10);
	long right = strtol(second[KEY_NUMBER] ? second[KEY_NUMBER] : "", NULL, 10);

	if (order == 0)
		order = left < right ? -1 : left > right;
	return order != 0 ? order : strcmp(first[SHOWN_ORDER], second[SHOWN_ORDER]);
}

/* Rows of keys in the order of their names and of the columns in each. */
static SqlGroup
sorted_keys(SqlArena *arena, SqlGroup rows)
{
	SqlGroup sorted = {.items = sql_arena_array(arena, const char **, rows.count + 1), .count = rows.count};

	for (size_t i = 0; i < rows.count; i++)
		sorted.items[i] = rows.items[i];
	if (rows.count > 1)
		qsort(sorted.items, sorted.count, sizeof(sorted.items[0]), compare_keys);
	return sorted;
}

static SqlNames
names_at(SqlArena *arena, SqlGroup rows, size_t first, size_t count, int place)
{
	SqlNames names = {.items = sql_arena_array(arena, const char *, count)};

	for (size_t i = 0; i < count; i++)
		if (rows.items[first + i][place] != NULL)
			names.items[names.count++] = rows.items[first + i][place];
	return names;
}

/* What happens by default is not told. */
static const char *
rule_of(const char *text)
{
	return says(text, "NO ACTION") ? NULL : text;
}

static void
describe_reference(SqlKey *key, SqlArena *arena, SqlGroup rows, size_t first, size_t count,
				   const char *database)
{
	const char *const *row = rows.items[first];
	const char *other = row[REFERENCE_DATABASE];

	key->schema = row[REFERENCE_SCHEMA];
	if (other != NULL && strcmp(other, database) != 0 && key->schema != NULL)
		key->schema = sql_arena_join(arena, other, ".", key->schema);
	key->table = row[REFERENCE_TABLE];
	key->referenced = names_at(arena, rows, first, count, REFERENCE_OTHER);
	key->on_update = rule_of(row[REFERENCE_UPDATE]);
	key->on_delete = rule_of(row[REFERENCE_DELETE]);
}

/* Keys of the kind; database: they refer to others, in this one unless they say so. Returns how many. */
static int
describe_keys(SqlKey **keys, SqlArena *arena, SqlGroup unsorted, const char *database)
{
	SqlGroup rows = sorted_keys(arena, unsorted);
	int count = 0;
	size_t same;

	*keys = sql_arena_array(arena, SqlKey, rows.count + 1);
	for (size_t first = 0; first < rows.count; first += same)
	{
		SqlKey *key = &(*keys)[count++];

		same = sql_rows_same(rows, first, KEY_NAME);
		*key = (SqlKey){.name = rows.items[first][KEY_NAME],
						.columns = names_at(arena, rows, first, same, KEY_COLUMN),
						.not_enforced = true};
		if (database != NULL)
			describe_reference(key, arena, rows, first, same, database);
	}
	return count;
}

/* The service checks no row against a key, but the planner may be told to rely on it. */
static void
tell_reliance(SqlRelation *relation, SqlArena *arena, SqlGroup rows)
{
	const char *names = NULL;

	for (size_t i = 0; i < rows.count; i++)
	{
		const char *name = rows.items[i][KEY_NAME];

		if (!says(rows.items[i][KEY_RELY], "true") || name == NULL ||
			(i > 0 && says(rows.items[i - 1][KEY_NAME], name)))
			continue;
		names = names == NULL ? name : sql_arena_join(arena, names, ", ", name);
	}
	sql_add_option(relation, "rely", names);
}

/* ---- the rest ---- */

static void
describe_table(SqlRelation *relation, const Catalog *catalog, const char *const *row)
{
	SqlGroup external = sql_rows_of(&catalog->externals, row[SHOWN_NAME]);
	const char *kind = row[TABLE_KIND];

	relation->comment = row[TABLE_COMMENT];
	sql_add_option(relation, "clustering", row[TABLE_CLUSTER]);
	sql_add_option(relation, "kind",
				   says(row[TABLE_DYNAMIC], "Y")   ? "dynamic"
				   : says(row[TABLE_ICEBERG], "Y") ? "iceberg"
				   : says(row[TABLE_HYBRID], "Y")  ? "hybrid"
				   : says(kind, "TRANSIENT")       ? "transient"
				   : says(kind, "TEMPORARY")       ? "temporary"
												   : NULL);
	if (external.count == 0)
		return;
	sql_add_option(relation, "location", external.items[0][EXTERNAL_LOCATION]);
	sql_add_option(relation, "source_format", external.items[0][EXTERNAL_FORMAT]);
}

void
describe_relation(SqlRelation *relation, SqlArena *arena, const Catalog *catalog, const char *const *row,
				  const char *database, bool is_view)
{
	const char *name = row[SHOWN_NAME];
	SqlGroup primary = sql_rows_of(&catalog->primary_keys, name);
	SqlGroup unique = sql_rows_of(&catalog->unique_keys, name);
	SqlKey *keys;

	*relation = (SqlRelation){.options = sql_arena_array(arena, SqlOption, MOST_OPTIONS)};
	describe_columns(relation, arena, sql_rows_of(&catalog->columns, name));
	if (describe_keys(&keys, arena, primary, NULL) > 0)
		relation->primary_key = &keys[0];
	relation->unique_count = describe_keys(&relation->uniques, arena, unique, NULL);
	relation->foreign_key_count =
		describe_keys(&relation->foreign_keys, arena, sql_rows_of(&catalog->references, name), database);
	if (!is_view)
		describe_table(relation, catalog, row);
	else
	{
		relation->comment = row[VIEW_COMMENT];
		relation->definition = row[VIEW_TEXT];
		sql_add_option(relation, "secure", says(row[VIEW_SECURE], "true") ? "true" : NULL);
	}
	tell_reliance(relation, arena, primary);
}
