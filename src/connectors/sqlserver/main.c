/*
 * main.c — the connector for SQL Server, called as src/wire/README.md says.
 */
#include "connectors/common/emit.h"
#include "connectors/common/run.h"
#include "connectors/sqlserver/connect.h"
#include "connectors/sqlserver/discover.h"
#include "connectors/sqlserver/read.h"
#include "connectors/sqlserver/sample.h"
#include "connectors/sqlserver/statements.h"

/* Connects and sends `connected`. */
static void
open_session(Request *request, Session *session)
{
	char server[96];
	char dialect[WIRE_DIALECT_BYTES];

	emit_progress("connect", ABSENT);
	connect_to(request, session);
	session_server(session, server, sizeof(server));
	session_dialect(session, dialect, sizeof(dialect));
	emit_connected(server, dialect, session->identity);
}

static void
test_source(Request *request)
{
	Session session;

	open_session(request, &session);
	session_close(&session);
}

static void
list_databases(Request *request)
{
	Session session;
	WireBuffer sql = {0};
	SqlRows databases = {.columns = 1};

	open_session(request, &session);
	statement_databases(&sql);
	session_read(&session, &sql, &databases, NULL);
	for (size_t i = 0; i < databases.count; i++)
		emit_database(databases.items[i][0]);
	sql_rows_free(&databases);
	session_close(&session);
}

/* A table's date of change also moves when only its statistics or indexes are rebuilt: there are no
 * signatures. */
static const char *
discover_source(Request *request)
{
	Session session;

	open_session(request, &session);
	discover(&session, request);
	session_close(&session);
	return NULL;
}

static void
sample_source(Request *request)
{
	Session session;

	open_session(request, &session);
	sample(&session, &request->sample);
	session_close(&session);
}

static void
read_source(Request *request)
{
	Session session;

	open_session(request, &session);
	read_relation(&session, request);
	session_close(&session);
}

int
main(void)
{
	return connector_run(&(Connector){.name = "sqlserver",
									  .version = CONNECTOR_VERSION,
									  .test = test_source,
									  .discover = discover_source,
									  .sample = sample_source,
									  .databases = list_databases,
									  .read = read_source});
}
