/*
 * reading.c — keeps the connection, and ends what the source does when it is no longer wanted.
 */
#include <poll.h>
#include <stdlib.h>

#include "connectors/common/emit.h"
#include "connectors/guard/guard.h"
#include "connectors/mysql/connect.h"
#include "connectors/mysql/reading.h"

/* Seconds for a second connection that ends the statement: the server kills the connector after one. */
#define CANCEL_SECONDS 1

static struct
{
	Session session;
	bool open;
	bool was_query; /* a query may have left variables, locks and settings */
	MYSQL_RES *stopped;
	bool has_features;
	Features features;
} reading;

static void
cancel(void)
{
	connect_cancel(&reading.session, CANCEL_SECONDS);
}

static void
abandon(void)
{
	cancel();
	_Exit(EXIT_FAILURE);
}

static void
disconnect(void)
{
	session_close(&reading.session);
	reading.open = false;
}

void
reading_stop(MYSQL_RES *answer)
{
	reading.stopped = answer;
}

/* The library would read the rest of an answer before it releases it. */
static void
end_stopped(void)
{
	cancel();
	reading.stopped->handle = NULL;
	mysql_free_result(reading.stopped);
	reading.stopped = NULL;
	disconnect();
}

void
reading_rest(void)
{
	guard_watch_input(NULL);
	if (reading.stopped)
		end_stopped();
	else if (reading.open && !(reading.was_query ? session_reset(&reading.session)
												 : mysql_rollback(reading.session.connection) == 0))
		disconnect();
}

/* A server that has ended a resting connection says so, or closes it. */
static bool
is_alive(const Session *session)
{
	struct pollfd socket = {.fd = mysql_get_socket(session->connection), .events = POLLIN};

	guard_until(deadline_after(session->query_timeout));
	return poll(&socket, 1, 0) == 0 || mysql_ping(session->connection) == 0;
}

static void
open_connection(Request *request)
{
	Session *session = &reading.session;

	if (reading.open && !is_alive(session))
		disconnect();
	if (!reading.open)
	{
		emit_progress("connect", ABSENT);
		connect_to(request, session);
		reading.open = true;
	}
	else if (reading.was_query)
		session_prepare(session, request->query_timeout);
	else if (session->query_timeout != request->query_timeout)
		session_limit(session, request->query_timeout);
	request_forget_credentials(request);
	session->late = cancel;
}

Session *
reading_open(Request *request)
{
	char server[80];
	char dialect[WIRE_DIALECT_BYTES];

	open_connection(request);
	reading.was_query = request->operation == OPERATION_QUERY;
	emit_until_abandoned(abandon);
	guard_watch_input(abandon);
	session_server(&reading.session, server, sizeof(server));
	session_dialect(&reading.session, dialect, sizeof(dialect));
	emit_connected(server, dialect, NULL);
	return &reading.session;
}

const Features *
reading_features(void)
{
	if (!reading.has_features)
		statements_learn(&reading.session, &reading.features);
	reading.has_features = true;
	return &reading.features;
}

static int
patience(void *frames)
{
	return row_frames_patience(frames);
}

static void
flush(void *frames)
{
	row_frames_flush(frames);
}

void
reading_flush_while_waiting(RowFrames *frames)
{
	guard_while_waiting(frames ? patience : NULL, frames ? flush : NULL, frames);
}
