/*
 * sample.c — values of relations. First some keys are looked at, to know which columns there are; then rows
 * are read until the time is over.
 */
#include "connectors/redis/sample.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/few_values.h"
#include "connectors/common/memory.h"
#include "connectors/redis/column_document.h"
#include "connectors/redis/relation.h"

/* Values count as categories only if all of them were read. */
#define MOST_ROWS 100000
/* Keys from which the columns are told. */
#define LOOKED_AT_KEYS 100

typedef struct SampledColumn
{
	char *name;
	FewValues values;
} SampledColumn;

typedef struct Sampling
{
	const Request *request;
	Relation relation;
	Wanted wanted;
	SampledColumn *columns; /* of the wanted ones */
	Columns told;
	char ***examples; /* rows of texts; NULL: null */
	int example_count;
	int64_t row_count;
} Sampling;

/* ---- which columns there are ---- */

static void
add_column(void *context, const char *name, bool may_have_categories)
{
	Sampling *sampling = context;
	const SampleRequest *request = &sampling->request->sample;
	SampledColumn *column;

	sampling->columns =
		reallocate(sampling->columns, (size_t) (sampling->wanted.count + 1) * sizeof(SampledColumn));
	column = &sampling->columns[sampling->wanted.count];
	*column = (SampledColumn){.name = copy_text(name)};
	column->values.are_open =
		may_have_categories && request->categories > 0 && !sample_frame_hides(request, name);
	wanted_add(&sampling->wanted, column->name);
}

static void
look(void *context, Client *client, const RespText *keys, int count)
{
	columns_look(&((Sampling *) context)->told, client, keys, count);
}

static void
tell_columns(Sampling *sampling)
{
	columns_begin(&sampling->told, sampling->wanted.type);
	relation_first_keys(&sampling->relation, LOOKED_AT_KEYS, look, sampling);
	columns_each(&sampling->told, add_column, sampling);
	columns_free(&sampling->told);
}

/* ---- rows ---- */

/* The value with a zero behind it. */
static const char *
text_of(WantedColumn *column)
{
	if (column->value.bytes == NULL)
		return NULL;
	wire_append(&column->text, "", 1);
	if (column->text.failed)
		give_up_out_of_memory();
	return column->text.data;
}

static bool
take_row(void *context)
{
	Sampling *sampling = context;
	const SampleRequest *request = &sampling->request->sample;
	int count = sampling->wanted.count;
	bool is_example = sampling->example_count < request->examples;
	char **kept = is_example ? allocate((size_t) (count + 1) * sizeof(char *)) : NULL;
	bool is_any_open = false;

	for (int i = 0; i < count; i++)
	{
		const char *value = text_of(&sampling->wanted.columns[i]);
		FewValues *values = &sampling->columns[i].values;

		if (value && values->are_open)
			few_values_add(values, request, value);
		is_any_open |= values->are_open;
		if (is_example)
			kept[i] = value ? copy_text(value) : NULL;
	}
	if (is_example)
		sampling->examples[sampling->example_count++] = kept;
	sampling->row_count++;
	return is_any_open ? sampling->row_count <= MOST_ROWS : sampling->example_count < request->examples;
}

static void
read_rows(Sampling *sampling)
{
	Elements elements = {.wanted = &sampling->wanted,
						 .row_bytes = (int64_t) sampling->relation.nodes->login.most_text,
						 .take = take_row,
						 .context = sampling};

	relation_read(&sampling->relation, &elements, NULL, 0);
	for (int i = 0; i < sampling->wanted.count && (elements.has_ended || elements.refused > 0); i++)
		few_values_close(&sampling->columns[i].values);
	elements_end(&elements);
}

/* ---- the frame ---- */

static void
add_categories(const Sampling *sampling, SampleFrame *frame)
{
	for (int i = 0; i < sampling->wanted.count; i++)
	{
		const FewValues *values = &sampling->columns[i].values;

		if (values->are_open && values->count > 0)
			few_values_write(values, frame, sampling->columns[i].name);
	}
}

static void
emit(const Sampling *sampling, int number)
{
	SampleFrame frame;

	sample_frame_begin(&frame, &sampling->request->sample, number);
	add_categories(sampling, &frame);
	for (int row = 0; row < sampling->example_count; row++)
	{
		sample_frame_begin_row(&frame);
		for (int i = 0; i < sampling->wanted.count; i++)
			sample_frame_add_cell(&frame, sampling->columns[i].name, sampling->examples[row][i]);
		sample_frame_end_row(&frame);
	}
	sample_frame_end(&frame);
}

static void
release(Sampling *sampling)
{
	for (int row = 0; row < sampling->example_count; row++)
	{
		for (int i = 0; i < sampling->wanted.count; i++)
			free(sampling->examples[row][i]);
		free(sampling->examples[row]);
	}
	free(sampling->examples);
	for (int i = 0; i < sampling->wanted.count; i++)
	{
		few_values_close(&sampling->columns[i].values);
		free(sampling->columns[i].name);
	}
	free(sampling->columns);
	wanted_free(&sampling->wanted);
}

static void
sample_relation(Nodes *nodes, const Request *request, int number)
{
	const SampledRelation *wanted = &request->sample.relations[number];
	Sampling sampling = {.request = request};

	if (!relation_open(&sampling.relation, nodes, wanted->schema, wanted->name,
					   request->sample.relation_timeout) ||
		wanted->id != NULL || sampling.relation.type >= KEY_REFUSED)
	{
		emit_sample_error(number, "it is no longer in the data source");
		relation_close(&sampling.relation);
		return;
	}
	sampling.wanted.type = sampling.relation.type;
	sampling.examples = allocate((size_t) (request->sample.examples + 1) * sizeof(char **));
	tell_columns(&sampling);
	read_rows(&sampling);
	emit(&sampling, number);
	release(&sampling);
	relation_close(&sampling.relation);
}

void
sample(Nodes *nodes, const Request *request)
{
	for (int i = 0; i < request->sample.relation_count; i++)
	{
		emit_progress("scan", ABSENT);
		sample_relation(nodes, request, i);
	}
}
