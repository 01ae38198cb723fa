/*
 * session.c — uses libpq without ever blocking in it.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "connectors/common/deadline.h"
#include "connectors/common/emit.h"
#include "connectors/libpq/dial.h"
#include "connectors/libpq/incoming.h"
#include "connectors/redshift/session.h"

/* Bytes of an answer beside documents, which have their own limit. */
#define BESIDE_DOCUMENTS ((int64_t) 64 * 1024 * 1024)

/* Bytes that libpq may read ahead of the row that it waits for. */
#define READ_AHEAD ((size_t) 1024 * 1024)

static void give_up_connection(void) __attribute__((noreturn));

void
give_up_malformed(void)
{
	give_up(&(Failure){.step = "query",
					   .code = "protocol",
					   .message = "The server's answer to a query of the catalogs is malformed."});
}

static void
give_up_connection(void)
{
	if (incoming_refusal() == REFUSAL_TOO_MUCH)
		give_up(&(Failure){.step = "query",
						   .code = "protocol",
						   .message = "The server's answer to one query is too long.",
						   .detail = "The connector stopped reading it."});
	give_up(&(Failure){.step = "query",
					   .code = "unreachable",
					   .transient = true,
					   .message = "The connection was lost while the source was being read."});
}

static void
give_up_waiting(void)
{
	give_up(
		&(Failure){.step = "query",
				   .code = "timeout",
				   .transient = true,
				   .message = "The server's answer to a query did not come to its end within query_timeout.",
				   .hint = "Raise the source's query_timeout if the server is slow."});
}

/* ---- abandoned reading ---- */

/* Whose statement is canceled when standard input ends; NULL: it is not watched. */
static PGconn *abandoned;

static void
send_cancel(PGconn *connection)
{
	PGcancel *cancel = PQgetCancel(connection);
	char error[256];

	if (cancel != NULL)
		(void) PQcancel(cancel, error, sizeof(error));
	PQfreeCancel(cancel);
}

static void
abandon(void)
{
	send_cancel(abandoned);
	_Exit(EXIT_FAILURE);
}

static void
give_up_reading(const Session *session)
{
	if (session->row_bytes > 0 && incoming_refusal() == REFUSAL_TOO_MUCH)
		give_up_long_row(session->row_bytes);
	give_up_connection();
}

/* ---- one statement after the other ---- */

/* Returns false if nothing came in time. */
static bool
wait_for_server(const Session *session, int milliseconds)
{
	PGconn *connection = session->connection;
	int unsent = PQflush(connection);
	struct pollfd files[] = {
		{.fd = PQsocket(connection), .events = (short) (unsent > 0 ? POLLIN | POLLOUT : POLLIN)},
		{.fd = abandoned != NULL ? STDIN_FILENO : -1, .events = POLLIN}};
	int ready;

	if (unsent < 0)
		give_up_connection();
	ready = incoming_is_decrypted(connection) ? 1 : poll(files, 2, milliseconds);
	if (files[1].revents != 0)
		abandon();
	if (ready < 0 && errno != EINTR)
		give_up_connection();
	if (ready > 0 && !PQconsumeInput(connection))
		give_up_reading(session);
	return ready != 0;
}

static PGresult *
next_result(Session *session, Deadline deadline)
{
	while (PQisBusy(session->connection) || PQflush(session->connection) > 0)
		if (!wait_for_server(session, deadline_milliseconds(deadline)))
			give_up_waiting();
	return PQgetResult(session->connection);
}

/* Returns the result of what was sent. */
static PGresult *
receive_result(Session *session, Deadline deadline)
{
	PGresult *result = next_result(session, deadline);

	if (result == NULL || PQstatus(session->connection) != CONNECTION_OK ||
		next_result(session, deadline) != NULL)
		give_up_connection();
	return result;
}

/* Returns the statement's result. */
static PGresult *
ask(Session *session, const char *sql, const char *const *values, int count)
{
	Deadline deadline = deadline_after(session->query_timeout);

	incoming_expect(session->longest_answer);
	if (!PQsendQueryParams(session->connection, sql, count, NULL, values, NULL, NULL, 0))
		give_up_connection();
	return receive_result(session, deadline);
}

static bool
has_failed(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status != PGRES_TUPLES_OK && status != PGRES_SINGLE_TUPLE && status != PGRES_COMMAND_OK;
}

static void
give_up_query(const PGresult *result)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	bool is_denied = sqlstate && strcmp(sqlstate, "42501") == 0;
	bool is_canceled = sqlstate && strcmp(sqlstate, "57014") == 0;

	if (sqlstate == NULL)
		give_up_connection();
	give_up(&(Failure){.step = "query",
					   .code = is_denied     ? "permission"
							   : is_canceled ? "timeout"
											 : "query",
					   .transient = is_canceled || strncmp(sqlstate, "XX000", 5) == 0,
					   .message = is_denied     ? "The user may not read the catalogs."
								  : is_canceled ? "The server canceled a query."
												: "A query of the catalogs failed.",
					   .detail = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)});
}

static void
run(Session *session, const char *sql)
{
	PGresult *result = ask(session, sql, NULL, 0);

	if (has_failed(result))
		give_up_query(result);
	PQclear(result);
}

void
session_bound(Session *session, int seconds)
{
	char timeout[64];

	session->query_timeout = seconds;
	snprintf(timeout, sizeof(timeout), "SET statement_timeout TO %" PRId64, (int64_t) seconds * 1000);
	run(session, timeout);
}

void
session_begin_reading(Session *session, int64_t row_bytes)
{
	run(session, "SET datestyle TO 'ISO, YMD'");
	run(session, "SET timezone TO 'UTC'");
	run(session, "SET extra_float_digits TO 2");
	session->row_bytes = row_bytes;
}

void
session_watch_input(Session *session)
{
	abandoned = session->connection;
	emit_until_abandoned(abandon);
}

/* A server that ends a connection says why, and the end comes behind that. */
bool
session_is_alive(Session *session)
{
	struct pollfd socket = {.fd = PQsocket(session->connection), .events = POLLIN};

	incoming_expect(READ_AHEAD);
	while (poll(&socket, 1, 0) > 0)
		if (!PQconsumeInput(session->connection))
			return false;
	return PQstatus(session->connection) == CONNECTION_OK;
}

/* version() is PostgreSQL 8.0.2 on …, Redshift 1.0.12103. */
static void
learn_version(Session *session)
{
	SqlRows rows = {.columns = 1};
	const char *found;

	session_read(session, "SELECT version()", NULL, NULL, true, &rows);
	found = rows.count == 1 ? strstr(rows.items[0][0], "Redshift ") : NULL;
	if (found == NULL)
		give_up(&(Failure){.step = "connect",
						   .code = "unsupported",
						   .message = "The server is no Amazon Redshift.",
						   .hint = "Register a PostgreSQL server as a source of type postgresql."});
	snprintf(session->version, sizeof(session->version), "%.*s", (int) strspn(found + 9, "0123456789."),
			 found + 9);
	sql_rows_free(&rows);
}

void
session_open(Request *request, Session *session)
{
	LoginCredentials credentials;
	int64_t documents = request->document_bytes < INT64_MAX / 2 ? request->document_bytes : INT64_MAX / 2;

	*session = (Session){.query_timeout = request->query_timeout,
						 .longest_answer = (size_t) (documents + BESIDE_DOCUMENTS)};
	session->connection = libpq_connect(request, "Redshift usually listens on port 5439.",
										deadline_after(request->connection_timeout), &credentials);
	login_credentials_forget(&credentials);
	if (!PQconnectionUsedPassword(session->connection))
		libpq_give_up_without_secret();
	if (PQsetnonblocking(session->connection, 1) != 0)
		give_up_connection();
	session_bound(session, request->query_timeout);
	learn_version(session);
}

void
session_close(Session *session)
{
	PQfinish(session->connection);
	session->connection = NULL;
	abandoned = NULL;
}

static int
compare_rows(const void *a, const void *b)
{
	const char *const *first = *(const char *const *const *) a;
	const char *const *second = *(const char *const *const *) b;
	int order = strcmp(first[0], second[0]);

	if (order != 0)
		return order;
	return (atoi(first[1]) > atoi(second[1])) - (atoi(first[1]) < atoi(second[1]));
}

static void
take_rows(const PGresult *result, SqlRows *rows)
{
	if (PQnfields(result) != rows->columns)
		give_up_malformed();
	for (int row = 0; row < PQntuples(result); row++)
	{
		const char *values[16];

		for (int column = 0; column < rows->columns; column++)
			values[column] = PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column);
		if (values[0] == NULL || (rows->columns > 1 && values[1] == NULL))
			give_up_malformed();
		sql_rows_add(rows, values);
	}
	/* The order of the server's collation is not that of bytes. */
	if (rows->columns > 1 && rows->count > 0)
		qsort(rows->items, rows->count, sizeof(*rows->items), compare_rows);
}

bool
session_read(Session *session, const char *sql, const char *schema, const char *relation, bool is_needed,
			 SqlRows *rows)
{
	const char *const values[] = {schema, relation};
	PGresult *result;
	bool failed;

	run(session, "BEGIN READ ONLY");
	result = ask(session, sql, values, schema != NULL ? 2 : 0);
	failed = has_failed(result);
	if (failed && is_needed)
		give_up_query(result);
	if (!failed)
		take_rows(result, rows);
	PQclear(result);
	run(session, "ROLLBACK");
	return !failed;
}

/* ---- rows of relations ---- */

static const char *
reading_code(const Session *session, const char *sqlstate)
{
	static const char *const changed[] = {"42P01", "42703", "42704", "3F000"};

	for (size_t i = 0; !session->is_query && i < sizeof(changed) / sizeof(changed[0]); i++)
		if (strcmp(sqlstate, changed[i]) == 0)
			return "relation_changed";
	if (strcmp(sqlstate, "42501") == 0)
		return "permission";
	return strcmp(sqlstate, "57014") == 0 ? "timeout" : "query";
}

static void give_up_in_words(const Session *session, const PGresult *failed) __attribute__((noreturn));

/* With the server's own words. */
static void
give_up_in_words(const Session *session, const PGresult *failed)
{
	const char *sqlstate = PQresultErrorField(failed, PG_DIAG_SQLSTATE);
	const char *position = PQresultErrorField(failed, PG_DIAG_STATEMENT_POSITION);
	const char *message = PQresultErrorField(failed, PG_DIAG_MESSAGE_PRIMARY);

	if (sqlstate == NULL)
		give_up_connection();
	give_up(&(Failure){.step = "query",
					   .code = reading_code(session, sqlstate),
					   .transient = strcmp(sqlstate, "57014") == 0 || strncmp(sqlstate, "XX000", 5) == 0,
					   .message = message ? message : "The server reported an error without a message.",
					   .detail = PQresultErrorField(failed, PG_DIAG_MESSAGE_DETAIL),
					   .hint = PQresultErrorField(failed, PG_DIAG_MESSAGE_HINT),
					   .position = session->is_query && position ? strtoll(position, NULL, 10) : 0});
}

static PGresult *
require(const Session *session, PGresult *result)
{
	if (has_failed(result))
		give_up_in_words(session, result);
	return result;
}

void
session_begin(Session *session)
{
	run(session, "BEGIN READ ONLY");
}

PGresult *
session_ask(Session *session, const char *sql)
{
	return require(session, ask(session, sql, NULL, 0));
}

PGresult *
session_describe(Session *session, const char *sql)
{
	Deadline deadline = deadline_after(session->query_timeout);

	incoming_expect(session->longest_answer);
	if (!PQsendPrepare(session->connection, "", sql, 0, NULL))
		give_up_connection();
	PQclear(require(session, receive_result(session, deadline)));
	if (!PQsendDescribePrepared(session->connection, ""))
		give_up_connection();
	return require(session, receive_result(session, deadline));
}

/* libpq's buffer doubles, so that it may have read twice as much as the longest row. */
static void
expect_row(const Session *session)
{
	incoming_expect((size_t) session->row_bytes * 3 + READ_AHEAD);
}

static void
receive_row(Session *session, RowFrames *frames)
{
	expect_row(session);
	while (PQisBusy(session->connection) || PQflush(session->connection) > 0)
	{
		int patience = frames ? row_frames_patience(frames) : -1;

		if (patience >= 0 && wait_for_server(session, patience))
			continue;
		if (patience >= 0)
			row_frames_flush(frames);
		if (!wait_for_server(session, deadline_milliseconds(deadline_after(session->query_timeout))))
			give_up_waiting();
	}
	session->next = PQgetResult(session->connection);
	if (session->next == NULL && PQstatus(session->connection) != CONNECTION_OK)
		give_up_reading(session);
}

void
session_send(Session *session, const char *sql, const char *const *values, int count)
{
	if (!PQsendQueryParams(session->connection, sql, count, NULL, values, NULL, NULL, 0) ||
		!PQsetSingleRowMode(session->connection))
		give_up_connection();
	receive_row(session, NULL);
	if (session->next != NULL && has_failed(session->next))
	{
		session->failed = session->next;
		session->next = NULL;
	}
}

PGresult *
session_next_row(Session *session, RowFrames *frames)
{
	PGresult *row;

	if (session->next == NULL && session->failed == NULL)
		receive_row(session, frames);
	row = session->next;
	session->next = NULL;
	if (row != NULL && PQresultStatus(row) == PGRES_SINGLE_TUPLE)
		return row;
	if (row != NULL && has_failed(row))
		session->failed = row;
	else
		PQclear(row);
	return NULL;
}

void
session_require_rows(const Session *session)
{
	if (session->failed != NULL)
		give_up_in_words(session, session->failed);
}

void
session_end_rows(Session *session)
{
	Deadline deadline = deadline_after(session->query_timeout);
	PGresult *result;

	PQclear(session->failed);
	session->failed = NULL;
	while ((result = next_result(session, deadline)) != NULL)
		PQclear(result);
	run(session, "ROLLBACK");
}

void
session_stop(Session *session)
{
	send_cancel(session->connection);
	session_close(session);
}
