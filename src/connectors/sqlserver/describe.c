/*
 * describe.c — columns, keys, checks and indexes, as the document has them.
 *
 * A key or index with a column that the user may not see is left out: what remains of it would be another
 * key. Without VIEW DEFINITION the catalog has no text of views, defaults, computed columns and checks: they
 * are reported as unreadable.
 */
#include <ctype.h>
#include <string.h>

#include "connectors/sql/members.h"
#include "connectors/sql/quote.h"
#include "connectors/sqlserver/describe.h"
#include "connectors/sqlserver/types.h"

typedef struct Description
{
	SqlArena *arena;
	const Catalog *catalog;
	const char *const *object;
	SqlRelation *relation;
} Description;

#define MOST_OPTIONS    6
#define MOST_UNREADABLE 4

static bool
is(const char *text, const char *word)
{
	return text != NULL && strcmp(text, word) == 0;
}

static bool
is_true(const char *text)
{
	return is(text, "1");
}

static SqlGroup
rows_of(const Description *description, const SqlRows *rows)
{
	return sql_rows_of(rows, description->object[OBJECT_ID]);
}

/* A view with a clustered index keeps its rows. */
static bool
has_rows_of_its_own(const Catalog *catalog, const char *const *object)
{
	SqlGroup indexes = sql_rows_of(&catalog->indexes, object[OBJECT_ID]);

	return indexes.count > 0 && is(indexes.items[0][INDEX_ID], "1");
}

const char *
relation_kind(const Catalog *catalog, const char *const *object)
{
	const char *type = object[OBJECT_TYPE];

	if (is(type, "V"))
		return has_rows_of_its_own(catalog, object) ? "materialized_view" : "view";
	if (is(type, "SN"))
		return "view";
	if (is(type, "SO"))
		return "sequence";
	if (is(type, "ET") || is_true(object[OBJECT_EXTERNAL]))
		return "foreign_table";
	return sql_rows_of(&catalog->partitions, object[OBJECT_ID]).count > 0 ? "partitioned_table" : "table";
}

/* ---- columns ---- */

/* Of a table with a history, the columns with the time from and to which a row was valid. */
static const char *
period_of(const char *word)
{
	return is(word, "1") ? "ROW START" : is(word, "2") ? "ROW END" : NULL;
}

static void
describe_generation(const Description *description, const char *const *row, SqlColumn *column)
{
	const char *period = period_of(row[COLUMN_PERIOD]);

	if (period != NULL)
	{
		column->generated = "stored";
		column->expression = period;
	}
	else if (is_true(row[COLUMN_IS_COMPUTED]))
	{
		column->generated = is_true(row[COLUMN_PERSISTED]) ? "stored" : "virtual";
		column->expression = row[COLUMN_EXPRESSION];
		if (column->expression == NULL)
			sql_add_unreadable(description->relation, "expression");
	}
}

static void
describe_column(const Description *description, const char *const *row, SqlColumn *column)
{
	*column = (SqlColumn){.name = row[COLUMN_NAME],
						  .id = row[COLUMN_ID],
						  .pg_type = type_in_postgresql(type_word(row)),
						  .not_null = is(row[COLUMN_NULLABLE], "0"),
						  .default_text = row[COLUMN_DEFAULT],
						  .identity = is_true(row[COLUMN_IDENTITY]) ? "always" : NULL,
						  .collation = row[COLUMN_COLLATION],
						  .comment = row[COLUMN_COMMENT],
						  .invisible = is_true(row[COLUMN_HIDDEN])};
	column->type = type_text(description->arena, row, &column->domain_base);
	if (number_of(row[COLUMN_DEFAULT_ID]) > 0 && row[COLUMN_DEFAULT] == NULL)
		sql_add_unreadable(description->relation, "default");
	describe_generation(description, row, column);
}

static void
describe_columns(const Description *description, SqlGroup rows)
{
	SqlRelation *relation = description->relation;

	relation->columns = sql_arena_array(description->arena, SqlColumn, rows.count);
	for (size_t i = 0; i < rows.count; i++)
		describe_column(description, rows.items[i], &relation->columns[relation->column_count++]);
}

/* ---- indexes, and the keys that they enforce ---- */

static const char *
lower(SqlArena *arena, const char *text)
{
	char *copy = sql_arena_text(arena, text);

	for (char *at = copy; at != NULL && *at; at++)
		*at = *at == '_' ? ' ' : (char) tolower((unsigned char) *at);
	return copy;
}

static const char *
index_column(const Description *description, const char *const *row)
{
	WireBuffer text = {0};
	const char *copy;

	if (!is_true(row[INDEX_DESCENDS]))
		return row[INDEX_COLUMN];
	write_name(&text, row[INDEX_COLUMN]);
	wire_append_text(&text, " DESC");
	if (text.failed)
		give_up_out_of_memory();
	copy = sql_arena_bytes(description->arena, text.data, text.length);
	wire_free(&text);
	return copy;
}

/* A columnstore has no order of columns: all of them are what it is made of. */
static bool
is_of_columns(const char *const *row)
{
	return row[INDEX_KIND] != NULL && strstr(row[INDEX_KIND], "COLUMNSTORE") != NULL;
}

/* A columnstore has none. */
static bool
has_key_columns(const char ***rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (number_of(rows[i][INDEX_POSITION]) > 0)
			return true;
	return false;
}

static void
add_key(const Description *description, const SqlIndex *index, const char ***rows, size_t count)
{
	SqlRelation *relation = description->relation;
	SqlKey *key = index->primary ? sql_arena_array(description->arena, SqlKey, 1)
								 : &relation->uniques[relation->unique_count++];

	*key = (SqlKey){.name = index->name,
					.columns.items = sql_arena_array(description->arena, const char *, count),
					.not_enforced = index->invalid};
	for (size_t i = 0; i < count; i++)
		if (number_of(rows[i][INDEX_POSITION]) > 0)
			key->columns.items[key->columns.count++] = rows[i][INDEX_COLUMN];
	if (index->primary)
		relation->primary_key = key;
}

/* A column by which only the rows are spread over partitions is no part of the index. */
static void
take_index_column(const Description *description, SqlIndex *index, const char *const *row)
{
	if (number_of(row[INDEX_POSITION]) > 0 || is_of_columns(row))
		index->columns.items[index->columns.count++] = index_column(description, row);
	else if (is_true(row[INDEX_INCLUDED]))
		index->include.items[index->include.count++] = row[INDEX_COLUMN];
}

static void
add_index(const Description *description, const char ***rows, size_t count)
{
	const char *const *first = rows[0];
	SqlIndex *index = &description->relation->indexes[description->relation->index_count++];

	*index = (SqlIndex){.name = first[INDEX_NAME],
						.method = lower(description->arena, first[INDEX_KIND]),
						.unique = is_true(first[INDEX_UNIQUE]),
						.primary = is_true(first[INDEX_PRIMARY]),
						.invalid = is_true(first[INDEX_DISABLED]),
						.columns.items = sql_arena_array(description->arena, const char *, count),
						.include.items = sql_arena_array(description->arena, const char *, count),
						.predicate = first[INDEX_FILTER]};
	for (size_t i = 0; i < count; i++)
		take_index_column(description, index, rows[i]);
	if ((index->primary || is_true(first[INDEX_CONSTRAINT])) && has_key_columns(rows, count))
		add_key(description, index, rows, count);
}

static bool
is_whole(const char ***rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i][INDEX_COLUMN] == NULL)
			return false;
	return rows[0][INDEX_NAME] != NULL;
}

static void
describe_indexes(const Description *description)
{
	SqlRelation *relation = description->relation;
	SqlGroup rows = rows_of(description, &description->catalog->indexes);

	relation->indexes = sql_arena_array(description->arena, SqlIndex, rows.count);
	relation->uniques = sql_arena_array(description->arena, SqlKey, rows.count);
	for (size_t i = 0, count; i < rows.count; i += count)
	{
		count = sql_rows_same(rows, i, INDEX_ID);
		if (is_whole(rows.items + i, count))
			add_index(description, rows.items + i, count);
	}
}

/* ---- foreign keys, checks ---- */

static const char *
rule(SqlArena *arena, const char *text)
{
	return text == NULL || is(text, "NO_ACTION") ? NULL : lower(arena, text);
}

static void
add_foreign_key(const Description *description, const char ***rows, size_t count)
{
	SqlRelation *relation = description->relation;
	const char *const *first = rows[0];
	bool is_disabled = is_true(first[FOREIGN_DISABLED]);
	SqlKey key = {.name = first[FOREIGN_NAME],
				  .schema = first[FOREIGN_SCHEMA],
				  .table = first[FOREIGN_REFERENCED],
				  .on_update = rule(description->arena, first[FOREIGN_ON_UPDATE]),
				  .on_delete = rule(description->arena, first[FOREIGN_ON_DELETE]),
				  .not_enforced = is_disabled,
				  .not_valid = !is_disabled && is_true(first[FOREIGN_NOT_TRUSTED]),
				  .columns.items = sql_arena_array(description->arena, const char *, count),
				  .referenced.items = sql_arena_array(description->arena, const char *, count)};

	if (key.schema == NULL || key.table == NULL)
		return;
	for (size_t i = 0; i < count; i++)
	{
		if (rows[i][FOREIGN_COLUMN] == NULL || rows[i][FOREIGN_REFERENCED_COLUMN] == NULL)
			return;
		key.columns.items[key.columns.count++] = rows[i][FOREIGN_COLUMN];
		key.referenced.items[key.referenced.count++] = rows[i][FOREIGN_REFERENCED_COLUMN];
	}
	relation->foreign_keys[relation->foreign_key_count++] = key;
}

static void
describe_foreign_keys(const Description *description)
{
	SqlGroup rows = rows_of(description, &description->catalog->foreign_keys);

	description->relation->foreign_keys = sql_arena_array(description->arena, SqlKey, rows.count);
	for (size_t i = 0, count; i < rows.count; i += count)
	{
		count = sql_rows_same(rows, i, FOREIGN_ID);
		add_foreign_key(description, rows.items + i, count);
	}
}

/* The catalog has a condition in parentheses. */
static void
describe_checks(const Description *description)
{
	SqlRelation *relation = description->relation;
	SqlGroup rows = rows_of(description, &description->catalog->checks);

	relation->checks = sql_arena_array(description->arena, SqlCheck, rows.count);
	for (size_t i = 0; i < rows.count; i++)
	{
		const char *const *row = rows.items[i];
		bool is_disabled = is_true(row[CHECK_DISABLED]);

		if (row[CHECK_DEFINITION] == NULL)
			sql_add_unreadable(description->relation, "checks");
		else
			relation->checks[relation->check_count++] = (SqlCheck){
				.name = row[CHECK_NAME],
				.definition = sql_arena_join(description->arena, "CHECK ", row[CHECK_DEFINITION], ""),
				.not_enforced = is_disabled,
				.not_valid = !is_disabled && is_true(row[CHECK_NOT_TRUSTED])};
	}
}

/* ---- what a view, a table or a sequence has ---- */

static void
describe_view(const Description *description)
{
	SqlRelation *relation = description->relation;

	relation->definition = description->object[OBJECT_DEFINITION];
	if (relation->definition == NULL)
		sql_add_unreadable(description->relation, "definition");
	describe_indexes(description);
}

static void
describe_synonym(const Description *description)
{
	const char *of = description->object[OBJECT_SYNONYM_OF];

	if (of != NULL)
		description->relation->definition = sql_arena_join(description->arena, "FOR ", of, "");
}

static void
describe_history(const Description *description)
{
	const char *const *object = description->object;

	if (is(object[OBJECT_TEMPORAL], "1"))
		sql_add_option(description->relation, "history", "true");
	if (!is(object[OBJECT_TEMPORAL], "2"))
		return;
	sql_add_option(description->relation, "system_versioned", "true");
	if (object[OBJECT_HISTORY] != NULL && object[OBJECT_HISTORY_SCHEMA] != NULL)
		sql_add_option(
			description->relation, "history_table",
			sql_arena_join(description->arena, object[OBJECT_HISTORY_SCHEMA], ".", object[OBJECT_HISTORY]));
}

static void
describe_table(const Description *description)
{
	const char *const *object = description->object;
	SqlGroup partitions = rows_of(description, &description->catalog->partitions);

	if (is_true(object[OBJECT_NODE]))
		sql_add_option(description->relation, "graph", "node");
	if (is_true(object[OBJECT_EDGE]))
		sql_add_option(description->relation, "graph", "edge");
	describe_history(description);
	if (is_true(object[OBJECT_IN_MEMORY]))
		sql_add_option(description->relation, "memory_optimized", "true");
	if (partitions.count > 0 && partitions.items[0][PARTITION_COLUMN] != NULL)
		description->relation->partition_key =
			sql_arena_join(description->arena, "RANGE (", partitions.items[0][PARTITION_COLUMN], ")");
	describe_indexes(description);
	describe_foreign_keys(description);
	describe_checks(description);
}

static void
describe_sequence(const Description *description)
{
	SqlGroup rows = rows_of(description, &description->catalog->sequences);
	SqlSequence *sequence;

	if (rows.count == 0)
	{
		sql_add_unreadable(description->relation, "sequence");
		return;
	}
	sequence = sql_arena_array(description->arena, SqlSequence, 1);
	*sequence = (SqlSequence){.start = sql_integer(rows.items[0][SEQUENCE_START]),
							  .increment = sql_integer(rows.items[0][SEQUENCE_INCREMENT]),
							  .minimum = sql_integer(rows.items[0][SEQUENCE_MINIMUM]),
							  .maximum = sql_integer(rows.items[0][SEQUENCE_MAXIMUM]),
							  .cache = sql_integer(rows.items[0][SEQUENCE_CACHE]),
							  .cycle = is_true(rows.items[0][SEQUENCE_CYCLES])};
	description->relation->sequence = sequence;
}

void
describe(SqlArena *arena, const Catalog *catalog, const char *const *object, SqlGroup columns,
		 SqlRelation *relation)
{
	Description description = {.arena = arena, .catalog = catalog, .object = object, .relation = relation};
	const char *type = object[OBJECT_TYPE];

	*relation = (SqlRelation){.comment = object[OBJECT_COMMENT],
							  .options = sql_arena_array(arena, SqlOption, MOST_OPTIONS),
							  .unreadable.items = sql_arena_array(arena, const char *, MOST_UNREADABLE)};
	describe_columns(&description, columns);
	if (is(type, "SO"))
		describe_sequence(&description);
	else if (is(type, "SN"))
		describe_synonym(&description);
	else if (is(type, "V"))
		describe_view(&description);
	else
		describe_table(&description);
}
