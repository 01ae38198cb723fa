/*
 * send.c — runs the statement of a read, and copies its rows into frames.
 */
#include "connectors/odbc/send.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/common/row_frames.h"
#include "connectors/odbc/failure.h"
#include "connectors/odbc/watch.h"

typedef struct Sending
{
	OdbcAnswer *answer;
	const bool *are_bytes;
	int column_count;
	int64_t row_bytes;
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

/* The relation may have changed while the statement waited for it: what the answer calls bytes is bytes. */
static bool *
learn_bytes(const OdbcAnswer *answer, const bool *were_bytes, int count)
{
	bool *are_bytes = allocate((size_t) count);

	for (int i = 0; i < count; i++)
	{
		SQLLEN number = SQL_UNKNOWN_TYPE;

		odbc_call_begins(answer);
		SQLColAttributeW(answer->statement, (SQLUSMALLINT) (i + 1), SQL_DESC_CONCISE_TYPE, NULL, 0, NULL,
						 &number);
		watch_end();
		are_bytes[i] =
			were_bytes[i] || number == SQL_BINARY || number == SQL_VARBINARY || number == SQL_LONGVARBINARY;
	}
	return are_bytes;
}

static OdbcCell
read_bytes(Sending *sending, int column, size_t most)
{
	WireBuffer bytes = {0};
	OdbcCell cell = odbc_bytes(sending->answer, column, &bytes, most / 2);

	wire_append_text(&sending->value, "\\x");
	if (cell == ODBC_TEXT)
		append_digits(&sending->value, bytes.data, bytes.length);
	sending->value.failed |= bytes.failed;
	wire_free(&bytes);
	return cell;
}

static void
add_value(Sending *sending, int number)
{
	size_t most = (size_t) sending->row_bytes;
	OdbcCell cell;

	wire_reset(&sending->value);
	if (sending->are_bytes[number])
		cell = read_bytes(sending, number + 1, most);
	else
		cell = odbc_text(sending->answer, number + 1, &sending->value, most, NULL);
	if (cell == ODBC_TOO_LONG)
		give_up_long_row(sending->row_bytes);
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

bool
odbc_send_rows(OdbcAnswer *answer, const bool *are_bytes, int column_count, int64_t limit, int64_t row_bytes)
{
	Sending sending = {
		.answer = answer, .are_bytes = are_bytes, .column_count = column_count, .row_bytes = row_bytes};
	bool is_more = false;

	row_frames_begin(&sending.frames, row_bytes);
	watch_while_waiting(patience, flush, &sending);
	while ((is_more = odbc_next(answer)) && limit-- > 0)
	{
		for (int i = 0; i < column_count; i++)
			add_value(&sending, i);
		row_frames_end_row(&sending.frames);
	}
	watch_while_waiting(NULL, NULL, NULL);
	if (!is_more && answer->done != SQL_NO_DATA)
		give_up_reading(answer);
	row_frames_end(&sending.frames);
	wire_free(&sending.value);
	return is_more;
}

static void
send_count(OdbcAnswer *answer, int64_t most)
{
	WireBuffer value = {0};
	int64_t count;

	if (!odbc_next(answer))
		give_up_reading(answer);
	odbc_text(answer, 1, &value, 64, NULL);
	wire_append(&value, "", 1);
	if (value.failed)
		give_up_out_of_memory();
	count = strtoll(value.data, NULL, 10);
	row_frames_count(count < most ? count : most);
	wire_free(&value);
}

void
odbc_limit_rows(const OdbcAnswer *answer, int64_t rows)
{
	odbc_call_begins(answer);
	SQLSetStmtAttrW(answer->statement, SQL_ATTR_MAX_ROWS, (SQLPOINTER) (uintptr_t) rows, 0);
	watch_end();
}

void
odbc_send(OdbcSession *session, const Request *request, const OdbcReading *reading)
{
	const ReadRequest *read = &request->read;
	int64_t limit = reading->limited ? read->limit : INT64_MAX;
	OdbcAnswer answer;

	odbc_begin(session, &answer);
	if (reading->limited && read->column_count > 0 && limit > 0)
		odbc_limit_rows(&answer, limit);
	if (!odbc_ask(&answer, reading->sql) || answer.columns == 0)
		give_up_reading(&answer);
	emit_reading(reading->applied, reading->applied_count, reading->limited, NULL);
	if (read->column_count > 0)
	{
		bool *are_bytes = learn_bytes(&answer, reading->were_bytes, read->column_count);

		odbc_send_rows(&answer, are_bytes, read->column_count, limit, request->row_bytes);
		free(are_bytes);
	}
	else
		send_count(&answer, limit);
	odbc_end(&answer);
}
