/*
 * session.c — uses libpq's pipeline mode without ever blocking in libpq.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "connectors/common/emit.h"
#include "connectors/common/row_frames.h"
#include "connectors/libpq/incoming.h"
#include "connectors/postgresql/session.h"
#include "connectors/postgresql/settings.h"

#define MAX_PARAMETERS 6

/* Bytes that a server may send while a session is opened: usually a few lines. */
#define LONGEST_FIRST_ANSWER ((size_t) 256 * 1024)

/* JIT compilation and parallel workers would cost more than they gain, and load the server. */
static const char catalog_settings_sql[] =
	SETTINGS_SQL("('statement_timeout', $1), ('lock_timeout', $2), " OWN_NAMES
				 ", ('synchronize_seqscans', 'off'), ('max_parallel_workers_per_gather', '0'), "
				 "('work_mem', '16MB'), ('cursor_tuple_fraction', '1')");

static void give_up_connection(void) __attribute__((noreturn));

static void
give_up_too_much(void)
{
	give_up(&(Failure){.step = "query",
					   .code = "protocol",
					   .message = "The server's answer to one query is too long.",
					   .detail = "The connector stopped reading it."});
}

static void
give_up_connection(void)
{
	if (incoming_refusal() == REFUSAL_TOO_MUCH)
		give_up_too_much();
	give_up(&(Failure){.step = "query",
					   .code = "unreachable",
					   .transient = true,
					   .message = "The connection was lost while the source was being read."});
}

void
session_give_up_waiting(const Session *session)
{
	const char *message = "The server has been silent for longer than query_timeout.";
	const char *hint = "Raise the source's query_timeout if the server is slow.";

	if (session->opening != 0 && deadline_milliseconds(session->opening) == 0)
	{
		message =
			"The server let the user in, and then did not answer the first queries within connection_timeout.";
		hint = "Raise the source's connection_timeout if the server is slow.";
	}
	else if (incoming_received() > 0)
		message = "The server's answer to a query did not come to its end within query_timeout.";
	give_up(
		&(Failure){.step = "query", .code = "timeout", .transient = true, .message = message, .hint = hint});
}

typedef struct StateMeaning
{
	const char *sqlstate; /* or its beginning */
	const char *code;
	bool transient;
	const char *message;
} StateMeaning;

static const StateMeaning meanings[] = {
	{"57014", "timeout", true, "The server canceled a query."},
	{"42501", "permission", false, "The user may not read the catalogs."},
	{"40", "query", true, "The server could not keep the snapshot."},
	{"53", "query", true, "The server lacks the resources for a query."},
	{"55P03", "timeout", true, "A query waited too long for a lock."},
	{"55", "query", true, "An object was in use."},
	{"57", "unreachable", true, "The server ended the connection."},
	{"08", "unreachable", true, "The connection was lost."},
	/* An object was dropped while it was being described; the next attempt has a newer snapshot. */
	{"XX000", "query", true, "A catalog changed while it was being read."},
	{"", "query", false, "A query of the catalogs failed."},
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
session_open(Session *session, PGconn *connection, int query_timeout, Deadline deadline)
{
	*session = (Session){.connection = connection,
						 .query_timeout = query_timeout,
						 .version = PQserverVersion(connection),
						 .opening = deadline,
						 .longest_answer = LONGEST_FIRST_ANSWER};
	if (PQsetnonblocking(connection, 1) != 0 || !PQenterPipelineMode(connection))
		give_up_connection();
}

void
session_opened(Session *session, size_t longest_answer)
{
	session->opening = 0;
	session->longest_answer = longest_answer;
}

static void
give_up_row_without_room(void)
{
	give_up(&(Failure){
		.step = "query",
		.code = "too_large",
		.message = "The connector lacks the memory for a row of the source.",
		.hint = "Leave out columns with long values. rivergen.connector_memory_limit sets how much it has."});
}

/* libpq has no code for a lack of memory, and says it in English under the locale of connectors. */
void
session_give_up_reading(const Session *session)
{
	if (session->row_bytes > 0 && incoming_refusal() == REFUSAL_TOO_MUCH)
		give_up_long_row(session->row_bytes);
	if (session->row_bytes > 0 && strstr(PQerrorMessage(session->connection), "memory") != NULL)
		give_up_row_without_room();
	give_up_connection();
}

bool
session_wait(Session *session, int milliseconds)
{
	int unsent = PQflush(session->connection);
	struct pollfd files[] = {
		{.fd = PQsocket(session->connection), .events = (short) (unsent ? POLLIN | POLLOUT : POLLIN)},
		{.fd = session->abandon ? STDIN_FILENO : -1, .events = POLLIN}};
	int ready = 1;

	if (unsent < 0)
		give_up_connection();
	if (!incoming_is_decrypted(session->connection))
		do
			ready = poll(files, 2, milliseconds);
		while (ready < 0 && errno == EINTR);
	if (files[1].revents != 0)
		session->abandon();
	if (ready < 0 || (ready > 0 && !PQconsumeInput(session->connection)))
		session_give_up_reading(session);
	return ready > 0;
}

/* The whole answer must come in time: a server cannot prolong the wait by sending a little now and then. */
static PGresult *
next_result(Session *session)
{
	Deadline deadline = deadline_after(session->query_timeout);

	if (session->opening != 0 && session->opening < deadline)
		deadline = session->opening;
	incoming_expect(session->longest_answer);
	for (;;)
	{
		if (!PQisBusy(session->connection))
			return PQgetResult(session->connection);
		/* For a server that never pauses, something comes each time. */
		if (!session_wait(session, deadline_milliseconds(deadline)) || deadline_milliseconds(deadline) == 0)
			session_give_up_waiting(session);
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
	const char *values[MAX_PARAMETERS] = {NULL};

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
session_describe(Session *session, const char *name)
{
	if (!PQsendDescribePrepared(session->connection, name))
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

	/* A NULL follows every statement's result; anything else is an unexpected answer. */
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
	/* A separate batch, since the rest of a batch is skipped after a failure. */
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

void
session_ask_begin(Session *session, int statement_seconds, int64_t lock_milliseconds)
{
	char statement_timeout[16];
	char lock_timeout[32];
	Parameter parameters[] = {{.value = statement_timeout}, {.value = lock_timeout}};

	snprintf(statement_timeout, sizeof(statement_timeout), "%ds", statement_seconds);
	snprintf(lock_timeout, sizeof(lock_timeout), "%" PRId64 "ms", lock_milliseconds);
	session_ask(session, BEGIN_SQL, NULL);
	session_ask_all(session, catalog_settings_sql, parameters, 2);
}

void
session_receive_begin(Session *session, PGresult **failed)
{
	PQclear(session_receive(session, failed));
	PQclear(session_receive(session, failed));
}

void
session_rollback(Session *session)
{
	session_ask(session, "ROLLBACK", NULL);
	session_end_batch(session);
	PQclear(session_receive(session, NULL));
	session_receive_end(session);
}
