/*
 * send.c — runs the statement of a read, and copies its rows into frames.
 */
#include "connectors/odbc/send.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/row_frames.h"
#include "connectors/odbc/failure.h"
#include "connectors/odbc/watch.h"

typedef struct Sending
{
	const Request *request;
	const OdbcReading *reading;
	RowFrames frames;
	WireBuffer value;
} Sending;

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
read_bytes(Sending *sending, OdbcAnswer *answer, int column, size_t most)
{
	WireBuffer bytes = {0};
	OdbcCell cell = odbc_bytes(answer, column, &bytes, most / 2);

	wire_append_text(&sending->value, "\\x");
	if (cell == ODBC_TEXT)
		append_digits(&sending->value, bytes.data, bytes.length);
	sending->value.failed |= bytes.failed;
	wire_free(&bytes);
	return cell;
}

static void
add_value(Sending *sending, OdbcAnswer *answer, int number)
{
	size_t most = (size_t) sending->request->row_bytes;
	OdbcCell cell;

	wire_reset(&sending->value);
	if (sending->reading->are_bytes[number])
		cell = read_bytes(sending, answer, number + 1, most);
	else
		cell = odbc_text(answer, number + 1, &sending->value, most, NULL);
	if (cell == ODBC_TOO_LONG)
		give_up_long_row(sending->request->row_bytes);
	if (sending->value.failed)
		give_up_out_of_memory();
	if (cell == ODBC_NULL)
		rows_null(&sending->frames.rows);
	else
		rows_value(&sending->frames.rows, sending->value.data ? sending->value.data : "",
				   sending->value.length);
}

/* Only whole rows are sent. */
static int
patience(void *argument)
{
	const RowFrames *frames = &((Sending *) argument)->frames;

	return frames->rows.in_row ? -1 : row_frames_patience(frames);
}

static void
flush(void *sending)
{
	row_frames_flush(&((Sending *) sending)->frames);
}

static void
send_rows(Sending *sending, OdbcAnswer *answer)
{
	int64_t left = sending->reading->limited ? sending->request->read.limit : INT64_MAX;

	row_frames_begin(&sending->frames, sending->request->row_bytes);
	watch_while_waiting(patience, flush, sending);
	while (left-- > 0 && odbc_next(answer))
	{
		for (int i = 0; i < sending->request->read.column_count; i++)
			add_value(sending, answer, i);
		row_frames_end_row(&sending->frames);
	}
	watch_while_waiting(NULL, NULL, NULL);
	if (left >= 0 && answer->done != SQL_NO_DATA)
		give_up_reading(answer);
	row_frames_end(&sending->frames);
}

static void
send_count(Sending *sending, OdbcAnswer *answer)
{
	int64_t count;

	if (!odbc_next(answer))
		give_up_reading(answer);
	odbc_text(answer, 1, &sending->value, 64, NULL);
	wire_append(&sending->value, "", 1);
	if (sending->value.failed)
		give_up_out_of_memory();
	count = strtoll(sending->value.data, NULL, 10);
	if (sending->reading->limited && count > sending->request->read.limit)
		count = sending->request->read.limit;
	row_frames_count(count);
}

/* A hint: some drivers hold all rows in memory before they give the first one. */
static void
limit_rows(const Sending *sending, const OdbcAnswer *answer)
{
	if (!sending->reading->limited || sending->request->read.column_count == 0 ||
		sending->request->read.limit == 0)
		return;
	odbc_call_begins(answer);
	SQLSetStmtAttrW(answer->statement, SQL_ATTR_MAX_ROWS,
					(SQLPOINTER) (uintptr_t) sending->request->read.limit, 0);
	watch_end();
}

void
odbc_send(OdbcSession *session, const Request *request, const OdbcReading *reading)
{
	Sending sending = {.request = request, .reading = reading};
	OdbcAnswer answer;

	odbc_begin(session, &answer);
	limit_rows(&sending, &answer);
	if (!odbc_ask(&answer, reading->sql) || answer.columns == 0)
		give_up_reading(&answer);
	emit_reading(reading->applied, reading->applied_count, reading->limited, NULL);
	if (request->read.column_count > 0)
		send_rows(&sending, &answer);
	else
		send_count(&sending, &answer);
	odbc_end(&answer);
	wire_free(&sending.value);
}
