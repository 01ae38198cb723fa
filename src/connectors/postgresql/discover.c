/*
 * discover.c — the pipeline of a discovery.
 *
 * One transaction with one snapshot, which the caller has begun. Relations come in chunks, each of which
 * takes two batches (chunk.h). The order of the batches keeps the server at work while the client assembles
 * documents:
 *
 *     server    catalogs 1 | catalogs 2 | details 1 | catalogs 3 | details 2 | …
 *     client                 survey 1               | survey 2, documents 1  | …
 *
 * Three chunks exist at any time, whatever the size of the source: the memory is bounded by their size. The
 * list of relations is a cursor; each chunk's catalogs bring the group of it that the chunk after next
 * consists of.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/postgresql/chunk.h"
#include "connectors/postgresql/discover.h"
#include "connectors/postgresql/document.h"
#include "connectors/common/document.h"
#include "connectors/postgresql/referenced.h"
#include "connectors/postgresql/scope.h"

#define CHUNKS 3

/* The chunks in flight, and what the next ones consist of: those of chunk n are at n % CHUNKS. */
typedef struct Pipeline
{
	Discovery discovery;
	Chunk chunks[CHUNKS];
	PGresult *lists[CHUNKS]; /* no rows: the list has ended */
	int asked;               /* chunks that were asked for */
	int64_t relations_total;
} Pipeline;

static Chunk *
chunk_number(Pipeline *pipeline, int number)
{
	return &pipeline->chunks[number % CHUNKS];
}

static void
ask_apart(Session *session, const char *sql)
{
	session_begin_apart(session);
	session_ask(session, sql, NULL);
	session_end_apart(session);
}

/* Returns NULL if it failed, and logs why. */
static PGresult *
receive_apart(Session *session)
{
	PGresult *failure = NULL;
	PGresult *result;

	session_receive_begin_apart(session);
	result = session_receive(session, &failure);
	session_receive_end_apart(session);
	if (failure)
		emit_log("warning", PQresultErrorField(failure, PG_DIAG_MESSAGE_PRIMARY));
	PQclear(failure);
	return result;
}

static void
ask_vocabulary(Session *session, const Scope *scope, bool raw_texts)
{
	if (raw_texts)
		session_ask(session, raw_texts_sql, NULL);
	session_ask_all(session, schemas_sql, scope->parameters, SCOPE_PARAMETERS);
	session_end_batch(session);
	ask_apart(session, schema_comments_sql);
	ask_apart(session, access_methods_sql);
	ask_apart(session, reserved_words_sql);
	ask_apart(session, default_classes_sql);
}

/* relations: to be read, as an array literal; NULL: all in scope. */
static void
ask_list(Session *session, const Scope *scope, const char *relations)
{
	Parameter parameters[SCOPE_PARAMETERS + 1];

	memcpy(parameters, scope->parameters, sizeof(scope->parameters));
	parameters[SCOPE_PARAMETERS] = (Parameter){.value = relations};
	session_ask_all(session, declare_list_sql, parameters, SCOPE_PARAMETERS + 1);
	session_ask(session, planner_settings_sql, NULL);
	session_ask(session, fetch_list_sql, NULL);
	session_ask(session, fetch_list_sql, NULL);
	statements_prepare(session);
	session_end_batch(session);
}

/* Longer than any server's names; a longer name is cut. */
#define SCHEMA_MESSAGE_BYTES 256

static void
emit_schema_or_skip(const char *name, ObjectId id, const Vocabulary *vocabulary)
{
	IdText text;

	if (is_utf8(name))
		emit_schema(name, id_text(id, text), schema_comment(vocabulary, id));
	else
		emit_skipped(&(RelationFrame){.schema = name}, "the schema's name is not valid UTF-8");
}

/* PostgreSQL reserves names that begin with pg_ for its own schemas. */
static bool
is_system_schema(const char *name)
{
	return strncmp(name, "pg_", 3) == 0 || strcmp(name, "information_schema") == 0;
}

static void
emit_schemas(const Vocabulary *vocabulary, const char *scope)
{
	const PGresult *schemas = vocabulary->schemas;
	bool found = false;
	char message[SCHEMA_MESSAGE_BYTES];

	for (int row = 0; row < PQntuples(schemas); row++)
	{
		if (!row_bool(schemas, row, SCHEMA_IN_SCOPE))
			continue;
		emit_schema_or_skip(row_name(schemas, row, SCHEMA_NAME), row_oid(schemas, row, SCHEMA_ID),
							vocabulary);
		found = true;
	}
	if (!scope || found)
		return;
	snprintf(message, sizeof(message), "Schema \"%s\" %s.", scope,
			 is_system_schema(scope) ? "is PostgreSQL's own, and is left out" : "does not exist");
	give_up(&(Failure){.step = "query", .code = "schema_not_found", .message = message});
}

static void
receive_vocabulary(Vocabulary *vocabulary, Session *session, bool raw_texts)
{
	if (raw_texts)
		PQclear(session_receive(session, NULL));
	vocabulary->schemas = session_receive(session, NULL);
	session_receive_end(session);
	vocabulary->schema_comments = receive_apart(session);
	vocabulary->access_methods = receive_apart(session);
	vocabulary->words = receive_apart(session);
	vocabulary->classes = receive_apart(session);
}

static void
receive_list(Pipeline *pipeline)
{
	Session *session = &pipeline->discovery.session;

	PQclear(session_receive(session, NULL));
	PQclear(session_receive(session, NULL));
	pipeline->lists[0] = session_receive(session, NULL);
	pipeline->lists[1] = session_receive(session, NULL);
	for (int i = 0; i < STATEMENT_COUNT; i++)
		PQclear(session_receive(session, NULL));
	session_receive_end(session);
	if (PQntuples(pipeline->lists[0]) > 0)
		pipeline->relations_total += row_int8(pipeline->lists[0], 0, LIST_TOTAL);
}

/*
 * Asks everything up to the list of the relations to read: one round trip, unless signatures are wanted.
 * Returns false if no relation must be read; then nothing was prepared.
 */
static bool
open_discovery(Pipeline *pipeline, const Request *request)
{
	Discovery *discovery = &pipeline->discovery;
	Session *session = &discovery->session;
	Scope scope;

	scope_begin(&scope, request);
	ask_vocabulary(session, &scope, discovery->raw_texts);
	if (!request->signatures)
		ask_list(session, &scope, NULL);
	receive_vocabulary(&discovery->vocabulary, session, discovery->raw_texts);
	emit_schemas(&discovery->vocabulary, request->schema);
	signatures_read(&discovery->signatures, session, request, &scope, &discovery->vocabulary);
	pipeline->relations_total = discovery->signatures.unchanged;
	if (signatures_all_unchanged(&discovery->signatures))
	{
		scope_end(&scope);
		return false;
	}
	if (request->signatures)
		ask_list(session, &scope, signatures_changed(&discovery->signatures));
	scope_end(&scope);
	receive_list(pipeline);
	return true;
}

/* Asks for one more chunk, unless the list has ended. */
static void
ask_next_chunk(Pipeline *pipeline)
{
	PGresult **list = &pipeline->lists[pipeline->asked % CHUNKS];

	if (PQntuples(*list) > 0)
	{
		chunk_ask_catalogs(chunk_number(pipeline, pipeline->asked), &pipeline->discovery, *list);
		pipeline->asked++;
	}
	else
		PQclear(*list);
	*list = NULL;
}

static void
receive_catalogs(Pipeline *pipeline, int number)
{
	PGresult *list = chunk_receive_catalogs(chunk_number(pipeline, number), &pipeline->discovery);

	if (list)
		pipeline->lists[(number + 2) % CHUNKS] = list;
}

/*
 * Both receive every outstanding answer after a chunk's catalogs, or its details, so that a question can be
 * asked and answered at once: see discover().
 */
static void
drain_after_catalogs(Pipeline *pipeline, int number)
{
	if (number > 0)
		chunk_receive_details(chunk_number(pipeline, number - 1), &pipeline->discovery);
	if (number + 1 < pipeline->asked)
		receive_catalogs(pipeline, number + 1);
}

static void
drain_after_details(Pipeline *pipeline, int number)
{
	if (number + 2 < pipeline->asked)
		receive_catalogs(pipeline, number + 2);
	if (number + 1 < pipeline->asked)
		chunk_receive_details(chunk_number(pipeline, number + 1), &pipeline->discovery);
}

static void
finish_catalogs(Pipeline *pipeline, int number)
{
	Chunk *chunk = chunk_number(pipeline, number);

	receive_catalogs(pipeline, number);
	if (chunk->catalogs_failed)
	{
		drain_after_catalogs(pipeline, number);
		chunk_recover_catalogs(chunk, &pipeline->discovery);
	}
}

static void
finish_chunk(Pipeline *pipeline, int number)
{
	Chunk *chunk = chunk_number(pipeline, number);

	chunk_receive_details(chunk, &pipeline->discovery);
	if (chunk->types_failed || chunk->texts_failed)
	{
		drain_after_details(pipeline, number);
		chunk_recover_details(chunk, &pipeline->discovery);
	}
	emit_chunk(chunk, &pipeline->discovery);
	chunk_clear(chunk);
	emit_progress("read", pipeline->relations_total);
}

static void
note_replacements(const Discovery *discovery)
{
	char message[128];

	if (discovery->not_utf8 == 0)
		return;
	snprintf(message, sizeof(message),
			 "Relations with bytes that are not valid UTF-8, which are shown as U+FFFD: %" PRId64 ".",
			 discovery->not_utf8);
	emit_log("warning", message);
}

/* Granting a right later changes documents, but not what signatures are made of. */
static bool
signatures_hold(const Discovery *discovery)
{
	const Vocabulary *vocabulary = &discovery->vocabulary;

	for (int i = 0; i < STATEMENT_COUNT; i++)
		if (discovery->denied[i])
			return false;
	return vocabulary->schema_comments && can_write_indexes(vocabulary) && vocabulary->classes;
}

static void
read_relations(Pipeline *pipeline)
{
	ask_next_chunk(pipeline);
	emit_progress("read", pipeline->relations_total);
	for (int number = 0; number < pipeline->asked; number++)
	{
		/* Outstanding here: catalogs of this chunk, details of the previous one. */
		ask_next_chunk(pipeline);
		finish_catalogs(pipeline, number);
		chunk_ask_details(chunk_number(pipeline, number), &pipeline->discovery);
		if (number > 0)
			finish_chunk(pipeline, number - 1);
	}
	if (pipeline->asked > 0)
		finish_chunk(pipeline, pipeline->asked - 1);
}

const char *
discover(const Session *session, const Request *request)
{
	const char *encoding = PQparameterStatus(session->connection, "server_encoding");
	Pipeline pipeline = {.discovery = {.session = *session, .document_bytes = request->document_bytes}};
	bool prepared;

	pipeline.discovery.raw_texts = encoding && strcmp(encoding, "SQL_ASCII") == 0;
	prepared = open_discovery(&pipeline, request);
	read_relations(&pipeline);
	if (request->schema)
		emit_referenced_relations(&pipeline.discovery.session, request->schema);
	note_replacements(&pipeline.discovery);
	if (prepared)
		statements_release(&pipeline.discovery.session);
	return signatures_hold(&pipeline.discovery) ? pipeline.discovery.signatures.source : NULL;
}
