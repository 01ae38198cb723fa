/*
 * describe.c — columns, keys, checks and indexes, as the document has them.
 */
#include "connectors/oracle/describe.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/oracle/types.h"
#include "connectors/sql/members.h"
#include "connectors/sql/quote.h"

#define MOST_OPTIONS    8
#define MOST_UNREADABLE 4

typedef struct Description
{
	SqlArena *arena;
	Catalog *catalog;
	const char *name;
	SqlRelation *relation;
} Description;

static bool
is(const char *text, const char *word)
{
	return text != NULL && strcmp(text, word) == 0;
}

static SqlGroup
rows_of(const Description *description, const SqlRows *rows)
{
	return sql_rows_of(rows, description->name);
}

/* The cell of the relation's first row, or NULL. */
static const char *
cell_of(const Description *description, const SqlRows *rows, int cell)
{
	SqlGroup group = rows_of(description, rows);

	return group.count > 0 ? group.items[0][cell] : NULL;
}

/* The cell of the row of the relation whose order is this text, or NULL. */
static const char *
ordered_cell(const Description *description, const SqlRows *rows, const char *order, int cell)
{
	SqlGroup group = rows_of(description, rows);

	for (size_t i = 0; i < group.count; i++)
		if (is(group.items[i][ROW_ORDER], order))
			return group.items[i][cell];
	return NULL;
}

/* ---- kinds ---- */

/* What Oracle makes for indexes, logs, identity columns and tables that were dropped. */
static bool
is_of_oracle(const char *name)
{
	static const char *const beginnings[] = {"BIN$", "MLOG$_", "RUPD$_", "SYS_IOT_OVER_",
											 "DR$",  "MDRT_",  "ISEQ$$_"};

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (strncmp(name, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return false;
}

static const char *
table_kind(const Catalog *catalog, const char *name)
{
	SqlGroup tables = sql_rows_of(&catalog->tables, name);

	if (sql_rows_of(&catalog->external_tables, name).count > 0)
		return "foreign_table";
	if (tables.count == 0)
		return NULL;
	return is(tables.items[0][TABLE_PARTITIONED], "YES") ? "partitioned_table" : "table";
}

const char *
relation_kind(const Catalog *catalog, const char *const *object)
{
	const char *type = object[OBJECT_TYPE];

	if (is_of_oracle(object[ROW_KEY]))
		return NULL;
	if (is(type, "TABLE"))
		return table_kind(catalog, object[ROW_KEY]);
	if (is(type, "MATERIALIZED VIEW"))
		return "materialized_view";
	return is(type, "SEQUENCE") ? "sequence" : "view";
}

SqlGroup
relation_columns(const Catalog *catalog, const char *const *object)
{
	return sql_rows_of(is(object[OBJECT_TYPE], "SYNONYM") ? &catalog->synonym_columns : &catalog->columns,
					   object[ROW_KEY]);
}

/* ---- columns ---- */

/* The dictionary keeps the text up to the next word of the statement. */
static const char *
trimmed(const Description *description, const char *text)
{
	size_t length = text ? strlen(text) : 0;

	while (length > 0 && isspace((unsigned char) text[length - 1]))
		length--;
	return length > 0 ? sql_arena_bytes(description->arena, text, length) : NULL;
}

/* Oracle takes an empty text for null. */
static bool
is_null_text(const char *text)
{
	return strcasecmp(text, "NULL") == 0 || strcmp(text, "''") == 0;
}

/* The default of an identity column is Oracle's own. */
static void
describe_default(const Description *description, const char *const *row, SqlColumn *column)
{
	const char *text = trimmed(description, ordered_cell(description, &description->catalog->defaults,
														 row[COLUMN_NAME], DEFAULT_TEXT));

	if (is(row[COLUMN_VIRTUAL], "YES"))
	{
		column->generated = "virtual";
		column->expression = text;
		if (text == NULL)
			sql_add_unreadable(description->relation, "expression");
	}
	else if (text != NULL && column->identity == NULL && !is_null_text(text))
		column->default_text = text;
	else if (text == NULL && column->identity == NULL && row[COLUMN_DEFAULT_LENGTH] != NULL)
		sql_add_unreadable(description->relation, "default");
}

static const char *
identity_of(const Description *description, const char *const *row)
{
	const char *generation =
		ordered_cell(description, &description->catalog->identities, row[COLUMN_NAME], IDENTITY_GENERATION);

	if (!is(row[COLUMN_IDENTITY], "YES"))
		return NULL;
	return is(generation, "ALWAYS") ? "always" : "by default";
}

static void
describe_column(const Description *description, const char *const *row, SqlColumn *column)
{
	const char *collation = row[COLUMN_COLLATION];

	*column = (SqlColumn){.name = row[COLUMN_NAME],
						  .type = type_text(description->arena, row),
						  .pg_type = type_in_postgresql(row),
						  .not_null = is(row[COLUMN_NULLABLE], "N"),
						  .identity = identity_of(description, row),
						  .collation = is(collation, "USING_NLS_COMP") ? NULL : collation,
						  .comment = ordered_cell(description, &description->catalog->column_comments,
												  row[COLUMN_NAME], COLUMN_COMMENT_TEXT),
						  .invisible = is(row[COLUMN_HIDDEN], "YES")};
	describe_default(description, row, column);
}

static void
describe_columns(const Description *description, SqlGroup rows)
{
	SqlRelation *relation = description->relation;

	relation->columns = sql_arena_array(description->arena, SqlColumn, rows.count);
	for (size_t i = 0; i < rows.count; i++)
		if (rows.items[i][COLUMN_NAME] != NULL)
			describe_column(description, rows.items[i], &relation->columns[relation->column_count++]);
}

/* A synonym's columns are those of what it stands for, without what is kept beside them. */
static void
describe_synonym(const Description *description)
{
	SqlGroup rows = rows_of(description, &description->catalog->synonyms);
	WireBuffer text = {0};

	if (rows.count == 0 || rows.items[0][SYNONYM_TABLE] == NULL)
		return;
	wire_append_text(&text, "FOR ");
	if (rows.items[0][SYNONYM_OWNER] != NULL)
	{
		sql_quote_name(&text, rows.items[0][SYNONYM_OWNER], '"', '"');
		wire_append_text(&text, ".");
	}
	sql_quote_name(&text, rows.items[0][SYNONYM_TABLE], '"', '"');
	if (rows.items[0][SYNONYM_LINK] != NULL)
	{
		wire_append_text(&text, "@");
		wire_append_text(&text, rows.items[0][SYNONYM_LINK]);
	}
	if (text.failed)
		give_up_out_of_memory();
	description->relation->definition = sql_arena_bytes(description->arena, text.data, text.length);
	wire_free(&text);
}

/* ---- constraints ---- */

static SqlNames
names_of(const Description *description, SqlGroup rows, int cell)
{
	SqlNames names = {.items = sql_arena_array(description->arena, const char *, rows.count + 1)};

	for (size_t i = 0; i < rows.count; i++)
		if (rows.items[i][cell] != NULL)
			names.items[names.count++] = rows.items[i][cell];
	return names;
}

static SqlKey
key_of(const Description *description, const char *const *row)
{
	SqlGroup columns =
		catalog_key_columns(description->catalog, description->catalog->owner, row[CONSTRAINT_NAME]);

	return (SqlKey){.name = row[CONSTRAINT_NAME],
					.columns = names_of(description, columns, KEY_COLUMN),
					.not_enforced = is(row[CONSTRAINT_STATUS], "DISABLED"),
					.not_valid = is(row[CONSTRAINT_STATUS], "ENABLED") &&
								 is(row[CONSTRAINT_VALIDATED], "NOT VALIDATED")};
}

static const char *
rule(const char *text)
{
	return is(text, "CASCADE") ? "cascade" : is(text, "SET NULL") ? "set null" : NULL;
}

static void
add_foreign_key(const Description *description, const char *const *row)
{
	SqlRelation *relation = description->relation;
	SqlKey key = key_of(description, row);
	SqlGroup referenced;

	if (row[CONSTRAINT_OTHER_OWNER] == NULL || row[CONSTRAINT_OTHER] == NULL)
		return;
	referenced =
		catalog_key_columns(description->catalog, row[CONSTRAINT_OTHER_OWNER], row[CONSTRAINT_OTHER]);
	if (key.columns.count == 0 || referenced.count != (size_t) key.columns.count)
		return; /* the user may not see what it refers to */
	key.schema = row[CONSTRAINT_OTHER_OWNER];
	key.table = referenced.items[0][KEY_TABLE];
	key.referenced = names_of(description, referenced, KEY_COLUMN);
	key.on_delete = rule(row[CONSTRAINT_DELETE_RULE]);
	relation->foreign_keys[relation->foreign_key_count++] = key;
}

static const char *
condition_of(const Description *description, const char *const *row)
{
	const char *whole = ordered_cell(description, &description->catalog->long_conditions,
									 row[CONSTRAINT_NAME], CONDITION_TEXT);

	return whole != NULL ? whole : row[CONSTRAINT_CONDITION];
}

/* Is it what the dictionary has for NOT NULL? */
static bool
is_not_null(const Description *description, const char *const *row, const char *condition)
{
	const SqlRelation *relation = description->relation;
	WireBuffer text = {0};
	bool found = false;

	for (int i = 0; !found && is(row[CONSTRAINT_GENERATED], "GENERATED NAME") && i < relation->column_count;
		 i++)
	{
		wire_reset(&text);
		sql_quote_name(&text, relation->columns[i].name, '"', '"');
		wire_append_text(&text, " IS NOT NULL");
		wire_append(&text, "", 1);
		if (text.failed)
			give_up_out_of_memory();
		found = strcmp(text.data, condition) == 0;
	}
	wire_free(&text);
	return found;
}

static void
add_check(const Description *description, const char *const *row)
{
	SqlRelation *relation = description->relation;
	const char *condition = condition_of(description, row);

	if (condition == NULL)
		sql_add_unreadable(description->relation, "checks");
	else if (!is_not_null(description, row, condition))
		relation->checks[relation->check_count++] =
			(SqlCheck){.name = row[CONSTRAINT_NAME],
					   .definition = sql_arena_join(description->arena, "CHECK (", condition, ")"),
					   .not_enforced = is(row[CONSTRAINT_STATUS], "DISABLED"),
					   .not_valid = is(row[CONSTRAINT_STATUS], "ENABLED") &&
									is(row[CONSTRAINT_VALIDATED], "NOT VALIDATED")};
}

/* A key of which the user may see no column is left out. */
static void
add_key(const Description *description, const char *const *row)
{
	SqlRelation *relation = description->relation;
	SqlKey *key = sql_arena_array(description->arena, SqlKey, 1);

	*key = key_of(description, row);
	if (key->columns.count == 0)
		return;
	if (is(row[CONSTRAINT_TYPE], "U"))
		relation->uniques[relation->unique_count++] = *key;
	else
		relation->primary_key = key;
}

static void
add_constraint(const Description *description, const char *const *row)
{
	if (is(row[CONSTRAINT_TYPE], "C"))
		add_check(description, row);
	else if (is(row[CONSTRAINT_TYPE], "R"))
		add_foreign_key(description, row);
	else if (is(row[CONSTRAINT_TYPE], "U") || is(row[CONSTRAINT_TYPE], "P"))
		add_key(description, row);
}

static void
describe_constraints(const Description *description)
{
	SqlRelation *relation = description->relation;
	SqlGroup rows = rows_of(description, &description->catalog->constraints);

	relation->checks = sql_arena_array(description->arena, SqlCheck, rows.count);
	relation->uniques = sql_arena_array(description->arena, SqlKey, rows.count);
	relation->foreign_keys = sql_arena_array(description->arena, SqlKey, rows.count);
	for (size_t i = 0; i < rows.count; i++)
		if (rows.items[i][CONSTRAINT_NAME] != NULL)
			add_constraint(description, rows.items[i]);
}

/* ---- indexes ---- */

/* The expression of an index on the order of a column is the column in quotes. */
static const char *
index_column(const Description *description, const char *const *row)
{
	const char *expression =
		ordered_cell(description, &description->catalog->expressions, row[ROW_ORDER], EXPRESSION_TEXT);
	const char *column = trimmed(description, expression);
	WireBuffer quoted = {0};

	if (column == NULL && !is(row[INDEX_DESCEND], "DESC"))
		return row[INDEX_COLUMN];
	if (column == NULL)
	{
		sql_quote_name(&quoted, row[INDEX_COLUMN], '"', '"');
		if (quoted.failed)
			give_up_out_of_memory();
		column = sql_arena_bytes(description->arena, quoted.data, quoted.length);
		wire_free(&quoted);
	}
	return is(row[INDEX_DESCEND], "DESC") ? sql_arena_join(description->arena, column, " DESC", "") : column;
}

static const char *
lower(const Description *description, const char *text)
{
	char *copy = sql_arena_text(description->arena, text);

	for (char *at = copy; at != NULL && *at; at++)
		*at = (char) tolower((unsigned char) *at);
	return copy;
}

static bool
enforces(const Description *description, const char *index)
{
	SqlGroup rows = rows_of(description, &description->catalog->constraints);

	for (size_t i = 0; i < rows.count; i++)
		if (is(rows.items[i][CONSTRAINT_TYPE], "P") && is(rows.items[i][CONSTRAINT_INDEX], index))
			return true;
	return false;
}

static SqlIndex *
begin_index(const Description *description, const char *const *row, size_t columns)
{
	SqlIndex *index = &description->relation->indexes[description->relation->index_count++];

	*index = (SqlIndex){.name = row[INDEX_NAME],
						.method = lower(description, row[INDEX_TYPE]),
						.unique = is(row[INDEX_UNIQUENESS], "UNIQUE"),
						.primary = enforces(description, row[INDEX_NAME]),
						.invisible = is(row[INDEX_VISIBILITY], "INVISIBLE"),
						.invalid = is(row[INDEX_STATUS], "UNUSABLE"),
						.columns.items = sql_arena_array(description->arena, const char *, columns)};
	return index;
}

static void
describe_indexes(const Description *description)
{
	SqlGroup rows = rows_of(description, &description->catalog->indexes);
	SqlIndex *index = NULL;

	description->relation->indexes = sql_arena_array(description->arena, SqlIndex, rows.count);
	for (size_t i = 0; i < rows.count; i++)
	{
		const char *const *row = rows.items[i];

		if (row[INDEX_NAME] == NULL || row[INDEX_COLUMN] == NULL)
			continue;
		if (index == NULL || strcmp(index->name, row[INDEX_NAME]) != 0)
			index = begin_index(description, row, rows.count - i);
		index->columns.items[index->columns.count++] = index_column(description, row);
	}
}

/* ---- what a table, a view or a sequence has ---- */

static void
describe_partitions(const Description *description)
{
	const char *type = cell_of(description, &description->catalog->partitions, PARTITION_TYPE);
	SqlGroup keys = rows_of(description, &description->catalog->partition_keys);
	WireBuffer text = {0};

	if (type == NULL)
		return;
	wire_append_text(&text, type);
	for (size_t i = 0; i < keys.count; i++)
	{
		wire_append_text(&text, i == 0 ? " (" : ", ");
		wire_append_text(&text,
						 keys.items[i][PARTITION_KEY_COLUMN] ? keys.items[i][PARTITION_KEY_COLUMN] : "");
	}
	wire_append_text(&text, keys.count > 0 ? ")" : "");
	if (text.failed)
		give_up_out_of_memory();
	description->relation->partition_key = sql_arena_bytes(description->arena, text.data, text.length);
	wire_free(&text);
}

static void
describe_table(const Description *description)
{
	const Catalog *catalog = description->catalog;

	if (is(cell_of(description, &catalog->tables, TABLE_TEMPORARY), "Y"))
		sql_add_option(description->relation, "temporary", "true");
	sql_add_option(description->relation, "index_organized",
				   cell_of(description, &catalog->tables, TABLE_IOT_TYPE) ? "true" : NULL);
	sql_add_option(description->relation, "cluster", cell_of(description, &catalog->tables, TABLE_CLUSTER));
	sql_add_option(description->relation, "external",
				   cell_of(description, &catalog->external_tables, EXTERNAL_TYPE));
	describe_partitions(description);
	describe_constraints(description);
	describe_indexes(description);
}

static void
describe_view(const Description *description)
{
	const Catalog *catalog = description->catalog;
	const char *text = cell_of(description, &catalog->long_views, LONG_TEXT);

	if (text == NULL)
		text = cell_of(description, &catalog->views, VIEW_TEXT);
	description->relation->definition = trimmed(description, text);
	if (text == NULL)
		sql_add_unreadable(description->relation, "definition");
	describe_constraints(description);
}

static void
describe_materialized_view(const Description *description)
{
	const Catalog *catalog = description->catalog;
	const char *comment = cell_of(description, &catalog->comments_of_materialized_views, COMMENT_TEXT);

	description->relation->definition =
		trimmed(description, cell_of(description, &catalog->materialized_views, LONG_TEXT));
	if (description->relation->definition == NULL)
		sql_add_unreadable(description->relation, "definition");
	if (comment != NULL)
		description->relation->comment = comment;
	describe_constraints(description);
	describe_indexes(description);
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
	*sequence = (SqlSequence){.increment = sql_integer(rows.items[0][SEQUENCE_INCREMENT]),
							  .minimum = sql_integer(rows.items[0][SEQUENCE_MINIMUM]),
							  .maximum = sql_integer(rows.items[0][SEQUENCE_MAXIMUM]),
							  .cache = sql_integer(rows.items[0][SEQUENCE_CACHE]),
							  .cycle = is(rows.items[0][SEQUENCE_CYCLES], "Y")};
	description->relation->sequence = sequence;
}

void
describe(SqlArena *arena, Catalog *catalog, const char *const *object, SqlRelation *relation)
{
	Description description = {
		.arena = arena, .catalog = catalog, .name = object[ROW_KEY], .relation = relation};
	const char *type = object[OBJECT_TYPE];

	*relation = (SqlRelation){.options = sql_arena_array(arena, SqlOption, MOST_OPTIONS),
							  .unreadable.items = sql_arena_array(arena, const char *, MOST_UNREADABLE)};
	relation->comment = cell_of(&description, &catalog->comments, COMMENT_TEXT);
	if (is(object[OBJECT_STATUS], "INVALID"))
		sql_add_option(relation, "status", "invalid");
	describe_columns(&description, relation_columns(catalog, object));
	if (is(type, "SEQUENCE"))
		describe_sequence(&description);
	else if (is(type, "SYNONYM"))
		describe_synonym(&description);
	else if (is(type, "VIEW"))
		describe_view(&description);
	else if (is(type, "MATERIALIZED VIEW"))
		describe_materialized_view(&description);
	else
		describe_table(&description);
}
