/*
 * connect.c — finds a node that takes the session. Every node knows everything, so that one is enough.
 */
#include "connectors/cassandra/connect.h"

#include <stdio.h>
#include <string.h>

#include "connectors/cassandra/catalog.h"
#include "connectors/cassandra/greeting.h"
#include "connectors/common/attempt.h"
#include "connectors/common/configuration.h"
#include "connectors/common/emit.h"
#include "connectors/guard/guard.h"

static void
check_endpoint(const Request *request)
{
	if (configuration_lacks(request->host))
		configuration_fails("The host is missing.", NULL);
	if (request->port == 0)
		configuration_fails("The port is missing.", "Cassandra usually listens on port 9042.");
	if (configuration_lacks(request->database))
		configuration_fails("The keyspace is missing.", "Give it as database_name.");
}

/* ---- one address ---- */

/* What an attempt is made with, and what comes of it. */
typedef struct Dialing
{
	Request *request;
	LoginCredentials credentials;
	Session *session;
	Deadline deadline;
	DialFailure failure;
} Dialing;

static bool
try_address(const Dialing *dialing, const char *address, bool encrypts, DialFailure *failure)
{
	const Request *request = dialing->request;
	FrameReader *reader = &dialing->session->reader;
	bool may_tell = encrypts || request->tls_mode == TLS_DISABLE || request->tunnel;
	TcpTarget target;

	tcp_target_take(&target, request);
	target.encrypts = encrypts;
	target.certificate = dialing->credentials.certificate;
	target.key = dialing->credentials.key;
	target.passphrase = dialing->credentials.passphrase;
	reader->connection = tcp_open(&target, address, failure);
	if (reader->connection == NULL)
		return false;
	if (greet(reader, &dialing->credentials, may_tell, failure))
		return true;
	session_close(dialing->session);
	return false;
}

/*
 * TLS begins with the first byte, or never. `prefer` goes on without it where there is none, for servers that
 * ask for no password then.
 */
static bool
dial_address(void *argument, const char *address, DialFailure *failure)
{
	const Dialing *dialing = argument;
	TlsMode mode = dialing->request->tls_mode;

	if (mode != TLS_DISABLE && try_address(dialing, address, true, failure))
		return true;
	if (mode != TLS_DISABLE && (mode != TLS_PREFER || strcmp(failure->step, "tls") != 0))
		return false;
	return try_address(dialing, address, false, failure);
}

/* ---- one host ---- */

static void
dial_host(void *argument)
{
	Dialing *dialing = argument;

	configuration_check_addresses(dialing->request);
	if (!dial_addresses(dialing->request, dialing->deadline, &dialing->failure, dial_address, dialing))
		dial_failure_report(&dialing->failure);
}

static void
choose_host(Request *request, int number)
{
	const RequestHost *host = &request->hosts[number];

	request->host = host->name;
	request->port = host->port != 0 ? host->port : request->port;
	request->addresses = host->addresses;
	request->address_count = host->address_count;
}

/* Every node knows the same users, if it can ask those that keep them. */
static bool
another_host_may_help(const AttemptFailure *failure)
{
	return failure->transient ||
		   (strcmp(failure->step, "authenticate") != 0 && strcmp(failure->step, "configure") != 0);
}

/* A node that is down costs its share of the time, and not the job. */
static void
dial_hosts(Dialing *dialing, Deadline deadline)
{
	int count = dialing->request->host_count;
	AttemptFailure failure;

	for (int i = 0; i < count; i++)
	{
		choose_host(dialing->request, i);
		dialing->deadline = deadline_share(deadline, count - i);
		if (attempt(dial_host, dialing, &failure))
			return;
		if (!another_host_may_help(&failure))
			break;
		emit_log("info", failure.message);
	}
	give_up(&(Failure){.step = failure.step,
					   .code = failure.code,
					   .transient = failure.transient,
					   .message = failure.message,
					   .detail = failure.detail[0] != '\0' ? failure.detail : NULL,
					   .hint = failure.hint[0] != '\0' ? failure.hint : NULL});
}

/* Seconds that are left, for statements before `connected`. */
static int
seconds_left(Deadline deadline)
{
	int seconds = deadline_milliseconds(deadline) / 1000;

	return seconds > 0 ? seconds : 1;
}

void
connect_to(Request *request, Session *session)
{
	Deadline deadline = deadline_after(request->connection_timeout);
	Dialing dialing = {.request = request, .session = session, .deadline = deadline};

	check_endpoint(request);
	login_credentials_take(&dialing.credentials, request);
	*session = (Session){0};
	if (request->host_count > 1)
		dial_hosts(&dialing, deadline);
	else
		dial_host(&dialing);
	login_credentials_forget(&dialing.credentials);
	session->query_timeout = seconds_left(deadline);
	catalog_begin(session, request->database);
	session->query_timeout = request->query_timeout;
}

void
say_connected(const Session *session)
{
	char server[80];
	char dialect[WIRE_DIALECT_BYTES];
	size_t major = strspn(session->release, "0123456789");
	size_t minor =
		session->release[major] == '.' ? 1 + strspn(session->release + major + 1, "0123456789") : 0;

	snprintf(server, sizeof(server), "Cassandra %s", session->release);
	snprintf(dialect, sizeof(dialect), "cassandra %.*s", (int) (major + minor), session->release);
	emit_connected(server, dialect, NULL);
}

void
connect_and_say(Request *request, Session *session)
{
	emit_progress("connect", ABSENT);
	connect_to(request, session);
	say_connected(session);
}
