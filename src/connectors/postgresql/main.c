/*
 * main.c — the connector for PostgreSQL 10 and later, called as src/wire/README.md says.
 */
#include "connectors/common/emit.h"
#include "connectors/common/run.h"
#include "connectors/libpq/dial.h"
#include "connectors/postgresql/announce.h"
#include "connectors/postgresql/connect.h"
#include "connectors/postgresql/discover.h"
#include "connectors/postgresql/query.h"
#include "connectors/postgresql/read.h"
#include "connectors/postgresql/reading.h"
#include "connectors/postgresql/rows.h"
#include "connectors/postgresql/sample.h"

/*
 * Sends the identity of cluster and database, within which oids are unique. A standby has the same, a
 * restored dump another. If it may not be read it is left out.
 */
static void
announce_identified(Session *session)
{
	static const char identify[] = "SELECT pg_catalog.format('%s/%s', s.system_identifier, d.oid) "
								   "FROM pg_catalog.pg_control_system() s, pg_catalog.pg_database d "
								   "WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()";
	PGresult *failed = NULL;
	PGresult *result;

	session_begin_apart(session);
	session_ask(session, identify, NULL);
	session_end_apart(session);
	session_receive_begin(session, NULL);
	session_receive_begin_apart(session);
	result = session_receive(session, &failed);
	session_receive_end_apart(session);
	announce(PQparameterStatus(session->connection, "server_version"),
			 result && PQntuples(result) == 1 ? row_name(result, 0, 0) : NULL);
	PQclear(result);
	PQclear(failed);
}

/*
 * Sends the version in answer to a query, which proves that the server does more than log users in. Asked in
 * the batch that begins the transaction, as above.
 */
static void
announce_proven(Session *session)
{
	PGresult *result;

	session_ask(session, "SHOW server_version", NULL);
	session_end_batch(session);
	session_receive_begin(session, NULL);
	result = session_receive(session, NULL);
	session_receive_end(session);
	if (PQntuples(result) != 1)
		give_up_malformed();
	announce(row_name(result, 0, 0), NULL);
	PQclear(result);
}

/* Bytes of an answer beside documents, which have their own limit. */
#define BESIDE_DOCUMENTS ((int64_t) 8 * 1024 * 1024)

static size_t
longest_answer(const Request *request)
{
	int64_t longest = request->document_bytes < INT64_MAX / 2 ? request->document_bytes : INT64_MAX / 2;

	return (size_t) (longest + BESIDE_DOCUMENTS);
}

/* Connects, begins the transaction of all queries, and sends `connected`. */
static void
open_session(Request *request, Session *session, void (*announce_server)(Session *session))
{
	emit_progress("connect", ABSENT);
	connect_to(request, session);
	session_ask_begin(session, request->query_timeout, CATALOG_LOCK_MILLISECONDS);
	announce_server(session);
	session_opened(session, longest_answer(request));
}

static void
test_source(Request *request)
{
	Session session;

	open_session(request, &session, announce_proven);
	session_rollback(&session);
	PQfinish(session.connection);
}

/* Those to which the user may connect. */
static void
list_databases(Request *request)
{
	static const char list[] = "SELECT d.datname FROM pg_catalog.pg_database d "
							   "WHERE d.datallowconn AND NOT d.datistemplate "
							   "AND pg_catalog.has_database_privilege(d.oid, 'CONNECT') ORDER BY d.datname";
	Session session;
	PGresult *result;

	open_session(request, &session, announce_proven);
	session_ask(&session, list, NULL);
	session_end_batch(&session);
	result = session_receive(&session, NULL);
	session_receive_end(&session);
	for (int i = 0; i < PQntuples(result); i++)
		emit_database(row_name(result, i, 0));
	PQclear(result);
	session_rollback(&session);
	PQfinish(session.connection);
}

static const char *
discover_source(Request *request)
{
	Session session;
	const char *signature;

	open_session(request, &session, announce_identified);
	signature = discover(&session, request);
	session_rollback(&session);
	PQfinish(session.connection);
	return signature;
}

static void
sample_source(Request *request)
{
	Session session;

	open_session(request, &session, announce_proven);
	session_rollback(&session);
	sample(&session, &request->sample);
	PQfinish(session.connection);
}

int
main(void)
{
	return connector_run(&(Connector){.name = "postgresql",
									  .version = CONNECTOR_VERSION,
									  .signatures = true,
									  .test = test_source,
									  .discover = discover_source,
									  .sample = sample_source,
									  .databases = list_databases,
									  .read = read_relation,
									  .query = query_source,
									  .exact = true,
									  .prepare = libpq_prepare,
									  .rest = reading_rest});
}
