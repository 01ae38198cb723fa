/*
 * main.c — the connector for Oracle Database by an ODBC driver, called as src/wire/README.md says.
 */
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/run.h"
#include "connectors/oracle/discover.h"
#include "connectors/oracle/query.h"
#include "connectors/oracle/read.h"
#include "connectors/oracle/sample.h"

static const OdbcKeyword keywords[] = {
	{"DBQ", "//{address}:{port}/{database}"},
	{"UID", "{user}"},
	{"PWD", "{password}"},
	{NULL, NULL},
};

/* metadata.use_dba_views: all of the database, not only what the user may read. */
static bool
wants_dba_views(const Request *request)
{
	WireObject options;
	bool wanted = false;

	if (request->options == NULL ||
		wire_object_scan(request->options, strlen(request->options), &options) != NULL)
		return false;
	return wire_boolean(wire_member(&options, "use_dba_views"), &wanted) && wanted;
}

/* Connects and sends `connected`. */
static void
open_session(Request *request, OdbcSession *session, Features *features)
{
	char server[160];
	char dialect[WIRE_DIALECT_BYTES];

	emit_progress("connect", ABSENT);
	odbc_open(session, request, keywords);
	odbc_describe_server(session, server, sizeof(server), dialect, sizeof(dialect));
	emit_connected(server, dialect, NULL);
	if (features != NULL)
		statements_learn(session, wants_dba_views(request), features);
}

static void
test_source(Request *request)
{
	OdbcSession session;

	open_session(request, &session, NULL);
	odbc_close(&session);
}

/* LAST_DDL_TIME does not move with comments and statistics: there are no signatures. */
static const char *
discover_source(Request *request)
{
	OdbcSession session;
	Features features;

	open_session(request, &session, &features);
	discover(&session, &features, request);
	odbc_close(&session);
	return NULL;
}

static void
sample_source(Request *request)
{
	OdbcSession session;
	Features features;

	open_session(request, &session, &features);
	sample(&session, &features, &request->sample);
	odbc_close(&session);
}

static void
read_source(Request *request)
{
	OdbcSession session;
	Features features;

	open_session(request, &session, &features);
	read_relation(&session, &features, request);
	odbc_close(&session);
}

static bool
query_source(Request *request)
{
	OdbcSession session;
	bool truncated;

	open_session(request, &session, NULL);
	truncated = query_rows(&session, request);
	odbc_close(&session);
	return truncated;
}

int
main(void)
{
	return connector_run(&(Connector){.name = "oracle",
									  .version = CONNECTOR_VERSION,
									  .test = test_source,
									  .discover = discover_source,
									  .sample = sample_source,
									  .read = read_source,
									  .query = query_source});
}
