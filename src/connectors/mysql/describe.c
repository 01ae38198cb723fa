/*
 * describe.c — columns, keys, checks and indexes, as the document has them.
 *
 * Keys are made of the indexes that enforce them: key_column_usage has columns there that the index only has
 * the beginning of, or that are hidden. A key or index with a column that the user may not see is left out:
 * what remains of it would be another key.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/mysql/describe.h"
#include "connectors/mysql/json_check.h"
#include "connectors/mysql/types.h"
#include "connectors/sql/members.h"
#include "connectors/sql/quote.h"

typedef struct Description
{
	SqlArena *arena;
	const Catalog *catalog;
	const char *const *table;
	SqlGroup checks;
	SqlRelation *relation;
} Description;

static bool
is(const char *text, const char *word)
{
	return text != NULL && strcasecmp(text, word) == 0;
}

/* Empty texts say as little as NULL. */
static const char *
filled(const char *text)
{
	return text == NULL || *text == '\0' ? NULL : text;
}

int64_t
relation_number(const char *text)
{
	char *end;
	long long number;

	if (text == NULL)
		return ABSENT;
	errno = 0;
	number = strtoll(text, &end, 10);
	return errno == 0 && end != text && number >= 0 ? number : ABSENT;
}

const char *
relation_kind(const char *const *table)
{
	if (is(table[TABLE_TYPE], "VIEW"))
		return "view";
	if (is(table[TABLE_TYPE], "SEQUENCE"))
		return "sequence";
	return type_has(table[TABLE_OPTIONS], "partitioned") ? "partitioned_table" : "table";
}

/* ---- columns ---- */

/* Returns what a SQL text of the catalog means: MySQL escapes it. */
static const char *
expression(const Description *description, const char *text)
{
	if (filled(text) == NULL || description->catalog->is_mariadb)
		return filled(text);
	return type_unescape(description->arena, text);
}

/*
 * MariaDB 10.2 and later give SQL, and NULL as a word; others the bare value, but for expressions, which
 * MySQL 8 marks.
 */
static const char *
default_of(const Description *description, const char *word, const char *const *column)
{
	const char *value = column[COLUMN_DEFAULT];

	if (value == NULL)
		return NULL;
	if (description->catalog->defaults_are_sql)
		return strcmp(value, "NULL") == 0 ? NULL : value;
	if (type_has(column[COLUMN_EXTRA], "DEFAULT_GENERATED"))
		return type_unescape(description->arena, value);
	return type_literal(description->arena, word, value);
}

/* `on update` belongs to the default: both say what a row without the value gets. */
static const char *
whole_default(const Description *description, const char *word, const char *const *column)
{
	const char *value = default_of(description, word, column);
	const char *update = column[COLUMN_EXTRA] ? strcasestr(column[COLUMN_EXTRA], "on update ") : NULL;
	size_t length;

	if (update == NULL)
		return value;
	/* Other properties may follow. */
	length = strlen("on update ") + strcspn(update + strlen("on update "), ", ");
	update = sql_arena_bytes(description->arena, update, length);
	return sql_arena_join(description->arena, value ? value : "NULL", " ", update);
}

static const char *
generation(const char *extra)
{
	if (type_has(extra, "VIRTUAL"))
		return "virtual";
	return type_has(extra, "STORED") || type_has(extra, "PERSISTENT") ? "stored" : NULL;
}

static void
describe_column(const Description *description, const char *const *row, SqlColumn *column)
{
	const char *type = type_alone(description->arena, row[COLUMN_TYPE] ? row[COLUMN_TYPE] : "");
	const char *word = type_word(description->arena, type);
	const char *extra = row[COLUMN_EXTRA];

	*column = (SqlColumn){.name = row[COLUMN_NAME],
						  .type = type,
						  .not_null = is(row[COLUMN_NULLABLE], "NO"),
						  .identity = type_has(extra, "auto_increment") ? "by default" : NULL,
						  .generated = generation(extra),
						  .collation = row[COLUMN_COLLATION],
						  .comment = filled(row[COLUMN_COMMENT]),
						  .invisible = type_has(extra, "INVISIBLE")};
	if (description->catalog->is_mariadb &&
		check_makes_json(&description->catalog->checks, description->table[TABLE_NAME], word, column->name))
	{
		column->type = word = "json";
		column->collation = NULL;
	}
	if (strcmp(word, "enum") == 0)
		column->values = type_values(description->arena, type);
	if (column->generated)
		column->expression = expression(description, row[COLUMN_EXPRESSION]);
	else if (!is(description->table[TABLE_TYPE], "VIEW")) /* of an expression the catalog invents one there */
		column->default_text = whole_default(description, word, row);
	column->pg_type = type_in_postgresql(word, type, row[COLUMN_DEFAULT]);
}

static void
describe_columns(const Description *description, SqlGroup rows)
{
	SqlRelation *relation = description->relation;

	relation->columns = sql_arena_array(description->arena, SqlColumn, rows.count);
	for (size_t i = 0; i < rows.count; i++)
		describe_column(description, rows.items[i], &relation->columns[relation->column_count++]);
}

static const SqlColumn *
find_column(const SqlRelation *relation, const char *name)
{
	for (int i = 0; name != NULL && i < relation->column_count; i++)
		if (strcmp(relation->columns[i].name, name) == 0)
			return &relation->columns[i];
	return NULL;
}

static bool
has_column(const SqlRelation *relation, const char *name)
{
	return find_column(relation, name) != NULL;
}

/* ---- indexes, and the keys that they enforce ---- */

static const char *
finished(SqlArena *arena, WireBuffer *text)
{
	const char *copy;

	if (text->failed)
		give_up_out_of_memory();
	copy = sql_arena_bytes(arena, text->data, text->length);
	wire_free(text);
	return copy;
}

/* Spatial indexes have a number there that is no prefix. */
static bool
has_prefix(const char *const *row)
{
	return row[INDEX_PREFIX] != NULL && !is(row[INDEX_METHOD], "SPATIAL");
}

static const char *
index_column(const Description *description, const char *const *row)
{
	bool is_descending = is(row[INDEX_ORDER], "D");
	WireBuffer text = {0};

	if (row[INDEX_COLUMN] && !has_prefix(row) && !is_descending)
		return row[INDEX_COLUMN];
	if (row[INDEX_COLUMN])
		write_name(&text, row[INDEX_COLUMN]);
	else
	{
		wire_append_text(&text, "(");
		wire_append_text(&text, expression(description, row[INDEX_EXPRESSION]));
		wire_append_text(&text, ")");
	}
	if (has_prefix(row))
	{
		wire_append_text(&text, "(");
		wire_append_text(&text, row[INDEX_PREFIX]);
		wire_append_text(&text, ")");
	}
	wire_append_text(&text, is_descending ? " DESC" : "");
	return finished(description->arena, &text);
}

/* Is every part visible to the user, from the first on? */
static bool
is_whole(const Description *description, const char ***rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		const char *const *row = rows[i];

		if (relation_number(row[INDEX_POSITION]) != (int64_t) i + 1)
			return false;
		if (row[INDEX_COLUMN] == NULL ? filled(row[INDEX_EXPRESSION]) == NULL
									  : !has_column(description->relation, row[INDEX_COLUMN]))
			return false;
	}
	return rows[0][INDEX_NAME] != NULL;
}

static bool
is_of_whole_columns(const char ***rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i][INDEX_COLUMN] == NULL || has_prefix(rows[i]))
			return false;
	return true;
}

static void
add_key(const Description *description, const SqlIndex *index, const char ***rows)
{
	SqlRelation *relation = description->relation;
	SqlKey *key = index->primary ? sql_arena_array(description->arena, SqlKey, 1)
								 : &relation->uniques[relation->unique_count++];

	*key = (SqlKey){.name = index->name,
					.columns.items = sql_arena_array(description->arena, const char *, index->columns.count)};
	for (; key->columns.count < index->columns.count; key->columns.count++)
		key->columns.items[key->columns.count] = rows[key->columns.count][INDEX_COLUMN];
	if (index->primary)
		relation->primary_key = key;
}

static void
add_index(const Description *description, const char ***rows, size_t count)
{
	const char *const *first = rows[0];
	SqlIndex *index = &description->relation->indexes[description->relation->index_count++];
	char *method = type_word(description->arena, first[INDEX_METHOD] ? first[INDEX_METHOD] : "");

	*index = (SqlIndex){.name = first[INDEX_NAME],
						.method = filled(method),
						.unique = is(first[INDEX_NON_UNIQUE], "0"),
						.primary = is(first[INDEX_NAME], "PRIMARY"),
						.invisible = is(first[INDEX_HIDDEN], "1"),
						.columns.items = sql_arena_array(description->arena, const char *, count),
						.comment = filled(first[INDEX_COMMENT])};
	for (size_t i = 0; i < count; i++)
		index->columns.items[index->columns.count++] = index_column(description, rows[i]);
	if (index->unique && is_of_whole_columns(rows, count))
		add_key(description, index, rows);
}

static void
describe_indexes(const Description *description)
{
	SqlRelation *relation = description->relation;
	SqlGroup rows = sql_rows_of(&description->catalog->indexes, description->table[TABLE_NAME]);

	relation->indexes = sql_arena_array(description->arena, SqlIndex, rows.count);
	relation->uniques = sql_arena_array(description->arena, SqlKey, rows.count);
	for (size_t i = 0, count; i < rows.count; i += count)
	{
		count = sql_rows_same(rows, i, INDEX_NAME);
		if (is_whole(description, rows.items + i, count))
			add_index(description, rows.items + i, count);
	}
}

/* ---- foreign keys, checks ---- */

/* The catalog does not tell a rule that was not given from RESTRICT or NO ACTION. */
static const char *
rule(SqlArena *arena, const char *text)
{
	char *word;

	if (text == NULL || is(text, "RESTRICT") || is(text, "NO ACTION"))
		return NULL;
	word = sql_arena_text(arena, text);
	for (char *at = word; *at; at++)
		*at = *at >= 'A' && *at <= 'Z' ? (char) (*at + ('a' - 'A')) : *at;
	return strcmp(word, "cascade") == 0 || strcmp(word, "set null") == 0 || strcmp(word, "set default") == 0
			   ? word
			   : NULL;
}

static void
add_foreign_key(const Description *description, const char ***rows, size_t count)
{
	SqlRelation *relation = description->relation;
	const char *const *first = rows[0];
	SqlKey key = {.name = first[FOREIGN_NAME],
				  .schema = first[FOREIGN_SCHEMA],
				  .table = first[FOREIGN_REFERENCED],
				  .on_update = rule(description->arena, first[FOREIGN_ON_UPDATE]),
				  .on_delete = rule(description->arena, first[FOREIGN_ON_DELETE]),
				  .columns.items = sql_arena_array(description->arena, const char *, count),
				  .referenced.items = sql_arena_array(description->arena, const char *, count)};

	if (key.schema == NULL || key.table == NULL)
		return;
	for (size_t i = 0; i < count; i++)
	{
		if (!has_column(relation, rows[i][FOREIGN_COLUMN]) || rows[i][FOREIGN_REFERENCED_COLUMN] == NULL)
			return;
		key.columns.items[key.columns.count++] = rows[i][FOREIGN_COLUMN];
		key.referenced.items[key.referenced.count++] = rows[i][FOREIGN_REFERENCED_COLUMN];
	}
	relation->foreign_keys[relation->foreign_key_count++] = key;
}

static void
describe_foreign_keys(const Description *description)
{
	SqlGroup rows = sql_rows_of(&description->catalog->foreign_keys, description->table[TABLE_NAME]);

	description->relation->foreign_keys = sql_arena_array(description->arena, SqlKey, rows.count);
	for (size_t i = 0, count; i < rows.count; i += count)
	{
		count = sql_rows_same(rows, i, FOREIGN_NAME);
		add_foreign_key(description, rows.items + i, count);
	}
}

/* The type json says what the check does; a column of another type has a check of its own. */
static bool
is_in_type(const Description *description, const char *const *check)
{
	const SqlRelation *relation = description->relation;

	for (int i = 0; description->catalog->is_mariadb && i < relation->column_count; i++)
		if (strcmp(relation->columns[i].type, "json") == 0 && is_json_check(check, relation->columns[i].name))
			return true;
	return false;
}

static void
describe_checks(const Description *description)
{
	SqlRelation *relation = description->relation;
	SqlGroup rows = description->checks;

	relation->checks = sql_arena_array(description->arena, SqlCheck, rows.count);
	for (size_t i = 0; i < rows.count; i++)
	{
		const char *const *row = rows.items[i];
		const char *clause = expression(description, row[CHECK_CLAUSE]);

		if (clause == NULL || is_in_type(description, row))
			continue;
		relation->checks[relation->check_count++] =
			(SqlCheck){.name = row[CHECK_NAME],
					   .definition = sql_arena_join(description->arena, "CHECK (", clause, ")"),
					   .not_enforced = is(row[CHECK_ENFORCED], "NO")};
	}
}

/* ---- what a view, a partitioned table or a sequence has ---- */

#define MOST_OPTIONS 4

static void
describe_view(const Description *description)
{
	SqlRelation *relation = description->relation;
	SqlGroup rows = sql_rows_of(&description->catalog->views, description->table[TABLE_NAME]);

	if (rows.count == 0)
		return;
	relation->definition = filled(rows.items[0][VIEW_DEFINITION]);
	if (relation->definition == NULL)
		sql_add_unreadable(description->relation, "definition");
	if (!is(rows.items[0][VIEW_CHECK_OPTION], "NONE"))
		sql_add_option(description->relation, "check_option", filled(rows.items[0][VIEW_CHECK_OPTION]));
	sql_add_option(description->relation, "security", filled(rows.items[0][VIEW_SECURITY]));
}

static void
write_partition_method(WireBuffer *text, const char *method, const char *by)
{
	wire_append_text(text, method);
	wire_append_text(text, " (");
	wire_append_text(text, by ? by : "");
	wire_append_text(text, ")");
}

static const char *
partition_key(const Description *description)
{
	SqlGroup rows = sql_rows_of(&description->catalog->partitions, description->table[TABLE_NAME]);
	const char *const *row;
	WireBuffer text = {0};

	if (rows.count == 0 || rows.items[0][PARTITION_METHOD] == NULL)
		return NULL;
	row = rows.items[0];
	write_partition_method(&text, row[PARTITION_METHOD], expression(description, row[PARTITION_EXPRESSION]));
	if (filled(row[PARTITION_SUB_METHOD]))
	{
		wire_append_text(&text, " SUBPARTITION BY ");
		write_partition_method(&text, row[PARTITION_SUB_METHOD],
							   expression(description, row[PARTITION_SUB_EXPRESSION]));
	}
	return finished(description->arena, &text);
}

static void
describe_table(const Description *description)
{
	SqlRelation *relation = description->relation;

	relation->comment = filled(description->table[TABLE_COMMENT]);
	sql_add_option(description->relation, "engine", description->table[TABLE_ENGINE]);
	sql_add_option(description->relation, "collation", description->table[TABLE_COLLATION]);
	if (is(description->table[TABLE_TYPE], "SYSTEM VERSIONED"))
		sql_add_option(description->relation, "system_versioned", "true");
	relation->partition_key = partition_key(description);
	describe_indexes(description);
	describe_foreign_keys(description);
	describe_checks(description);
}

static void
describe_sequence(const Description *description)
{
	SqlGroup rows = sql_rows_of(&description->catalog->sequences, description->table[TABLE_NAME]);
	SqlSequence *sequence;

	description->relation->comment = filled(description->table[TABLE_COMMENT]);
	if (rows.count == 0)
	{
		sql_add_unreadable(description->relation, "sequence");
		return;
	}
	sequence = sql_arena_array(description->arena, SqlSequence, 1);
	*sequence = (SqlSequence){.start = rows.items[0][SEQUENCE_START],
							  .increment = rows.items[0][SEQUENCE_INCREMENT],
							  .minimum = rows.items[0][SEQUENCE_MINIMUM],
							  .maximum = rows.items[0][SEQUENCE_MAXIMUM],
							  .cache = rows.items[0][SEQUENCE_CACHE],
							  .cycle = is(rows.items[0][SEQUENCE_CYCLE], "1")};
	description->relation->sequence = sequence;
}

void
describe(SqlArena *arena, const Catalog *catalog, const char *const *table, SqlGroup columns,
		 SqlRelation *relation)
{
	Description description = {.arena = arena,
							   .catalog = catalog,
							   .table = table,
							   .checks = sql_rows_of(&catalog->checks, table[TABLE_NAME]),
							   .relation = relation};
	const char *kind = relation_kind(table);

	*relation = (SqlRelation){.options = sql_arena_array(arena, SqlOption, MOST_OPTIONS),
							  .unreadable.items = sql_arena_array(arena, const char *, 1)};
	if (strcmp(kind, "sequence") == 0)
	{
		describe_sequence(&description);
		return;
	}
	describe_columns(&description, columns);
	if (strcmp(kind, "view") == 0)
		describe_view(&description);
	else
		describe_table(&description);
}
