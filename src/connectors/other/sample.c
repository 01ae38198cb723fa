/*
 * sample.c — reads rows of relations, by one query each, in the order of the primary key where the driver
 * knows one. The first rows are examples. Values count as categories only if all of them were read: the
 * reading ends once no column can have categories any more.
 */
#include "connectors/other/sample.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/few_values.h"
#include "connectors/common/memory.h"
#include "connectors/odbc/failure.h"
#include "connectors/odbc/names.h"
#include "connectors/odbc/send.h"
#include "connectors/other/catalog.h"
#include "connectors/other/describe.h"

#define MOST_ROWS 20000
/* Bytes of a value that are checked for private data, even if fewer are shown. */
#define CHECKED_BYTES 4000

typedef struct SampledColumn
{
	const char *name;
	bool is_hidden;
	FewValues values;
} SampledColumn;

typedef struct Sampling
{
	OdbcSession *session;
	const SampleRequest *request;
	const SampledRelation *relation;
	SqlArena arena;
	SqlRows rows; /* the columns, as the driver has them */
	SqlRelation description;
	SampledColumn *columns; /* without those of bytes */
	int column_count;
	WireBuffer sql;
	WireBuffer cell;
	SampleFrame frame;
	SqlRows examples;
} Sampling;

/* ---- which columns ---- */

static bool
is_key(const SqlRelation *relation, const char *column)
{
	const SqlKey *primary = relation->primary_key;

	if (primary && primary->columns.count == 1 && strcmp(primary->columns.items[0], column) == 0)
		return true;
	for (int i = 0; i < relation->index_count; i++)
		if (relation->indexes[i].unique && relation->indexes[i].columns.count == 1 &&
			strcmp(relation->indexes[i].columns.items[0], column) == 0)
			return true;
	return false;
}

static bool
may_have_categories(const ColumnType *type)
{
	return type_is_text(type) || type->number == SQL_SMALLINT || type->number == SQL_TINYINT;
}

static void
take_column(Sampling *sampling, const char *const *row)
{
	ColumnType type = describe_type(row);
	bool is_hidden = sample_frame_hides(sampling->request, row[COLUMN_NAME]);

	if (type_is_bytes(&type))
		return;
	sampling->columns[sampling->column_count++] = (SampledColumn){
		.name = row[COLUMN_NAME],
		.is_hidden = is_hidden,
		.values.are_open = sampling->request->categories > 0 && !is_hidden && may_have_categories(&type) &&
						   !is_key(&sampling->description, row[COLUMN_NAME])};
}

/* Returns why the relation cannot be sampled, or NULL. */
static const char *
find_columns(Sampling *sampling)
{
	const SampledRelation *relation = sampling->relation;
	const char *table[TABLE_COLUMNS] = {[TABLE_NAME] = relation->name, [TABLE_TYPE] = "TABLE"};
	int64_t row_estimate;

	if (relation->id == NULL)
		catalog_find_columns(sampling->session, relation->schema, relation->name, &sampling->rows);
	if (sampling->rows.count == 0)
		return "it is no longer in the data source";
	table[TABLE_CATALOG] = sampling->rows.items[0][COLUMN_CATALOG];
	table[TABLE_THEIR_SCHEMA] = sampling->rows.items[0][COLUMN_THEIR_SCHEMA];
	describe(&sampling->arena, sampling->session, table, sql_rows_all(&sampling->rows),
			 &sampling->description, &row_estimate);
	sampling->columns = sql_arena_allocate(&sampling->arena, sampling->rows.count * sizeof(SampledColumn));
	for (size_t i = 0; i < sampling->rows.count; i++)
		take_column(sampling, sampling->rows.items[i]);
	return NULL;
}

/* ---- the query ---- */

static bool
write_order(Sampling *sampling)
{
	const SqlKey *primary = sampling->description.primary_key;
	bool fine = true;

	for (int i = 0; primary && fine && i < primary->columns.count; i++)
	{
		wire_append_text(&sampling->sql, i == 0 ? " ORDER BY " : ", ");
		fine = odbc_write_name(&sampling->sql, sampling->session, primary->columns.items[i]);
	}
	return fine;
}

static bool
write_statement(Sampling *sampling)
{
	const char *const *first = sampling->rows.items[0];
	bool fine = true;

	wire_append_text(&sampling->sql, "SELECT 1");
	for (int i = 0; fine && i < sampling->column_count; i++)
	{
		if (sampling->columns[i].is_hidden)
			continue;
		wire_append_text(&sampling->sql, ", ");
		fine = odbc_write_name(&sampling->sql, sampling->session, sampling->columns[i].name);
	}
	wire_append_text(&sampling->sql, " FROM ");
	fine = fine && odbc_write_relation(&sampling->sql, sampling->session, first[COLUMN_CATALOG],
									   first[COLUMN_THEIR_SCHEMA], sampling->relation->name);
	fine = fine && write_order(sampling);
	wire_append(&sampling->sql, "", 1);
	if (sampling->sql.failed)
		give_up_out_of_memory();
	return fine;
}

/* ---- the values of columns ---- */

static bool
is_any_open(const Sampling *sampling)
{
	for (int i = 0; i < sampling->column_count; i++)
		if (sampling->columns[i].values.are_open)
			return true;
	return false;
}

/* ---- rows ---- */

/* Reads a value; NULL: null. The text stays until the next one. */
static const char *
read_cell(Sampling *sampling, OdbcAnswer *answer, int position)
{
	wire_reset(&sampling->cell);
	if (odbc_text(answer, position, &sampling->cell, CHECKED_BYTES, NULL) == ODBC_NULL)
		return NULL;
	wire_append(&sampling->cell, "", 1);
	if (sampling->cell.failed)
		give_up_out_of_memory();
	return sampling->cell.data;
}

static void
take_row(Sampling *sampling, OdbcAnswer *answer, bool is_example)
{
	const char **kept =
		is_example
			? sql_arena_allocate(&sampling->arena, (size_t) (sampling->column_count + 1) * sizeof(char *))
			: NULL;
	int position = 2;

	if (is_example)
		kept[0] = "";
	for (int i = 0; i < sampling->column_count; i++)
	{
		SampledColumn *column = &sampling->columns[i];
		const char *value;

		if (column->is_hidden)
			continue;
		value = is_example || column->values.are_open ? read_cell(sampling, answer, position) : NULL;
		position++;
		if (value != NULL && column->values.are_open)
			few_values_add(&column->values, sampling->request, value);
		if (is_example)
			kept[i + 1] = sql_arena_text(&sampling->arena, value);
	}
	if (is_example)
		sql_rows_add(&sampling->examples, kept);
}

/* Returns why they could not be read, or NULL. */
static const char *
read_rows(Sampling *sampling)
{
	int examples = sampling->request->examples;
	int most = is_any_open(sampling) ? MOST_ROWS : examples;
	const char *explanation = NULL;
	OdbcAnswer answer;
	int rows = 0;

	emit_progress("scan", ABSENT); /* earlier queries may have taken time: this resets the server's limit */
	odbc_begin(sampling->session, &answer);
	odbc_limit_rows(&answer, most + 1);
	if (!odbc_ask(&answer, sampling->sql.data))
		explanation = odbc_explain(answer.statement);
	while (explanation == NULL && (rows < examples || is_any_open(sampling)) && rows <= most &&
		   odbc_next(&answer))
		take_row(sampling, &answer, rows++ < examples);
	if (explanation == NULL && !SQL_SUCCEEDED(answer.done) && answer.done != SQL_NO_DATA)
		explanation = odbc_explain(answer.statement);
	if (rows > most)
		for (int i = 0; i < sampling->column_count; i++)
			few_values_close(&sampling->columns[i].values);
	odbc_end(&answer);
	return explanation;
}

/* ---- the frame ---- */

static void
add_categories(Sampling *sampling)
{
	for (int i = 0; i < sampling->column_count; i++)
	{
		const SampledColumn *column = &sampling->columns[i];

		if (column->values.are_open)
			few_values_write(&column->values, &sampling->frame, column->name);
	}
}

static void
emit_sample(Sampling *sampling, int number)
{
	sample_frame_begin(&sampling->frame, sampling->request, number);
	add_categories(sampling);
	for (size_t row = 0; row < sampling->examples.count; row++)
	{
		sample_frame_begin_row(&sampling->frame);
		for (int i = 0; i < sampling->column_count; i++)
			sample_frame_add_cell(&sampling->frame, sampling->columns[i].name,
								  sampling->examples.items[row][i + 1]);
		sample_frame_end_row(&sampling->frame);
	}
	sample_frame_end(&sampling->frame);
}

static void
forget(Sampling *sampling)
{
	for (int i = 0; i < sampling->column_count; i++)
		few_values_close(&sampling->columns[i].values);
	wire_free(&sampling->sql);
	wire_free(&sampling->cell);
	sql_rows_free(&sampling->rows);
	sql_rows_free(&sampling->examples);
	sql_arena_free(&sampling->arena);
}

static void
sample_relation(OdbcSession *session, const SampleRequest *request, int number)
{
	Sampling sampling = {.session = session, .request = request, .relation = &request->relations[number]};
	const char *explanation = find_columns(&sampling);

	sampling.examples.columns = sampling.column_count + 1;
	if (explanation == NULL && !write_statement(&sampling))
		explanation =
			"its name, or a column's, cannot be written in a statement that every source reads alike";
	if (explanation == NULL)
		explanation = read_rows(&sampling);
	if (explanation == NULL)
		emit_sample(&sampling, number);
	else
		emit_sample_error(number, explanation);
	forget(&sampling);
}

void
sample(OdbcSession *session, const SampleRequest *request)
{
	session->query_timeout = request->relation_timeout;
	for (int i = 0; i < request->relation_count; i++)
		sample_relation(session, request, i);
}
