/*
 * sample.c — reads values of relations, one after the other, with at most three queries each: a few rows, the
 * values of the first rows, and of more rows for those columns that may still have categories. Values count
 * as categories only if all of them were read. Rows come in the order of the primary key, where there is one,
 * so that two samples of the same rows are the same.
 *
 * Only values are read in a READ ONLY transaction: in such, the catalog knows no columns of a view whose
 * functions write. Texts of the server are not passed on: they may hold values.
 */
#include <mysqld_error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/mysql/json_check.h"
#include "connectors/mysql/sample.h"
#include "connectors/mysql/sample_failure.h"
#include "connectors/mysql/statements.h"
#include "connectors/mysql/types.h"
#include "connectors/sql/sampled.h"

#define FIRST_ROWS 1000
#define MOST_ROWS  20000
/* Characters of a value that are checked for private data, even if fewer are shown. */
#define CHECKED_LENGTH 1000

typedef struct Sampling
{
	Session *session;
	const SampleRequest *request;
	const SampledRelation *relation;
	SqlArena arena;
	SqlSampled sampled;
	SqlNames order; /* of the primary key */
} Sampling;

/* ---- which columns ---- */

static bool
is_one_of(const char *word, const char *const *words)
{
	while (*words != NULL && strcmp(word, *words) != 0)
		words++;
	return *words != NULL;
}

static bool
is_text(const char *word)
{
	static const char *const words[] = {"char",       "varchar",  "tinytext", "text",
										"mediumtext", "longtext", NULL};

	return is_one_of(word, words);
}

/* Geometries and vectors come as bytes. */
static bool
is_bytes(const char *word)
{
	return type_is_bytes(word) || type_is_geometry(word) || strcmp(word, "vector") == 0;
}

static bool
may_have_categories(const char *word)
{
	return is_text(word) || strcmp(word, "tinyint") == 0 || strcmp(word, "smallint") == 0;
}

static bool
is(const char *text, const char *word)
{
	return text != NULL && strcmp(text, word) == 0;
}

/* Is the column a unique key by itself? indexes: of the relation, ordered by name and position. */
static bool
is_key(const SqlRows *indexes, const char *column)
{
	for (size_t i = 0; i < indexes->count; i++)
	{
		const char *const *row = indexes->items[i];
		bool is_alone = i + 1 == indexes->count || is(indexes->items[i + 1][INDEX_POSITION], "1");

		if (is(row[INDEX_POSITION], "1") && is_alone && is(row[INDEX_COLUMN], column) &&
			is(row[INDEX_NON_UNIQUE], "0"))
			return true;
	}
	return false;
}

static void
take_column(Sampling *sampling, const char *const *row, const SqlRows *indexes, const SqlRows *checks)
{
	const SampleRequest *request = sampling->request;
	SqlSampledColumn *column = &sampling->sampled.columns[sampling->sampled.column_count];
	const char *word = type_word(&sampling->arena, row[COLUMN_TYPE] ? row[COLUMN_TYPE] : "");

	if (!type_has(row[COLUMN_PRIVILEGES], "select"))
		return;
	*column = (SqlSampledColumn){.name = sql_arena_text(&sampling->arena, row[COLUMN_NAME]),
								 .word = word,
								 .is_hidden = sample_frame_hides(request, row[COLUMN_NAME])};
	if (sampling->session->is_mariadb &&
		check_makes_json(checks, sampling->relation->name, word, column->name))
		column->word = "json";
	column->is_bytes = is_bytes(column->word);
	if (strcmp(word, "enum") == 0)
		column->enumerated = type_values(&sampling->arena, row[COLUMN_TYPE]);
	column->values.are_open = request->categories > 0 && !column->is_hidden &&
							  may_have_categories(column->word) && !is_key(indexes, column->name);
	sampling->sampled.column_count++;
}

static void
take_order(Sampling *sampling, const SqlRows *indexes)
{
	sampling->order.items = sql_arena_allocate(&sampling->arena, (indexes->count + 1) * sizeof(char *));
	for (size_t i = 0; i < indexes->count; i++)
		if (is(indexes->items[i][INDEX_NAME], "PRIMARY") && indexes->items[i][INDEX_COLUMN])
			sampling->order.items[sampling->order.count++] =
				sql_arena_text(&sampling->arena, indexes->items[i][INDEX_COLUMN]);
}

/* Returns an explanation, or NULL. */
static const char *
read_columns(Sampling *sampling, const Features *features)
{
	SqlNames names = {.items = (const char **) &sampling->relation->name, .count = 1};
	Wanted wanted = {.schema = sampling->relation->schema, .relations = &names};
	SqlRows columns = {.columns = COLUMN_COLUMNS};
	SqlRows indexes = {.columns = INDEX_COLUMNS};
	SqlRows checks = {.columns = CHECK_COLUMNS};
	WireBuffer sql = {0};
	bool is_there;

	statement_columns(&sql, features, &wanted);
	session_read(sampling->session, &sql, &columns);
	statement_indexes(&sql, features, &wanted);
	session_read(sampling->session, &sql, &indexes);
	if (features->checks)
	{
		statement_checks(&sql, features, &wanted);
		session_read(sampling->session, &sql, &checks);
	}
	is_there = columns.count > 0;
	sampling->sampled.columns =
		sql_arena_allocate(&sampling->arena, (columns.count + 1) * sizeof(SqlSampledColumn));
	for (size_t i = 0; i < columns.count; i++)
		take_column(sampling, columns.items[i], &indexes, &checks);
	take_order(sampling, &indexes);
	sql_rows_free(&columns);
	sql_rows_free(&indexes);
	sql_rows_free(&checks);
	if (!is_there)
		return "it is no longer in the data source, or the user of the data source may see none of its columns";
	return sampling->sampled.column_count > 0 ? NULL
											  : "it has no column that the user of the data source may read";
}

/* ---- queries ---- */

static void
append_number(WireBuffer *sql, const char *before, int number, const char *after)
{
	wire_append_text(sql, before);
	wire_append_integer(sql, number);
	wire_append_text(sql, after);
}

/* Writes the first characters of the value as text. */
static void
write_value(WireBuffer *sql, const SqlSampledColumn *column, int length)
{
	bool is_bits = strcmp(column->word, "bit") == 0;
	bool is_cast = !is_bits && !is_text(column->word);

	wire_append_text(sql, is_bits ? "(" : is_cast ? "LEFT(CAST(" : "LEFT(");
	write_name(sql, column->name);
	wire_append_text(sql, is_bits ? " + 0)" : is_cast ? " AS CHAR)" : "");
	if (!is_bits)
		append_number(sql, ", ", length, ")");
}

static void
write_source(WireBuffer *sql, const Sampling *sampling, int rows)
{
	wire_append_text(sql, " FROM ");
	write_relation_name(sql, sampling->relation->schema, sampling->relation->name);
	for (int i = 0; i < sampling->order.count; i++)
	{
		wire_append_text(sql, i == 0 ? " ORDER BY " : ", ");
		write_name(sql, sampling->order.items[i]);
	}
	append_number(sql, " LIMIT ", rows, "");
}

static MYSQL_RES *
ask(const Sampling *sampling, WireBuffer *sql, unsigned *error)
{
	emit_progress("scan", ABSENT); /* earlier queries may have taken time: this resets the server's limit */
	return session_ask(sampling->session, sql, error);
}

/* ---- the values of columns ---- */

/* The answer has the columns that were open when it was asked for, in their order. */
static int
take_values(Sampling *sampling, MYSQL_RES *answer, SqlSampledColumn **asked, unsigned *error)
{
	int rows = 0;
	MYSQL_ROW row;

	while ((row = session_next(sampling->session, answer, error)) != NULL)
	{
		rows++;
		for (unsigned i = 0; i < mysql_num_fields(answer); i++)
			if (row[i] != NULL && asked[i]->values.are_open)
				few_values_add(&asked[i]->values, sampling->sampled.request, row[i]);
	}
	return rows;
}

/* Reads the values of the columns that are open. Returns how many rows there were. */
static int
read_values(Sampling *sampling, int most, unsigned *error)
{
	SqlSampledColumn **asked =
		allocate((size_t) (sampling->sampled.column_count + 1) * sizeof(SqlSampledColumn *));
	WireBuffer sql = {0};
	MYSQL_RES *answer;
	int count = 0;
	int rows = 0;

	wire_append_text(&sql, "SELECT ");
	for (int i = 0; i < sampling->sampled.column_count; i++)
	{
		if (!sampling->sampled.columns[i].values.are_open)
			continue;
		few_values_restart(&sampling->sampled.columns[i].values);
		wire_append_text(&sql, count > 0 ? ", " : "");
		write_value(&sql, &sampling->sampled.columns[i], sampling->request->category_length + 1);
		asked[count++] = &sampling->sampled.columns[i];
	}
	write_source(&sql, sampling, most);
	answer = ask(sampling, &sql, error);
	if (answer != NULL)
	{
		rows = take_values(sampling, answer, asked, error);
		mysql_free_result(answer);
	}
	free(asked);
	return rows;
}

static void
read_all_values(Sampling *sampling, unsigned *error)
{
	static const int steps[] = {FIRST_ROWS, MOST_ROWS};

	for (size_t step = 0; step < 2 && *error == 0 && sql_sampled_count_open(&sampling->sampled) > 0; step++)
		if (read_values(sampling, steps[step] + 1, error) <= steps[step])
			return;
	sql_sampled_close(&sampling->sampled);
}

/* ---- a few rows ---- */

static void
read_rows(Sampling *sampling, unsigned *error)
{
	WireBuffer sql = {0};
	MYSQL_RES *answer;
	MYSQL_ROW row;

	sampling->sampled.rows.columns = 1;
	if (sampling->request->examples == 0 || *error != 0)
		return;
	wire_append_text(&sql, "SELECT 1");
	for (int i = 0; i < sampling->sampled.column_count; i++)
	{
		if (!sql_sampled_shows(&sampling->sampled.columns[i]))
			continue;
		wire_append_text(&sql, ", ");
		write_value(&sql, &sampling->sampled.columns[i], CHECKED_LENGTH);
		sampling->sampled.rows.columns++;
	}
	write_source(&sql, sampling, sampling->request->examples);
	answer = ask(sampling, &sql, error);
	if (answer == NULL)
		return;
	while ((row = session_next(sampling->session, answer, error)) != NULL)
		sql_rows_add(&sampling->sampled.rows, (const char *const *) row);
	mysql_free_result(answer);
}

/* The source gives no ids, so a relation that is asked for by its id is not there. */
static void
sample_relation(Session *session, const Features *features, const SampleRequest *request, int number)
{
	Sampling sampling = {.session = session,
						 .request = request,
						 .relation = &request->relations[number],
						 .sampled.request = request};
	const char *explanation =
		sampling.relation->id ? "it is no longer in the data source" : read_columns(&sampling, features);
	unsigned error = 0;

	if (explanation == NULL)
	{
		session_set(session, "START TRANSACTION READ ONLY");
		read_all_values(&sampling, &error);
		read_rows(&sampling, &error);
		session_set(session, "ROLLBACK");
		explanation = error == 0 ? NULL : sample_failure(error);
	}
	if (explanation == NULL)
		sql_sampled_emit(&sampling.sampled, number);
	else
		emit_sample_error(number, explanation);
	sql_sampled_forget(&sampling.sampled);
	sql_arena_free(&sampling.arena);
}

void
sample(Session *session, const SampleRequest *request)
{
	Features features;

	statements_learn(session, &features);
	session_limit(session, request->relation_timeout);
	for (int i = 0; i < request->relation_count; i++)
		sample_relation(session, &features, request, i);
}
