/*
 * sample.c — reads rows of relations, by one query each, in the order of the primary key where there is one.
 * The first rows are examples. Values count as categories only if all of them were read: the reading ends
 * once no column can have categories any more.
 */
#include "connectors/oracle/sample.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/odbc/answer.h"
#include "connectors/odbc/failure.h"
#include "connectors/odbc/send.h"
#include "connectors/oracle/lookup.h"
#include "connectors/oracle/types.h"
#include "connectors/sql/quote.h"
#include "connectors/sql/sampled.h"

#define MOST_ROWS 20000
/* Bytes of a value that are checked for private data, even if fewer are shown. */
#define CHECKED_BYTES 4000

typedef struct Sampling
{
	OdbcSession *session;
	const SampledRelation *relation;
	Found found;
	SqlArena arena;
	SqlSampled sampled; /* without the columns whose values cannot be read */
	WireBuffer sql;
	WireBuffer cell;
} Sampling;

/* ---- which columns ---- */

/* Is the column a key by itself? */
static bool
is_key(const Found *found, const char *column)
{
	for (size_t i = 0; i < found->constraints.count; i++)
	{
		const char *const *row = found->constraints.items[i];
		SqlGroup columns = lookup_key(found, row);

		if (row[CONSTRAINT_TYPE] && strchr("PU", *row[CONSTRAINT_TYPE]) && columns.count == 1 &&
			columns.items[0][KEY_COLUMN] && strcmp(columns.items[0][KEY_COLUMN], column) == 0)
			return true;
	}
	return false;
}

/* Writes how the column's value is asked for, behind a comma, and takes the column if there is a way. */
static void
take_column(Sampling *sampling, const char *const *row)
{
	const SampleRequest *request = sampling->sampled.request;
	SqlSampledColumn *column = &sampling->sampled.columns[sampling->sampled.column_count];
	size_t before = sampling->sql.length;

	*column = (SqlSampledColumn){.name = row[COLUMN_NAME],
								 .is_bytes = type_is_bytes(row),
								 .is_hidden = sample_frame_hides(request, row[COLUMN_NAME])};
	column->values.are_open = request->categories > 0 && !column->is_hidden &&
							  type_may_have_categories(row) && !is_key(&sampling->found, column->name);
	if (sql_sampled_shows(column))
	{
		wire_append_text(&sampling->sql, ", ");
		if (!type_write_value(&sampling->sql, row))
		{
			sampling->sql.length = before;
			return;
		}
	}
	sampling->sampled.column_count++;
}

static void
write_order(Sampling *sampling)
{
	const SqlRows *constraints = &sampling->found.constraints;

	for (size_t i = 0; i < constraints->count; i++)
	{
		const char *type = constraints->items[i][CONSTRAINT_TYPE];
		SqlGroup columns = lookup_key(&sampling->found, constraints->items[i]);

		for (size_t j = 0; type && *type == 'P' && j < columns.count; j++)
		{
			wire_append_text(&sampling->sql, j == 0 ? " ORDER BY " : ", ");
			sql_quote_name(&sampling->sql, columns.items[j][KEY_COLUMN] ? columns.items[j][KEY_COLUMN] : "",
						   '"', '"');
		}
	}
}

static void
write_statement(Sampling *sampling)
{
	SqlSampled *sampled = &sampling->sampled;
	const SqlRows *columns = &sampling->found.columns;

	sampled->columns = sql_arena_allocate(&sampling->arena, (columns->count + 1) * sizeof(SqlSampledColumn));
	wire_append_text(&sampling->sql, "SELECT 1");
	for (size_t i = 0; i < columns->count; i++)
		if (columns->items[i][COLUMN_NAME] != NULL)
			take_column(sampling, columns->items[i]);
	wire_append_text(&sampling->sql, " FROM ");
	sql_quote_name(&sampling->sql, sampling->relation->schema, '"', '"');
	wire_append_text(&sampling->sql, ".");
	sql_quote_name(&sampling->sql, sampling->relation->name, '"', '"');
	write_order(sampling);
	wire_append(&sampling->sql, "", 1);
	if (sampling->sql.failed)
		give_up_out_of_memory();
}

/* ---- rows ---- */

/* Returns a copy, or NULL. */
static const char *
read_cell(Sampling *sampling, OdbcAnswer *answer, int position, SqlArena *arena)
{
	wire_reset(&sampling->cell);
	if (odbc_text(answer, position, &sampling->cell, CHECKED_BYTES, NULL) == ODBC_NULL)
		return NULL;
	wire_append(&sampling->cell, "", 1);
	if (sampling->cell.failed)
		give_up_out_of_memory();
	return sql_arena_text(arena, sampling->cell.data);
}

/* The columns of an answer are those that are shown, behind the first one, which says nothing. */
static void
take_row(Sampling *sampling, OdbcAnswer *answer, bool is_example)
{
	SqlSampled *sampled = &sampling->sampled;
	const char **kept = is_example ? calloc((size_t) sampled->column_count + 1, sizeof(char *)) : NULL;
	SqlArena values = {0};
	int position = 2;

	if (is_example && kept == NULL)
		give_up_out_of_memory();
	if (is_example)
		kept[0] = "";
	for (int i = 0; i < sampled->column_count; i++)
	{
		SqlSampledColumn *column = &sampled->columns[i];
		const char *value;

		if (!sql_sampled_shows(column))
			continue;
		value = is_example || column->values.are_open ? read_cell(sampling, answer, position, &values) : NULL;
		if (value != NULL && column->values.are_open)
			few_values_add(&column->values, sampled->request, value);
		if (is_example)
			kept[position - 1] = value;
		position++;
	}
	if (is_example)
		sql_rows_add(&sampled->rows, kept);
	free(kept);
	sql_arena_free(&values);
}

static void
count_shown(SqlSampled *sampled)
{
	sampled->rows.columns = 1;
	for (int i = 0; i < sampled->column_count; i++)
		sampled->rows.columns += sql_sampled_shows(&sampled->columns[i]);
}

/* Returns why they could not be read, or NULL. */
static const char *
read_rows(Sampling *sampling)
{
	SqlSampled *sampled = &sampling->sampled;
	int examples = sampled->request->examples;
	int most = sql_sampled_count_open(sampled) > 0 ? MOST_ROWS : examples;
	const char *explanation = NULL;
	OdbcAnswer answer;
	int rows = 0;

	emit_progress("scan", ABSENT); /* earlier queries may have taken time: this resets the server's limit */
	odbc_begin(sampling->session, &answer);
	odbc_limit_rows(&answer, most + 1);
	count_shown(sampled);
	if (!odbc_ask(&answer, sampling->sql.data))
		explanation = odbc_explain(answer.statement);
	while (explanation == NULL && (rows < examples || sql_sampled_count_open(sampled) > 0) && rows <= most &&
		   odbc_next(&answer))
		take_row(sampling, &answer, rows++ < examples);
	if (explanation == NULL && !SQL_SUCCEEDED(answer.done) && answer.done != SQL_NO_DATA)
		explanation = odbc_explain(answer.statement);
	if (rows > most)
		sql_sampled_close(sampled);
	odbc_end(&answer);
	return explanation;
}

static void
sample_relation(OdbcSession *session, const Features *features, const SampleRequest *request, int number)
{
	const SampledRelation *relation = &request->relations[number];
	Sampling sampling = {.session = session, .relation = relation, .sampled.request = request};
	const char *explanation = "it is no longer in the data source";

	if (lookup(session, features, relation->schema, relation->name, relation->id, &sampling.found))
	{
		write_statement(&sampling);
		explanation = read_rows(&sampling);
	}
	if (explanation == NULL)
		sql_sampled_emit(&sampling.sampled, number);
	else
		emit_sample_error(number, explanation);
	sql_sampled_forget(&sampling.sampled);
	wire_free(&sampling.sql);
	wire_free(&sampling.cell);
	lookup_forget(&sampling.found);
	sql_arena_free(&sampling.arena);
}

void
sample(OdbcSession *session, const Features *features, const SampleRequest *request)
{
	session->query_timeout = request->relation_timeout;
	for (int i = 0; i < request->relation_count; i++)
		sample_relation(session, features, request, i);
}
