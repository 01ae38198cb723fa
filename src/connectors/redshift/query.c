/*
 * query.c — runs one statement of the caller in a READ ONLY transaction.
 *
 * The server parses the text first. It takes a single statement only, says where a fault is, and which
 * columns the result has. Redshift's transactions are not known to refuse all that PostgreSQL's do: the text
 * is a SELECT or a WITH, which cannot end the transaction, and makes no table.
 */
#include "connectors/redshift/query.h"

#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/row_frames.h"
#include "connectors/libpq/query_text.h"
#include "connectors/redshift/types.h"

typedef struct Query
{
	Session *session;
	const Request *request;
	PGresult *columns; /* without rows */
	PGresult *types;   /* a row with the type of each */
	SqlArena arena;
} Query;

static void give_up_text(const char *message, const char *hint, long long position) __attribute__((noreturn));

static void
give_up_text(const char *message, const char *hint, long long position)
{
	give_up(
		&(Failure){.step = "query", .code = "query", .message = message, .hint = hint, .position = position});
}

/* A server that does not say how it reads backslashes is an older one. */
static bool
has_escapes(PGconn *connection)
{
	const char *are_characters = PQparameterStatus(connection, "standard_conforming_strings");

	return are_characters == NULL || strcmp(are_characters, "on") != 0;
}

static void
check_text(const Query *query)
{
	const char *text = query->request->query.text;
	long long character = 1;
	QueryFault fault;

	if (query_text_is_empty(text))
		give_up_text("The query is empty.", "It has nothing but space and comments.", 0);
	if (query_text_only_selects(text, has_escapes(query->session->connection), &fault))
		return;
	for (size_t i = 0; i < fault.at; i++)
		character += ((unsigned char) text[i] & 0xC0) != 0x80;
	give_up_text(fault.message, fault.hint, character);
}

/* ---- the columns ---- */

static void
ask_columns(Query *query)
{
	WireBuffer sql = {0};

	query->columns = session_describe(query->session, query->request->query.text);
	if (PQnparams(query->columns) > 0)
		give_up_text("The query has parameters.", "Write values into the query.", 0);
	if (PQnfields(query->columns) == 0)
		give_up_text("The statement returns no rows.", "Only statements that return rows are run.", 0);
	for (int i = 0; i < PQnfields(query->columns); i++)
	{
		wire_append_text(&sql, i == 0 ? "SELECT format_type(" : ", format_type(");
		wire_append_integer(&sql, PQftype(query->columns, i));
		wire_append_text(&sql, ", ");
		wire_append_integer(&sql, PQfmod(query->columns, i));
		wire_append_text(&sql, ")");
	}
	wire_append(&sql, "", 1);
	if (sql.failed)
		give_up_out_of_memory();
	query->types = session_ask(query->session, sql.data);
	wire_free(&sql);
	if (PQntuples(query->types) != 1 || PQnfields(query->types) != PQnfields(query->columns))
		give_up_malformed();
}

static void
write_column(Query *query, WireBuffer *columns, int number)
{
	const char *type = PQgetvalue(query->types, 0, number);
	const char *pg_type = types_in_postgresql(&query->arena, type);

	document_separate(columns);
	document_literal(columns, "{");
	document_text(columns, "name", PQfname(query->columns, number));
	document_text(columns, "type", *type ? type : "unknown");
	if (pg_type != NULL && strcmp(pg_type, "text") != 0)
		document_text(columns, "pg_type", pg_type);
	document_literal(columns, "}");
}

/* Sends `reading`. */
static void
announce_columns(Query *query)
{
	WireBuffer columns = {0};

	ask_columns(query);
	document_literal(&columns, "[");
	for (int i = 0; i < PQnfields(query->columns); i++)
		write_column(query, &columns, i);
	document_literal(&columns, "]");
	emit_reading(NULL, 0, false, &columns);
	wire_free(&columns);
}

/* ---- the rows ---- */

static void
add_value(const Query *query, Rows *rows, const PGresult *row, int column)
{
	const char *value = PQgetvalue(row, 0, column);
	WireBuffer bytes = {0};

	if (PQgetisnull(row, 0, column))
	{
		rows_null(rows);
		return;
	}
	if (!types_are_digits(PQgetvalue(query->types, 0, column)))
	{
		rows_value(rows, value, (size_t) PQgetlength(row, 0, column));
		return;
	}
	wire_append_text(&bytes, "\\x");
	wire_append_text(&bytes, value);
	if (bytes.failed)
		give_up_out_of_memory();
	rows_value(rows, bytes.data, bytes.length);
	wire_free(&bytes);
}

static void
add_row(const Query *query, RowFrames *frames, const PGresult *row)
{
	if (PQnfields(row) != PQnfields(query->columns))
		give_up_malformed();
	for (int i = 0; i < PQnfields(row); i++)
		add_value(query, &frames->rows, row, i);
	row_frames_end_row(frames);
}

/* Returns whether there are more rows than the limit. */
static bool
send_rows(const Query *query)
{
	int64_t limit = query->request->query.limit;
	bool truncated = false;
	int64_t sent = 0;
	RowFrames frames;
	PGresult *row;

	row_frames_begin(&frames, query->request->row_bytes);
	session_send(query->session, query->request->query.text, NULL, 0);
	while (!truncated && (row = session_next_row(query->session, &frames)) != NULL)
	{
		truncated = limit != NO_LIMIT && sent == limit;
		if (!truncated)
			add_row(query, &frames, row);
		sent++;
		PQclear(row);
	}
	session_require_rows(query->session);
	row_frames_end(&frames);
	return truncated;
}

/* Planning the statement asks for the rights, too. */
static void
explain(const Query *query)
{
	WireBuffer sql = {0};

	wire_append_text(&sql, "EXPLAIN ");
	wire_append(&sql, query->request->query.text, strlen(query->request->query.text) + 1);
	if (sql.failed)
		give_up_out_of_memory();
	PQclear(session_ask(query->session, sql.data));
	wire_free(&sql);
}

bool
query_rows(Session *session, const Request *request)
{
	Query query = {.session = session, .request = request};
	bool truncated = false;

	check_text(&query);
	session_begin(session);
	announce_columns(&query);
	if (request->query.check_only)
		explain(&query);
	else
		truncated = send_rows(&query);
	if (!truncated)
		session_end_rows(session);
	PQclear(query.types);
	PQclear(query.columns);
	sql_arena_free(&query.arena);
	return truncated;
}
