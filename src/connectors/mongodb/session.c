#include "connectors/mongodb/session.h"

#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/guard/guard.h"

void
session_wait(const Session *session)
{
	guard_until(deadline_after(session->query_timeout + 1));
}

static bool
is_late(const bson_error_t *error)
{
	return guard_is_late() || (error->domain == MONGOC_ERROR_SERVER && error->code == SERVER_TIME_LIMIT);
}

void
give_up_malformed(void)
{
	give_up(&(Failure){
		.step = "query", .code = "protocol", .message = "The server sent bytes that are no answer in BSON."});
}

void
give_up_query(const bson_error_t *error)
{
	char message[128];

	if (is_late(error))
		give_up(&(Failure){.step = "query",
						   .code = "timeout",
						   .transient = true,
						   .message = "The server did not answer a query within the time allowed."});
	if (error->domain != MONGOC_ERROR_SERVER)
		give_up(&(Failure){.step = "query",
						   .code = "unreachable",
						   .transient = true,
						   .message = "The connection to the server was lost."});
	snprintf(message, sizeof(message), "The server refused a command (%u).", error->code);
	give_up(&(Failure){.step = "query",
					   .code = error->code == SERVER_UNAUTHORIZED ? "permission" : "query",
					   .message = message});
}

void
session_check(const bson_error_t *error)
{
	if (is_late(error) || error->domain != MONGOC_ERROR_SERVER)
		give_up_query(error);
}

bool
session_command(Session *session, const char *database, const bson_t *command, bson_t *reply,
				bson_error_t *error)
{
	bson_t bounded;
	bool fine;

	bson_copy_to(command, &bounded);
	BSON_APPEND_INT64(&bounded, "maxTimeMS", (int64_t) session->query_timeout * 1000);
	session_wait(session);
	fine =
		mongoc_client_read_command_with_opts(session->client, database, &bounded, NULL, NULL, reply, error);
	bson_destroy(&bounded);
	if (!fine)
		session_check(error);
	return fine;
}

const bson_t *
session_next(Session *session, mongoc_cursor_t *cursor, bson_error_t *error)
{
	const bson_t *document;
	bool has_document;

	session_wait(session);
	*error = (bson_error_t){0};
	session->is_waiting = true;
	has_document = mongoc_cursor_next(cursor, &document);
	session->is_waiting = false;
	if (has_document)
		return document;
	if (mongoc_cursor_error(cursor, error))
		session_check(error);
	return NULL;
}

void
session_end_cursor(Session *session, mongoc_cursor_t *cursor)
{
	session_wait(session);
	mongoc_cursor_destroy(cursor);
}

bool
session_is_alive(Session *session)
{
	bson_t ping = BSON_INITIALIZER;
	bson_error_t error;
	bool fine;

	BSON_APPEND_INT32(&ping, "ping", 1);
	session_wait(session);
	fine = mongoc_client_command_simple(session->client, session->database, &ping, NULL, NULL, &error);
	bson_destroy(&ping);
	return fine;
}

bool
session_learn(Session *session, bson_error_t *error)
{
	bson_t command = BSON_INITIALIZER;
	bson_iter_t version;
	bson_t reply;
	bool fine;

	BSON_APPEND_INT32(&command, "buildInfo", 1);
	fine =
		mongoc_client_read_command_with_opts(session->client, "admin", &command, NULL, NULL, &reply, error);
	if (fine && bson_iter_init_find(&version, &reply, "version") && BSON_ITER_HOLDS_UTF8(&version))
	{
		const char *text = bson_iter_utf8(&version, NULL);

		snprintf(session->version, sizeof(session->version), "%.*s", (int) strspn(text, "0123456789."), text);
	}
	bson_destroy(&reply);
	bson_destroy(&command);
	return fine;
}

/* Documents, and so definitions, are spelled alike in all versions. */
void
session_tell(const Session *session)
{
	char server[80];

	snprintf(server, sizeof(server), "MongoDB %s", session->version);
	emit_connected(server, "mongodb", NULL);
}

void
session_close(Session *session)
{
	if (session->client)
		mongoc_client_destroy(session->client);
	*session = (Session){0};
}
