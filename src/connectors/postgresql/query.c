/*
 * query.c — runs one statement of the caller in a READ ONLY transaction.
 *
 * The server parses the text first. It takes a single statement only, says where a fault is, and which
 * columns the result has; a statement without any is not run. Then the text is sent again and run: a prepared
 * statement would outlive the transaction.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/postgresql/query.h"
#include "connectors/libpq/query_text.h"
#include "connectors/postgresql/reading.h"
#include "connectors/postgresql/rows.h"
#include "connectors/postgresql/statements.h"
#include "connectors/postgresql/types.h"
#include "wire/pg_type.h"

static void give_up_query(const char *message, const char *hint) __attribute__((noreturn));

static void
give_up_query(const char *message, const char *hint)
{
	give_up(&(Failure){.step = "query", .code = "query", .message = message, .hint = hint});
}

static void
refuse_without_rows(const char *text)
{
	if (query_text_is_empty(text))
		give_up_query("The query is empty.", "It has nothing but space and comments.");
	give_up_query("The statement returns no rows.",
				  "Only statements that return rows are run: SELECT, VALUES, TABLE, SHOW, EXPLAIN.");
}

/* Receives the answer to the parsing. Returns the description of the result. */
static PGresult *
receive_description(Session *session, const char *text)
{
	PGresult *failed = NULL;
	PGresult *description;

	PQclear(session_receive(session, &failed));
	description = session_receive(session, &failed);
	session_receive_end(session);
	if (failed)
		reading_give_up(failed, false);
	if (PQnparams(description) > 0)
		give_up_query("The query has parameters.", "Write values into the query, not $1.");
	if (PQnfields(description) == 0)
		refuse_without_rows(text);
	return description;
}

static PGresult *
describe(Session *session, const char *text)
{
	reading_ask_begin(session, false);
	session_prepare(session, "", text);
	session_describe(session, "");
	session_end_batch(session);
	reading_receive_begin(session);
	return receive_description(session, text);
}

/* ---- a check alone ---- */

static void
refuse_writing(const char *message)
{
	give_up_query(message, "Queries run in a READ ONLY transaction.");
}

/*
 * The server looks whether a statement may run in a READ ONLY transaction when it opens a cursor, and then
 * runs nothing of it.
 */
static void
open_cursor(Session *session, const char *select)
{
	WireBuffer sql = {0};
	PGresult *failed = NULL;
	const char *state;

	wire_append_text(&sql, "DECLARE rivergen_check NO SCROLL CURSOR FOR ");
	wire_append(&sql, select, strlen(select) + 1);
	if (sql.failed)
		give_up_out_of_memory();
	session_begin_apart(session);
	session_ask(session, sql.data, NULL);
	session_end_apart(session);
	session_receive_begin_apart(session);
	PQclear(session_receive(session, &failed));
	state = failed ? PQresultErrorField(failed, PG_DIAG_SQLSTATE) : NULL;
	if (state && strcmp(state, "0A000") == 0)
		refuse_writing("The statement has an INSERT, UPDATE, DELETE or MERGE in WITH.");
	if (failed)
		reading_give_up(failed, false);
	session_receive_end_apart(session);
	wire_free(&sql);
}

/* Parsing alone lets statements pass that would fail when they run. */
static void
require_reading(Session *session, const char *text)
{
	const char *explained = query_text_explained(text);

	if (query_text_is_select(explained ? explained : text))
		open_cursor(session, explained ? explained : text);
	else if (explained)
		refuse_writing("EXPLAIN ANALYZE runs the statement, which writes.");
}

/* ---- the columns ---- */

static void
add_number(WireBuffer *array, int64_t number)
{
	wire_append_text(array, array->length == 0 ? "{" : ",");
	wire_append_integer(array, number);
}

/* Asks for the types of all columns. */
static PGresult *
ask_types(Session *session, const PGresult *description)
{
	WireBuffer ids = {0};
	WireBuffer modifiers = {0};
	Parameter parameters[2] = {{0}};
	PGresult *types;

	for (int i = 0; i < PQnfields(description); i++)
	{
		add_number(&ids, PQftype(description, i));
		add_number(&modifiers, PQfmod(description, i));
	}
	wire_append(&ids, "}", sizeof("}"));
	wire_append(&modifiers, "}", sizeof("}"));
	if (ids.failed || modifiers.failed)
		give_up_out_of_memory();
	parameters[0].value = ids.data;
	parameters[1].value = modifiers.data;
	session_begin_apart(session);
	session_ask(session, "SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true)", NULL);
	statement_ask(session, STATEMENT_TYPES, parameters, 2);
	session_end_apart(session);
	session_receive_begin_apart(session);
	PQclear(session_receive(session, NULL));
	types = session_receive(session, NULL);
	session_receive_end_apart(session);
	wire_free(&ids);
	wire_free(&modifiers);
	return types;
}

/* Finds the type's row: usually it stands at the column's own place. */
static int
find_type(const PGresult *types, int near, ObjectId id, int32_t modifier)
{
	int count = PQntuples(types);

	for (int i = 0; i < count; i++)
	{
		int row = (near + i) % count;

		if (row_oid(types, row, TYPE_ID) == id && row_int4(types, row, TYPE_MODIFIER) == modifier)
			return row;
	}
	give_up_malformed();
}

static void
write_column(WireBuffer *out, const char *name, const PGresult *types, int row)
{
	document_separate(out);
	document_literal(out, "{");
	document_text(out, "name", name);
	document_text(out, "type", row_name(types, row, TYPE_NAME));
	types_write_pg_type(out, types, row);
	document_literal(out, "}");
}

/* Sends `reading`. */
static void
announce_columns(Session *session, const PGresult *description)
{
	PGresult *types = ask_types(session, description);
	WireBuffer columns = {0};

	document_literal(&columns, "[");
	for (int i = 0; i < PQnfields(description); i++)
		write_column(&columns, PQfname(description, i), types,
					 find_type(types, i, PQftype(description, i), PQfmod(description, i)));
	document_literal(&columns, "]");
	emit_reading(NULL, 0, false, &columns);
	wire_free(&columns);
	PQclear(types);
}

/* ---- the rows ---- */

static void
add_row(RowFrames *frames, const PGresult *result)
{
	for (int i = 0; i < PQnfields(result); i++)
	{
		if (PQgetisnull(result, 0, i))
			rows_null(&frames->rows);
		else
			rows_value(&frames->rows, PQgetvalue(result, 0, i), (size_t) PQgetlength(result, 0, i));
	}
	row_frames_end_row(frames);
}

/* Returns false when there are no more rows. */
static bool
take_result(const PGresult *result, int columns)
{
	switch (PQresultStatus(result))
	{
		case PGRES_SINGLE_TUPLE:
			if (PQnfields(result) != columns || PQntuples(result) != 1)
				give_up_malformed();
			return true;
		case PGRES_TUPLES_OK:
			return false;
		default:
			reading_give_up(result, false);
	}
}

/* Sends the rows. Returns whether there are more than the limit. */
static bool
send_rows(Session *session, const Request *request, int columns)
{
	const QueryRequest *query = &request->query;
	RowFrames frames;
	PGresult *result;
	int64_t sent = 0;
	bool truncated = false;

	row_frames_begin(&frames, request->row_bytes);
	while (!truncated && (result = reading_next_result(session, &frames)) != NULL)
	{
		if (take_result(result, columns))
		{
			truncated = query->limit != NO_LIMIT && sent == query->limit;
			if (!truncated)
				add_row(&frames, result);
			sent++;
		}
		PQclear(result);
	}
	row_frames_end(&frames);
	if (truncated)
		reading_stop();
	return truncated;
}

bool
query_source(Request *request)
{
	Session *session = reading_open(request);
	PGresult *description = describe(session, request->query.text);
	bool truncated = false;

	if (request->query.check_only)
		require_reading(session, request->query.text);
	announce_columns(session, description);
	if (!request->query.check_only)
	{
		reading_send(session, request->query.text);
		if (!PQsetSingleRowMode(session->connection))
			session_give_up(NULL);
		truncated = send_rows(session, request, PQnfields(description));
	}
	PQclear(description);
	return truncated;
}
