#include "connectors/cassandra/describe.h"

#include <string.h>

#include "connectors/cassandra/fields.h"
#include "connectors/cassandra/name.h"
#include "connectors/common/emit.h"
#include "connectors/sql/members.h"

#define MOST_OPTIONS 6

static bool
is(const char *text, const char *word)
{
	return text != NULL && strcmp(text, word) == 0;
}

/* ---- columns ---- */

static char *
keep(SqlArena *arena, WireBuffer *text)
{
	char *kept;

	wire_append(text, "", 1);
	if (text->failed)
		give_up_out_of_memory();
	kept = sql_arena_bytes(arena, text->data, text->length - 1);
	wire_free(text);
	return kept;
}

/* A partition that has static values alone is a row without clustering columns. */
static void
describe_column(SqlArena *arena, const Catalog *catalog, const char *const *row, bool has_static,
				SqlColumn *column)
{
	const CqlType *type = type_read(&catalog->types, arena, row[COLUMN_TYPE]);
	bool is_of_key =
		is(row[COLUMN_KIND], "partition_key") || (is(row[COLUMN_KIND], "clustering") && !has_static);
	WireBuffer more = {0};

	*column = (SqlColumn){.name = row[COLUMN_NAME],
						  .type = type_shown(type)->text,
						  .pg_type = type_in_postgresql(type),
						  .not_null = is_of_key};
	fields_append(&more, type);
	if (is(row[COLUMN_KIND], "static"))
		wire_append_text(&more, ",\"static\":true");
	if (more.length > 0)
		column->more = keep(arena, &more);
}

static void
describe_columns(SqlArena *arena, const Catalog *catalog, SqlGroup columns, SqlRelation *relation)
{
	bool has_static = false;

	for (size_t i = 0; i < columns.count; i++)
		has_static |= is(columns.items[i][COLUMN_KIND], "static");
	relation->columns = sql_arena_array(arena, SqlColumn, columns.count + 1);
	for (size_t i = 0; i < columns.count; i++)
		describe_column(arena, catalog, columns.items[i], has_static,
						&relation->columns[relation->column_count++]);
}

/* ---- the key ---- */

/* Rows with the same partition key stand together, in the order of the clustering columns. */
static void
describe_key(SqlArena *arena, SqlGroup columns, SqlRelation *relation)
{
	SqlKey *key = sql_arena_allocate(arena, sizeof(SqlKey));
	SqlIndex *order = relation->indexes;
	WireBuffer partition = {0};
	size_t count = 0;

	key->columns.items = sql_arena_array(arena, const char *, columns.count + 1);
	order->columns.items = sql_arena_array(arena, const char *, columns.count + 1);
	for (; count < columns.count && is(columns.items[count][COLUMN_KIND], "partition_key"); count++)
	{
		wire_append_text(&partition, count == 0 ? "(" : ", ");
		name_append(&partition, columns.items[count][COLUMN_NAME]);
	}
	for (; count < columns.count && is(columns.items[count][COLUMN_KIND], "clustering"); count++)
		order->primary = true;
	for (size_t i = 0; i < count; i++)
	{
		const char *const *row = columns.items[i];

		key->columns.items[key->columns.count++] = row[COLUMN_NAME];
		order->columns.items[order->columns.count++] =
			is(row[COLUMN_ORDER], "desc") ? sql_arena_join(arena, row[COLUMN_NAME], " DESC", "")
										  : row[COLUMN_NAME];
	}
	if (count == 0)
		return;
	wire_append_text(&partition, ")");
	relation->primary_key = key;
	relation->partition_key = keep(arena, &partition);
	order->name = "primary";
	relation->index_count += order->primary;
}

/* ---- indexes ---- */

/* The class without its package. */
static const char *
short_class(const char *class)
{
	const char *point = class ? strrchr(class, '.') : NULL;

	return point ? point + 1 : class;
}

static void
describe_index(SqlArena *arena, const char *const *row, SqlIndex *index)
{
	*index = (SqlIndex){.name = row[INDEX_NAME] ? row[INDEX_NAME] : "",
						.method = row[INDEX_CLASS] ? short_class(row[INDEX_CLASS]) : row[INDEX_KIND]};
	if (row[INDEX_TARGET] == NULL)
		return;
	index->columns.items = sql_arena_array(arena, const char *, 1);
	index->columns.items[index->columns.count++] = row[INDEX_TARGET];
}

/* The first one is the order of the rows, if they have one beside that of hashes. */
static void
describe_indexes(SqlArena *arena, const Catalog *catalog, const char *name, SqlGroup columns,
				 SqlRelation *relation)
{
	SqlGroup rows = sql_rows_of(&catalog->indexes, name);

	relation->indexes = sql_arena_array(arena, SqlIndex, rows.count + 1);
	describe_key(arena, columns, relation);
	for (size_t i = 0; i < rows.count; i++)
		describe_index(arena, rows.items[i], &relation->indexes[relation->index_count++]);
}

/* ---- relations ---- */

static void
describe_common(SqlArena *arena, const Catalog *catalog, const char *const *row, SqlRelation *relation)
{
	SqlGroup columns = catalog_columns(catalog, row[TABLE_NAME]);
	const char *comment = row[TABLE_COMMENT];

	*relation = (SqlRelation){.comment = comment && *comment ? comment : NULL};
	relation->options = sql_arena_array(arena, SqlOption, MOST_OPTIONS);
	describe_columns(arena, catalog, columns, relation);
	describe_indexes(arena, catalog, row[TABLE_NAME], columns, relation);
	sql_add_option(relation, "compaction", short_class(row[TABLE_COMPACTION]));
	if (!is(row[TABLE_LIFETIME], "0"))
		sql_add_option(relation, "default_time_to_live", row[TABLE_LIFETIME]);
}

void
describe_table(SqlArena *arena, const Catalog *catalog, const char *const *row, SqlRelation *relation)
{
	const char *flags = row[TABLE_FLAGS];

	describe_common(arena, catalog, row, relation);
	if (flags_have(flags, "counter"))
		sql_add_option(relation, "counter", "true");
	if (flags && (flags_have(flags, "dense") || flags_have(flags, "super") || !flags_have(flags, "compound")))
		sql_add_option(relation, "compact_storage", "true");
}

/* The query that the view stands for, in the form of CREATE MATERIALIZED VIEW. */
static char *
view_query(SqlArena *arena, const Catalog *catalog, const char *const *row, const SqlRelation *relation)
{
	WireBuffer query = {0};

	wire_append_text(&query, "SELECT ");
	for (int i = 0; i < relation->column_count && !row[VIEW_HAS_ALL_COLUMNS]; i++)
	{
		wire_append_text(&query, i == 0 ? "" : ", ");
		name_append(&query, relation->columns[i].name);
	}
	wire_append_text(&query, row[VIEW_HAS_ALL_COLUMNS] ? "* FROM " : " FROM ");
	name_append(&query, catalog->keyspace);
	wire_append_text(&query, ".");
	name_append(&query, row[VIEW_BASE] ? row[VIEW_BASE] : "");
	wire_append_text(&query, " WHERE ");
	wire_append_text(&query, row[VIEW_CONDITION] ? row[VIEW_CONDITION] : "");
	return keep(arena, &query);
}

void
describe_view(SqlArena *arena, const Catalog *catalog, const char *const *row, SqlRelation *relation)
{
	describe_common(arena, catalog, row, relation);
	relation->definition = view_query(arena, catalog, row, relation);
	sql_add_option(relation, "base_table", row[VIEW_BASE]);
}
