/*
 * main.c — the connector for PostgreSQL 10 and later. src/wire/README.md says how it is called.
 */
#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/request.h"
#include "connectors/postgresql/connect.h"
#include "connectors/postgresql/discover.h"
#include "connectors/postgresql/rows.h"
#include "connectors/postgresql/sample.h"
#include "connectors/postgresql/version.h"

/* "PostgreSQL 15.4": the server's version without the packager's additions. */
static void
announce(const char *version, const char *identity)
{
	char server[64];

	snprintf(server, sizeof(server), "PostgreSQL %.*s", (int) strcspn(version, " "), version);
	emit_connected(server, identity);
}

/*
 * Which cluster and database this is: what oids mean something in. A standby is the same one, a restored dump
 * is another. Where it may not be read, nothing is said of it.
 */
static void
announce_identified(Session *session)
{
	static const char identify[] = "SELECT pg_catalog.format('%s/%s', s.system_identifier, d.oid) "
								   "FROM pg_catalog.pg_control_system() s, pg_catalog.pg_database d "
								   "WHERE d.datname = pg_catalog.current_database()";
	PGresult *failed = NULL;
	PGresult *result;

	session_ask(session, identify, NULL);
	session_end_batch(session);
	result = session_receive(session, &failed);
	session_receive_end(session);
	announce(PQparameterStatus(session->connection, "server_version"),
			 result && PQntuples(result) == 1 ? row_name(result, 0, 0) : NULL);
	PQclear(result);
	PQclear(failed);
}

/* Asking the server for its version proves that it does more than let users in. */
static void
test(Session *session)
{
	PGresult *result;

	session_ask(session, "SHOW server_version", NULL);
	session_end_batch(session);
	result = session_receive(session, NULL);
	session_receive_end(session);
	if (PQntuples(result) != 1)
		give_up_malformed();
	announce(row_name(result, 0, 0), NULL);
	PQclear(result);
}

int
main(void)
{
	Request request;
	Session session;
	const char *signature = NULL;

	emit_hello("postgresql", CONNECTOR_VERSION);
	request_read(&request);
	emit_progress("connect", ABSENT);
	connect_to(&request, &session);
	if (request.operation == OPERATION_TEST)
		test(&session);
	else if (request.operation == OPERATION_SAMPLE)
	{
		announce(PQparameterStatus(session.connection, "server_version"), NULL);
		sample(&session, &request.sample);
	}
	else
	{
		announce_identified(&session);
		signature = discover(&session, &request);
	}
	PQfinish(session.connection);
	emit_end(signature);
	return 0;
}
