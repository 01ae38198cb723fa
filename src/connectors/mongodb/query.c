/*
 * query.c — each document of the answer is a row with one column. Which members documents will have is not
 * known before they are there.
 */
#include "connectors/mongodb/query.h"

#include <stdio.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/mongodb/pipeline.h"
#include "connectors/mongodb/reading.h"
#include "connectors/mongodb/value.h"

#define DOCUMENTS_OF_BATCH 1000

static void give_up_text(const char *message, const char *detail, const char *hint) __attribute__((noreturn));

static void
give_up_text(const char *message, const char *detail, const char *hint)
{
	give_up(&(Failure){.step = "query",
					   .code = "query",
					   .message = message,
					   .detail = detail && *detail ? detail : NULL,
					   .hint = hint});
}

/* One text, one document: what follows it would be passed over. */
static bson_t *
parse(const char *text)
{
	bson_json_reader_t *reader = bson_json_data_reader_new(true, 4096);
	bson_t *command = bson_new();
	bson_t more = BSON_INITIALIZER;
	bson_error_t error = {0};
	int found;

	bson_json_data_reader_ingest(reader, (const uint8_t *) text, strlen(text));
	found = bson_json_reader_read(reader, command, &error);
	if (found == 0)
		give_up_text("The query is empty.", NULL, "A query is a command in MongoDB's extended JSON.");
	if (found < 0)
		give_up_text("The query is no JSON of MongoDB.", error.message, NULL);
	if (bson_json_reader_read(reader, &more, &error) != 0)
		give_up_text("The query is more than one command.", NULL, "One command at a time is run.");
	bson_json_reader_destroy(reader);
	bson_destroy(&more);
	return command;
}

static bson_t *
take_command(const char *text)
{
	bson_t *command = parse(text);
	PipelineFault fault;

	if (!pipeline_check(command, &fault))
		give_up_text(fault.message, fault.name, fault.hint);
	return command;
}

static void give_up_asked(const bson_error_t *error) __attribute__((noreturn));

/* The caller, who may read what the query reads, gets the server's own words. */
static void
give_up_asked(const bson_error_t *error)
{
	session_check(error);
	give_up(&(Failure){.step = "query",
					   .code = error->code == SERVER_UNAUTHORIZED ? "permission" : "query",
					   .message = error->message});
}

static void
announce(void)
{
	WireBuffer columns = {.data = NULL};

	document_literal(&columns, "[{\"name\":\"document\",\"type\":\"object\",\"pg_type\":\"jsonb\"}]");
	emit_reading(NULL, 0, false, &columns);
	wire_free(&columns);
}

/* The server plans it. Not every server can. */
static void
explain(Session *session, const bson_t *command)
{
	bson_t explained = BSON_INITIALIZER;
	bson_t asked;
	bson_error_t error;
	bson_t reply;

	bson_copy_to(command, &asked);
	if (bson_has_field(command, "pipeline"))
		BCON_APPEND(&asked, "cursor", "{", "}");
	BSON_APPEND_DOCUMENT(&explained, "explain", &asked);
	BSON_APPEND_UTF8(&explained, "verbosity", "queryPlanner");
	if (!session_command(session, session->database, &explained, &reply, &error) &&
		error.code != SERVER_COMMAND_NOT_FOUND)
		give_up_asked(&error);
	bson_destroy(&reply);
	bson_destroy(&asked);
	bson_destroy(&explained);
}

/* ---- rows ---- */

/* The member that is asked: it has the cursor. */
static void
append_member(Session *session, bson_t *options)
{
	mongoc_server_description_t *member;
	bson_error_t error;

	session_wait(session);
	member = mongoc_client_select_server(session->client, false, NULL, &error);
	if (member == NULL)
		give_up_query(&error);
	BSON_APPEND_INT32(options, "serverId", (int32_t) mongoc_server_description_id(member));
	mongoc_server_description_destroy(member);
}

static mongoc_cursor_t *
open_cursor(Session *session, const bson_t *command)
{
	bson_t options = BSON_INITIALIZER;
	mongoc_cursor_t *cursor;
	bson_t asked;
	bson_error_t error;
	bson_t reply;

	append_member(session, &options);
	bson_copy_to(command, &asked);
	if (bson_has_field(command, "pipeline"))
		BCON_APPEND(&asked, "cursor", "{", "batchSize", BCON_INT32(DOCUMENTS_OF_BATCH), "}");
	session_wait(session);
	if (!mongoc_client_read_command_with_opts(session->client, session->database, &asked, NULL, &options,
											  &reply, &error))
		give_up_asked(&error);
	cursor = mongoc_cursor_new_from_command_reply_with_opts(session->client, &reply, &options);
	bson_destroy(&asked);
	bson_destroy(&options);
	return cursor;
}

static void
send_document(RowFrames *frames, WireBuffer *text, const bson_t *document)
{
	wire_reset(text);
	if (!value_write_document(text, document))
		give_up_malformed();
	if (text->failed)
		give_up_out_of_memory();
	rows_value(&frames->rows, text->data, text->length);
	row_frames_end_row(frames);
}

static const char *
collection_of(const bson_t *command)
{
	bson_iter_t member;

	return bson_iter_init(&member, command) && bson_iter_next(&member) ? bson_iter_utf8(&member, NULL) : "";
}

static bool
run(Session *session, const Request *request, const bson_t *command)
{
	mongoc_cursor_t *cursor = open_cursor(session, command);
	int64_t most = request->query.limit == NO_LIMIT ? INT64_MAX : request->query.limit;
	WireBuffer text = {.data = NULL};
	const bson_t *document;
	RowFrames frames;
	bson_error_t error;
	int64_t sent = 0;

	row_frames_begin(&frames, request->row_bytes);
	reading_begin(cursor, collection_of(command), &frames);
	while ((document = session_next(session, cursor, &error)) != NULL && sent < most)
	{
		send_document(&frames, &text, document);
		sent++;
	}
	if (error.code != 0)
		give_up_asked(&error);
	reading_end();
	row_frames_end(&frames);
	wire_free(&text);
	return document != NULL;
}

bool
query_source(Request *request)
{
	Session *session = reading_open(request);
	bson_t *command = take_command(request->query.text);
	bool truncated = false;

	if (request->query.check_only)
		explain(session, command);
	announce();
	if (!request->query.check_only)
		truncated = run(session, request, command);
	bson_destroy(command);
	return truncated;
}
