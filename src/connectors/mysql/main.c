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
									  .read = read_relation,
									  .query = query_source,
									  .exact = true,
									  .rest = reading_rest});
}
