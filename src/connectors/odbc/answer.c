/*
 * answer.c — calls a driver for rows, and copies their values piece by piece.
 */
#include "connectors/odbc/answer.h"

#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/odbc/failure.h"
#include "connectors/odbc/watch.h"

#define PIECE_UNITS 4096
/* Of one answer of a catalog. A driver may go on for ever. */
#define MOST_ROWS 3000000

void
odbc_call_begins(const OdbcAnswer *answer)
{
	watch_begin("query", deadline_after(answer->session->query_timeout + 1));
}

static void
learn_columns(OdbcAnswer *answer)
{
	SQLSMALLINT columns = 0;

	if (SQL_SUCCEEDED(SQLNumResultCols(answer->statement, &columns)) && columns > 0)
		answer->columns = columns;
}

void
odbc_call_ends(OdbcAnswer *answer, SQLRETURN done)
{
	answer->done = done;
	if (SQL_SUCCEEDED(done))
		learn_columns(answer);
	watch_end();
}

void
odbc_begin(OdbcSession *session, OdbcAnswer *answer)
{
	*answer = (OdbcAnswer){.session = session};
	if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, session->connection, &answer->statement)))
		give_up_query(SQL_HANDLE_DBC, session->connection);
	watch_begin("query", deadline_after(session->query_timeout + 1));
	SQLSetStmtAttrW(answer->statement, SQL_ATTR_QUERY_TIMEOUT,
					(SQLPOINTER) (uintptr_t) session->query_timeout, 0);
	watch_end();
}

void
odbc_end(OdbcAnswer *answer)
{
	odbc_call_begins(answer);
	SQLFreeHandle(SQL_HANDLE_STMT, answer->statement);
	watch_end();
}

bool
odbc_ask(OdbcAnswer *answer, const char *sql)
{
	SQLWCHAR *wide = wide_text(sql);

	odbc_call_begins(answer);
	odbc_call_ends(answer, SQLExecDirectW(answer->statement, wide, SQL_NTS));
	forget_wide_text(wide);
	return SQL_SUCCEEDED(answer->done);
}

void
odbc_run(OdbcSession *session, const char *sql)
{
	OdbcAnswer answer;

	odbc_begin(session, &answer);
	(void) odbc_ask(&answer, sql);
	odbc_end(&answer);
}

bool
odbc_next(OdbcAnswer *answer)
{
	odbc_call_begins(answer);
	answer->done = SQLFetch(answer->statement);
	watch_end();
	return SQL_SUCCEEDED(answer->done);
}

/*
 * Reads the next piece of a value into `piece`, whose last `end` bytes the driver fills with zeros. Returns
 * the number of bytes that are there, or -1: null. *is_whole: nothing follows.
 */
static long
read_piece(OdbcAnswer *answer, int column, SQLSMALLINT type, char *piece, size_t size, size_t end,
		   bool *is_whole)
{
	SQLLEN length = 0;
	size_t room = size - end;
	SQLRETURN done;

	memset(piece, 0, size);
	odbc_call_begins(answer);
	done = SQLGetData(answer->statement, (SQLUSMALLINT) column, type, piece, (SQLLEN) size, &length);
	watch_end();
	*is_whole = done != SQL_SUCCESS_WITH_INFO || (length >= 0 && (size_t) length <= room);
	if (done == SQL_NO_DATA)
		return 0;
	if (!SQL_SUCCEEDED(done))
		give_up_query(SQL_HANDLE_STMT, answer->statement);
	if (length == SQL_NULL_DATA)
		return -1;
	return length >= 0 && (size_t) length <= room ? length : (long) room;
}

/* A driver that gives a wrong length has filled the piece up to its zero, or all of it. */
static size_t
units_in(const SQLWCHAR *piece, size_t units)
{
	size_t count = 0;

	while (count < units && piece[count] != 0)
		count++;
	return count;
}

OdbcCell
odbc_text(OdbcAnswer *answer, int column, WireBuffer *out, size_t most, bool *is_broken)
{
	SQLWCHAR units[PIECE_UNITS + 1];
	SQLWCHAR *piece = units;
	size_t start = out->length;
	size_t carried = 0; /* the first half of a character stays at the beginning */
	bool is_whole = false;

	while (!is_whole)
	{
		size_t size = sizeof(units) - carried * sizeof(SQLWCHAR);
		long bytes = read_piece(answer, column, SQL_C_WCHAR, (char *) (piece + carried), size,
								sizeof(SQLWCHAR), &is_whole);
		size_t count;

		if (bytes < 0)
			return ODBC_NULL;
		count = carried + units_in(piece + carried, (size_t) bytes / sizeof(SQLWCHAR));
		carried = !is_whole && count > 0 && piece[count - 1] >= 0xD800 && piece[count - 1] < 0xDC00;
		append_narrow(out, piece, count - carried, is_broken);
		if (carried)
			piece[0] = piece[count - 1];
		if (out->length - start > most)
			return ODBC_TOO_LONG;
		if (bytes == 0)
			break;
	}
	return ODBC_TEXT;
}

OdbcCell
odbc_bytes(OdbcAnswer *answer, int column, WireBuffer *out, size_t most)
{
	char piece[PIECE_UNITS];
	size_t start = out->length;
	bool is_whole = false;

	while (!is_whole)
	{
		long bytes = read_piece(answer, column, SQL_C_BINARY, piece, sizeof(piece), 0, &is_whole);

		if (bytes < 0)
			return ODBC_NULL;
		wire_append(out, piece, (size_t) bytes);
		if (out->length - start > most)
			return ODBC_TOO_LONG;
		if (bytes == 0)
			break;
	}
	return ODBC_TEXT;
}

static void
read_cell(OdbcAnswer *answer, OdbcRow *row, int column, size_t *start)
{
	bool is_broken = false;

	*start = row->text.length;
	if (odbc_text(answer, column, &row->text, ODBC_CATALOG_BYTES, &is_broken) == ODBC_NULL)
	{
		*start = SIZE_MAX;
		return;
	}
	wire_append(&row->text, is_broken ? "\xFF" : "", is_broken ? 2 : 1);
}

bool
odbc_next_row(OdbcAnswer *answer, OdbcRow *row, int count)
{
	size_t starts[ODBC_MOST_CELLS];

	if (!odbc_next(answer))
		return false;
	if (++row->rows > MOST_ROWS)
		give_up(&(Failure){.step = "query",
						   .code = "too_large",
						   .message = "The driver's answer about the catalog has no end."});
	wire_reset(&row->text);
	for (int i = 0; i < count; i++)
		if (i < answer->columns)
			read_cell(answer, row, i + 1, &starts[i]);
		else
			starts[i] = SIZE_MAX;
	if (row->text.failed)
		give_up_out_of_memory();
	for (int i = 0; i < count; i++)
		row->cells[i] = starts[i] == SIZE_MAX ? NULL : row->text.data + starts[i];
	return true;
}

OdbcState
odbc_state(SQLSMALLINT kind, SQLHANDLE handle)
{
	SQLWCHAR state[6] = {0};
	SQLINTEGER native = 0;
	OdbcState found = {0};

	if (SQL_SUCCEEDED(SQLGetDiagRecW(kind, handle, 1, state, &native, NULL, 0, NULL)))
		for (int i = 0; i < 5 && state[i] > ' ' && state[i] < 0x7F; i++)
			found.state[i] = (char) state[i];
	found.native = native;
	return found;
}
