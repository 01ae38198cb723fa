/*
 * connect_failure.c — finds out why a connection failed: by the number of the server's error, by how far the
 * connection had come, and for a failure on the way by the number of the system's error.
 */
#include "connectors/guard/guard.h"
#include "connectors/sqlserver/connect_failure.h"
#include "connectors/sqlserver/plain_text.h"
#include "connectors/sqlserver/session.h"

#define LOST_HINT                                                                                            \
	"Check that a SQL Server listens on this port, and whether it demands encryption "                       \
	"(metadata.tls): a server that demands \"strict\" encryption is not supported."

static const DialMeaning of_server[] = {
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

static const DialMeaning tls_missing = {
	0,
	"tls",
	"tls",
	false,
	false,
	"The server does not offer TLS for the whole connection.",
	"Turn encryption on at the server. If the network is trusted, set the mode of metadata.tls to disable."};
static const DialMeaning tls_broken = {
	0,
	"tls",
	"tls",
	false,
	false,
	"No TLS connection could be made, or the server's certificate could not be verified.",
	"Give the certificate of the authority that signed it as metadata.tls.ca, check its dates, and use the name that the "
	"certificate is for, or the mode verify-ca. The server must have TLS 1.2 or newer."};

/* The library ends a connection that it wanted TLS for without a word of the reason. */
static void
describe_progress(DialFailure *failure)
{
	if (plain_text_has_been_refused())
		dial_failure_set(failure, &tls_missing);
	else if (guard_is_late() || session_library_error() == SYBETIME)
		dial_failure_set_late(failure);
	else if (plain_text_sent() == SENT_HANDSHAKE)
		dial_failure_set(failure, &tls_broken);
	else if (plain_text_sent() == SENT_GREETING && session_library_error() == SYBEFCON)
		dial_failure_set(failure, &tls_missing);
	else
		dial_failure_set_way(failure, LOST_HINT);
}

void
connect_failure_describe(DialFailure *failure)
{
	if (session_error() == 0)
		describe_progress(failure);
	else
		dial_failure_set_number(failure, of_server, session_error());
}
