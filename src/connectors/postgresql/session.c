/*
 * session.c — libpq's pipeline mode without ever blocking in libpq.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "connectors/common/deadline.h"
#include "connectors/common/emit.h"
#include "connectors/postgresql/session.h"

#define MAX_PARAMETERS 6

static void give_up_connection(void) __attribute__((noreturn));

static void
give_up_connection(void)
{
	give_up(&(Failure){.step = "query",
					   .code = "unreachable",
					   .transient = true,
					   .message = "The connection was lost while the catalogs were being read."});
}

static void
give_up_silence(void)
{
	give_up(&(Failure){.step = "query",
					   .code = "timeout",
					   .transient = true,
					   .message = "The server has been silent for longer than query_timeout.",
					   .hint = "Raise the source's query_timeout if the server is slow."});
}

typedef struct StateMeaning
{
	const char *sqlstate; /* or its beginning */
	const char *code;
	bool transient;
	const char *message;
} StateMeaning;

static const StateMeaning meanings[] = {
	{"57014", "timeout", true, "The server canceled a query of the discovery."},
	{"42501", "permission", false, "The user may not read the catalogs."},
	{"40", "query", true, "The server could not keep the snapshot of the discovery."},
	{"53", "query", true, "The server lacks the resources for the discovery."},
	{"55P03", "timeout", true, "A query of the discovery waited too long for a lock."},
	{"55", "query", true, "An object was in use."},
	{"57", "unreachable", true, "The server ended the connection."},
	{"08", "unreachable", true, "The connection was lost."},
	/* Something that was dropped while it was being described; the next attempt sees a newer snapshot. */
	{"XX000", "query", true, "A catalog changed while it was being read."},
	{"", "query", false, "A query of the discovery failed."},
};

void
session_give_up(const PGresult *result)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const StateMeaning *meaning = meanings;

	if (sqlstate == NULL)
		give_up_connection();
	while (strncmp(sqlstate, meaning->sqlstate, strlen(meaning->sqlstate)) != 0)
		meaning++;
	give_up(&(Failure){.step = "query",
					   .code = meaning->code,
					   .transient = meaning->transient,
					   .message = meaning->message,
					   .detail = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)});
}

void
session_begin(Session *session, PGconn *connection, int query_timeout)
{
	session->connection = connection;
	session->query_timeout = query_timeout;
	session->version = PQserverVersion(connection);
	if (PQsetnonblocking(connection, 1) != 0 || !PQenterPipelineMode(connection))
		give_up_connection();
}

/* Waits until the server sent something; sends meanwhile what is left to send. */
static void
wait_for_input(Session *session, int unsent)
{
	struct pollfd socket = {.fd = PQsocket(session->connection),
							.events = (short) (unsent ? POLLIN | POLLOUT : POLLIN)};
	Deadline deadline = deadline_after(session->query_timeout);
	int ready;

	do
		ready = poll(&socket, 1, deadline_milliseconds(deadline));
	while (ready < 0 && errno == EINTR);
	if (ready == 0)
		give_up_silence();
	if (ready < 0 || !PQconsumeInput(session->connection))
		give_up_connection();
}

static PGresult *
next_result(Session *session)
{
	for (;;)
	{
		int unsent = PQflush(session->connection);

		if (unsent < 0)
			give_up_connection();
		if (!PQisBusy(session->connection))
			return PQgetResult(session->connection);
		wait_for_input(session, unsent);
	}
}

void
session_ask(Session *session, const char *sql, const Parameter *parameter)
{
	session_ask_all(session, sql, parameter, parameter != NULL);
}

void
session_ask_all(Session *session, const char *sql, const Parameter *parameters, int count)
{
	const char *values[MAX_PARAMETERS] = {0};

	for (int i = 0; i < count; i++)
		values[i] = parameters[i].value;
	if (!PQsendQueryParams(session->connection, sql, count, NULL, values, NULL, NULL, 1))
		give_up_connection();
}

void
session_prepare(Session *session, const char *name, const char *sql)
{
	if (!PQsendPrepare(session->connection, name, sql, 0, NULL))
		give_up_connection();
}

void
session_execute(Session *session, const char *name, const Parameter *parameters, int count)
{
	const char *values[MAX_PARAMETERS] = {0};
	int lengths[MAX_PARAMETERS];
	int formats[MAX_PARAMETERS];

	for (int i = 0; i < count; i++)
	{
		values[i] = parameters[i].value;
		lengths[i] = parameters[i].length;
		formats[i] = parameters[i].binary;
	}
	if (!PQsendQueryPrepared(session->connection, name, count, values, lengths, formats, 1))
		give_up_connection();
}

void
session_end_batch(Session *session)
{
	if (!PQpipelineSync(session->connection))
		give_up_connection();
}

PGresult *
session_receive(Session *session, PGresult **failed)
{
	PGresult *result = next_result(session);
	PGresult *end = result ? next_result(session) : NULL;
	ExecStatusType status = PQresultStatus(result);

	/* Every statement's result is followed by a NULL; anything else is not what was asked for. */
	if (result == NULL || end != NULL)
		give_up_connection();
	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
		return result;
	if (failed == NULL)
		session_give_up(result);
	if (status == PGRES_FATAL_ERROR && *failed == NULL && PQstatus(session->connection) == CONNECTION_OK)
		*failed = result;
	else if (status == PGRES_PIPELINE_ABORTED)
		PQclear(result);
	else
		session_give_up(result);
	return NULL;
}

void
session_receive_end(Session *session)
{
	PGresult *result = next_result(session);

	if (PQresultStatus(result) != PGRES_PIPELINE_SYNC)
		give_up_connection();
	PQclear(result);
}

void
session_begin_apart(Session *session)
{
	session_ask(session, "SAVEPOINT apart", NULL);
}

void
session_end_apart(Session *session)
{
	session_end_batch(session);
	/* A batch of its own, since the rest of a batch is passed over after a failure. */
	session_ask(session, "ROLLBACK TO SAVEPOINT apart", NULL);
	session_ask(session, "RELEASE SAVEPOINT apart", NULL);
	session_end_batch(session);
}

void
session_receive_begin_apart(Session *session)
{
	PQclear(session_receive(session, NULL));
}

void
session_receive_end_apart(Session *session)
{
	session_receive_end(session);
	PQclear(session_receive(session, NULL));
	PQclear(session_receive(session, NULL));
	session_receive_end(session);
}
