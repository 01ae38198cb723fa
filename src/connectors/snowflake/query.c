/*
 * query.c — runs one query of the caller. The service has no transactions that only read. It is asked first
 * for no row of the query in parentheses: there its grammar has room for a query only, and what would change
 * something is refused before it runs. The answer has the columns, too.
 */
#include "connectors/snowflake/query.h"

#include <stdlib.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/common/row_frames.h"
#include "connectors/service/place.h"
#include "connectors/snowflake/query_text.h"
#include "connectors/snowflake/service_error.h"
#include "connectors/snowflake/statement.h"
#include "connectors/snowflake/value.h"

#define BEFORE       "SELECT * FROM (\n"
#define BEHIND       "\n) LIMIT 0"
#define LINES_BEFORE 1

static void
give_up_query(const Request *request, const HttpFailure *failure, int lines_before) __attribute__((noreturn));

static void
give_up_query(const Request *request, const HttpFailure *failure, int lines_before)
{
	int64_t line;
	int64_t before;
	const char *message = failure_of_query(failure, &line, &before);

	if (message == NULL)
		http_failure_report(failure);
	give_up(&(Failure){.step = "query",
					   .code = "query",
					   .message = message,
					   .position = place_in_text(request->query.text, line - lines_before, before + 1)});
}

/* In characters, from 1. */
static int64_t
place_of_byte(const char *text, size_t byte)
{
	int64_t place = 1;

	for (size_t i = 0; i < byte; i++)
		place += ((unsigned char) text[i] & 0xC0) != 0x80;
	return place;
}

static size_t
require_query(const char *text)
{
	QueryFault fault;
	size_t length = 0;

	if (!query_text_stays_inside(text, &length, &fault))
		give_up(&(Failure){.step = "query",
						   .code = "query",
						   .message = fault.message,
						   .hint = fault.hint,
						   .position = place_of_byte(text, fault.at)});
	return length;
}

static void
run(Result *result, const Request *request, Service *service, const WireBuffer *sql, int64_t most_rows,
	int lines_before)
{
	HttpFailure failure;

	if (sql->failed)
		give_up_out_of_memory();
	if (!statement_run(
			result, service,
			&(Statement){.sql = sql->data, .has_short_names = true, .most_rows = most_rows, .is_async = true},
			&failure))
		give_up_query(request, &failure, lines_before);
}

/* The columns of the query, for which none of its rows is read. */
static void
plan(Result *result, const Request *request, Service *service, size_t length)
{
	WireBuffer sql = {.data = NULL};

	document_literal(&sql, BEFORE);
	wire_append(&sql, request->query.text, length);
	wire_append(&sql, BEHIND, sizeof(BEHIND));
	run(result, request, service, &sql, 0, LINES_BEFORE);
	wire_free(&sql);
}

/* ---- the answer ---- */

static void
announce_columns(const Result *result)
{
	WireBuffer columns = {.data = NULL};

	document_literal(&columns, "[");
	for (const JsonNode *column = result_column(result, 0); column != NULL; column = column->next)
	{
		const char *name = json_member_text(column, "name");
		ColumnType type;

		column_type_read(&type, column);
		document_separate(&columns);
		document_literal(&columns, "{");
		document_text(&columns, "name", name ? name : "");
		document_text(&columns, "type", type.text);
		document_text(&columns, "pg_type", type.pg_type);
		document_literal(&columns, "}");
	}
	document_literal(&columns, "]");
	emit_reading(NULL, 0, false, &columns);
	wire_free(&columns);
}

static ColumnType *
types_of(const Result *result)
{
	ColumnType *types = allocate(((size_t) result->column_count + 1) * sizeof(ColumnType));
	int count = 0;

	for (const JsonNode *column = result_column(result, 0); column != NULL; column = column->next)
		column_type_read(&types[count++], column);
	return types;
}

static void
send_row(RowFrames *frames, WireBuffer *text, const Cell *cells, const ColumnType *types, int count)
{
	for (int i = 0; i < count; i++)
	{
		wire_reset(text);
		row_frames_value(frames, text, value_write(text, &cells[i], &types[i]));
	}
	row_frames_end_row(frames);
}

static bool
send_rows(const Request *request, Result *result)
{
	int64_t left = request->query.limit == NO_LIMIT ? INT64_MAX : request->query.limit;
	ColumnType *types = types_of(result);
	WireBuffer text = {.data = NULL};
	HttpFailure failure;
	RowFrames frames;
	const Cell *cells;

	row_frames_begin(&frames, request->row_bytes);
	while ((cells = result_next(result, &failure)) != NULL && left-- > 0)
		send_row(&frames, &text, cells, types, result->column_count);
	if (cells == NULL && failure.code != NULL)
		http_failure_report(&failure);
	row_frames_end(&frames);
	wire_free(&text);
	free(types);
	return cells != NULL;
}

static bool
run_query(const Request *request, Service *service, size_t length, int columns)
{
	int64_t limit = request->query.limit;
	WireBuffer sql = {.data = NULL};
	bool has_more;
	Result result;

	wire_append(&sql, request->query.text, length);
	wire_append(&sql, "", 1);
	run(&result, request, service, &sql, limit == NO_LIMIT ? 0 : limit + 1, 0);
	if (result.column_count != columns)
		give_up(&(Failure){.step = "query",
						   .code = "protocol",
						   .message = "A row of the service has other columns than it has planned."});
	has_more = send_rows(request, &result);
	wire_free(&sql);
	result_end(&result);
	return has_more;
}

bool
query_run(const Request *request, Service *service)
{
	size_t length = require_query(request->query.text);
	bool has_more = false;
	Result planned;

	plan(&planned, request, service, length);
	announce_columns(&planned);
	if (!request->query.check_only)
		has_more = run_query(request, service, length, planned.column_count);
	result_end(&planned);
	return has_more;
}
