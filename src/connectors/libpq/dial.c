/*
 * dial.c — dials, bounded in time, with the settings of the request alone.
 *
 * libpq fills gaps from the environment, service files, password files and files in the home directory. None
 * of them has an effect here: the environment is cleared and the home directory does not exist, so a source
 * can neither borrow the server's identity nor read its files. The name in `host` serves TLS only; libpq
 * dials `hostaddr`, one address after the other, so that each one gets its share of the time. The server
 * checks each address when it is dialed, or has checked those of the request.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "connectors/common/configuration.h"
#include "connectors/common/deadline.h"
#include "connectors/common/emit.h"
#include "connectors/common/environment.h"
#include "connectors/common/memory.h"
#include "connectors/common/resolve.h"
#include "connectors/libpq/dial.h"
#include "connectors/libpq/connect_failure.h"
#include "connectors/libpq/certificate.h"
#include "connectors/libpq/incoming.h"
#include "connectors/common/tls_files.h"

/* A path that does not exist means no file; without the parameter libpq would use a default file. */
#define NO_FILE        "/nonexistent/none"
#define MAX_PARAMETERS 32

typedef struct Parameters
{
	int count;
	const char *names[MAX_PARAMETERS + 1];
	const char *values[MAX_PARAMETERS + 1];
} Parameters;

/* libpq would accept lists and socket directories as a host. */
static void
check_endpoint(const Request *request, const char *usual_port)
{
	if (configuration_lacks(request->host) || strpbrk(request->host, ",/@"))
		configuration_fails("The host is missing or malformed.", "Give one host name or address.");
	if (request->port == 0)
		configuration_fails("The port is missing.", usual_port);
	if (configuration_lacks(request->database))
		configuration_fails("The database name is missing.", NULL);
	configuration_check_addresses(request);
}

static void
take_credentials(Request *request, LoginCredentials *credentials)
{
	login_credentials_take(credentials, request);
	if (configuration_lacks(credentials->password) && configuration_lacks(credentials->key))
		configuration_fails("The credentials have neither a password nor a client key.",
							"Servers that ask for none are not connected to.");
}

static void
set(Parameters *parameters, const char *name, const char *value)
{
	parameters->names[parameters->count] = name;
	parameters->values[parameters->count++] = value;
	parameters->names[parameters->count] = NULL;
}

static void
set_tls(Parameters *parameters, const Request *request, const LoginCredentials *credentials)
{
	static const char *const modes[] = {"disable", "prefer", "require", "verify-ca", "verify-full"};

	set(parameters, "sslmode", modes[request->tls_mode]);
	set(parameters, "ssl_min_protocol_version", "TLSv1.2");
	set(parameters, "gssencmode", "disable");
	set(parameters, "channel_binding", "prefer");
	if (!configuration_lacks(request->tls_ca))
		set(parameters, "sslrootcert", tls_file(request->tls_ca));
	else if (request->tls_mode >= TLS_VERIFY_CA)
		set(parameters, "sslrootcert", tls_system_roots());
	else
		set(parameters, "sslrootcert", NO_FILE);
	set(parameters, "sslcrl", NO_FILE);
	set(parameters, "sslcert",
		configuration_lacks(credentials->key) ? NO_FILE : tls_file(credentials->certificate));
	set(parameters, "sslkey", configuration_lacks(credentials->key) ? NO_FILE : tls_file(credentials->key));
	/* Without any, OpenSSL would ask a person for the passphrase. */
	set(parameters, "sslpassword",
		configuration_lacks(credentials->passphrase) ? "none" : credentials->passphrase);
}

/* port is the text of a number and must live as long as the parameters. */
static void
set_parameters(Parameters *parameters, const Request *request, const LoginCredentials *credentials,
			   const char *port)
{
	set(parameters, "host", request->host);
	set(parameters, "port", port);
	set(parameters, "dbname", request->database);
	set(parameters, "user", credentials->username);
	set(parameters, "password", credentials->password);
	set(parameters, "passfile", NO_FILE);
	set(parameters, "application_name", "rivergen");
	set(parameters, "client_encoding", "UTF8");
	set(parameters, "target_session_attrs", "any");
	set(parameters, "keepalives", "1");
	set(parameters, "keepalives_idle", "60");
	set(parameters, "keepalives_interval", "10");
	set(parameters, "keepalives_count", "6");
	set_tls(parameters, request, credentials);
}

static void
ignore_notice(void *argument, const char *message)
{
	(void) argument;
	(void) message;
}

/*
 * Waits until libpq has connected or failed, or the deadline has passed; returns false in the latter case.
 * The socket may change from one step to the next, since `prefer` can mean a second attempt.
 */
static bool
finish_connecting(PGconn *connection, Deadline deadline)
{
	PostgresPollingStatusType next = PGRES_POLLING_WRITING;

	while (next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED)
	{
		struct pollfd socket = {.fd = PQsocket(connection),
								.events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT};
		int ready = poll(&socket, 1, deadline_milliseconds(deadline));

		if (ready == 0)
			return false;
		if (ready > 0)
			next = PQconnectPoll(connection);
		else if (errno != EINTR)
			return false;
	}
	return true;
}

/* Bytes that a server may send before the login is complete: usually a few lines. */
#define LONGEST_LOGIN ((size_t) 256 * 1024)

/* Makes one attempt. Returns the connection, or NULL after describing the failure. */
static PGconn *
dial(const Parameters *parameters, bool readable_password, Deadline deadline, ConnectFailure *failure)
{
	PGconn *connection = PQconnectStartParams(parameters->names, parameters->values, 0);

	if (connection == NULL)
		give_up_out_of_memory();
	PQsetNoticeProcessor(connection, ignore_notice, NULL);
	/* The server's messages may be in any language; the verbose form has the SQLSTATE in it. */
	PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
	incoming_watch(connection, readable_password);
	certificate_watch();
	incoming_expect(LONGEST_LOGIN);
	if (PQstatus(connection) == CONNECTION_BAD)
		connect_failure_describe(failure, connection);
	else if (!finish_connecting(connection, deadline))
		connect_failure_timed_out(failure, connection);
	else if (incoming_refusal() != REFUSAL_NONE)
		connect_failure_refused(failure, incoming_refusal());
	else if (PQstatus(connection) != CONNECTION_OK)
		connect_failure_describe(failure, connection);
	else if (!incoming_saw_login())
		connect_failure_unseen(failure);
	else
		return connection;
	PQfinish(connection);
	return NULL;
}

/*
 * Dials the addresses of the request, or else those of the name.
 *
 * Every address gets its share of the remaining time, so that an unreachable one leaves time for the others.
 */
static PGconn *
dial_addresses(Request *request, Parameters *parameters, Deadline deadline, ConnectFailure *failure)
{
	int address_parameter = parameters->count;

	set(parameters, "hostaddr", NULL);
	if (request->addresses == NULL)
		request->addresses = resolve_host(request->host, &request->address_count);
	for (int i = 0; i < request->address_count; i++)
	{
		Deadline share = deadline_share(deadline, request->address_count - i);
		PGconn *connection;

		parameters->values[address_parameter] = request->addresses[i];
		connection = dial(parameters, request->tls_mode == TLS_DISABLE || request->tunnel, share, failure);
		if (connection || !failure->another_address_may_help)
			return connection;
		emit_log("info", failure->message);
	}
	return NULL;
}

/* Any password will do: OpenSSL reads its configuration and loads its algorithms with the first one. */
void
libpq_prepare(void)
{
	PQfreemem(PQencryptPassword("", ""));
}

void
libpq_give_up_without_secret(void)
{
	give_up(&(Failure){.step = "authenticate",
					   .code = "authentication",
					   .message = "The server let the user in without asking for a password or a client key.",
					   .hint =
						   "Require scram-sha-256 (or a client certificate) for this user in the server's "
						   "pg_hba.conf: without a secret, any user of this server could log in there with "
						   "its identity."});
}

PGconn *
libpq_connect(Request *request, const char *usual_port, Deadline deadline, LoginCredentials *credentials)
{
	Parameters parameters = {0};
	ConnectFailure failure = {0};
	char port[8];
	PGconn *connection;

	environment_clear();
	check_endpoint(request, usual_port);
	take_credentials(request, credentials);
	snprintf(port, sizeof(port), "%d", request->port);
	set_parameters(&parameters, request, credentials, port);
	connection = dial_addresses(request, &parameters, deadline, &failure);
	if (connection == NULL)
		connect_failure_report(&failure, credentials->password);
	PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
	return connection;
}
