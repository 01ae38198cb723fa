/*
 * read.c — the rows of a relation, as texts that the server makes.
 */
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/row_frames.h"
#include "connectors/guard/guard.h"
#include "connectors/sqlserver/conditions.h"
#include "connectors/sqlserver/lookup.h"
#include "connectors/sqlserver/read.h"
#include "connectors/sqlserver/types.h"
#include "connectors/sqlserver/values.h"

typedef struct Read
{
	Session *session;
	const Request *request;
	SqlArena arena;
	Found found;
	bool *are_bytes; /* of the columns of the request, in its order */
	WireBuffer sql;
	WireBuffer conditions;
	int *applied;
	int applied_count;
	bool limited;
	RowFrames frames;
} Read;

static const char *const *
find_column(const Read *read, const char *name)
{
	for (size_t i = 0; i < read->found.columns.count; i++)
		if (strcmp(read->found.columns.items[i][COLUMN_NAME], name) == 0)
			return read->found.columns.items[i];
	give_up_changed("A column is no longer in the data source.", name);
}

/* ---- the statement ---- */

static void
write_conditions(Read *read)
{
	const ReadRequest *request = &read->request->read;
	bool is_first = true;

	read->applied = sql_arena_allocate(&read->arena, (size_t) (request->condition_count + 1) * sizeof(int));
	for (int i = 0; i < request->condition_count; i++)
	{
		const char *const *column = find_column(read, request->conditions[i].column);
		size_t before = read->conditions.length;
		Applied applied;

		wire_append_text(&read->conditions, is_first ? " WHERE " : " AND ");
		applied = condition_write(&read->conditions, &request->conditions[i], column);
		if (applied == APPLIED_NOT)
			read->conditions.length = before;
		else
			is_first = false;
		if (applied == APPLIED_EXACTLY)
			read->applied[read->applied_count++] = i;
	}
	read->limited = request->limit != NO_LIMIT && read->applied_count == request->condition_count;
}

static void
write_columns(Read *read)
{
	const ReadRequest *request = &read->request->read;

	read->are_bytes = sql_arena_allocate(&read->arena, (size_t) request->column_count + 1);
	for (int i = 0; i < request->column_count; i++)
	{
		const char *const *column = find_column(read, request->columns[i]);

		read->are_bytes[i] = type_is_bytes(type_word(column));
		wire_append_text(&read->sql, i == 0 ? "" : ", ");
		write_value(&read->sql, read->session, column);
	}
	if (request->column_count == 0)
		wire_append_text(&read->sql, "1 AS one");
}

static void
write_statement(Read *read)
{
	const ReadRequest *request = &read->request->read;
	bool is_counted = request->column_count == 0;

	write_conditions(read);
	wire_append_text(&read->sql,
					 is_counted ? "SELECT CONVERT(nvarchar(max), COUNT_BIG(*)) FROM (SELECT " : "SELECT ");
	if (read->limited)
	{
		wire_append_text(&read->sql, "TOP (");
		wire_append_integer(&read->sql, request->limit);
		wire_append_text(&read->sql, ") ");
	}
	write_columns(read);
	wire_append_text(&read->sql, " FROM ");
	write_relation_name(&read->sql, request->schema, request->name);
	if (read->conditions.length > 0)
		wire_append(&read->sql, read->conditions.data, read->conditions.length);
	wire_append_text(&read->sql, is_counted ? ") AS counted" : "");
	if (read->conditions.failed)
		give_up_out_of_memory();
	wire_free(&read->conditions);
}

/* ---- rows ---- */

/* SQL Server writes 0x41, PostgreSQL \x41. */
static void
add_bytes(Read *read, const char *text, size_t length)
{
	WireBuffer bytes = {0};

	wire_append_text(&bytes, "\\x");
	wire_append(&bytes, text + 2, length - 2);
	if (bytes.failed)
		give_up_out_of_memory();
	rows_value(&read->frames.rows, bytes.data, bytes.length);
	wire_free(&bytes);
}

static void
add_row(Read *read, const char *const *row)
{
	for (int i = 0; i < read->request->read.column_count; i++)
	{
		size_t length = read->session->lengths[i];

		if (row[i] == NULL)
			rows_null(&read->frames.rows);
		else if (read->are_bytes[i] && length >= 2)
			add_bytes(read, row[i], length);
		else
			rows_value(&read->frames.rows, row[i], length);
	}
	row_frames_end_row(&read->frames);
}

static void give_up_reading(unsigned error) __attribute__((noreturn));

static void
give_up_reading(unsigned error)
{
	if (is_gone(error))
		give_up_changed("The relation, or a column of it, is no longer in the data source.", NULL);
	if (is_forbidden(error))
		give_up(&(Failure){.step = "query",
						   .code = "permission",
						   .message = "The user of the data source may not read the relation."});
	if (error == ERROR_LATE)
		give_up(&(Failure){.step = "query",
						   .code = "timeout",
						   .transient = true,
						   .message = "The server did not answer a query within the time allowed."});
	give_up(&(Failure){.step = "query", .code = "query", .message = value_failure(error)});
}

static int
patience(void *read)
{
	return row_frames_patience(&((Read *) read)->frames);
}

static void
flush(void *read)
{
	row_frames_flush(&((Read *) read)->frames);
}

static void
send_rows(Read *read)
{
	unsigned error = 0;
	const char *const *row;

	if (read->session->columns != read->request->read.column_count)
		give_up_malformed();
	row_frames_begin(&read->frames, read->request->row_bytes);
	guard_while_waiting(patience, flush, read);
	while ((row = session_next(read->session, &error)) != NULL)
		add_row(read, row);
	guard_while_waiting(NULL, NULL, NULL);
	if (error != 0)
		give_up_reading(error);
	row_frames_end(&read->frames);
}

static void
send_count(Read *read)
{
	unsigned error = 0;
	const char *const *row = session_next(read->session, &error);
	int64_t count = row != NULL ? number_of(row[0]) : 0;

	while (row != NULL)
		row = session_next(read->session, &error);
	if (error != 0)
		give_up_reading(error);
	row_frames_count(count < 0 ? 0 : count);
}

void
read_relation(Session *session, const Request *request)
{
	const ReadRequest *wanted = &request->read;
	Read read = {.session = session, .request = request};
	unsigned error = 0;

	if (!lookup(session, wanted->schema, wanted->name, wanted->id, &read.found))
		give_up_changed("The relation is no longer in the data source.", NULL);
	write_statement(&read);
	if (!session_ask(session, &read.sql, &error))
		give_up_reading(error);
	emit_reading(read.applied, read.applied_count, read.limited, NULL);
	if (wanted->column_count > 0)
		send_rows(&read);
	else
		send_count(&read);
	lookup_forget(&read.found);
	sql_arena_free(&read.arena);
}
