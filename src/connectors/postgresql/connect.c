/*
 * connect.c — which of the servers that libpq has logged in to is taken.
 */
#include "connectors/common/configuration.h"
#include "connectors/common/emit.h"
#include "connectors/libpq/dial.h"
#include "connectors/postgresql/connect.h"

/* The column was renamed in PostgreSQL 12. */
#define NAMED_CLIENT(name)                                                                                        \
	"SELECT 1 FROM pg_catalog.pg_stat_ssl WHERE pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid() AND " name \
	" IS NOT NULL"

/*
 * Did the server see our client certificate? Only the server knows. It does not matter if a server lies: this
 * check prevents a login without a secret at an honest server.
 */
static bool
used_client_key(Session *session)
{
	PGresult *result;
	bool used;

	if (!PQsslInUse(session->connection))
		return false;
	session_ask_begin(session, session->query_timeout, CATALOG_LOCK_MILLISECONDS);
	session_ask(session, session->version >= 120000 ? NAMED_CLIENT("client_dn") : NAMED_CLIENT("clientdn"),
				NULL);
	session_end_batch(session);
	session_receive_begin(session, NULL);
	result = session_receive(session, NULL);
	used = PQntuples(result) == 1;
	PQclear(result);
	session_receive_end(session);
	session_rollback(session);
	return used;
}

static void
check_secret_was_used(Session *session, const LoginCredentials *credentials)
{
	if (PQconnectionUsedPassword(session->connection))
		return;
	if (configuration_lacks(credentials->key) || !used_client_key(session))
		libpq_give_up_without_secret();
}

static void
check_version(PGconn *connection)
{
	if (PQserverVersion(connection) < 100000)
		give_up(&(Failure){.step = "connect",
						   .code = "unsupported",
						   .message = "The server is older than PostgreSQL 10.",
						   .detail = PQparameterStatus(connection, "server_version")});
}

void
connect_to(Request *request, Session *session)
{
	LoginCredentials credentials;
	Deadline deadline = deadline_after(request->connection_timeout);
	PGconn *connection =
		libpq_connect(request, "PostgreSQL usually listens on port 5432.", deadline, &credentials);

	check_version(connection);
	session_open(session, connection, request->query_timeout, deadline);
	check_secret_was_used(session, &credentials);
	login_credentials_forget(&credentials);
}
