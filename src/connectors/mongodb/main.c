/*
 * main.c — the connector for MongoDB, called as src/wire/README.md says.
 */
#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/run.h"
#include "connectors/mongodb/connect.h"
#include "connectors/mongodb/discover.h"
#include "connectors/mongodb/query.h"
#include "connectors/mongodb/read.h"
#include "connectors/mongodb/reading.h"
#include "connectors/mongodb/sample.h"

/* Connects and sends `connected`. */
static void
open_session(Request *request, Session *session)
{
	emit_progress("connect", ABSENT);
	connect_to(request, session);
	session_tell(session);
}

static void
test_source(Request *request)
{
	Session session;

	open_session(request, &session);
	session_close(&session);
}

/* The source has nothing by which a collection could be known to be unchanged, and so no signatures. */
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

static bool
is_of_server(const char *name)
{
	return strcmp(name, "admin") == 0 || strcmp(name, "local") == 0 || strcmp(name, "config") == 0;
}

static int
by_name(const void *one, const void *other)
{
	return strcmp(*(char *const *) one, *(char *const *) other);
}

static void
list_databases(Request *request)
{
	Session session;
	bson_error_t error;
	size_t count = 0;
	char **names;

	open_session(request, &session);
	session_wait(&session);
	names = mongoc_client_get_database_names_with_opts(session.client, NULL, &error);
	if (names == NULL)
		give_up_query(&error);
	while (names[count])
		count++;
	qsort(names, count, sizeof(char *), by_name);
	for (size_t i = 0; i < count; i++)
		if (!is_of_server(names[i]) && is_utf8(names[i]))
			emit_database(names[i]);
	bson_strfreev(names);
	session_close(&session);
}

int
main(void)
{
	return connector_run(&(Connector){.name = "mongodb",
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
