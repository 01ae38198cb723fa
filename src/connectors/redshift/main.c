/*
 * main.c — the connector for Amazon Redshift, called as src/wire/README.md says.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/run.h"
#include "connectors/libpq/dial.h"
#include "connectors/redshift/discover.h"
#include "connectors/redshift/query.h"
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
static Session kept;
static bool is_stopped; /* not all rows of the last answer were wanted */

static Session *
open_kept(Request *request)
{
	if (kept.connection != NULL && !session_is_alive(&kept))
		session_close(&kept);
	if (kept.connection == NULL)
	{
		emit_progress("connect", ABSENT);
		session_open(request, &kept);
		session_begin_reading(&kept, request->row_bytes);
		session_watch_input(&kept);
	}
	request_forget_credentials(request);
	kept.row_bytes = request->row_bytes;
	kept.is_query = request->operation == OPERATION_QUERY;
	session_bound(&kept, request->query_timeout);
	announce(&kept);
	return &kept;
}

static void
read_source(Request *request)
{
	read_relation(open_kept(request), request);
}

static bool
query_source(Request *request)
{
	is_stopped = query_rows(open_kept(request), request);
	return is_stopped;
}

/* Each answer has ended its transaction, but for one that was cut off. */
static void
rest(void)
{
	if (is_stopped)
		session_stop(&kept);
	is_stopped = false;
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
									  .query = query_source,
									  .prepare = libpq_prepare,
									  .rest = rest});
}
