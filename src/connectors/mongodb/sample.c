/*
 * sample.c — documents of a collection by _id, until categories and examples are known. A column has
 * categories only if all its documents were read.
 */
#include "connectors/mongodb/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/few_values.h"
#include "connectors/common/memory.h"
#include "connectors/mongodb/columns.h"
#include "connectors/mongodb/survey.h"
#include "connectors/mongodb/types.h"

#define MOST_DOCUMENTS     100000
#define MOST_BYTES         (INT64_C(256) << 20)
#define DOCUMENTS_OF_BATCH 100

typedef struct Sampling
{
	Session *session;
	const SampleRequest *request;
	const Collection *collection;
	Columns columns;
	FewValues *values;
	char ***examples; /* rows of texts; NULL: null */
	int example_count;
	WireBuffer cell;
} Sampling;

/* ---- columns ---- */

static void
add_column(Sampling *sampling, const PathNode *node)
{
	char *type = path_pg_type(&mongo_types, node);
	int number = columns_add(&sampling->columns, node->name, type);
	bool is_word = path_is_of(&mongo_types, node, MONGO_STRING) || path_is_of(&mongo_types, node, MONGO_BOOL);

	free(type);
	sampling->values[number] = (FewValues){.are_open = sampling->request->categories > 0 && is_word &&
													   !sample_frame_hides(sampling->request, node->name)};
}

static void
take_columns(Sampling *sampling, Paths *paths)
{
	const PathNode *row = paths_finish(paths);
	size_t count = row->is_map ? 1 : (size_t) row->member_count;

	sampling->values = allocate((count + 1) * sizeof(FewValues));
	if (row->is_map)
		sampling->values[columns_add(&sampling->columns, DOCUMENT_COLUMN, "jsonb")] =
			(FewValues){.are_open = false};
	for (const PathNode *node = row->is_map ? NULL : row->members; node; node = node->next)
		add_column(sampling, node);
	paths_free(paths);
}

/* ---- documents ---- */

/* The value with a zero behind it, which stays until the next one; NULL: null. */
static const char *
cell_of(Sampling *sampling, const JudgedValue *value)
{
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
take_row(Sampling *sampling, const Row *row)
{
	int count = sampling->columns.count;
	bool is_example = sampling->example_count < sampling->request->examples;
	char **kept = is_example ? allocate((size_t) (count + 1) * sizeof(char *)) : NULL;

	for (int i = 0; i < count; i++)
	{
		const char *value;

		if (!is_example && !sampling->values[i].are_open)
			continue;
		value = cell_of(sampling, &row->values[i]);
		if (value && sampling->values[i].are_open)
			few_values_add(&sampling->values[i], sampling->request, value);
		if (is_example)
			kept[i] = value ? copy_text(value) : NULL;
	}
	if (is_example)
		sampling->examples[sampling->example_count++] = kept;
}

static bool
wants_more(const Sampling *sampling)
{
	if (sampling->example_count < sampling->request->examples)
		return true;
	for (int i = 0; i < sampling->columns.count; i++)
		if (sampling->values[i].are_open)
			return true;
	return false;
}

static mongoc_cursor_t *
open_cursor(const Sampling *sampling)
{
	const Collection *collection = sampling->collection;
	mongoc_collection_t *handle = mongoc_client_get_collection(sampling->session->client,
															   sampling->session->database, collection->name);
	const char *time_field = collection_time_field(collection);
	bson_t everything = BSON_INITIALIZER;
	bson_t options = BSON_INITIALIZER;
	mongoc_cursor_t *cursor;
	bson_t sort;

	BSON_APPEND_DOCUMENT_BEGIN(&options, "sort", &sort);
	BSON_APPEND_INT32(&sort, time_field ? time_field : "_id", 1);
	bson_append_document_end(&options, &sort);
	BSON_APPEND_INT64(&options, "limit", MOST_DOCUMENTS + 1);
	BSON_APPEND_INT64(&options, "batchSize", DOCUMENTS_OF_BATCH);
	BSON_APPEND_INT64(&options, "maxTimeMS", (int64_t) sampling->request->relation_timeout * 1000);
	cursor = mongoc_collection_find_with_opts(handle, &everything, &options, NULL);
	bson_destroy(&options);
	mongoc_collection_destroy(handle);
	return cursor;
}

static void
close_all(Sampling *sampling)
{
	for (int i = 0; i < sampling->columns.count; i++)
		few_values_close(&sampling->values[i]);
}

static bool
read_documents(Sampling *sampling, bson_error_t *error)
{
	mongoc_cursor_t *cursor = open_cursor(sampling);
	const bson_t *document = NULL;
	int64_t bytes = 0;
	int count = 0;
	Row row;

	row_begin(&row, &sampling->columns);
	*error = (bson_error_t){0};
	while (wants_more(sampling) && (document = session_next(sampling->session, cursor, error)) != NULL)
	{
		bytes += document->len;
		if (++count > MOST_DOCUMENTS || bytes > MOST_BYTES)
			break;
		if (!row_take(&row, document))
			give_up_malformed();
		take_row(sampling, &row);
	}
	if (document)
		close_all(sampling);
	row_end(&row);
	session_end_cursor(sampling->session, cursor);
	return error->code == 0;
}

/* ---- the frame ---- */

static bool
is_shown(const Column *column)
{
	return column->pg_type == NULL || strncmp(column->pg_type, "bytea", strlen("bytea")) != 0;
}

static void
emit_sample(const Sampling *sampling, int number)
{
	SampleFrame frame;

	sample_frame_begin(&frame, sampling->request, number);
	for (int i = 0; i < sampling->columns.count; i++)
		if (sampling->values[i].are_open && sampling->values[i].count > 0)
			few_values_write(&sampling->values[i], &frame, sampling->columns.items[i].name);
	for (int row = 0; row < sampling->example_count; row++)
	{
		sample_frame_begin_row(&frame);
		for (int i = 0; i < sampling->columns.count; i++)
			if (is_shown(&sampling->columns.items[i]))
				sample_frame_add_cell(&frame, sampling->columns.items[i].name, sampling->examples[row][i]);
		sample_frame_end_row(&frame);
	}
	sample_frame_end(&frame);
}

static void
forget(Sampling *sampling)
{
	for (int row = 0; row < sampling->example_count; row++)
	{
		for (int i = 0; i < sampling->columns.count; i++)
			free(sampling->examples[row][i]);
		free(sampling->examples[row]);
	}
	close_all(sampling);
	free(sampling->examples);
	free(sampling->values);
	columns_free(&sampling->columns);
	wire_free(&sampling->cell);
}

static const char *
failure_of(const bson_error_t *error)
{
	return error->code == SERVER_UNAUTHORIZED ? "permission denied" : "the server refused to read it";
}

static void
sample_collection(Session *session, const SampleRequest *request, int number, const Collection *collection)
{
	Sampling sampling = {.session = session, .request = request, .collection = collection};
	bson_error_t error;
	Paths *paths = survey(session, collection, &error);

	if (paths == NULL)
	{
		emit_sample_error(number, failure_of(&error));
		return;
	}
	take_columns(&sampling, paths);
	sampling.examples = allocate((size_t) (request->examples + 1) * sizeof(char **));
	if (read_documents(&sampling, &error))
		emit_sample(&sampling, number);
	else
		emit_sample_error(number, failure_of(&error));
	forget(&sampling);
}

static const Collection *
find(const Collections *collections, const SampledRelation *relation)
{
	for (int i = 0; i < collections->count; i++)
		if (strcmp(collections->items[i].name, relation->name) == 0 &&
			(relation->id == NULL || strcmp(collections->items[i].id, relation->id) == 0))
			return &collections->items[i];
	return NULL;
}

void
sample(Session *session, const SampleRequest *request)
{
	for (int i = 0; i < request->relation_count; i++)
	{
		const SampledRelation *relation = &request->relations[i];
		Collections collections = {.items = NULL};
		const Collection *collection;

		emit_progress("scan", ABSENT);
		if (strcmp(relation->schema, session->database) == 0)
			collections_list(session, relation->name, &collections);
		collection = find(&collections, relation);
		if (collection)
			sample_collection(session, request, i, collection);
		else
			emit_sample_error(i, "it is no longer in the data source");
		collections_free(&collections);
	}
}
