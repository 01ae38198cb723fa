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
#include "connectors/sql/members.h"

typedef struct Description
{
	SqlArena *arena;
	const Catalog *catalog;
	const char *name;
	SqlGroup stored;
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

/* ---- columns ---- */

typedef struct TypeName
{
	const char *word; /* the type's name up to its bracket */
	const char *pg_type;
} TypeName;

/* Types of Redshift and of Spectrum that PostgreSQL does not have; NULL in the document stands for text. */
static const TypeName foreign_types[] = {{"super", "jsonb"},
										 {"varbyte", "bytea"},
										 {"binary varying", "bytea"},
										 {"geometry", NULL},
										 {"geography", NULL},
										 {"hllsketch", NULL},
										 {"string", NULL},
										 {"tinyint", "smallint"},
										 {"double", "double precision"},
										 {"float", "double precision"},
										 {"binary", "bytea"}};

static const char *
type_in_postgresql(const char *type)
{
	size_t length = strcspn(type, "(<");

	for (size_t i = 0; i < sizeof(foreign_types) / sizeof(foreign_types[0]); i++)
	{
		const char *word = foreign_types[i].word;

		if (strlen(word) == length && strncasecmp(word, type, length) == 0)
			return foreign_types[i].pg_type;
	}
	return strpbrk(type, "<") == NULL ? type : NULL;
}

static const char *const *
stored_column(const Description *description, const char *name)
{
	for (size_t i = 0; i < description->stored.count; i++)
	{
		const char *const *row = description->stored.items[i];

		if (is(row[STORED_NAME], name))
			return row;
	}
	return NULL;
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
						  .pg_type = type_in_postgresql(type),
						  .not_null = is(row[COLUMN_NULLABLE], "NO"),
						  .default_text = is_identity ? NULL : value,
						  .identity = !is_identity                           ? NULL
									  : strncmp(value, "\"default_", 9) == 0 ? "by default"
																			 : "always",
						  .comment = filled(row[COLUMN_COMMENT])};
}

static void
describe_loose_column(const char *const *row, SqlColumn *column)
{
	const char *type = row[LOOSE_TYPE] ? row[LOOSE_TYPE] : "";

	*column = (SqlColumn){.name = name_of(row[LOOSE_NAME]),
						  .type = type,
						  .pg_type = type_in_postgresql(type),
						  .not_null = is(row[LOOSE_NULLABLE], "false")};
}

static void
describe_loose_columns(Description *description, SqlGroup rows)
{
	SqlRelation *relation = description->relation;
	size_t partitions = 0;
	const char *key = "";

	relation->columns = sql_arena_array(description->arena, SqlColumn, rows.count + 1);
	relation->column_count = (int) rows.count;
	for (size_t i = 0; i < rows.count; i++)
	{
		const char *const *row = rows.items[i];

		describe_loose_column(row, &relation->columns[i]);
		if (row[LOOSE_PARTITION] == NULL || atoi(row[LOOSE_PARTITION]) <= 0)
			continue;
		key =
			sql_arena_join(description->arena, key, partitions++ > 0 ? ", " : "", relation->columns[i].name);
	}
	relation->partition_key = filled(key);
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

/* numbers is an array's text, {1,2}. Without the name of each column there is no key. */
static SqlNames
names_of(const Description *description, const char *numbers, SqlGroup rows, int number_at, int name_at,
		 const char *key)
{
	SqlNames names = {.items = sql_arena_array(description->arena, const char *, rows.count + 1)};
	const char *at = numbers ? numbers + strspn(numbers, "{") : "";

	while (*at >= '0' && *at <= '9')
	{
		const char *name = NULL;
		int number = (int) strtol(at, (char **) &at, 10);

		for (size_t i = 0; i < rows.count && name == NULL; i++)
			if (atoi(rows.items[i][number_at]) == number &&
				(key == NULL || is(rows.items[i][REFERENCED_KEY], key)))
				name = rows.items[i][name_at];
		if (name == NULL || (size_t) names.count == rows.count)
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

	key.columns =
		names_of(description, row[KEY_NUMBERS], description->stored, STORED_NUMBER, STORED_NAME, NULL);
	if (!is(row[KEY_TYPE], "f"))
		return key;
	key.schema = row[KEY_SCHEMA];
	key.table = row[KEY_TABLE];
	key.referenced = names_of(description, row[KEY_REFERENCED_NUMBERS],
							  sql_rows_of(&description->catalog->referenced, description->name),
							  REFERENCED_NUMBER, REFERENCED_NAME, row[KEY_NAME]);
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

/* Columns of an interleaved sort key have numbers of alternating sign. */
static const char *
sort_key(const Description *description, bool *is_interleaved)
{
	const char *key = "";

	for (int wanted = 1; wanted <= (int) description->stored.count; wanted++)
		for (size_t i = 0; i < description->stored.count; i++)
		{
			const char *const *row = description->stored.items[i];
			int number = row[STORED_SORT] ? atoi(row[STORED_SORT]) : 0;

			if (abs(number) != wanted)
				continue;
			*is_interleaved = *is_interleaved || number < 0;
			key = sql_arena_join(description->arena, key, wanted > 1 ? ", " : "", row[STORED_NAME]);
		}
	return key;
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
	sql_add_option(relation, is_interleaved ? "interleaved_sortkey" : "sortkey", filled(key));
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
