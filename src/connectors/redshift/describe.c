/*
 * describe.c — columns, keys and options, as the document has them.
 *
 * Three catalogs have columns: svv_all_columns those of everything but late-binding views, whose columns only
 * a function knows, and in some versions but external tables. pg_attribute has the full types, and how a
 * table is distributed and sorted.
 */
#include <stdlib.h>
#include <string.h>
#include <stdio.h>

#include "connectors/redshift/describe.h"
#include "connectors/redshift/types.h"
#include "connectors/sql/members.h"

/* Of PostgreSQL. */
#define MOST_KEY_COLUMNS 32

typedef struct Description
{
	SqlArena *arena;
	const Catalog *catalog;
	const char *name;
	SqlGroup stored;       /* in the order of the numbers */
	const char ***by_name; /* the same rows, those with a name, in the order of the names */
	size_t named;
	SqlRelation *relation;
} Description;

/* Empty texts say as little as NULL. */
static const char *
filled(const char *text)
{
	return text == NULL || *text == '\0' ? NULL : text;
}

static const char *
name_of(const char *column)
{
	if (filled(column) == NULL)
		give_up_malformed();
	return column;
}

static bool
is(const char *text, const char *word)
{
	return text != NULL && strcasecmp(text, word) == 0;
}

static bool
is_true(const char *text)
{
	return text != NULL && (*text == 't' || *text == '1');
}

/* Moves the text to the arena. Returns NULL if it is empty. */
static const char *
take_text(SqlArena *arena, WireBuffer *text)
{
	const char *taken = NULL;

	if (text->failed)
		give_up_out_of_memory();
	if (text->length > 0)
		taken = sql_arena_bytes(arena, text->data, text->length);
	wire_free(text);
	return taken;
}

/* ---- columns ---- */

static int
compare_names(const void *one, const void *other)
{
	const char *const *first = *(const char *const *const *) one;
	const char *const *second = *(const char *const *const *) other;

	return strcasecmp(first[STORED_NAME], second[STORED_NAME]);
}

static void
order_by_name(Description *description)
{
	SqlGroup stored = description->stored;

	description->by_name = sql_arena_array(description->arena, const char **, stored.count + 1);
	for (size_t i = 0; i < stored.count; i++)
		if (stored.items[i][STORED_NAME] != NULL)
			description->by_name[description->named++] = stored.items[i];
	qsort(description->by_name, description->named, sizeof(char **), compare_names);
}

static const char *const *
stored_column(const Description *description, const char *name)
{
	const char *wanted[STORED_COLUMNS] = {[STORED_NAME] = name};
	const char *const *key = wanted;
	const char ***found =
		bsearch(&key, description->by_name, description->named, sizeof(char **), compare_names);

	return found ? *found : NULL;
}

/* svv_all_columns gives a type without its length and precision. */
static const char *
whole_type(const Description *description, const char *const *row)
{
	const char *type = row[COLUMN_TYPE] ? row[COLUMN_TYPE] : "";
	char modifier[64];

	if (strpbrk(type, "(<") != NULL)
		return type;
	if (filled(row[COLUMN_LENGTH]) && strncmp(type, "char", 4) == 0)
		snprintf(modifier, sizeof(modifier), "(%.20s)", row[COLUMN_LENGTH]);
	else if (filled(row[COLUMN_PRECISION]) && is(type, "numeric"))
		snprintf(modifier, sizeof(modifier), "(%.20s,%.20s)", row[COLUMN_PRECISION],
				 filled(row[COLUMN_SCALE]) ? row[COLUMN_SCALE] : "0");
	else
		return type;
	return sql_arena_join(description->arena, type, modifier, "");
}

static void
describe_column(const Description *description, const char *const *row, SqlColumn *column)
{
	const char *name = name_of(row[COLUMN_NAME]);
	const char *const *stored = stored_column(description, name);
	const char *type = stored && stored[STORED_TYPE] ? stored[STORED_TYPE] : whole_type(description, row);
	const char *value = filled(row[COLUMN_DEFAULT]);
	bool is_identity = value != NULL && strstr(value, "identity\"(") != NULL;

	*column = (SqlColumn){.name = name,
						  .type = type,
						  .pg_type = types_in_postgresql(description->arena, type),
						  .not_null = is(row[COLUMN_NULLABLE], "NO"),
						  .default_text = is_identity ? NULL : value,
						  .identity = !is_identity                           ? NULL
									  : strncmp(value, "\"default_", 9) == 0 ? "by default"
																			 : "always",
						  .comment = filled(row[COLUMN_COMMENT])};
}

static void
describe_loose_column(const Description *description, const char *const *row, SqlColumn *column)
{
	const char *type = row[LOOSE_TYPE] ? row[LOOSE_TYPE] : "";

	*column = (SqlColumn){.name = name_of(row[LOOSE_NAME]),
						  .type = type,
						  .pg_type = types_in_postgresql(description->arena, type),
						  .not_null = is(row[LOOSE_NULLABLE], "false")};
}

static void
describe_loose_columns(Description *description, SqlGroup rows)
{
	SqlRelation *relation = description->relation;
	WireBuffer key = {0};

	relation->columns = sql_arena_array(description->arena, SqlColumn, rows.count + 1);
	relation->column_count = (int) rows.count;
	for (size_t i = 0; i < rows.count; i++)
	{
		const char *const *row = rows.items[i];

		describe_loose_column(description, row, &relation->columns[i]);
		if (row[LOOSE_PARTITION] == NULL || atoi(row[LOOSE_PARTITION]) <= 0)
			continue;
		wire_append_text(&key, key.length > 0 ? ", " : "");
		wire_append_text(&key, relation->columns[i].name);
	}
	relation->partition_key = take_text(description->arena, &key);
}

static void
describe_columns(Description *description)
{
	SqlGroup rows = sql_rows_of(&description->catalog->columns, description->name);
	SqlGroup late = sql_rows_of(&description->catalog->late, description->name);
	SqlGroup external = sql_rows_of(&description->catalog->external_columns, description->name);
	SqlRelation *relation = description->relation;

	if (external.count > 0 || late.count > 0)
	{
		describe_loose_columns(description, external.count > 0 ? external : late);
		return;
	}
	relation->columns = sql_arena_array(description->arena, SqlColumn, rows.count + 1);
	relation->column_count = (int) rows.count;
	for (size_t i = 0; i < rows.count; i++)
		describe_column(description, rows.items[i], &relation->columns[i]);
}

/* ---- keys ---- */

/* Which row of the group is about the column of this number, of this key unless it is NULL? */
typedef struct Numbered
{
	SqlGroup rows; /* in the order of the numbers */
	int number_at;
	int name_at;
	const char *key;
} Numbered;

static const char *
name_of_number(const Numbered *columns, int number)
{
	size_t low = 0;
	size_t high = columns->rows.count;

	while (low < high)
	{
		size_t middle = low + (high - low) / 2;

		if (atoi(columns->rows.items[middle][columns->number_at]) < number)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < columns->rows.count && atoi(columns->rows.items[low][columns->number_at]) == number; low++)
		if (columns->key == NULL || is(columns->rows.items[low][REFERENCED_KEY], columns->key))
			return columns->rows.items[low][columns->name_at];
	return NULL;
}

/* numbers is an array's text, {1,2}. Without the name of each column there is no key. */
static SqlNames
names_of(const Description *description, const char *numbers, const Numbered *columns)
{
	SqlNames names = {.items = sql_arena_array(description->arena, const char *, MOST_KEY_COLUMNS)};
	const char *at = numbers ? numbers + strspn(numbers, "{") : "";

	while (*at >= '0' && *at <= '9')
	{
		const char *name = name_of_number(columns, (int) strtol(at, (char **) &at, 10));

		if (name == NULL || names.count == MOST_KEY_COLUMNS)
			return (SqlNames){0};
		names.items[names.count++] = name;
		at += *at == ',';
	}
	return names;
}

/* Redshift checks no key. */
static SqlKey
key_of(const Description *description, const char *const *row)
{
	SqlKey key = {.name = row[KEY_NAME], .not_enforced = true};

	key.columns = names_of(
		description, row[KEY_NUMBERS],
		&(Numbered){.rows = description->stored, .number_at = STORED_NUMBER, .name_at = STORED_NAME});
	if (!is(row[KEY_TYPE], "f"))
		return key;
	key.schema = row[KEY_SCHEMA];
	key.table = row[KEY_TABLE];
	key.referenced =
		names_of(description, row[KEY_REFERENCED_NUMBERS],
				 &(Numbered){.rows = sql_rows_of(&description->catalog->referenced, description->name),
							 .number_at = REFERENCED_NUMBER,
							 .name_at = REFERENCED_NAME,
							 .key = row[KEY_NAME]});
	return key;
}

static void
describe_keys(Description *description)
{
	SqlGroup rows = sql_rows_of(&description->catalog->keys, description->name);
	SqlRelation *relation = description->relation;
	SqlKey *primary = sql_arena_array(description->arena, SqlKey, 1);

	relation->uniques = sql_arena_array(description->arena, SqlKey, rows.count + 1);
	relation->foreign_keys = sql_arena_array(description->arena, SqlKey, rows.count + 1);
	for (size_t i = 0; i < rows.count; i++)
	{
		SqlKey key = key_of(description, rows.items[i]);
		const char *type = rows.items[i][KEY_TYPE];

		if (key.columns.count == 0)
			continue;
		if (is(type, "u"))
			relation->uniques[relation->unique_count++] = key;
		else if (is(type, "f") && key.table != NULL && key.referenced.count > 0)
			relation->foreign_keys[relation->foreign_key_count++] = key;
		else if (is(type, "p"))
		{
			*primary = key;
			relation->primary_key = primary;
		}
	}
}

/* ---- options ---- */

static const char *
style_name(const char *style)
{
	static const char *const names[] = {"EVEN", "KEY", NULL,   NULL,   NULL,   NULL,  NULL,
										NULL,   "ALL", "AUTO", "AUTO", "AUTO", "AUTO"};
	int number = style ? atoi(style) : -1;

	return number >= 0 && number < (int) (sizeof(names) / sizeof(names[0])) ? names[number] : NULL;
}

static int
sort_number(const char *const *row)
{
	return row[STORED_SORT] ? atoi(row[STORED_SORT]) : 0;
}

static int
compare_sort_numbers(const void *one, const void *other)
{
	/* Of the lowest number there is no positive one among the int. */
	int64_t first = sort_number(*(const char *const *const *) one);
	int64_t second = sort_number(*(const char *const *const *) other);

	first = first < 0 ? -first : first;
	second = second < 0 ? -second : second;
	return (first > second) - (first < second);
}

/* Columns of an interleaved sort key have numbers of alternating sign. */
static const char *
sort_key(const Description *description, bool *is_interleaved)
{
	const char ***rows = sql_arena_array(description->arena, const char **, description->named + 1);
	WireBuffer key = {0};
	size_t count = 0;

	for (size_t i = 0; i < description->named; i++)
		if (sort_number(description->by_name[i]) != 0)
			rows[count++] = description->by_name[i];
	qsort(rows, count, sizeof(char **), compare_sort_numbers);
	for (size_t i = 0; i < count; i++)
	{
		wire_append_text(&key, i > 0 ? ", " : "");
		wire_append_text(&key, rows[i][STORED_NAME]);
		*is_interleaved = *is_interleaved || sort_number(rows[i]) < 0;
	}
	return take_text(description->arena, &key);
}

static void
describe_options(Description *description, bool is_table)
{
	SqlRelation *relation = description->relation;
	SqlGroup external = sql_rows_of(&description->catalog->external, description->name);
	bool is_interleaved = false;
	const char *key;

	relation->options = sql_arena_array(description->arena, SqlOption, 6);
	if (external.count > 0)
	{
		sql_add_option(relation, "location", filled(external.items[0][EXTERNAL_LOCATION]));
		sql_add_option(relation, "input_format", filled(external.items[0][EXTERNAL_FORMAT]));
	}
	if (!is_table || description->stored.count == 0)
		return;
	sql_add_option(relation, "diststyle", style_name(description->stored.items[0][STORED_STYLE]));
	for (size_t i = 0; i < description->stored.count; i++)
		if (is_true(description->stored.items[i][STORED_DISTRIBUTION]))
		{
			sql_add_option(relation, "distkey", filled(description->stored.items[i][STORED_NAME]));
			break;
		}
	key = sort_key(description, &is_interleaved);
	sql_add_option(relation, is_interleaved ? "interleaved_sortkey" : "sortkey", key);
}

/* ---- the relation ---- */

static const char *
kind_of(const char *type)
{
	if (is(type, "VIEW"))
		return "view";
	return type != NULL && strncasecmp(type, "EXTERNAL", 8) == 0 ? "foreign_table" : "table";
}

/* svv_table_info has the size in blocks of a megabyte, and only tables with rows. */
static void
describe_size(const Description *description, RelationFrame *frame)
{
	SqlGroup sizes = sql_rows_of(&description->catalog->sizes, description->name);

	frame->row_estimate = frame->size_bytes = ABSENT;
	if (sizes.count != 1)
		return;
	if (filled(sizes.items[0][SIZE_MEGABYTES]))
		frame->size_bytes = strtoll(sizes.items[0][SIZE_MEGABYTES], NULL, 10) % (INT64_C(1) << 40) * 1048576;
	if (filled(sizes.items[0][SIZE_ROWS]))
		frame->row_estimate = strtoll(sizes.items[0][SIZE_ROWS], NULL, 10);
}

static const char *definition = "definition";

void
describe(SqlArena *arena, const Catalog *catalog, const char *const *table, SqlRelation *relation,
		 RelationFrame *frame)
{
	Description description = {.arena = arena,
							   .catalog = catalog,
							   .name = table[TABLE_NAME],
							   .stored = sql_rows_of(&catalog->stored, table[TABLE_NAME]),
							   .relation = relation};
	SqlGroup views = sql_rows_of(&catalog->views, table[TABLE_NAME]);

	*relation = (SqlRelation){.comment = filled(table[TABLE_COMMENT])};
	frame->kind = kind_of(table[TABLE_TYPE]);
	if (description.stored.count > 0)
		frame->id = description.stored.items[0][STORED_ID];
	order_by_name(&description);
	describe_size(&description, frame);
	describe_columns(&description);
	describe_keys(&description);
	describe_options(&description, strcmp(frame->kind, "table") == 0);
	if (strcmp(frame->kind, "view") != 0)
		return;
	relation->definition = views.count > 0 ? filled(views.items[0][VIEW_DEFINITION]) : NULL;
	if (relation->definition == NULL)
		relation->unreadable = (SqlNames){.items = &definition, .count = 1};
}
