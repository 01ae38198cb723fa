/*
 * session.c — uses libpq without ever blocking in it.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/deadline.h"
#include "connectors/common/emit.h"
#include "connectors/libpq/dial.h"
#include "connectors/libpq/incoming.h"
#include "connectors/redshift/session.h"

/* Bytes of an answer beside documents, which have their own limit. */
#define BESIDE_DOCUMENTS ((int64_t) 64 * 1024 * 1024)

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

static void
wait_for_server(PGconn *connection, Deadline deadline)
{
	int unsent = PQflush(connection);
	struct pollfd socket = {.fd = PQsocket(connection), .events = unsent > 0 ? POLLIN | POLLOUT : POLLIN};
	int ready;

	if (unsent < 0)
		give_up_connection();
	ready = incoming_is_decrypted(connection) ? 1 : poll(&socket, 1, deadline_milliseconds(deadline));
	if (ready == 0)
		give_up_waiting();
	if (ready < 0 && errno != EINTR)
		give_up_connection();
	if (ready > 0 && !PQconsumeInput(connection))
		give_up_connection();
}

static PGresult *
next_result(PGconn *connection, Deadline deadline)
{
	while (PQisBusy(connection) || PQflush(connection) > 0)
		wait_for_server(connection, deadline);
	return PQgetResult(connection);
}

/* Returns the statement's result. */
static PGresult *
ask(Session *session, const char *sql, const char *parameter)
{
	PGconn *connection = session->connection;
	Deadline deadline = deadline_after(session->query_timeout);
	PGresult *result;

	incoming_expect(session->longest_answer);
	if (!PQsendQueryParams(connection, sql, parameter != NULL, NULL, &parameter, NULL, NULL, 0))
		give_up_connection();
	result = next_result(connection, deadline);
	if (result == NULL || PQstatus(connection) != CONNECTION_OK || next_result(connection, deadline) != NULL)
		give_up_connection();
	return result;
}

static bool
has_failed(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK;
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
	PGresult *result = ask(session, sql, NULL);

	if (has_failed(result))
		give_up_query(result);
	PQclear(result);
}

/* version() is PostgreSQL 8.0.2 on …, Redshift 1.0.12103. */
static void
learn_version(Session *session)
{
	SqlRows rows = {.columns = 1};
	const char *found;

	session_read(session, "SELECT version()", NULL, true, &rows);
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
	LibpqCredentials credentials;
	char timeout[64];
	int64_t documents = request->document_bytes < INT64_MAX / 2 ? request->document_bytes : INT64_MAX / 2;

	*session = (Session){.query_timeout = request->query_timeout,
						 .longest_answer = (size_t) (documents + BESIDE_DOCUMENTS)};
	session->connection = libpq_connect(request, "Redshift usually listens on port 5439.",
										deadline_after(request->connection_timeout), &credentials);
	libpq_forget_credentials(&credentials);
	if (!PQconnectionUsedPassword(session->connection))
		libpq_give_up_without_secret();
	if (PQsetnonblocking(session->connection, 1) != 0)
		give_up_connection();
	snprintf(timeout, sizeof(timeout), "SET statement_timeout TO %" PRId64,
			 (int64_t) request->query_timeout * 1000);
	run(session, timeout);
	learn_version(session);
}

void
session_close(Session *session)
{
	PQfinish(session->connection);
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
session_read(Session *session, const char *sql, const char *parameter, bool is_needed, SqlRows *rows)
{
	PGresult *result;
	bool failed;

	run(session, "BEGIN READ ONLY");
	result = ask(session, sql, parameter);
	failed = has_failed(result);
	if (failed && is_needed)
		give_up_query(result);
	if (!failed)
		take_rows(result, rows);
	PQclear(result);
	run(session, "ROLLBACK");
	return !failed;
}
