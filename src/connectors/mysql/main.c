/*
 * main.c — the connector for MySQL and MariaDB, called as src/wire/README.md says.
 */
#include "connectors/common/emit.h"
#include "connectors/common/run.h"
#include "connectors/mysql/connect.h"
#include "connectors/mysql/discover.h"
#include "connectors/mysql/query.h"
#include "connectors/mysql/read.h"
#include "connectors/mysql/reading.h"
#include "connectors/mysql/sample.h"
#include "connectors/mysql/statements.h"

/* Connects and sends `connected`. */
static void
open_session(Request *request, Session *session)
{
	char server[80];
	char dialect[WIRE_DIALECT_BYTES];

	emit_progress("connect", ABSENT);
	connect_to(request, session);
	session_server(session, server, sizeof(server));
	session_dialect(session, dialect, sizeof(dialect));
	emit_connected(server, dialect, NULL);
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
	Features features;
	SqlRows databases = {.columns = SCHEMA_COLUMNS};

	open_session(request, &session);
	statements_learn(&session, &features);
	statement_schemas(&sql, &features, NULL);
	session_read(&session, &sql, &databases);
	for (size_t i = 0; i < databases.count; i++)
		emit_database(databases.items[i][SCHEMA_NAME]);
	sql_rows_free(&databases);
	session_close(&session);
}

/* The source has no ids by which a relation could be known to be unchanged, and so no signatures. */
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

int
main(void)
{
	return connector_run(&(Connector){.name = "mysql",
									  .version = CONNECTOR_VERSION,
									  .test = test_source,
									  .discover = discover_source,
									  .sample = sample_source,
									  .databases = list_databases,
									  .read = read_relation,
									  .query = query_source,
									  .exact = true,
									  .rest = reading_rest});
}
