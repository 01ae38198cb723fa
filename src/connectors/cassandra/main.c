/*
 * main.c — the connector for Cassandra and what speaks its protocol, called as src/wire/README.md says.
 */
#include "connectors/cassandra/catalog.h"
#include "connectors/cassandra/connect.h"
#include "connectors/cassandra/discover.h"
#include "connectors/cassandra/read.h"
#include "connectors/cassandra/reading.h"
#include "connectors/cassandra/sample.h"
#include "connectors/common/emit.h"
#include "connectors/common/run.h"

static void
test_source(Request *request)
{
	Session session;

	connect_and_say(request, &session);
	session_close(&session);
}

static void
list_keyspaces(Request *request)
{
	SqlRows keyspaces = {.columns = 1};
	Session session;

	connect_and_say(request, &session);
	catalog_keyspaces(&session, NULL, &keyspaces);
	for (size_t i = 0; i < keyspaces.count; i++)
		emit_database(keyspaces.items[i][0]);
	sql_rows_free(&keyspaces);
	session_close(&session);
}

/* The source has no ids by which a relation could be known to be unchanged, and so no signatures. */
static const char *
discover_source(Request *request)
{
	Session session;

	connect_and_say(request, &session);
	discover(&session, request);
	session_close(&session);
	return NULL;
}

static void
sample_source(Request *request)
{
	Session session;

	connect_and_say(request, &session);
	sample(&session, &request->sample);
	session_close(&session);
}

int
main(void)
{
	return connector_run(&(Connector){.name = "cassandra",
									  .version = CONNECTOR_VERSION,
									  .test = test_source,
									  .discover = discover_source,
									  .sample = sample_source,
									  .databases = list_keyspaces,
									  .read = read_relation,
									  .exact = true,
									  .rest = reading_rest});
}
