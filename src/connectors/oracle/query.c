/*
 * query.c — runs one statement of the caller in a READ ONLY transaction. The driver prepares it first, and
 * says which columns its result has: a statement without any is not run.
 */
#include "connectors/oracle/query.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/odbc/failure.h"
#include "connectors/odbc/send.h"
#include "connectors/odbc/watch.h"
#include "connectors/oracle/query_text.h"

#define MOST_COLUMNS 2000
#define NAME_UNITS   256

static void give_up_text(const char *message, const char *hint, long long position) __attribute__((noreturn));

static void
give_up_text(const char *message, const char *hint, long long position)
{
	give_up(
		&(Failure){.step = "query", .code = "query", .message = message, .hint = hint, .position = position});
}

/* Returns the statement, which the caller frees. */
static char *
take_text(const char *text)
{
	QueryFault fault;
	long long character = 1;
	size_t length;
	char *copy;

	if (!query_only_reads(text, &length, &fault))
	{
		for (size_t i = 0; i < fault.at; i++)
			character += ((unsigned char) text[i] & 0xC0) != 0x80;
		give_up_text(fault.message, fault.hint, character);
	}
	copy = copy_text(text);
	copy[length] = '\0';
	return copy;
}

static void give_up_asked(const OdbcAnswer *answer) __attribute__((noreturn));

/* The caller, who may read what the query reads, gets the source's own words. */
static void
give_up_asked(const OdbcAnswer *answer)
{
	OdbcState state = odbc_state(SQL_HANDLE_STMT, answer->statement);
	char *words = odbc_words(answer->statement);

	(void) odbc_explain(answer->statement); /* ends the process if the connection is lost */
	if (strncmp(state.state, "HYT", 3) == 0)
		give_up_query(SQL_HANDLE_STMT, answer->statement);
	give_up(&(Failure){.step = "query",
					   .code = strcmp(state.state, "42501") == 0 ? "permission" : "query",
					   .message = words[0] ? words : "The source refused the query."});
}

/* ---- the transaction ---- */

/* What it does not do ends it: the rights of the user alone would then bound the query. */
static void
begin_reading(OdbcSession *session)
{
	OdbcAnswer answer;

	watch_begin("query", deadline_after(session->query_timeout + 1));
	SQLSetConnectAttrW(session->connection, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER) SQL_AUTOCOMMIT_OFF, 0);
	watch_end();
	odbc_begin(session, &answer);
	if (!odbc_ask(&answer, "SET TRANSACTION READ ONLY"))
		give_up_query(SQL_HANDLE_STMT, answer.statement);
	odbc_end(&answer);
}

/* ---- the columns ---- */

static const char *
type_of(SQLSMALLINT number)
{
	switch (number)
	{
		case SQL_DECIMAL:
		case SQL_NUMERIC:
			return "numeric";
		case SQL_SMALLINT:
		case SQL_TINYINT:
			return "smallint";
		case SQL_INTEGER:
			return "integer";
		case SQL_BIGINT:
			return "bigint";
		case SQL_REAL:
			return "real";
		case SQL_FLOAT:
		case SQL_DOUBLE:
			return "double precision";
		case SQL_TYPE_DATE:
			return "date";
		case SQL_TYPE_TIMESTAMP:
			return "timestamp without time zone";
		case SQL_BINARY:
		case SQL_VARBINARY:
		case SQL_LONGVARBINARY:
			return "bytea";
		default:
			return NULL;
	}
}

static void
append_units(WireBuffer *out, const SQLWCHAR *text)
{
	size_t units = 0;

	while (units < NAME_UNITS - 1 && text[units] != 0)
		units++;
	wire_reset(out);
	append_narrow(out, text, units, NULL);
	wire_append(out, "", 1);
	if (out->failed)
		give_up_out_of_memory();
}

/* Writes a column of `reading`. Returns whether its values are bytes. */
static bool
write_column(WireBuffer *columns, const OdbcAnswer *answer, int number)
{
	SQLWCHAR name[NAME_UNITS] = {0};
	SQLWCHAR type[NAME_UNITS] = {0};
	SQLSMALLINT length = 0;
	SQLSMALLINT code = 0;
	WireBuffer text = {0};
	const char *pg_type;

	odbc_call_begins(answer);
	SQLDescribeColW(answer->statement, (SQLUSMALLINT) number, name, NAME_UNITS - 1, &length, &code, NULL,
					NULL, NULL);
	SQLColAttributeW(answer->statement, (SQLUSMALLINT) number, SQL_DESC_TYPE_NAME, type,
					 sizeof(type) - sizeof(type[0]), &length, NULL);
	watch_end();
	pg_type = type_of(code);
	if (number > 1)
		document_literal(columns, ",");
	document_literal(columns, "{");
	append_units(&text, name);
	document_text(columns, "name", text.data);
	append_units(&text, type);
	document_text(columns, "type", text.data[0] ? text.data : "unknown");
	if (pg_type != NULL)
		document_text(columns, "pg_type", pg_type);
	document_literal(columns, "}");
	wire_free(&text);
	return pg_type != NULL && strcmp(pg_type, "bytea") == 0;
}

/* Sends `reading`. Returns which columns are bytes; the caller frees it. */
static bool *
announce_columns(const OdbcAnswer *answer)
{
	bool *are_bytes = allocate(MOST_COLUMNS);
	WireBuffer columns = {0};

	if (answer->columns == 0)
		give_up_text("The statement returns no rows.", "Only statements that return rows are run.", 0);
	if (answer->columns > MOST_COLUMNS)
		give_up_text("The query has too many columns.", NULL, 0);
	document_literal(&columns, "[");
	for (int i = 0; i < answer->columns; i++)
		are_bytes[i] = write_column(&columns, answer, i + 1);
	document_literal(&columns, "]");
	emit_reading(NULL, 0, false, &columns);
	wire_free(&columns);
	return are_bytes;
}

static void
prepare(OdbcAnswer *answer, const char *text)
{
	SQLWCHAR *wide = wide_text(text);
	SQLSMALLINT parameters = 0;
	SQLSMALLINT columns = 0;

	odbc_call_begins(answer);
	odbc_call_ends(answer, SQLPrepareW(answer->statement, wide, SQL_NTS));
	free(wide);
	if (!SQL_SUCCEEDED(answer->done))
		give_up_asked(answer);
	/* Some drivers send the text only when they are asked about its columns. */
	odbc_call_begins(answer);
	odbc_call_ends(answer, SQLNumResultCols(answer->statement, &columns));
	if (!SQL_SUCCEEDED(answer->done))
		give_up_asked(answer);
	odbc_call_begins(answer);
	SQLNumParams(answer->statement, &parameters);
	watch_end();
	if (parameters > 0)
		give_up_text("The query has parameters.", "Write values into the query.", 0);
}

static bool
run(OdbcAnswer *answer, const Request *request, const bool *are_bytes)
{
	int64_t limit = request->query.limit == NO_LIMIT ? INT64_MAX - 1 : request->query.limit;

	odbc_call_begins(answer);
	odbc_call_ends(answer, SQLExecute(answer->statement));
	if (!SQL_SUCCEEDED(answer->done))
		give_up_asked(answer);
	return odbc_send_rows(answer, are_bytes, answer->columns, limit, request->row_bytes);
}

bool
query_rows(OdbcSession *session, const Request *request)
{
	char *text = take_text(request->query.text);
	bool truncated = false;
	OdbcAnswer answer;
	bool *are_bytes;

	begin_reading(session);
	odbc_begin(session, &answer);
	prepare(&answer, text);
	free(text);
	are_bytes = announce_columns(&answer);
	if (!request->query.check_only)
		truncated = run(&answer, request, are_bytes);
	free(are_bytes);
	odbc_end(&answer);
	return truncated;
}
