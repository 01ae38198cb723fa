/*
 * reading.c — keeps the connection, and waits for rows.
 */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/postgresql/announce.h"
#include "connectors/postgresql/connect.h"
#include "connectors/libpq/incoming.h"
#include "connectors/postgresql/often.h"
#include "connectors/postgresql/reading.h"
#include "connectors/postgresql/settings.h"

/* Bytes that libpq may read ahead of the row that it waits for. */
#define READ_AHEAD ((size_t) 1024 * 1024)

static struct
{
	Session session;
	bool open;
	bool announced;   /* in this answer */
	bool was_query;   /* a query may have taken locks that outlive its transaction */
	bool stopped;     /* not all rows were wanted */
	bool may_prepare; /* the last read found that the session is the connector's own */
	bool ran_foreign; /* code of others ran in it, which may have prepared statements of our names */
} reading;

/* ---- cancelling ---- */

static void
send_cancel(void)
{
	PGcancel *cancel = PQgetCancel(reading.session.connection);
	char error[256];

	if (cancel == NULL)
		return;
	(void) PQcancel(cancel, error, sizeof(error));
	PQfreeCancel(cancel);
}

static void
abandon(void)
{
	send_cancel();
	_Exit(EXIT_FAILURE);
}

static void
disconnect(void)
{
	PQfinish(reading.session.connection);
	reading.open = false;
}

/*
 * Code of others can prepare statements that outlive its transaction: a view's functions, a policy's, a
 * caller's query. Behind a pooler the server's process is another than the one that the session began with.
 */
void
reading_found_process(int process)
{
	reading.ran_foreign |= process == 0;
	reading.may_prepare = process == PQbackendPID(reading.session.connection) && !reading.ran_foreign;
}

void
reading_stop(void)
{
	reading.stopped = true;
}

/* ---- the end of a transaction: the answer has ended, so a failure is no longer said ---- */

/* Returns false if the connection is lost, or the server says nothing. */
static bool
wait_quietly(PGconn *connection, Deadline deadline)
{
	struct pollfd socket = {.fd = PQsocket(connection), .events = POLLIN};

	incoming_expect(READ_AHEAD);
	if (PQflush(connection) < 0)
		return false;
	if (!incoming_is_decrypted(connection) && poll(&socket, 1, deadline_milliseconds(deadline)) <= 0)
		return false;
	return PQconsumeInput(connection) && PQstatus(connection) == CONNECTION_OK;
}

static bool
drop_rows(PGconn *connection, Deadline deadline)
{
	char *row;
	int length;

	while ((length = PQgetCopyData(connection, &row, 1)) >= 0)
	{
		if (length > 0)
			PQfreemem(row);
		else if (!wait_quietly(connection, deadline))
			return false;
		if (deadline_milliseconds(deadline) == 0)
			return false;
	}
	return true;
}

/* Receives results until one has this status, or, for a status that none has, until there are no more. */
static bool
receive_quietly(PGconn *connection, ExecStatusType last, Deadline deadline)
{
	for (;;)
	{
		PGresult *result;
		ExecStatusType status;

		while (PQisBusy(connection))
			if (!wait_quietly(connection, deadline))
				return false;
		result = PQgetResult(connection);
		status = PQresultStatus(result);
		PQclear(result);
		if (status == PGRES_COPY_OUT && !drop_rows(connection, deadline))
			return false;
		if (status == last && result != NULL)
			return true;
		if (result == NULL && PQpipelineStatus(connection) == PQ_PIPELINE_OFF)
			return true;
		if (PQstatus(connection) != CONNECTION_OK || deadline_milliseconds(deadline) == 0)
			return false;
	}
}

static bool
run_quietly(PGconn *connection, const char *sql, Deadline deadline)
{
	return PQsendQueryParams(connection, sql, 0, NULL, NULL, NULL, NULL, 1) && PQpipelineSync(connection) &&
		   receive_quietly(connection, PGRES_PIPELINE_SYNC, deadline);
}

static bool
end_transaction(PGconn *connection)
{
	Deadline deadline = deadline_after(5);

	if (reading.stopped)
	{
		send_cancel();
		if (!receive_quietly(connection, PGRES_PIPELINE_SYNC, deadline))
			return false;
	}
	/* The message that asked for rows ends the transaction, if nothing kept it from that. */
	return PQenterPipelineMode(connection) &&
		   (PQtransactionStatus(connection) == PQTRANS_IDLE ||
			run_quietly(connection, "ROLLBACK", deadline)) &&
		   (!reading.was_query ||
			run_quietly(connection, "SELECT pg_catalog.pg_advisory_unlock_all()", deadline));
}

void
reading_start_over(Session *session)
{
	reading.stopped = true;
	if (!end_transaction(session->connection))
		session_give_up(NULL);
	reading.stopped = false;
}

static bool
prepare(PGconn *connection)
{
	if (!reading.may_prepare || reading.session.has_prepared)
		return true;
	reading.session.has_prepared = true;
	return often_ask_prepared(connection) && PQpipelineSync(connection) &&
		   receive_quietly(connection, PGRES_PIPELINE_SYNC, deadline_after(5));
}

void
reading_rest(void)
{
	PGconn *connection = reading.session.connection;

	if (reading.open && !(end_transaction(connection) && prepare(connection)))
		disconnect();
	reading.stopped = false;
}

/* ---- the connection ---- */

/*
 * A server that has ended a resting connection is noticed here, and not by the next statement. It says why,
 * and the end comes behind that.
 */
static bool
is_alive(PGconn *connection)
{
	struct pollfd socket = {.fd = PQsocket(connection), .events = POLLIN};

	incoming_expect(READ_AHEAD);
	while (poll(&socket, 1, 0) > 0)
		if (!PQconsumeInput(connection))
			return false;
	return PQstatus(connection) == CONNECTION_OK;
}

Session *
reading_open(Request *request)
{
	Session *session = &reading.session;

	if (reading.open && !is_alive(session->connection))
		disconnect();
	if (!reading.open)
	{
		emit_progress("connect", ABSENT);
		connect_to(request, session);
		session->abandon = abandon;
		emit_until_abandoned(abandon);
		reading.open = true;
		reading.ran_foreign = false;
	}
	request_forget_credentials(request);
	session->query_timeout = request->query_timeout;
	session->row_bytes = request->row_bytes;
	reading.was_query = request->operation == OPERATION_QUERY;
	reading.may_prepare = false;
	reading.announced = false;
	reading.ran_foreign |= reading.was_query;
	session->has_prepared &= !reading.ran_foreign;
	return session;
}

const char *
reading_lock_timeout(const Session *session, LockTimeout text)
{
	snprintf(text, sizeof(LockTimeout), "%" PRId64 "ms", session->query_timeout * INT64_C(500));
	return text;
}

void
reading_ask_begin(Session *session, bool own_names)
{
	/* A caller's query finds names as the user of the source does. */
	static const char query_settings_sql[] = SETTINGS_SQL(OF_ROWS OF_LOCKS);
	LockTimeout lock_timeout;
	Parameter parameter = {.value = reading_lock_timeout(session, lock_timeout)};

	session_ask(session, BEGIN_ROWS_SQL, NULL);
	if (own_names)
		often_ask(session, OFTEN_SETTINGS, &parameter, 1);
	else
		session_ask(session, query_settings_sql, &parameter);
}

void
reading_announce(Session *session)
{
	if (!reading.announced)
		announce(PQparameterStatus(session->connection, "server_version"), NULL);
	reading.announced = true;
	session_opened(session, (size_t) session->row_bytes + READ_AHEAD);
}

void
reading_receive_begin(Session *session)
{
	session_receive_begin(session, NULL);
	reading_announce(session);
}

/* ---- rows ---- */

void
reading_send_all(Session *session, const char *sql)
{
	if (!PQexitPipelineMode(session->connection) || !PQsendQuery(session->connection, sql))
		session_give_up(NULL);
}

void
reading_send(Session *session, const char *sql)
{
	if (!PQexitPipelineMode(session->connection) ||
		!PQsendQueryParams(session->connection, sql, 0, NULL, NULL, NULL, NULL, 0))
		session_give_up(NULL);
}

/* Expects another row. libpq's buffer doubles, so that it may have read twice as much as the longest row. */
static void
expect_row(const Session *session)
{
	incoming_expect((size_t) session->row_bytes * 3 + READ_AHEAD);
}

static void
wait_for_rows(Session *session, RowFrames *frames)
{
	int patience = frames ? row_frames_patience(frames) : -1;

	if (patience >= 0)
	{
		if (session_wait(session, patience))
			return;
		row_frames_flush(frames);
	}
	if (!session_wait(session, deadline_milliseconds(deadline_after(session->query_timeout))))
		session_give_up_waiting(session);
}

bool
reading_is_silent(Session *session, int milliseconds)
{
	expect_row(session);
	while (PQisBusy(session->connection))
		if (!session_wait(session, milliseconds))
			return true;
	return false;
}

PGresult *
reading_next_result(Session *session, RowFrames *frames)
{
	expect_row(session);
	while (PQisBusy(session->connection))
		wait_for_rows(session, frames);
	return PQgetResult(session->connection);
}

int
reading_next_row(Session *session, RowFrames *frames, char **row)
{
	int length;

	expect_row(session);
	while ((length = PQgetCopyData(session->connection, row, 1)) == 0)
		wait_for_rows(session, frames);
	if (length == -2)
		session_give_up_reading(session);
	return length;
}

/* ---- failures ---- */

typedef struct StateMeaning
{
	const char *sqlstate; /* or its beginning */
	const char *code;
	bool transient;
} StateMeaning;

static const char *
code_of(const char *sqlstate, bool changed, bool *transient)
{
	static const StateMeaning meanings[] = {
		{"57014", "timeout", true},  {"55P03", "timeout", true}, {"42501", "permission", false},
		{"40", "query", true},       {"53", "query", true},      {"57", "unreachable", true},
		{"08", "unreachable", true},
	};
	static const char *const names[] = {"42P01", "42703", "42704", "3F000"};

	*transient = false;
	for (size_t i = 0; changed && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(sqlstate, names[i]) == 0)
			return "relation_changed";
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
	{
		if (strncmp(sqlstate, meanings[i].sqlstate, strlen(meanings[i].sqlstate)) != 0)
			continue;
		*transient = meanings[i].transient;
		return meanings[i].code;
	}
	return "query";
}

/*
 * A server makes no text of 1 GB or more, for a value or for a row. It says so as an internal error, which is
 * never translated, or as a limit of its own.
 */
static bool
is_past_server(const char *sqlstate, const Failure *failure)
{
	return strstr(failure->message, "invalid memory alloc request size") != NULL ||
		   (strcmp(sqlstate, "54000") == 0 && failure->position == 0);
}

void
reading_give_up(const PGresult *failed, bool changed)
{
	const char *sqlstate = PQresultErrorField(failed, PG_DIAG_SQLSTATE);
	const char *position = PQresultErrorField(failed, PG_DIAG_STATEMENT_POSITION);
	Failure failure = {.step = "query"};

	if (sqlstate == NULL)
		session_give_up_reading(&reading.session);
	failure.code = code_of(sqlstate, changed, &failure.transient);
	failure.message = PQresultErrorField(failed, PG_DIAG_MESSAGE_PRIMARY);
	failure.detail = PQresultErrorField(failed, PG_DIAG_MESSAGE_DETAIL);
	failure.hint = PQresultErrorField(failed, PG_DIAG_MESSAGE_HINT);
	if (failure.message == NULL)
		failure.message = "The server reported an error without a message.";
	if (position != NULL && !changed)
		failure.position = strtoll(position, NULL, 10);
	if (is_past_server(sqlstate, &failure))
	{
		failure.code = "too_large";
		failure.hint =
			"The source sends no value or row of 1 GB or more. Leave out columns with long values.";
	}
	give_up(&failure);
}
