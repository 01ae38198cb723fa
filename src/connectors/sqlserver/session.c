/*
 * session.c — statements, bounded in time. No text of the server gets into an error: it may hold values.
 *
 * SQL Server has no limit of time for a statement. When the time is over the server is told to stop, which
 * leaves the connection usable; a server that does not answer to that is left alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/guard/guard.h"
#include "connectors/sqlserver/session.h"

#define LOCK_TIMEOUT    1222
#define SERIOUS         10 /* messages up to this severity are information */
#define SECONDS_TO_STOP 5
#define WIDE            1000000 /* seconds: guard.c bounds every wait */
#define STATEMENTS_AT_START                                                                                  \
	"SET NOCOUNT ON", "SET TEXTSIZE 2147483647", "SET TRANSACTION ISOLATION LEVEL READ COMMITTED"

static unsigned server_error;
static int library_error;
static bool is_late;

/* The first serious message is the cause of those that follow it. */
static int
take_message(DBPROCESS *connection, DBINT number, int state, int severity, char *text, char *server,
			 char *procedure, int line)
{
	(void) connection, (void) state, (void) text, (void) server, (void) procedure, (void) line;
	if (severity > SERIOUS && server_error == 0)
		server_error = (unsigned) number;
	return 0;
}

/* An answer that is late is given up twice: politely, then for good. */
static int
take_error(DBPROCESS *connection, int severity, int number, int system, char *text, char *system_text)
{
	(void) connection, (void) severity, (void) system, (void) text, (void) system_text;
	if (library_error == 0 || library_error == SYBESMSG)
		library_error = number;
	if (number != SYBETIME || is_late || connection == NULL)
		return INT_CANCEL;
	is_late = true;
	guard_until(deadline_after(SECONDS_TO_STOP));
	return INT_TIMEOUT;
}

void
session_prepare(void)
{
	if (dbinit() == FAIL)
		give_up_out_of_memory();
	dberrhandle(take_error);
	dbmsghandle(take_message);
	dbsettime(WIDE);
	dbsetlogintime(WIDE);
}

unsigned
session_error(void)
{
	return server_error;
}

int
session_library_error(void)
{
	return library_error;
}

void
session_forget_errors(void)
{
	server_error = 0;
	library_error = 0;
	is_late = false;
}

static void give_up_query(const Session *session) __attribute__((noreturn));

static void
give_up_query(const Session *session)
{
	bool is_lost = dbdead(session->connection);
	char message[128];

	if (is_late || server_error == LOCK_TIMEOUT)
		give_up(&(Failure){.step = "query",
						   .code = "timeout",
						   .transient = true,
						   .message = "The server did not answer a query within the time allowed."});
	snprintf(message, sizeof(message),
			 is_lost ? "The connection to the server was lost (%u)."
					 : "The server refused a query of its catalog (%u).",
			 server_error != 0 ? server_error : (unsigned) library_error);
	give_up(&(Failure){.step = "query", .code = "query", .transient = is_lost, .message = message});
}

void
give_up_malformed(void)
{
	give_up(
		&(Failure){.step = "query",
				   .code = "protocol",
				   .message = "The server answered a query of its catalog with another number of columns."});
}

/* Something failed. Tells the caller why, or ends the process. */
static bool
fail(const Session *session, unsigned *error)
{
	if (error == NULL || dbdead(session->connection) || (server_error == 0 && !is_late))
		give_up_query(session);
	*error = is_late ? ERROR_LATE : server_error;
	dbcancel(session->connection);
	return false;
}

static void
prepare_row(Session *session)
{
	session->columns = dbnumcols(session->connection);
	if (session->columns <= 0)
		give_up_malformed();
	session->cells = reallocate(session->cells, (size_t) session->columns * sizeof(char *));
	session->lengths = reallocate(session->lengths, (size_t) session->columns * sizeof(size_t));
}

bool
session_ask(Session *session, WireBuffer *sql, unsigned *error)
{
	RETCODE sent;

	wire_append(sql, "", 1);
	if (sql->failed)
		give_up_out_of_memory();
	session_forget_errors();
	guard_until(deadline_after(session->query_timeout));
	dbfreebuf(session->connection);
	sent = dbcmd(session->connection, sql->data);
	wire_free(sql);
	if (sent == FAIL || dbsqlexec(session->connection) == FAIL || dbresults(session->connection) != SUCCEED)
		return fail(session, error);
	prepare_row(session);
	return true;
}

/* Every value is text, of which the library has the bytes but no end. */
static void
copy_row(Session *session)
{
	size_t at = 0;

	session->row.length = 0;
	for (int i = 0; i < session->columns; i++)
	{
		DBINT length = dbdatlen(session->connection, i + 1);

		session->lengths[i] = length < 0 ? 0 : (size_t) length;
		if (session->lengths[i] > 0)
			wire_append(&session->row, (const char *) dbdata(session->connection, i + 1),
						session->lengths[i]);
		wire_append(&session->row, "", 1);
	}
	if (session->row.failed)
		give_up_out_of_memory();
	for (int i = 0; i < session->columns; i++)
	{
		session->cells[i] = dbdata(session->connection, i + 1) == NULL ? NULL : session->row.data + at;
		at += session->lengths[i] + 1;
	}
}

/* Reads what follows the rows, up to the end of the answer. */
static bool
finish(Session *session)
{
	RETCODE result;

	while ((result = dbresults(session->connection)) == SUCCEED)
		while (dbnextrow(session->connection) != NO_MORE_ROWS)
			if (dbdead(session->connection))
				return false;
	return result == NO_MORE_RESULTS && server_error == 0 && !is_late;
}

const char *const *
session_next(Session *session, unsigned *error)
{
	RETCODE result = dbnextrow(session->connection);

	if (result == REG_ROW)
	{
		copy_row(session);
		guard_until(deadline_after(session->query_timeout));
		return session->cells;
	}
	if (result != NO_MORE_ROWS || !finish(session))
		fail(session, error);
	return NULL;
}

bool
session_read(Session *session, WireBuffer *sql, SqlRows *rows, unsigned *error)
{
	const char *const *row;

	if (!session_ask(session, sql, error))
		return false;
	if (session->columns != rows->columns)
		give_up_malformed();
	while ((row = session_next(session, error)) != NULL)
		if (row[0] != NULL)
			sql_rows_add(rows, row);
	return error == NULL || *error == 0;
}

void
session_set(Session *session, const char *sql)
{
	session_forget_errors();
	guard_until(deadline_after(session->query_timeout));
	dbfreebuf(session->connection);
	if (dbcmd(session->connection, sql) == SUCCEED && dbsqlexec(session->connection) == SUCCEED)
		finish(session);
	if (dbdead(session->connection))
		give_up_query(session);
	dbcancel(session->connection);
}

static void
learn_server(Session *session)
{
	SqlRows rows = {.columns = 3};
	WireBuffer sql = {0};
	const char *const *row;
	unsigned error = 0;

	wire_append_text(
		&sql, "SELECT CONVERT(nvarchar(max), SERVERPROPERTY('ProductVersion')), "
			  "CONVERT(nvarchar(max), SERVERPROPERTY('EngineEdition')), CONVERT(nvarchar(max), DB_NAME())");
	session_read(session, &sql, &rows, NULL);
	if (rows.count != 1)
		give_up_malformed();
	row = rows.items[0];
	snprintf(session->version, sizeof(session->version), "%.*s", (int) strspn(row[0], "0123456789."), row[0]);
	session->edition = row[1] == NULL ? 0 : atoi(row[1]);
	sql_rows_free(&rows);
	rows.columns = 2;
	wire_append_text(&sql,
					 "SELECT CONVERT(nvarchar(max), d.service_broker_guid), CONVERT(nvarchar(max), d.name) "
					 "FROM sys.databases AS d WHERE d.name = DB_NAME()");
	if (session_read(session, &sql, &rows, &error) && rows.count == 1 && rows.items[0][1] != NULL)
	{
		session->identity = allocate(strlen(rows.items[0][0]) + strlen(rows.items[0][1]) + 2);
		sprintf(session->identity, "%s/%s", rows.items[0][0], rows.items[0][1]);
	}
	sql_rows_free(&rows);
}

void
session_limit(Session *session, int seconds)
{
	char sql[64];

	session->query_timeout = seconds;
	snprintf(sql, sizeof(sql), "SET LOCK_TIMEOUT %lld", (long long) seconds * 500);
	session_set(session, sql);
}

void
session_open(Session *session, DBPROCESS *connection, int query_timeout)
{
	static const char *const statements[] = {STATEMENTS_AT_START, NULL};

	*session = (Session){.connection = connection, .query_timeout = query_timeout};
	for (int i = 0; statements[i] != NULL; i++)
		session_set(session, statements[i]);
	session_limit(session, query_timeout);
	learn_server(session);
}

void
session_server(const Session *session, char *text, size_t size)
{
	static const char *const services[] = {[5] = "Azure SQL Database",
										   [6] = "Azure Synapse",
										   [8] = "Azure SQL Managed Instance",
										   [11] = "Microsoft Fabric"};
	const char *service = NULL;

	if (session->edition > 0 && session->edition < (int) (sizeof(services) / sizeof(services[0])))
		service = services[session->edition];
	snprintf(text, size, "%s %s", service == NULL ? "SQL Server" : service, session->version);
}

/* Versions of one major number spell definitions alike. */
void
session_dialect(const Session *session, char *text, size_t size)
{
	snprintf(text, size, "sqlserver %.*s", (int) strspn(session->version, "0123456789"), session->version);
}

void
session_close(Session *session)
{
	dbclose(session->connection);
	free(session->cells);
	free(session->lengths);
	wire_free(&session->row);
}
