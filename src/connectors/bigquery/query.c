/*
 * query.c — runs one query of the caller. The service plans it first, and says what kind of statement it is:
 * only a SELECT is run.
 */
#include "connectors/bigquery/query.h"

#include <string.h>

#include "connectors/bigquery/job.h"
#include "connectors/bigquery/place.h"
#include "connectors/bigquery/service_error.h"
#include "connectors/bigquery/value.h"
#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/row_frames.h"

static void give_up_query(const Request *request, const HttpFailure *failure) __attribute__((noreturn));

static void
give_up_query(const Request *request, const HttpFailure *failure)
{
	int64_t line;
	int64_t column;
	const char *message = failure_of_query(failure, &line, &column);

	if (message == NULL)
		http_failure_report(failure);
	give_up(&(Failure){.step = "query",
					   .code = "query",
					   .message = message,
					   .position = place_in_text(request->query.text, line, column)});
}

static void
require_select(const JsonNode *statistics)
{
	const char *kind = json_member_text(statistics, "statementType");

	if (kind != NULL && strcmp(kind, "SELECT") == 0)
		return;
	give_up(&(Failure){.step = "query",
					   .code = "query",
					   .message = "The statement is no SELECT.",
					   .hint = "Only statements that return rows and change nothing are run."});
}

static void
write_column(WireBuffer *out, const JsonNode *field)
{
	WireBuffer type = {.data = NULL};

	document_separate(out);
	document_literal(out, "{");
	document_text(out, "name", json_member_text(field, "name"));
	wire_append_text(&type, field_is_repeated(field) ? "ARRAY<" : "");
	field_append_type(&type, field);
	wire_append_text(&type, field_is_repeated(field) ? ">" : "");
	wire_append(&type, "", 1);
	document_text(out, "type", type.failed ? NULL : type.data);
	document_text(out, "pg_type", field_pg_type(field));
	document_literal(out, "}");
	out->failed |= type.failed;
	wire_free(&type);
}

static void
announce_columns(const JsonNode *fields)
{
	WireBuffer columns = {.data = NULL};

	document_literal(&columns, "[");
	for (const JsonNode *field = fields ? fields->first : NULL; field; field = field->next)
		write_column(&columns, field);
	document_literal(&columns, "]");
	emit_reading(NULL, 0, false, &columns);
	wire_free(&columns);
}

static void
send_row(RowFrames *frames, WireBuffer *text, const JsonNode *row, const JsonNode *fields)
{
	const JsonNode *values = json_member(row, "f");
	const JsonNode *field = fields->first;

	if (values == NULL || values->count != fields->count)
		give_up(&(Failure){.step = "query",
						   .code = "protocol",
						   .message = "A row of the service has other columns than it has planned."});
	for (const JsonNode *cell = values->first; cell; cell = cell->next, field = field->next)
	{
		wire_reset(text);
		row_frames_value(frames, text, value_write(text, json_member(cell, "v"), field));
	}
	row_frames_end_row(frames);
}

static bool
send_rows(const Request *request, Pages *pages, const JsonNode *fields)
{
	int64_t left = request->query.limit == NO_LIMIT ? INT64_MAX : request->query.limit;
	WireBuffer text = {.data = NULL};
	RowFrames frames;
	const JsonNode *row;

	row_frames_begin(&frames, request->row_bytes);
	while ((row = pages_next(pages)) != NULL && left-- > 0)
		send_row(&frames, &text, row, fields);
	row_frames_end(&frames);
	wire_free(&text);
	return row != NULL;
}

bool
query_run(const Request *request, Service *service)
{
	const char *text = request->query.text;
	const JsonNode *statistics;
	const JsonNode *fields;
	bool has_more = false;
	HttpFailure failure;
	JsonTree *plan = job_plan(service, text, &failure);
	Pages pages;

	if (plan == NULL)
		give_up_query(request, &failure);
	statistics = json_member(json_member(json_tree_root(plan), "statistics"), "query");
	require_select(statistics);
	fields = json_member(json_member(statistics, "schema"), "fields");
	if (fields == NULL || fields->count == 0)
		give_up(&(Failure){.step = "query", .code = "query", .message = "The statement returns no columns."});
	if (!request->query.check_only && !job_run(&pages, service, text, NULL, &failure))
		give_up_query(request, &failure);
	announce_columns(fields);
	if (!request->query.check_only)
	{
		has_more = send_rows(request, &pages, fields);
		pages_end(&pages);
	}
	json_tree_free(plan);
	return has_more;
}
