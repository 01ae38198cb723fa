/*
 * main.c — the connector for Amazon Redshift, called as src/wire/README.md says.
 */
#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/run.h"
#include "connectors/redshift/discover.h"
#include "connectors/redshift/session.h"

/* Connects and sends `connected`. */
static void
open_session(Request *request, Session *session)
{
	char server[96];
	char dialect[WIRE_DIALECT_BYTES];

	emit_progress("connect", ABSENT);
	session_open(request, session);
	snprintf(server, sizeof(server), "Redshift %s", session->version);
	snprintf(dialect, sizeof(dialect), "redshift %.*s", (int) strcspn(session->version, "."),
			 session->version);
	emit_connected(server, dialect, NULL);
}

static void
test_source(Request *request)
{
	Session session;

	open_session(request, &session);
	session_close(&session);
}

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
		.name = "redshift", .version = CONNECTOR_VERSION, .test = test_source, .discover = discover_source});
}
