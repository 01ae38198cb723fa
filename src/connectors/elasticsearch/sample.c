#include "connectors/elasticsearch/sample.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/attempt.h"
#include "connectors/common/emit.h"
#include "connectors/common/few_values.h"
#include "connectors/common/memory.h"
#include "connectors/elasticsearch/hits.h"
#include "connectors/elasticsearch/relation.h"
#include "connectors/elasticsearch/wanted.h"

/* Values count as categories only if all of them were read; of a larger relation only examples are. */
#define MOST_DOCUMENTS 10000

typedef struct Sampling
{
	Cluster *cluster;
	const SampleRequest *request;
	int number; /* of the relation in the request */
	Fields fields;
	ReadColumn *columns;
	int column_count;
	FewValues *values;
	char ***examples; /* rows of texts; NULL: null */
	int example_count;
	int64_t read; /* documents */
	bool is_whole;
	WireBuffer text;
} Sampling;

static bool
may_have_categories(const Sampling *sampling, const ReadColumn *column)
{
	return sampling->request->categories > 0 && column->field != NULL &&
		   (strcmp(column->field->type, "keyword") == 0 || column->form == FORM_BOOLEAN) &&
		   !sample_frame_hides(sampling->request, column->name);
}

static void
add_column(Sampling *sampling, const Field *field)
{
	int number = sampling->column_count++;

	read_column_set(&sampling->columns[number], &sampling->fields, field);
	sampling->values[number] =
		(FewValues){.are_open = may_have_categories(sampling, &sampling->columns[number])};
}

static void
add_columns(Sampling *sampling)
{
	size_t count = (size_t) sampling->fields.root.member_count + 1;

	sampling->columns = allocate(count * sizeof(ReadColumn));
	sampling->values = allocate(count * sizeof(FewValues));
	sampling->examples = allocate((size_t) (sampling->request->examples + 1) * sizeof(char **));
	add_column(sampling, NULL);
	for (const Field *field = sampling->fields.root.first; field; field = field->next)
		add_column(sampling, field);
	wanted_check(sampling->columns, sampling->column_count, &sampling->fields);
}

static bool
is_any_open(const Sampling *sampling)
{
	for (int i = 0; i < sampling->column_count; i++)
		if (sampling->values[i].are_open)
			return true;
	return false;
}

/* The value with a zero behind it, which stays until the next one; NULL: null. */
static const char *
read_cell(Sampling *sampling, int number, const JsonNode *hit)
{
	wire_reset(&sampling->text);
	if (!value_append(&sampling->text, &sampling->columns[number], hit))
		return NULL;
	wire_append(&sampling->text, "", 1);
	if (sampling->text.failed)
		give_up_out_of_memory();
	return sampling->text.data;
}

static void
take_document(Sampling *sampling, const JsonNode *hit)
{
	int count = sampling->column_count;
	bool is_example = sampling->example_count < sampling->request->examples;
	char **kept = is_example ? allocate((size_t) count * sizeof(char *)) : NULL;

	for (int i = 0; i < count; i++)
	{
		const char *value;

		if (!is_example && !sampling->values[i].are_open)
			continue;
		value = read_cell(sampling, i, hit);
		if (value != NULL && sampling->values[i].are_open)
			few_values_add(&sampling->values[i], sampling->request, value);
		if (is_example)
			kept[i] = value ? copy_text(value) : NULL;
	}
	if (is_example)
		sampling->examples[sampling->example_count++] = kept;
}

static int64_t
count_documents(Cluster *cluster, const char *name)
{
	char *path = relation_path(name, "/_count");
	Question question = {.method = "GET", .path = path, .most_bytes = 1 << 20};
	JsonTree *tree = cluster_must_ask(cluster, &question);
	int64_t count = INT64_MAX;

	(void) json_member_integer(json_tree_root(tree), "count", &count);
	json_tree_free(tree);
	free(path);
	return count;
}

static void
read_documents(Sampling *sampling, const char *name)
{
	WireBuffer source = {0};
	WireBuffer fields = {0};
	HitsRequest wanted = {.relation = name, .most = NO_LIMIT, .timeout = sampling->request->relation_timeout};
	const JsonNode *hit = NULL;
	Hits *hits;

	sampling->is_whole = is_any_open(sampling) && count_documents(sampling->cluster, name) <= MOST_DOCUMENTS;
	if (!sampling->is_whole)
		wanted.most = sampling->request->examples;
	wanted_append(&source, &fields, sampling->columns, sampling->column_count);
	wanted.source = source.data;
	wanted.fields = fields.length > 0 ? fields.data : NULL;
	hits = hits_open(sampling->cluster, &wanted);
	while ((sampling->example_count < sampling->request->examples ||
			(sampling->is_whole && is_any_open(sampling))) &&
		   (hit = hits_next(hits)) != NULL)
		take_document(sampling, hit);
	sampling->is_whole &= hit == NULL;
	hits_close(hits);
	wire_free(&source);
	wire_free(&fields);
}

static void
emit_sampled(const Sampling *sampling)
{
	SampleFrame frame;

	sample_frame_begin(&frame, sampling->request, sampling->number);
	for (int i = 0; i < sampling->column_count && sampling->is_whole; i++)
		if (sampling->values[i].are_open && sampling->values[i].count > 0)
			few_values_write(&sampling->values[i], &frame, sampling->columns[i].name);
	for (int row = 0; row < sampling->example_count; row++)
	{
		sample_frame_begin_row(&frame);
		for (int i = 0; i < sampling->column_count; i++)
			sample_frame_add_cell(&frame, sampling->columns[i].name, sampling->examples[row][i]);
		sample_frame_end_row(&frame);
	}
	sample_frame_end(&frame);
}

static void give_up_sampling(const char *why) __attribute__((noreturn));

static void
give_up_sampling(const char *why)
{
	give_up(&(Failure){.step = "query", .code = "query", .message = why});
}

static void
sample_relation(void *argument)
{
	Sampling *sampling = argument;
	const SampledRelation *wanted = &sampling->request->relations[sampling->number];
	const char *reason;

	if (strcmp(wanted->schema, CLUSTER_SCHEMA) != 0 || wanted->id != NULL ||
		!relation_fields(sampling->cluster, wanted->name, &sampling->fields, &reason))
		give_up_sampling("it is no longer in the data source, or cannot be read");
	add_columns(sampling);
	read_documents(sampling, wanted->name);
	attempt_end();
	emit_sampled(sampling);
}

static void
end_sampling(Sampling *sampling)
{
	for (int i = 0; i < sampling->column_count; i++)
		few_values_close(&sampling->values[i]);
	for (int row = 0; row < sampling->example_count; row++)
	{
		for (int i = 0; i < sampling->column_count; i++)
			free(sampling->examples[row][i]);
		free(sampling->examples[row]);
	}
	free(sampling->examples);
	free(sampling->columns);
	free(sampling->values);
	fields_free(&sampling->fields);
	wire_free(&sampling->text);
}

void
sample_relations(Cluster *cluster, const Request *request)
{
	for (int i = 0; i < request->sample.relation_count; i++)
	{
		Sampling sampling = {.cluster = cluster, .request = &request->sample, .number = i};
		AttemptFailure failure;

		emit_progress("scan", ABSENT);
		if (attempt(sample_relation, &sampling, &failure))
			end_sampling(&sampling);
		else
			emit_sample_error(i, failure.message);
	}
}
