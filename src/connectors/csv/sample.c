#include "connectors/csv/sample.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/few_values.h"
#include "connectors/common/memory.h"
#include "connectors/csv/discover.h"

/* Values count as categories only if all of them were read. */
#define MOST_ROWS 2000000

typedef struct Sampling
{
	const SampleRequest *request;
	int number; /* of the relation in the request */
	Table table;
	FewValues *values;
	char ***examples; /* rows of texts; NULL: null */
	int example_count;
	WireBuffer cell;
} Sampling;

static bool
may_have_categories(const Sampling *sampling, const TableColumn *column)
{
	return sampling->request->categories > 0 && !sample_frame_hides(sampling->request, column->name) &&
		   (column->type == INFERRED_TEXT || column->type == INFERRED_BOOLEAN) && sampling->table.is_whole;
}

static bool
is_any_open(const Sampling *sampling)
{
	for (int i = 0; i < sampling->table.column_count; i++)
		if (sampling->values[i].are_open)
			return true;
	return false;
}

/* The value as read sends it, which stays until the next one; NULL: null. */
static const char *
read_cell(Sampling *sampling, const TableRows *rows, int number)
{
	const TableColumn *column = &sampling->table.columns[number];
	const Field *field = &rows->record.fields[number];
	const char *text;
	size_t length;

	if (number >= rows->record.count || table_is_null(column, field))
		return NULL;
	text = field->bytes;
	length = field->length;
	if (column->type != INFERRED_TEXT)
		infer_trim(&text, &length);
	wire_reset(&sampling->cell);
	inferred_write(&sampling->cell, column->type, text, length);
	wire_append(&sampling->cell, "", 1);
	if (sampling->cell.failed)
		give_up_out_of_memory();
	return sampling->cell.data;
}

static void
take_row(Sampling *sampling, const TableRows *rows)
{
	bool is_example = sampling->example_count < sampling->request->examples;
	char **kept = is_example ? allocate((size_t) (sampling->table.column_count + 1) * sizeof(char *)) : NULL;

	for (int i = 0; i < sampling->table.column_count; i++)
	{
		const char *value;

		if (!is_example && !sampling->values[i].are_open)
			continue;
		value = read_cell(sampling, rows, i);
		if (value != NULL && sampling->values[i].are_open)
			few_values_add(&sampling->values[i], sampling->request, value);
		if (is_example)
			kept[i] = value ? copy_text(value) : NULL;
	}
	if (is_example)
		sampling->examples[sampling->example_count++] = kept;
}

static void
read_rows(Sampling *sampling)
{
	static TableRows rows;
	int64_t count = 0;
	bool has_more = true;

	table_rows_begin(&rows, sampling->table.file, sampling->table.encoding, &sampling->table.wishes);
	if (rows.layout.has_header)
		table_rows_next(&rows);
	while ((sampling->example_count < sampling->request->examples || is_any_open(sampling)) &&
		   count++ < MOST_ROWS && (has_more = table_rows_next(&rows)))
		take_row(sampling, &rows);
	if (has_more)
		for (int i = 0; i < sampling->table.column_count; i++)
			few_values_close(&sampling->values[i]);
	table_rows_end(&rows);
	stored_check(sampling->table.file);
}

static void
add_categories(const Sampling *sampling, SampleFrame *frame)
{
	for (int i = 0; i < sampling->table.column_count; i++)
	{
		const FewValues *values = &sampling->values[i];

		if (values->are_open && values->count > 0)
			few_values_write(values, frame, sampling->table.columns[i].name);
	}
}

static void
emit_sample(const Sampling *sampling)
{
	SampleFrame frame;

	sample_frame_begin(&frame, sampling->request, sampling->number);
	add_categories(sampling, &frame);
	for (int row = 0; row < sampling->example_count; row++)
	{
		sample_frame_begin_row(&frame);
		for (int i = 0; i < sampling->table.column_count; i++)
			sample_frame_add_cell(&frame, sampling->table.columns[i].name, sampling->examples[row][i]);
		sample_frame_end_row(&frame);
	}
	sample_frame_end(&frame);
}

static void
sample_file(Sampling *sampling)
{
	size_t columns = (size_t) sampling->table.column_count + 1;

	sampling->values = allocate(columns * sizeof(FewValues));
	for (int i = 0; i < sampling->table.column_count; i++)
		sampling->values[i] =
			(FewValues){.are_open = may_have_categories(sampling, &sampling->table.columns[i])};
	sampling->examples = allocate((size_t) (sampling->request->examples + 1) * sizeof(char **));
	read_rows(sampling);
	emit_sample(sampling);
}

void
sample_table(const Request *request, const StoredFile *file, const TableWishes *wishes)
{
	Table table;

	table_survey(&table, file, wishes);
	for (int i = 0; i < request->sample.relation_count; i++)
	{
		const SampledRelation *relation = &request->sample.relations[i];
		Sampling sampling = {.request = &request->sample, .number = i, .table = table};

		emit_progress("scan", ABSENT);
		if (strcmp(relation->schema, FILES_SCHEMA) != 0 || strcmp(relation->name, table.name) != 0 ||
			(relation->id != NULL && strcmp(relation->id, FILE_ID) != 0))
			emit_sample_error(i, "it is no longer in the data source");
		else
			sample_file(&sampling);
	}
}
