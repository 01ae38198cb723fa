#include "connectors/files/file_sample.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/few_values.h"
#include "connectors/common/memory.h"

/* Values count as categories only if all of them were read. */
#define MOST_ROWS 2000000

typedef struct Sampling
{
	const Format *format;
	const SampleRequest *request;
	int number; /* of the relation in the request */
	const FileRelation *relation;
	FewValues *values;
	FileValue *row;
	char ***examples; /* rows of texts; NULL: null */
	int example_count;
	WireBuffer cell;
} Sampling;

static bool
may_have_categories(const Sampling *sampling, const FileColumn *column)
{
	return sampling->request->categories > 0 && column->may_have_categories &&
		   !sample_frame_hides(sampling->request, column->name);
}

static bool
is_any_open(const Sampling *sampling)
{
	for (int i = 0; i < sampling->relation->column_count; i++)
		if (sampling->values[i].are_open)
			return true;
	return false;
}

/* The value with a zero behind it, which stays until the next one; NULL: null. */
static const char *
read_cell(Sampling *sampling, int number)
{
	const FileValue *value = &sampling->row[number];

	if (value->bytes == NULL)
		return NULL;
	wire_reset(&sampling->cell);
	wire_append(&sampling->cell, value->bytes, value->length);
	wire_append(&sampling->cell, "", 1);
	if (sampling->cell.failed)
		give_up_out_of_memory();
	return sampling->cell.data;
}

static void
take_row(Sampling *sampling)
{
	int count = sampling->relation->column_count;
	bool is_example = sampling->example_count < sampling->request->examples;
	char **kept = is_example ? allocate((size_t) (count + 1) * sizeof(char *)) : NULL;

	for (int i = 0; i < count; i++)
	{
		const char *value;

		if (!is_example && !sampling->values[i].are_open)
			continue;
		value = read_cell(sampling, i);
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
	const Format *format = sampling->format;
	int columns = sampling->relation->column_count;
	int *numbers = allocate((size_t) (columns + 1) * sizeof(int));
	int64_t count = 0;
	bool has_more = true;
	void *rows;

	for (int i = 0; i < columns; i++)
		numbers[i] = i;
	rows = format->rows_begin(sampling->relation, numbers, columns, NULL);
	while ((sampling->example_count < sampling->request->examples || is_any_open(sampling)) &&
		   count++ < MOST_ROWS && (has_more = format->rows_next(rows, sampling->row)))
		take_row(sampling);
	if (has_more)
		for (int i = 0; i < columns; i++)
			few_values_close(&sampling->values[i]);
	format->rows_end(rows);
	free(numbers);
	stored_check(sampling->relation->file);
}

static void
add_categories(const Sampling *sampling, SampleFrame *frame)
{
	for (int i = 0; i < sampling->relation->column_count; i++)
	{
		const FewValues *values = &sampling->values[i];

		if (values->are_open && values->count > 0)
			few_values_write(values, frame, sampling->relation->columns[i].name);
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
		for (int i = 0; i < sampling->relation->column_count; i++)
			sample_frame_add_cell(&frame, sampling->relation->columns[i].name, sampling->examples[row][i]);
		sample_frame_end_row(&frame);
	}
	sample_frame_end(&frame);
}

void
file_sample_relation(const Format *format, const Request *request, int number, const FileRelation *relation)
{
	size_t columns = (size_t) relation->column_count + 1;
	Sampling sampling = {
		.format = format, .request = &request->sample, .number = number, .relation = relation};

	sampling.row = allocate(columns * sizeof(FileValue));
	sampling.values = allocate(columns * sizeof(FewValues));
	for (int i = 0; i < relation->column_count; i++)
		sampling.values[i] = (FewValues){.are_open = may_have_categories(&sampling, &relation->columns[i])};
	sampling.examples = allocate((size_t) (request->sample.examples + 1) * sizeof(char **));
	read_rows(&sampling);
	emit_sample(&sampling);
	wire_free(&sampling.cell);
}

static const FileRelation *
find_relation(const FileRelations *relations, const SampledRelation *wanted)
{
	for (int i = 0; i < relations->count; i++)
	{
		const FileRelation *relation = &relations->items[i];

		if (strcmp(wanted->schema, FILES_SCHEMA) == 0 && strcmp(wanted->name, relation->name) == 0 &&
			(wanted->id == NULL || strcmp(wanted->id, relation->id) == 0))
			return relation;
	}
	return NULL;
}

void
file_sample(const Format *format, const Request *request, const StoredFile *file)
{
	FileRelations relations = {.items = NULL};

	format->survey(request, file, &relations);
	for (int i = 0; i < request->sample.relation_count; i++)
	{
		const FileRelation *relation = find_relation(&relations, &request->sample.relations[i]);

		emit_progress("scan", ABSENT);
		if (relation == NULL)
			emit_sample_error(i, "it is no longer in the data source");
		else
			file_sample_relation(format, request, i, relation);
	}
	relations_free(&relations);
}
