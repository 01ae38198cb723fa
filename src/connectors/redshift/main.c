/*
 * main.c — the connector for Amazon Redshift, called as src/wire/README.md says.
 */
#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/run.h"
#include "connectors/redshift/discover.h"
#include "connectors/redshift/read.h"
#include "connectors/redshift/sample.h"
#include "connectors/redshift/session.h"

/* A row of Redshift has at most four megabytes, which a value of type super may exceed. */
#define SAMPLED_ROW_BYTES ((int64_t) 64 * 1024 * 1024)

static void
announce(const Session *session)
{
	char server[96];
	char dialect[WIRE_DIALECT_BYTES];

	snprintf(server, sizeof(server), "Redshift %s", session->version);
	snprintf(dialect, sizeof(dialect), "redshift %.*s", (int) strcspn(session->version, "."),
			 session->version);
	emit_connected(server, dialect, NULL);
}

/* Connects and sends `connected`. */
static void
open_session(Request *request, Session *session)
{
	emit_progress("connect", ABSENT);
	session_open(request, session);
	announce(session);
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

static void
sample_source(Request *request)
{
	Session session;

	open_session(request, &session);
	session_begin_reading(&session, SAMPLED_ROW_BYTES);
	sample(&session, &request->sample);
	session_close(&session);
}

/* The connection is kept for the next request. */
static void
read_source(Request *request)
{
	static Session session;

	if (session.connection != NULL && !session_is_alive(&session))
		session_close(&session);
	if (session.connection == NULL)
	{
		emit_progress("connect", ABSENT);
		session_open(request, &session);
		session_begin_reading(&session, request->row_bytes);
		session_watch_input(&session);
	}
	request_forget_credentials(request);
	session.row_bytes = request->row_bytes;
	session_bound(&session, request->query_timeout);
	announce(&session);
	read_relation(&session, request);
}

/* Each answer has ended its transaction. */
static void
rest(void)
{
}

int
main(void)
{
	return connector_run(&(Connector){.name = "redshift",
									  .version = CONNECTOR_VERSION,
									  .test = test_source,
									  .discover = discover_source,
									  .sample = sample_source,
									  .read = read_source,
									  .rest = rest});
}
