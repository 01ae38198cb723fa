/*
 * sample.c — reads values of relations, one after the other, with at most three queries each: a few rows, the
 * values of the first rows, and of more rows for those columns that may still have categories. Rows come in
 * the order of the primary key, where there is one, so that two samples of the same rows are the same.
 *
 * Texts of the server are not passed on: they may hold values.
 */
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/sql/sampled.h"
#include "connectors/sqlserver/lookup.h"
#include "connectors/sqlserver/sample.h"
#include "connectors/sqlserver/types.h"
#include "connectors/sqlserver/values.h"

#define FIRST_ROWS 1000
#define MOST_ROWS  20000
/* Characters of a value that are checked for private data, even if fewer are shown. */
#define CHECKED_LENGTH 1000

typedef struct Sampling
{
	Session *session;
	const SampledRelation *relation;
	SqlArena arena;
	Found found;
	SqlSampled sampled; /* its columns are those that were found */
	SqlNames order;     /* of the primary key */
} Sampling;

/* ---- which columns ---- */

static bool
is_true(const char *text)
{
	return text != NULL && strcmp(text, "1") == 0;
}

static bool
may_have_categories(const char *word)
{
	return type_is_text(word) || strcmp(word, "tinyint") == 0 || strcmp(word, "smallint") == 0 ||
		   strcmp(word, "bit") == 0;
}

/* Is the column a unique key by itself? The rows of an index follow each other, by position. */
static bool
is_key(const SqlRows *indexes, const char *column)
{
	for (size_t i = 0; i < indexes->count; i++)
	{
		const char *const *row = indexes->items[i];
		bool is_alone = i + 1 == indexes->count || number_of(indexes->items[i + 1][INDEX_POSITION]) <= 1;

		if (number_of(row[INDEX_POSITION]) == 1 && is_alone && row[INDEX_COLUMN] &&
			strcmp(row[INDEX_COLUMN], column) == 0 && is_true(row[INDEX_UNIQUE]) && row[INDEX_FILTER] == NULL)
			return true;
	}
	return false;
}

static void
take_column(Sampling *sampling, const char *const *row)
{
	const SampleRequest *request = sampling->sampled.request;
	SqlSampledColumn *column = &sampling->sampled.columns[sampling->sampled.column_count++];

	*column = (SqlSampledColumn){.name = row[COLUMN_NAME],
								 .word = type_word(row),
								 .is_bytes = type_is_bytes(type_word(row)),
								 .is_hidden = sample_frame_hides(request, row[COLUMN_NAME])};
	column->values.are_open = request->categories > 0 && !column->is_hidden &&
							  may_have_categories(column->word) &&
							  !is_key(&sampling->found.indexes, column->name);
}

static bool
has_column(const SqlRows *columns, const char *name)
{
	for (size_t i = 0; name != NULL && i < columns->count; i++)
		if (strcmp(columns->items[i][COLUMN_NAME], name) == 0)
			return true;
	return false;
}

static void
take_columns(Sampling *sampling)
{
	const SqlRows *columns = &sampling->found.columns;
	const SqlRows *indexes = &sampling->found.indexes;

	sampling->sampled.columns =
		sql_arena_allocate(&sampling->arena, columns->count * sizeof(SqlSampledColumn));
	for (size_t i = 0; i < columns->count; i++)
		take_column(sampling, columns->items[i]);
	sampling->order.items = sql_arena_allocate(&sampling->arena, (indexes->count + 1) * sizeof(char *));
	for (size_t i = 0; i < indexes->count; i++)
		if (is_true(indexes->items[i][INDEX_PRIMARY]) && has_column(columns, indexes->items[i][INDEX_COLUMN]))
			sampling->order.items[sampling->order.count++] = indexes->items[i][INDEX_COLUMN];
}

/* ---- queries ---- */

/* Writes the first characters of the value of the column at this place. */
static void
write_beginning(WireBuffer *sql, const Sampling *sampling, int number, int length)
{
	wire_append_text(sql, "LEFT(");
	write_value(sql, sampling->session, sampling->found.columns.items[number]);
	wire_append_text(sql, ", ");
	wire_append_integer(sql, length);
	wire_append_text(sql, ")");
}

static void
write_beginning_of_query(WireBuffer *sql, int rows)
{
	wire_append_text(sql, "SELECT TOP (");
	wire_append_integer(sql, rows);
	wire_append_text(sql, ") N'1'");
}

static void
write_source(WireBuffer *sql, const Sampling *sampling)
{
	wire_append_text(sql, " FROM ");
	write_relation_name(sql, sampling->relation->schema, sampling->relation->name);
	for (int i = 0; i < sampling->order.count; i++)
	{
		wire_append_text(sql, i == 0 ? " ORDER BY " : ", ");
		write_name(sql, sampling->order.items[i]);
	}
}

static bool
ask(const Sampling *sampling, WireBuffer *sql, unsigned *error)
{
	emit_progress("scan", ABSENT); /* earlier queries may have taken time: this resets the server's limit */
	return session_ask(sampling->session, sql, error);
}

/* ---- the values of columns ---- */

/* The answer has, behind the first one, the columns that were open when it was asked for, in their order. */
static int
take_values(Sampling *sampling, SqlSampledColumn **asked, int count, unsigned *error)
{
	int rows = 0;
	const char *const *row;

	while ((row = session_next(sampling->session, error)) != NULL)
	{
		rows++;
		for (int i = 0; i < count && i + 1 < sampling->session->columns; i++)
			if (row[i + 1] != NULL && asked[i]->values.are_open)
				few_values_add(&asked[i]->values, sampling->sampled.request, row[i + 1]);
	}
	return rows;
}

/* Reads the values of the columns that are open. Returns how many rows there were. */
static int
read_values(Sampling *sampling, int most, unsigned *error)
{
	SqlSampled *sampled = &sampling->sampled;
	SqlSampledColumn **asked = allocate((size_t) (sampled->column_count + 1) * sizeof(SqlSampledColumn *));
	WireBuffer sql = {0};
	int count = 0;
	int rows = 0;

	write_beginning_of_query(&sql, most);
	for (int i = 0; i < sampled->column_count; i++)
	{
		if (!sampled->columns[i].values.are_open)
			continue;
		few_values_restart(&sampled->columns[i].values);
		wire_append_text(&sql, ", ");
		write_beginning(&sql, sampling, i, sampled->request->category_length + 1);
		asked[count++] = &sampled->columns[i];
	}
	write_source(&sql, sampling);
	if (ask(sampling, &sql, error))
		rows = take_values(sampling, asked, count, error);
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
	SqlSampled *sampled = &sampling->sampled;
	WireBuffer sql = {0};
	const char *const *row;

	sampled->rows.columns = 1;
	if (sampled->request->examples == 0 || *error != 0)
		return;
	write_beginning_of_query(&sql, sampled->request->examples);
	for (int i = 0; i < sampled->column_count; i++)
	{
		if (!sql_sampled_shows(&sampled->columns[i]))
			continue;
		wire_append_text(&sql, ", ");
		write_beginning(&sql, sampling, i, CHECKED_LENGTH);
		sampled->rows.columns++;
	}
	write_source(&sql, sampling);
	if (!ask(sampling, &sql, error))
		return;
	if (sampling->session->columns != sampled->rows.columns)
		give_up_malformed();
	while ((row = session_next(sampling->session, error)) != NULL)
		sql_rows_add(&sampled->rows, row);
}

static void
sample_relation(Session *session, const SampleRequest *request, int number)
{
	Sampling sampling = {
		.session = session, .relation = &request->relations[number], .sampled.request = request};
	const SampledRelation *relation = sampling.relation;
	unsigned error = 0;

	if (lookup(session, relation->schema, relation->name, relation->id, &sampling.found))
		lookup_readable(session, relation->schema, relation->name, &sampling.found);
	if (sampling.found.columns.count > 0)
	{
		take_columns(&sampling);
		read_all_values(&sampling, &error);
		read_rows(&sampling, &error);
		if (error == 0)
			sql_sampled_emit(&sampling.sampled, number);
		else
			emit_sample_error(number, value_failure(error));
	}
	else
		emit_sample_error(
			number,
			"it is no longer in the data source, or the user of the data source may read none of its columns");
	sql_sampled_forget(&sampling.sampled);
	lookup_forget(&sampling.found);
	sql_arena_free(&sampling.arena);
}

void
sample(Session *session, const SampleRequest *request)
{
	session_limit(session, request->relation_timeout);
	for (int i = 0; i < request->relation_count; i++)
		sample_relation(session, request, i);
}
