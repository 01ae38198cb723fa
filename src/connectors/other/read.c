/*
 * read.c — the rows of a relation, as the driver writes their values.
 */
#include "connectors/other/read.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/row_frames.h"
#include "connectors/odbc/failure.h"
#include "connectors/odbc/names.h"
#include "connectors/odbc/watch.h"
#include "connectors/other/catalog.h"
#include "connectors/other/conditions.h"
#include "connectors/other/describe.h"

typedef struct Read
{
	OdbcSession *session;
	const Request *request;
	SqlRows columns; /* of the relation */
	SqlArena arena;
	ColumnType *types; /* of the columns of the request, in its order */
	WireBuffer sql;
	int *applied;
	int applied_count;
	bool limited;
	RowFrames frames;
	WireBuffer value;
} Read;

static void give_up_name(const char *name) __attribute__((noreturn));

static void
give_up_name(const char *name)
{
	give_up(&(Failure){.step = "query",
					   .code = "unsupported",
					   .message = "A name cannot be written in a statement that every source reads alike.",
					   .detail = name});
}

static const char *const *
find_column(const Read *read, const char *name)
{
	for (size_t i = 0; i < read->columns.count; i++)
		if (strcmp(read->columns.items[i][COLUMN_NAME], name) == 0)
			return read->columns.items[i];
	give_up_changed("A column is no longer in the data source.", name);
}

/* ---- the statement ---- */

static void
write_name(Read *read, const char *name)
{
	if (!odbc_write_name(&read->sql, read->session, name))
		give_up_name(name);
}

static void
write_columns(Read *read)
{
	const ReadRequest *request = &read->request->read;

	read->types = sql_arena_allocate(&read->arena, (size_t) (request->column_count + 1) * sizeof(ColumnType));
	wire_append_text(&read->sql, request->column_count == 0 ? "SELECT COUNT(*)" : "SELECT ");
	for (int i = 0; i < request->column_count; i++)
	{
		read->types[i] = describe_type(find_column(read, request->columns[i]));
		wire_append_text(&read->sql, i == 0 ? "" : ", ");
		write_name(read, request->columns[i]);
	}
}

static void
write_conditions(Read *read)
{
	const ReadRequest *request = &read->request->read;

	read->applied = sql_arena_allocate(&read->arena, (size_t) (request->condition_count + 1) * sizeof(int));
	for (int i = 0; i < request->condition_count; i++)
	{
		const Condition *condition = &request->conditions[i];
		ColumnType type = describe_type(find_column(read, condition->column));
		size_t before = read->sql.length;

		wire_append_text(&read->sql, read->applied_count == 0 ? " WHERE " : " AND ");
		if (condition_write(&read->sql, read->session, condition, type_in_postgresql(read->session, &type)))
			read->applied[read->applied_count++] = i;
		else
			read->sql.length = before;
	}
}

static void
write_statement(Read *read)
{
	const ReadRequest *request = &read->request->read;
	const char *const *first;

	catalog_find_columns(read->session, request->schema, request->name, &read->columns);
	if (read->columns.count == 0 || request->id != NULL)
		give_up_changed("The relation is no longer in the data source.", NULL);
	first = read->columns.items[0];
	write_columns(read);
	wire_append_text(&read->sql, " FROM ");
	if (!odbc_write_relation(&read->sql, read->session, first[COLUMN_CATALOG], first[COLUMN_THEIR_SCHEMA],
							 request->name))
		give_up_name(request->name);
	write_conditions(read);
	read->limited = request->limit != NO_LIMIT && read->applied_count == request->condition_count;
	wire_append(&read->sql, "", 1);
	if (read->sql.failed)
		give_up_out_of_memory();
}

/* ---- rows ---- */

static void give_up_reading(const OdbcAnswer *answer) __attribute__((noreturn));

static void
give_up_reading(const OdbcAnswer *answer)
{
	OdbcState state = odbc_state(SQL_HANDLE_STMT, answer->statement);

	if (odbc_is_gone(&state))
		give_up_changed("The relation, or a column of it, is no longer in the data source.", NULL);
	if (strcmp(state.state, "42501") == 0)
		give_up(&(Failure){.step = "query",
						   .code = "permission",
						   .message = "The user of the data source may not read the relation."});
	if (strncmp(state.state, "HYT", 3) == 0)
		give_up_query(SQL_HANDLE_STMT, answer->statement);
	give_up(&(Failure){.step = "query",
					   .code = "query",
					   .message = "The data source could not send the rows.",
					   .detail = odbc_explain(answer->statement)});
}

static void
append_digits(WireBuffer *out, const char *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < length; i++)
	{
		wire_append(out, &digits[(unsigned char) bytes[i] >> 4], 1);
		wire_append(out, &digits[bytes[i] & 0x0F], 1);
	}
}

static OdbcCell
read_bytes(Read *read, OdbcAnswer *answer, int column, size_t most)
{
	WireBuffer bytes = {0};
	OdbcCell cell = odbc_bytes(answer, column, &bytes, most / 2);

	wire_append_text(&read->value, "\\x");
	if (cell == ODBC_TEXT)
		append_digits(&read->value, bytes.data, bytes.length);
	read->value.failed |= bytes.failed;
	wire_free(&bytes);
	return cell;
}

static void
add_value(Read *read, OdbcAnswer *answer, int number)
{
	size_t most = (size_t) read->request->row_bytes;
	OdbcCell cell;

	wire_reset(&read->value);
	if (type_is_bytes(&read->types[number]))
		cell = read_bytes(read, answer, number + 1, most);
	else
		cell = odbc_text(answer, number + 1, &read->value, most, NULL);
	if (cell == ODBC_TOO_LONG)
		give_up_long_row(read->request->row_bytes);
	if (read->value.failed)
		give_up_out_of_memory();
	if (cell == ODBC_NULL)
		rows_null(&read->frames.rows);
	else
		rows_value(&read->frames.rows, read->value.data ? read->value.data : "", read->value.length);
}

/* Only whole rows are sent. */
static int
patience(void *argument)
{
	const RowFrames *frames = &((Read *) argument)->frames;

	return frames->rows.in_row ? -1 : row_frames_patience(frames);
}

static void
flush(void *read)
{
	row_frames_flush(&((Read *) read)->frames);
}

static void
send_rows(Read *read, OdbcAnswer *answer)
{
	int64_t left = read->limited ? read->request->read.limit : INT64_MAX;

	row_frames_begin(&read->frames, read->request->row_bytes);
	watch_while_waiting(patience, flush, read);
	while (left-- > 0 && odbc_next(answer))
	{
		for (int i = 0; i < read->request->read.column_count; i++)
			add_value(read, answer, i);
		row_frames_end_row(&read->frames);
	}
	watch_while_waiting(NULL, NULL, NULL);
	if (left >= 0 && answer->done != SQL_NO_DATA)
		give_up_reading(answer);
	row_frames_end(&read->frames);
}

static void
send_count(Read *read, OdbcAnswer *answer)
{
	int64_t count;

	if (!odbc_next(answer))
		give_up_reading(answer);
	odbc_text(answer, 1, &read->value, 64, NULL);
	wire_append(&read->value, "", 1);
	if (read->value.failed)
		give_up_out_of_memory();
	count = strtoll(read->value.data, NULL, 10);
	if (read->limited && count > read->request->read.limit)
		count = read->request->read.limit;
	row_frames_count(count);
}

/* A hint: some drivers hold all rows in memory before they give the first one. */
static void
limit_rows(const Read *read, const OdbcAnswer *answer)
{
	if (!read->limited || read->request->read.column_count == 0 || read->request->read.limit == 0)
		return;
	odbc_call_begins(answer);
	SQLSetStmtAttrW(answer->statement, SQL_ATTR_MAX_ROWS, (SQLPOINTER) (uintptr_t) read->request->read.limit,
					0);
	watch_end();
}

void
read_relation(OdbcSession *session, const Request *request)
{
	Read read = {.session = session, .request = request};
	OdbcAnswer answer;

	write_statement(&read);
	odbc_begin(session, &answer);
	limit_rows(&read, &answer);
	if (!odbc_ask(&answer, read.sql.data) || answer.columns == 0)
		give_up_reading(&answer);
	emit_reading(read.applied, read.applied_count, read.limited, NULL);
	if (request->read.column_count > 0)
		send_rows(&read, &answer);
	else
		send_count(&read, &answer);
	odbc_end(&answer);
	wire_free(&read.sql);
	wire_free(&read.value);
	sql_rows_free(&read.columns);
	sql_arena_free(&read.arena);
}
