#include "connectors/csv/sample.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/common/sample_frame.h"
#include "connectors/csv/discover.h"

/* Values count as categories only if all of them were read. */
#define MOST_ROWS 2000000

/* The different values of a column, while there are few. */
typedef struct Values
{
	bool are_open;
	char **items;
	int count;
} Values;

typedef struct Sampling
{
	const SampleRequest *request;
	int number; /* of the relation in the request */
	Table table;
	Values *values;
	char ***examples; /* rows of texts; NULL: null */
	int example_count;
	WireBuffer cell;
} Sampling;

static void
close_values(Values *values)
{
	for (int i = 0; i < values->count; i++)
		free(values->items[i]);
	free(values->items);
	*values = (Values){0};
}

static bool
may_have_categories(const Sampling *sampling, const TableColumn *column)
{
	return sampling->request->categories > 0 && !sample_frame_hides(sampling->request, column->name) &&
		   (column->type == INFERRED_TEXT || column->type == INFERRED_BOOLEAN) && sampling->table.is_whole;
}

static int
characters(const char *text)
{
	int count = 0;

	for (; *text; text++)
		count += (*text & 0xC0) != 0x80;
	return count;
}

static void
add_value(const SampleRequest *request, Values *values, const char *value)
{
	for (int i = 0; i < values->count; i++)
		if (strcmp(values->items[i], value) == 0)
			return;
	if (values->count == request->categories || characters(value) > request->category_length)
	{
		close_values(values);
		return;
	}
	if (values->items == NULL)
		values->items = allocate((size_t) request->categories * sizeof(char *));
	values->items[values->count++] = copy_text(value);
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
			add_value(sampling->request, &sampling->values[i], value);
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
			close_values(&sampling->values[i]);
	table_rows_end(&rows);
	stored_check(sampling->table.file);
}

static void
add_categories(const Sampling *sampling, SampleFrame *frame)
{
	for (int i = 0; i < sampling->table.column_count; i++)
	{
		const Values *values = &sampling->values[i];

		if (!values->are_open || values->count == 0)
			continue;
		for (int j = 0; j < values->count; j++)
			sample_frame_add_value(frame, values->items[j], strlen(values->items[j]));
		sample_frame_end_values(frame, sampling->table.columns[i].name, false);
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

	sampling->values = allocate(columns * sizeof(Values));
	for (int i = 0; i < sampling->table.column_count; i++)
		sampling->values[i] =
			(Values){.are_open = may_have_categories(sampling, &sampling->table.columns[i])};
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
