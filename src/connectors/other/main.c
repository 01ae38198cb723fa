/*
 * main.c — the connector for sources of type `other` that an ODBC driver reaches, called as
 * src/wire/README.md says.
 */
#include "connectors/common/emit.h"
#include "connectors/common/run.h"
#include "connectors/odbc/session.h"
#include "connectors/other/discover.h"
#include "connectors/other/read.h"
#include "connectors/other/sample.h"

static const OdbcKeyword keywords[] = {
	{"SERVER", "{host}"}, {"PORT", "{port}"},    {"DATABASE", "{database}"},
	{"UID", "{user}"},    {"PWD", "{password}"}, {NULL, NULL},
};

/* Connects and sends `connected`. */
static void
open_session(Request *request, OdbcSession *session)
{
	char server[160];
	char dialect[WIRE_DIALECT_BYTES];

	emit_progress("connect", ABSENT);
	odbc_open(session, request, keywords);
	odbc_describe_server(session, server, sizeof(server), dialect, sizeof(dialect));
	emit_connected(server, dialect, NULL);
}

static void
test_source(Request *request)
{
	OdbcSession session;

	open_session(request, &session);
	odbc_close(&session);
}

/* The source has no ids by which a relation could be known to be unchanged, and so no signatures. */
static const char *
discover_source(Request *request)
{
	OdbcSession session;

	open_session(request, &session);
	odbc_only_read(&session);
	discover(&session, request);
	odbc_close(&session);
	return NULL;
}

static void
sample_source(Request *request)
{
	OdbcSession session;

	open_session(request, &session);
	odbc_only_read(&session);
	sample(&session, &request->sample);
	odbc_close(&session);
}

static void
read_source(Request *request)
{
	OdbcSession session;

	open_session(request, &session);
	odbc_only_read(&session);
	read_relation(&session, request);
	odbc_close(&session);
}

int
main(void)
{
	return connector_run(&(Connector){.name = "odbc",
									  .version = CONNECTOR_VERSION,
									  .test = test_source,
									  .discover = discover_source,
									  .sample = sample_source,
									  .read = read_source});
}
