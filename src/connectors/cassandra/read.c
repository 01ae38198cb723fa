#include "connectors/cassandra/read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/cassandra/catalog.h"
#include "connectors/cassandra/name.h"
#include "connectors/cassandra/pushed.h"
#include "connectors/cassandra/reading.h"
#include "connectors/cassandra/value.h"
#include "connectors/common/emit.h"
#include "connectors/common/judge.h"
#include "connectors/common/memory.h"
#include "connectors/common/row_frames.h"

/* Milliseconds after which the server hears that the work goes on, though no row is sent. */
#define LONGEST_SILENCE 1000

typedef struct Read
{
	Session *session;
	const Request *request;
	Catalog catalog;
	SqlArena arena;
	KeyColumn *key;
	int key_count;
	/* The columns that are asked for: those of the request, then one for each condition that is applied. */
	const CqlType **types;
	int count;
	Judge *judges;
	int *applied;
	int applied_count;
	bool limited;
	Statement statement;
	size_t unpushed; /* the length of the statement without conditions */
	RowFrames frames;
	WireBuffer text; /* of the present value */
	int64_t last_word;
} Read;

/* ---- columns ---- */

static const char *const *
find_column(const Read *read, const char *name)
{
	for (size_t i = 0; i < read->catalog.columns.count; i++)
		if (strcmp(read->catalog.columns.items[i][COLUMN_NAME], name) == 0)
			return read->catalog.columns.items[i];
	give_up_changed("A column is no longer in the data source.", name);
}

static void
find_relation(Read *read)
{
	const ReadRequest *request = &read->request->read;
	SqlRows *columns = &read->catalog.columns;

	read->catalog.keyspace = request->schema;
	catalog_read_columns(read->session, request->name, &read->catalog);
	if (columns->count == 0 || request->id != NULL)
		give_up_changed("The relation is no longer in the data source.", NULL);
	read->key = sql_arena_array(&read->arena, KeyColumn, columns->count);
	for (size_t i = 0; i < columns->count; i++)
	{
		const char *const *row = columns->items[i];
		bool is_partition = row[COLUMN_KIND] != NULL && strcmp(row[COLUMN_KIND], "partition_key") == 0;

		if (is_partition || (row[COLUMN_KIND] != NULL && strcmp(row[COLUMN_KIND], "clustering") == 0))
			read->key[read->key_count++] =
				(KeyColumn){.name = row[COLUMN_NAME],
							.type = type_read(&read->catalog.types, &read->arena, row[COLUMN_TYPE]),
							.is_partition = is_partition};
	}
}

static void
add_column(Read *read, const char *name)
{
	const char *const *row = find_column(read, name);

	wire_append_text(&read->statement.text, read->count == 0 ? "SELECT " : ", ");
	name_append_quoted(&read->statement.text, row[COLUMN_NAME]);
	read->types[read->count++] = type_read(&read->catalog.types, &read->arena, row[COLUMN_TYPE]);
}

static void
add_condition(Read *read, int number)
{
	const Condition *condition = &read->request->read.conditions[number];
	const char *const *row = find_column(read, condition->column);
	const CqlType *type = type_read(&read->catalog.types, &read->arena, row[COLUMN_TYPE]);

	if (!judge_begin(&read->judges[read->applied_count], condition, type_in_postgresql(type)))
		return;
	read->applied[read->applied_count++] = number;
	add_column(read, condition->column);
}

/* ---- the statement ---- */

static void
write_statement(Read *read)
{
	const ReadRequest *request = &read->request->read;
	size_t conditions = (size_t) request->condition_count + 1;

	read->types = sql_arena_array(&read->arena, const CqlType *, (size_t) request->column_count + conditions);
	read->judges = sql_arena_array(&read->arena, Judge, conditions);
	read->applied = sql_arena_array(&read->arena, int, conditions);
	for (int i = 0; i < request->column_count; i++)
		add_column(read, request->columns[i]);
	for (int i = 0; i < request->condition_count; i++)
		add_condition(read, i);
	if (read->count == 0) /* rows are counted by their keys */
		add_column(read, read->catalog.columns.items[0][COLUMN_NAME]);
	wire_append_text(&read->statement.text, " FROM ");
	name_append_quoted(&read->statement.text, request->schema);
	wire_append_text(&read->statement.text, ".");
	name_append_quoted(&read->statement.text, request->name);
	read->unpushed = read->statement.text.length;
	pushed_append(&read->statement, request, read->key, read->key_count);
	read->limited = request->limit != NO_LIMIT && read->applied_count == request->condition_count;
	if (read->limited && request->condition_count == 0 && request->limit > 0 && request->limit < 1000)
		read->statement.page_size = (int) request->limit;
}

/* ---- rows ---- */

static void give_up_reading(const Read *read, uint32_t error) __attribute__((noreturn));

static void
give_up_reading(const Read *read, uint32_t error)
{
	char message[96];

	if (error == CQL_TOO_LONG_FRAME)
		give_up_long_row(read->request->row_bytes < MOST_FRAME_BYTES ? read->request->row_bytes
																	 : MOST_FRAME_BYTES);
	if (error == CQL_UNAUTHORIZED)
		give_up(&(Failure){.step = "query",
						   .code = "permission",
						   .message = "The user of the data source may not read the relation.",
						   .hint = "Grant it SELECT on the table, or on its keyspace."});
	snprintf(message, sizeof(message), "The server could not read the relation (0x%04X).",
			 (unsigned) error & 0xFFFF);
	give_up(&(Failure){
		.step = "query", .code = "query", .transient = error_is_transient(error), .message = message});
}

/* An operator may forbid what is pushed, such as many partitions at once: the table is searched then. */
static bool
begin_answer(Read *read, Answer *answer, uint32_t *error)
{
	if (answer_begin(answer, read->session, &read->statement, read->count, error))
		return true;
	if (*error != CQL_INVALID || read->statement.value_count == 0)
		return false;
	read->statement.text.length = read->unpushed;
	read->statement.values.length = 0;
	read->statement.value_count = 0;
	return answer_begin(answer, read->session, &read->statement, read->count, error);
}

/* Writes the value to read->text. Returns false if it is null. */
static bool
write_value(Read *read, const CqlType *type, Bytes value)
{
	ValueState state;

	read->text.length = 0;
	state = value_append(&read->text, type, value);
	if (read->text.failed)
		give_up_out_of_memory();
	if (state == VALUE_BROKEN)
		give_up_malformed();
	return state == VALUE_FINE;
}

static bool
is_wanted(Read *read, const Bytes *values)
{
	int columns = read->request->read.column_count;

	for (int i = 0; i < read->applied_count; i++)
	{
		bool is_there = write_value(read, read->types[columns + i], values[columns + i]);
		JudgedValue judged = {.bytes = is_there ? read->text.data ? read->text.data : "" : NULL,
							  .length = read->text.length};

		if (!judge_passes(&read->judges[i], &judged))
			return false;
	}
	return true;
}

static void
send_row(Read *read, const Bytes *values)
{
	for (int i = 0; i < read->request->read.column_count; i++)
		if (write_value(read, read->types[i], values[i]))
			rows_value(&read->frames.rows, read->text.data, read->text.length);
		else
			rows_null(&read->frames.rows);
	row_frames_end_row(&read->frames);
}

/* A search that finds nothing for long is no silence. */
static void
say_that_it_goes_on(void *argument)
{
	Read *read = argument;
	int64_t now = monotonic_milliseconds();

	if (now - read->last_word < LONGEST_SILENCE)
		return;
	read->last_word = now;
	row_frames_flush(&read->frames);
	emit_progress("read", ABSENT);
}

static void
send_rows(Read *read, Answer *answer)
{
	int64_t left = read->limited ? read->request->read.limit : INT64_MAX;
	Bytes *values = allocate((size_t) read->count * sizeof(Bytes));
	uint32_t error = 0;
	int64_t count = 0;

	while (count < left && answer_next(answer, values, &error))
	{
		if (!is_wanted(read, values))
			continue;
		count++;
		if (read->request->read.column_count > 0)
			send_row(read, values);
	}
	if (error != 0)
		give_up_reading(read, error);
	if (read->request->read.column_count == 0)
		row_frames_count(count);
	free(values);
}

static void
end_reading(Read *read)
{
	for (int i = 0; i < read->applied_count; i++)
		judge_end(&read->judges[i]);
	wire_free(&read->text);
	statement_free(&read->statement);
	catalog_free(&read->catalog);
	sql_arena_free(&read->arena);
}

void
read_relation(Request *request)
{
	Session *session = reading_open(request);
	Read read = {.session = session, .request = request, .last_word = monotonic_milliseconds()};
	uint32_t error = 0;
	Answer answer;

	find_relation(&read);
	write_statement(&read);
	row_frames_begin(&read.frames, request->row_bytes);
	if (!begin_answer(&read, &answer, &error))
		give_up_reading(&read, error);
	answer.goes_on = say_that_it_goes_on;
	answer.argument = &read;
	emit_reading(read.applied, read.applied_count, read.limited, NULL);
	reading_flush_while_waiting(&read.frames);
	send_rows(&read, &answer);
	reading_flush_while_waiting(NULL);
	row_frames_end(&read.frames);
	answer_end(&answer);
	end_reading(&read);
}
