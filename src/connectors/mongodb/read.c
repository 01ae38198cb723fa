/*
 * read.c — documents as rows. The source leaves out what cannot fulfil the conditions, and sends the columns
 * that are wanted; each condition is judged here.
 */
#include "connectors/mongodb/read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/mongodb/columns.h"
#include "connectors/mongodb/filter.h"
#include "connectors/mongodb/reading.h"
#include "connectors/mongodb/survey.h"
#include "connectors/mongodb/types.h"

/* Of a batch, which the source ends earlier when it has 16 MB. */
#define MOST_DOCUMENTS 1000

typedef struct Read
{
	Session *session;
	const ReadRequest *request;
	Collections found;
	const Collection *collection;
	Columns columns; /* those that are sent, and those of conditions */
	int *wanted;     /* numbers of the columns to send */
	Judge *judges;
	int *judged; /* numbers of their columns */
	int *applied;
	int applied_count;
	bool is_limited;
	RowFrames frames;
} Read;

/* ---- the relation ---- */

static void
find_relation(Read *read)
{
	const ReadRequest *request = read->request;

	if (strcmp(request->schema, read->session->database) == 0)
		collections_list(read->session, request->name, &read->found);
	for (int i = 0; i < read->found.count; i++)
		if (strcmp(read->found.items[i].name, request->name) == 0)
			read->collection = &read->found.items[i];
	if (read->collection == NULL || (request->id && strcmp(read->collection->id, request->id) != 0))
		give_up_changed("The relation is no longer in the data source.", NULL);
}

/* ---- columns ---- */

static char *
type_of_column(const PathNode *row, const char *name)
{
	if (row->is_map && strcmp(name, DOCUMENT_COLUMN) == 0)
		return copy_text("jsonb");
	for (const PathNode *node = row->is_map ? NULL : row->members; node; node = node->next)
		if (strcmp(node->name, name) == 0)
		{
			char *type = path_pg_type(&mongo_types, node);

			return type ? type : copy_text("text");
		}
	give_up_changed("A column is no longer in the data source.", name);
}

static void
add_told(Columns *columns, const PathNode *row, const char *name)
{
	char *type;

	if (columns_find(columns, name) >= 0)
		return;
	type = type_of_column(row, name);
	columns_add(columns, name, type);
	free(type);
}

/* The sample tells their types, because the caller does not say them. */
static void
tell_columns(Read *read)
{
	const ReadRequest *request = read->request;
	bson_error_t error;
	Paths *paths = survey(read->session, read->collection, &error);
	const PathNode *row;

	if (paths == NULL)
		give_up_query(&error);
	row = paths_finish(paths);
	for (int i = 0; i < request->column_count; i++)
		add_told(&read->columns, row, request->columns[i]);
	for (int i = 0; i < request->condition_count; i++)
		add_told(&read->columns, row, request->conditions[i].column);
	paths_free(paths);
}

/* A condition is sent only if its type is the column's. */
static void
take_columns(Read *read)
{
	const ReadRequest *request = read->request;

	if (request->types == NULL)
	{
		tell_columns(read);
		return;
	}
	for (int i = 0; i < request->column_count; i++)
		columns_add(&read->columns, request->columns[i], request->types[i]);
	for (int i = 0; i < request->condition_count; i++)
		if (request->conditions[i].type)
			columns_add(&read->columns, request->conditions[i].column, request->conditions[i].type);
	for (int i = 0; i < request->condition_count; i++)
		columns_add(&read->columns, request->conditions[i].column, NULL);
}

static void
take_request(Read *read)
{
	const ReadRequest *request = read->request;
	size_t conditions = (size_t) request->condition_count + 1;

	take_columns(read);
	read->wanted = allocate(((size_t) request->column_count + 1) * sizeof(int));
	read->judges = allocate(conditions * sizeof(Judge));
	read->judged = allocate(conditions * sizeof(int));
	read->applied = allocate(conditions * sizeof(int));
	for (int i = 0; i < request->column_count; i++)
		read->wanted[i] = columns_find(&read->columns, request->columns[i]);
	for (int i = 0; i < request->condition_count; i++)
	{
		const Condition *condition = &request->conditions[i];
		int number = columns_find(&read->columns, condition->column);

		if (!judge_begin(&read->judges[read->applied_count], condition, read->columns.items[number].pg_type))
			continue;
		read->judged[read->applied_count] = number;
		read->applied[read->applied_count++] = i;
	}
	read->is_limited = request->limit != NO_LIMIT && read->applied_count == request->condition_count;
}

/* ---- the query ---- */

/* A document without its _id is sent only where all wanted names can stand in a projection. */
static void
append_projection(const Read *read, bson_t *options)
{
	bool has_id = columns_find(&read->columns, "_id") >= 0;
	bson_t projection;

	for (int i = 0; i < read->columns.count; i++)
		if (!filter_takes_name(read->columns.items[i].name))
			return;
	BSON_APPEND_DOCUMENT_BEGIN(options, "projection", &projection);
	for (int i = 0; i < read->columns.count; i++)
		BSON_APPEND_INT32(&projection, read->columns.items[i].name, 1);
	if (!has_id && read->columns.count > 0)
		BSON_APPEND_INT32(&projection, "_id", 0);
	else if (!has_id)
		BSON_APPEND_INT32(&projection, "_id", 1);
	bson_append_document_end(options, &projection);
}

static mongoc_cursor_t *
open_cursor(const Read *read, const bson_t *filter)
{
	mongoc_collection_t *collection =
		mongoc_client_get_collection(read->session->client, read->session->database, read->collection->name);
	bson_t options = BSON_INITIALIZER;
	mongoc_cursor_t *cursor;

	append_projection(read, &options);
	if (read->is_limited && read->request->condition_count == 0 && read->request->limit > 0)
		BSON_APPEND_INT64(&options, "limit", read->request->limit);
	BSON_APPEND_INT64(&options, "batchSize",
					  read->is_limited && read->request->limit < MOST_DOCUMENTS ? read->request->limit + 1
																				: MOST_DOCUMENTS);
	cursor = mongoc_collection_find_with_opts(collection, filter, &options, NULL);
	bson_destroy(&options);
	mongoc_collection_destroy(collection);
	return cursor;
}

static void give_up_reading(const bson_error_t *error) __attribute__((noreturn));

static void
give_up_reading(const bson_error_t *error)
{
	if (error->code == SERVER_NAMESPACE_NOT_FOUND)
		give_up_changed("The relation is no longer in the data source.", NULL);
	if (error->code == SERVER_UNAUTHORIZED)
		give_up(&(Failure){.step = "query",
						   .code = "permission",
						   .message = "The user of the data source may not read the relation."});
	give_up_query(error);
}

/* ---- rows ---- */

static bool
is_wanted(const Read *read, const Row *row)
{
	for (int i = 0; i < read->applied_count; i++)
		if (!judge_passes(&read->judges[i], &row->values[read->judged[i]]))
			return false;
	return true;
}

static void
send_row(Read *read, const Row *row)
{
	for (int i = 0; i < read->request->column_count; i++)
	{
		const JudgedValue *value = &row->values[read->wanted[i]];

		if (value->bytes)
			rows_value(&read->frames.rows, value->bytes, value->length);
		else
			rows_null(&read->frames.rows);
	}
	row_frames_end_row(&read->frames);
}

/* Returns how many rows were wanted. */
static int64_t
send_rows(Read *read, mongoc_cursor_t *cursor, const bson_t *document, bson_error_t *error)
{
	int64_t most = read->is_limited ? read->request->limit : INT64_MAX;
	int64_t sent = 0;
	Row row;

	row_begin(&row, &read->columns);
	for (; document && sent < most;
		 document = sent < most ? session_next(read->session, cursor, error) : NULL)
	{
		if (!row_take(&row, document))
			give_up_malformed();
		if (!is_wanted(read, &row))
			continue;
		if (read->request->column_count > 0)
			send_row(read, &row);
		sent++;
	}
	row_end(&row);
	return sent;
}

/* Some servers do not know every filter: without one they send all, which is judged here. */
static void
send_documents(Read *read)
{
	bson_t filter = BSON_INITIALIZER;
	mongoc_cursor_t *cursor;
	const bson_t *document;
	bson_error_t error;
	int64_t count;

	filter_append(&filter, read->request->conditions, read->request->condition_count);
	cursor = open_cursor(read, &filter);
	reading_begin(cursor, read->collection->name, &read->frames);
	document = session_next(read->session, cursor, &error);
	if (document == NULL && error.code != 0 && error.code != SERVER_UNAUTHORIZED && !bson_empty(&filter))
	{
		bson_reinit(&filter);
		reading_end();
		cursor = open_cursor(read, &filter);
		reading_begin(cursor, read->collection->name, &read->frames);
		document = session_next(read->session, cursor, &error);
	}
	count = send_rows(read, cursor, document, &error);
	if (error.code != 0)
		give_up_reading(&error);
	reading_end();
	if (read->request->column_count == 0)
		row_frames_count(count);
	else
		row_frames_end(&read->frames);
	bson_destroy(&filter);
}

static void
end_read(Read *read)
{
	for (int i = 0; i < read->applied_count; i++)
		judge_end(&read->judges[i]);
	free(read->wanted);
	free(read->judges);
	free(read->judged);
	free(read->applied);
	columns_free(&read->columns);
	collections_free(&read->found);
}

void
read_relation(Request *request)
{
	Read read = {.session = reading_open(request), .request = &request->read};

	find_relation(&read);
	take_request(&read);
	emit_reading(read.applied, read.applied_count, read.is_limited, NULL);
	row_frames_begin(&read.frames, request->row_bytes);
	if (!(read.is_limited && request->read.limit == 0))
		send_documents(&read);
	end_read(&read);
}
