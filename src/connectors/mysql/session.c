/*
 * session.c — statements, bounded in time. No text of the server gets into an error: it may hold values.
 */
#include <errmsg.h>
#include <mysqld_error.h>
#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/guard/guard.h"
#include "connectors/mysql/session.h"

/* Of MySQL; libmariadb has the names of MariaDB's errors. */
#define ER_QUERY_TIMEOUT 3024

/* Seconds that the end of an answer may take. */
#define REST_SECONDS 5

static void give_up_late(const Session *session) __attribute__((noreturn));

static void
give_up_late(const Session *session)
{
	if (session->late && guard_is_late())
		session->late();
	give_up(&(Failure){.step = "query",
					   .code = "timeout",
					   .transient = true,
					   .message = "The server did not answer a query within the time allowed."});
}

/* The numbers of the library's own errors: the connection is of no more use. */
static bool
is_lost(unsigned error)
{
	return (error >= CR_MIN_ERROR && error <= CR_MYSQL_LAST_ERROR) ||
		   (error >= CER_MIN_ERROR && error <= CR_MARIADB_LAST_ERROR);
}

/* The library says of a packet that it does not want that the connection is lost. A network's error is a 2.
 */
static bool
is_oversized(MYSQL *connection)
{
	return mysql_errno(connection) == CR_SERVER_LOST && connection->net.error == 1;
}

/* The server ends a query that takes too long. If it does not, the connector does. */
void
session_wait(const Session *session)
{
	guard_until(deadline_after(session->query_timeout + 1));
}

static bool
is_late(unsigned error)
{
	return guard_is_late() || error == ER_STATEMENT_TIMEOUT || error == ER_QUERY_TIMEOUT ||
		   error == ER_LOCK_WAIT_TIMEOUT;
}

void
session_check(const Session *session, unsigned error)
{
	if (is_late(error) || is_lost(error))
		give_up_query(session);
}

void
give_up_query(const Session *session)
{
	unsigned error = mysql_errno(session->connection);
	char message[128];

	if (is_late(error))
		give_up_late(session);
	snprintf(message, sizeof(message),
			 is_lost(error) ? "The connection to the server was lost (%u)."
							: "The server refused a query of its catalog (%u).",
			 error);
	give_up(&(Failure){.step = "query", .code = "query", .transient = is_lost(error), .message = message});
}

MYSQL_RES *
session_ask(Session *session, WireBuffer *sql, unsigned *error)
{
	MYSQL_RES *answer = NULL;

	if (sql->failed)
		give_up_out_of_memory();
	session_wait(session);
	if (mysql_real_query(session->connection, sql->data, (unsigned long) sql->length) == 0)
		answer = mysql_use_result(session->connection);
	wire_free(sql);
	if (answer != NULL)
		return answer;
	if (error == NULL || is_lost(mysql_errno(session->connection)))
		give_up_query(session);
	*error = mysql_errno(session->connection);
	return NULL;
}

MYSQL_ROW
session_next(Session *session, MYSQL_RES *answer, unsigned *error)
{
	MYSQL_ROW row = mysql_fetch_row(answer);

	session_wait(session);
	if (row != NULL || mysql_errno(session->connection) == 0)
		return row;
	if (error != NULL && is_oversized(session->connection))
		*error = CR_NET_PACKET_TOO_LARGE;
	else if (error == NULL || is_lost(mysql_errno(session->connection)))
		give_up_query(session);
	else
		*error = mysql_errno(session->connection);
	return NULL;
}

void
give_up_malformed(void)
{
	give_up(
		&(Failure){.step = "query",
				   .code = "protocol",
				   .message = "The server answered a query of its catalog with another number of columns."});
}

void
session_read(Session *session, WireBuffer *sql, SqlRows *rows)
{
	MYSQL_RES *answer = session_ask(session, sql, NULL);
	MYSQL_ROW row;

	if ((int) mysql_num_fields(answer) != rows->columns)
		give_up_malformed();
	while ((row = session_next(session, answer, NULL)) != NULL)
		if (row[0] != NULL)
			sql_rows_add(rows, (const char *const *) row);
	mysql_free_result(answer);
}

void
session_set(Session *session, const char *sql)
{
	session_wait(session);
	if (mysql_query(session->connection, sql) != 0 && is_lost(mysql_errno(session->connection)))
		give_up_query(session);
}

static void
set_number(Session *session, const char *name, int64_t value)
{
	char sql[96];

	snprintf(sql, sizeof(sql), "SET SESSION %s = %lld", name, (long long) value);
	session_set(session, sql);
}

/* Only the version says who the server is; older MariaDB says "5.5.5-10.1.2-MariaDB". */
static void
learn_server(Session *session)
{
	SqlRows rows = {.columns = 1};
	WireBuffer sql = {0};
	const char *version;

	wire_append_text(&sql, "SELECT VERSION()");
	session_read(session, &sql, &rows);
	if (rows.count != 1)
		give_up_malformed();
	version = rows.items[0][0];
	session->is_mariadb = strcasestr(version, "mariadb") != NULL;
	if (session->is_mariadb && strncmp(version, "5.5.5-", 6) == 0)
		version += 6;
	snprintf(session->version, sizeof(session->version), "%.*s", (int) strspn(version, "0123456789."),
			 version);
	sql_rows_free(&rows);
}

void
session_limit(Session *session, int seconds)
{
	session->query_timeout = seconds;
	set_number(session, "lock_wait_timeout", seconds > 1 ? seconds / 2 : 1);
	if (session->is_mariadb)
		set_number(session, "max_statement_time", seconds);
	else
		set_number(session, "max_execution_time", (int64_t) seconds * 1000);
}

void
session_prepare(Session *session, int query_timeout)
{
	session_set(session, "SET SESSION sql_mode = ''");
	session_set(session, "SET SESSION time_zone = '+00:00'");
	session_set(session, "SET SESSION sql_select_limit = DEFAULT");
	set_number(session, "max_error_count", 65535); /* each view that is broken has a warning */
	session_limit(session, query_timeout);
	if (!session->is_mariadb) /* row counts would be a day old */
		set_number(session, "information_schema_stats_expiry", 0);
}

void
session_open(Session *session, MYSQL *connection, int query_timeout)
{
	session->connection = connection;
	learn_server(session);
	session_prepare(session, query_timeout);
}

bool
session_reset(Session *session)
{
	guard_until(deadline_after(REST_SECONDS));
	return mysql_reset_connection(session->connection) == 0 &&
		   mysql_set_character_set(session->connection, "utf8mb4") == 0;
}

void
session_server(const Session *session, char *text, size_t size)
{
	snprintf(text, size, "%s %s", session->is_mariadb ? "MariaDB" : "MySQL", session->version);
}

/* Minor versions spell definitions alike. */
void
session_dialect(const Session *session, char *text, size_t size)
{
	size_t major = strspn(session->version, "0123456789");
	size_t minor =
		session->version[major] == '.' ? 1 + strspn(session->version + major + 1, "0123456789") : 0;

	snprintf(text, size, "%s %.*s", session->is_mariadb ? "mariadb" : "mysql", (int) (major + minor),
			 session->version);
}

void
session_close(Session *session)
{
	mysql_close(session->connection);
	mysql_close(session->spare.connection);
	*session = (Session){0};
}
