/*
 * sample.c — rows come in the order of the hashes of their keys, so that two samples of the same rows are the
 * same. Values count as categories only if all of them were read.
 */
#include "connectors/cassandra/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/cassandra/catalog.h"
#include "connectors/cassandra/name.h"
#include "connectors/cassandra/value.h"
#include "connectors/common/deadline.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/sql/sampled.h"

#define FIRST_ROWS 1000
#define MOST_ROWS  20000
/* Bytes of a value that are looked at, even if fewer are shown. */
#define CHECKED_BYTES 4000

/* An error that is not the server's: the pages of a query took too long together. */
#define IS_LATE (CQL_SERVER + 1)

typedef struct Sampling
{
	Session *session;
	const SampleRequest *request;
	const SampledRelation *relation;
	Catalog catalog;
	SqlArena arena;
	SqlSampled sampled;
	const CqlType **types; /* of the columns */
} Sampling;

/* ---- which columns ---- */

/* A member whose name looks private hides its column: the values are not taken apart. */
static bool
hides_member(const SampleRequest *request, const CqlType *type)
{
	for (int i = 0; i < type->count; i++)
		if ((type->names && sample_frame_hides(request, type->names[i])) ||
			hides_member(request, type->parts[i]))
			return true;
	return false;
}

static bool
is_bytes(const CqlType *type)
{
	return strncmp(type_in_postgresql(type), "bytea", 5) == 0;
}

/* Is the column the whole key? */
static bool
is_key(const SqlRows *columns, const char *const *row)
{
	bool is_only = columns->count == 1 || columns->items[1][COLUMN_KIND] == NULL ||
				   (strcmp(columns->items[1][COLUMN_KIND], "partition_key") != 0 &&
					strcmp(columns->items[1][COLUMN_KIND], "clustering") != 0);

	return is_only && row == (const char *const *) columns->items[0];
}

static void
take_column(Sampling *sampling, const char *const *row)
{
	const SampleRequest *request = sampling->request;
	int number = sampling->sampled.column_count++;
	SqlSampledColumn *column = &sampling->sampled.columns[number];
	const CqlType *type = type_read(&sampling->catalog.types, &sampling->arena, row[COLUMN_TYPE]);
	bool is_text = type->kind == CQL_TEXT || type->kind == CQL_ASCII;

	sampling->types[number] = type;
	*column = (SqlSampledColumn){.name = row[COLUMN_NAME],
								 .is_hidden = sample_frame_hides(request, row[COLUMN_NAME])};
	column->is_bytes = is_bytes(type) || hides_member(request, type);
	column->values.are_open =
		request->categories > 0 && is_text && !column->is_hidden && !is_key(&sampling->catalog.columns, row);
}

/* Returns an explanation, or NULL. */
static const char *
read_columns(Sampling *sampling)
{
	SqlRows *columns = &sampling->catalog.columns;

	sampling->catalog.keyspace = sampling->relation->schema;
	catalog_read_columns(sampling->session, sampling->relation->name, &sampling->catalog);
	sampling->sampled.columns = sql_arena_array(&sampling->arena, SqlSampledColumn, columns->count + 1);
	sampling->types = sql_arena_array(&sampling->arena, const CqlType *, columns->count + 1);
	for (size_t i = 0; i < columns->count; i++)
		take_column(sampling, columns->items[i]);
	return columns->count > 0 ? NULL : "it is no longer in the data source";
}

/* ---- rows ---- */

/* The text of a value, without NUL; NULL is null. The caller frees it. */
static char *
value_text(const CqlType *type, Bytes value)
{
	WireBuffer text = {0};
	ValueState state = value_append(&text, type, value);

	if (state == VALUE_BROKEN)
		give_up_malformed();
	for (size_t i = 0; i < text.length; i++)
		if (text.data[i] == '\0')
			text.data[i] = ' ';
	if (text.length > CHECKED_BYTES)
	{
		text.length = CHECKED_BYTES;
		while ((text.data[text.length] & 0xC0) == 0x80)
			text.length--;
	}
	wire_append(&text, "", 1);
	if (text.failed)
		give_up_out_of_memory();
	if (state == VALUE_FINE)
		return text.data;
	wire_free(&text);
	return NULL;
}

/* Asks for the columns that are shown, or for those alone that may still have categories. */
static int
write_statement(const Sampling *sampling, bool only_open, int rows, Statement *statement)
{
	const SqlSampled *sampled = &sampling->sampled;
	int count = 0;

	for (int i = 0; i < sampled->column_count; i++)
	{
		if (!sql_sampled_shows(&sampled->columns[i]) || (only_open && !sampled->columns[i].values.are_open))
			continue;
		wire_append_text(&statement->text, count++ == 0 ? "SELECT " : ", ");
		name_append_quoted(&statement->text, sampled->columns[i].name);
	}
	wire_append_text(&statement->text, " FROM ");
	name_append_quoted(&statement->text, sampling->relation->schema);
	wire_append_text(&statement->text, ".");
	name_append_quoted(&statement->text, sampling->relation->name);
	wire_append_text(&statement->text, " LIMIT ");
	wire_append_integer(&statement->text, rows);
	return count;
}

/* The values of a row: of the columns that were asked for, in their order. */
static void
take_row(Sampling *sampling, const Bytes *values, bool only_open, const bool *asked, bool keeps)
{
	SqlSampled *sampled = &sampling->sampled;
	char **texts = allocate((size_t) (sampled->column_count + 1) * sizeof(char *));
	int count = 1;
	char known[] = "1";

	texts[0] = known;
	for (int i = 0; i < sampled->column_count; i++)
	{
		char *text;

		if (!asked[i])
			continue;
		text = value_text(sampling->types[i], values[count - 1]);
		if (text && sampled->columns[i].values.are_open)
			few_values_add(&sampled->columns[i].values, sampled->request, text);
		texts[count++] = text;
	}
	if (keeps && !only_open)
		sql_rows_add(&sampled->rows, (const char *const *) texts);
	for (int i = 1; i < count; i++)
		free(texts[i]);
	free(texts);
}

/* Returns how many rows there were, or -1 with an error. */
static int
read_rows(Sampling *sampling, bool only_open, int most, uint32_t *error)
{
	SqlSampled *sampled = &sampling->sampled;
	Statement statement = {0};
	int count = write_statement(sampling, only_open, most, &statement);
	Bytes *values = allocate((size_t) (count + 1) * sizeof(Bytes));
	bool *asked = allocate((size_t) (sampled->column_count + 1) * sizeof(bool));
	Deadline until = deadline_after(sampling->request->relation_timeout);
	Answer answer;
	int rows = 0;

	for (int i = 0; i < sampled->column_count; i++)
	{
		asked[i] =
			sql_sampled_shows(&sampled->columns[i]) && (!only_open || sampled->columns[i].values.are_open);
		few_values_restart(&sampled->columns[i].values);
	}
	sampled->rows.columns = only_open ? sampled->rows.columns : count + 1;
	emit_progress("scan", ABSENT);
	if (answer_begin(&answer, sampling->session, &statement, count, error))
		for (; *error == 0 && answer_next(&answer, values, error); rows++)
		{
			take_row(sampling, values, only_open, asked, rows < sampling->request->examples);
			if (deadline_milliseconds(until) == 0)
				*error = IS_LATE;
		}
	answer_end(&answer);
	statement_free(&statement);
	free(values);
	free(asked);
	return *error == 0 ? rows : -1;
}

static bool
shows_any(const SqlSampled *sampled)
{
	for (int i = 0; i < sampled->column_count; i++)
		if (sql_sampled_shows(&sampled->columns[i]))
			return true;
	return false;
}

static void
read_values(Sampling *sampling, uint32_t *error)
{
	int first = sql_sampled_count_open(&sampling->sampled) > 0 ? FIRST_ROWS + 1 : sampling->request->examples;

	if (first == 0 || !shows_any(&sampling->sampled) || read_rows(sampling, false, first, error) < first)
		return;
	if (first > FIRST_ROWS && sql_sampled_count_open(&sampling->sampled) > 0 &&
		read_rows(sampling, true, MOST_ROWS + 1, error) <= MOST_ROWS)
		return;
	sql_sampled_close(&sampling->sampled);
}

static const char *
explain(uint32_t error)
{
	static char text[80];

	if (error == CQL_UNAUTHORIZED)
		return "the user of the data source may not read it";
	if (error == CQL_TOO_LONG_FRAME)
		return "a row of it is too long";
	if (error == IS_LATE)
		return "reading it took longer than the time allowed";
	snprintf(text, sizeof(text), "the server could not read it (0x%04X)", (unsigned) error & 0xFFFF);
	return text;
}

/* The source gives no ids, so a relation that is asked for by its id is not there. */
static void
sample_relation(Session *session, const SampleRequest *request, int number)
{
	Sampling sampling = {.session = session,
						 .request = request,
						 .relation = &request->relations[number],
						 .sampled = {.request = request, .rows = {.columns = 1}}};
	const char *explanation =
		sampling.relation->id ? "it is no longer in the data source" : read_columns(&sampling);
	uint32_t error = 0;

	if (explanation == NULL)
		read_values(&sampling, &error);
	if (error != 0)
		explanation = explain(error);
	if (explanation == NULL)
		sql_sampled_emit(&sampling.sampled, number);
	else
		emit_sample_error(number, explanation);
	sql_sampled_forget(&sampling.sampled);
	sql_arena_free(&sampling.arena);
	catalog_free(&sampling.catalog);
}

void
sample(Session *session, const SampleRequest *request)
{
	session->query_timeout = request->relation_timeout;
	for (int i = 0; i < request->relation_count; i++)
		sample_relation(session, request, i);
}
