/*
 * connect_failure.c — finds out why a connection failed: by the number of the server's error, by how far the
 * connection had come, and for a failure on the way by the number of the system's error.
 */
#include <errno.h>
#include <stdio.h>

#include "connectors/common/emit.h"
#include "connectors/guard/guard.h"
#include "connectors/sqlserver/connect_failure.h"
#include "connectors/sqlserver/plain_text.h"
#include "connectors/sqlserver/session.h"

typedef struct Meaning
{
	unsigned error;
	const char *step;
	const char *code;
	bool transient;
	bool another_address_may_help;
	const char *message;
	const char *hint;
} Meaning;

static const Meaning of_server[] = {
	{18456, "authenticate", "authentication", false, false, "The server refused the login or the password.",
	 "Check user name, password and database, and that the server allows logins of SQL Server beside those of Windows."},
	{18452, "authenticate", "authentication", false, false,
	 "The server takes no logins of SQL Server itself.",
	 "Turn on the mode \"SQL Server and Windows Authentication\" at the server."},
	{18470, "authenticate", "authentication", false, false, "The login is disabled.",
	 "ALTER LOGIN … ENABLE at the server."},
	{18486, "authenticate", "authentication", false, false, "The login is locked.",
	 "ALTER LOGIN … WITH PASSWORD = … UNLOCK at the server."},
	{18487, "authenticate", "authentication", false, false, "The password has expired.",
	 "Set a new one at the server, and here."},
	{18488, "authenticate", "authentication", false, false, "The password must be changed.",
	 "Set a new one at the server, and here."},
	{4060, "connect", "database_not_found", false, false,
	 "The database does not exist, or the login may not use it.",
	 "Check the database name, and that the login has a user in the database."},
	{4063, "connect", "database_not_found", false, false,
	 "The database does not exist, or the login may not use it.",
	 "Check the database name, and that the login has a user in the database."},
	{916, "connect", "permission", false, false, "The login may not use this database.",
	 "CREATE USER … FOR LOGIN … in the database."},
	{17809, "connect", "refused", true, true, "The server has no connection to spare.", "Try again later."},
	{10928, "connect", "refused", true, false, "The database has reached a limit of its service.",
	 "Try again later."},
	{10929, "connect", "refused", true, false, "The server is busy.", "Try again later."},
	{40613, "connect", "refused", true, false, "The database is not available at present.",
	 "Try again later."},
	{40615, "connect", "permission", false, false, "The server's firewall lets this machine not in.",
	 "Allow the address of this machine in the firewall of the server."},
	{17142, "connect", "refused", true, true, "The server is paused.", "Try again later."},
	{6005, "connect", "refused", true, true, "The server is shutting down.", "Try again later."},
	{0, "connect", "refused", false, true, "The server refused the connection.", NULL},
};

static const Meaning way_refused = {0,
									"connect",
									"refused",
									true,
									true,
									"Nothing accepts connections at this address and port.",
									"Check host and port, and that the server listens on this address."};
static const Meaning way_forbidden = {
	0, "connect", "refused", false, true, "Connecting to this address is not allowed here.", NULL};
static const Meaning way_unreachable = {0,
										"connect",
										"unreachable",
										true,
										true,
										"There is no way to this address.",
										"Check the host, and the network between here and there."};
static const Meaning way_lost = {
	0,
	"connect",
	"unreachable",
	true,
	true,
	"The connection was closed before it was ready.",
	"Check that a SQL Server listens on this port, and whether it demands encryption "
	"(metadata.tls): a server that demands \"strict\" encryption is not supported."};
static const Meaning late = {
	0,
	"connect",
	"timeout",
	true,
	true,
	"The server did not answer in time.",
	"Check host and port, and that no firewall is in the way; connection_timeout bounds the wait."};
static const Meaning tls_missing = {
	0,
	"tls",
	"tls",
	false,
	false,
	"The server does not offer TLS for the whole connection.",
	"Turn encryption on at the server. If the network is trusted, set the mode of metadata.tls to disable."};
static const Meaning tls_broken = {
	0,
	"tls",
	"tls",
	false,
	false,
	"No TLS connection could be made, or the server's certificate could not be verified.",
	"Give the certificate of the authority that signed it as metadata.tls.ca, check its dates, and use the name that the "
	"certificate is for, or the mode verify-ca. The server must have TLS 1.2 or newer."};

static void
take(ConnectFailure *failure, const Meaning *meaning)
{
	*failure = (ConnectFailure){.step = meaning->step,
								.code = meaning->code,
								.transient = meaning->transient,
								.another_address_may_help = meaning->another_address_may_help,
								.message = meaning->message,
								.hint = meaning->hint};
}

static const Meaning *
of_way(int system)
{
	if (system == ECONNREFUSED)
		return &way_refused;
	if (system == EACCES || system == EPERM)
		return &way_forbidden;
	if (system == ENETUNREACH || system == EHOSTUNREACH)
		return &way_unreachable;
	return &way_lost;
}

/* The library ends a connection that it wanted TLS for without a word of the reason. */
static const Meaning *
of_progress(void)
{
	if (plain_text_has_been_refused())
		return &tls_missing;
	if (guard_is_late() || session_library_error() == SYBETIME)
		return &late;
	if (plain_text_sent() == SENT_HANDSHAKE)
		return &tls_broken;
	if (plain_text_sent() == SENT_GREETING && session_library_error() == SYBEFCON)
		return &tls_missing;
	return of_way(guard_dialing_error());
}

void
connect_failure_describe(ConnectFailure *failure)
{
	unsigned error = session_error();
	const Meaning *meaning = of_server;

	if (error == 0)
	{
		take(failure, of_progress());
		return;
	}
	while (meaning->error != 0 && meaning->error != error)
		meaning++;
	take(failure, meaning);
	snprintf(failure->detail, sizeof(failure->detail), "The error's number is %u.", error);
}

void
connect_failure_report(const ConnectFailure *failure)
{
	give_up(&(Failure){.step = failure->step,
					   .code = failure->code,
					   .transient = failure->transient,
					   .message = failure->message,
					   .detail = failure->detail[0] == '\0' ? NULL : failure->detail,
					   .hint = failure->hint});
}
