/*
 * main.c — the connector for MongoDB, called as src/wire/README.md says.
 */
#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/run.h"
#include "connectors/mongodb/connect.h"
#include "connectors/mongodb/discover.h"

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

int
main(void)
{
	return connector_run(&(Connector){
		.name = "mongodb", .version = CONNECTOR_VERSION, .test = test_source, .discover = discover_source});
}
