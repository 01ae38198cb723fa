/*
 * connect_failure.c — finds out why a connection failed: by the number of the server's or the library's
 * error, and for a failure on the way by the number of the system's.
 */
#include <errmsg.h>
#include <mysqld_error.h>
#include <string.h>

#include "connectors/guard/guard.h"
#include "connectors/mysql/connect_failure.h"
#include "connectors/mysql/plain_text.h"

/* Errors that only MySQL has. */
#define MYSQL_PASSWORD_EXPIRED 1862
#define MYSQL_ACCOUNT_LOCKED   3118

static const DialMeaning of_server[] = {
	{ER_ACCESS_DENIED_ERROR, "authenticate", "authentication", false, false,
	 "The server refused the user or the password.",
	 "Check the user name and the password, that this user may connect from here, and whether the account "
	 "demands TLS (metadata.tls)."},
	{ER_ACCESS_DENIED_NO_PASSWORD_ERROR, "authenticate", "authentication", false, false,
	 "The server refused the user.", "Check the user name, and that the account has a password."},
	{ER_DBACCESS_DENIED_ERROR, "connect", "permission", false, false, "The user may not use this database.",
	 "Grant the user a right on the database, such as SELECT."},
	{ER_BAD_DB_ERROR, "connect", "database_not_found", false, false, "The database does not exist.",
	 "Check the database name: upper and lower case can differ."},
	{ER_HOST_NOT_PRIVILEGED, "connect", "permission", false, true,
	 "The server lets no user connect from this machine.",
	 "Create the user for the address of this machine, or for '%'."},
	{ER_HOST_IS_BLOCKED, "connect", "refused", false, true,
	 "The server has blocked this machine after too many failed connections.", "FLUSH HOSTS at the server."},
	{ER_CON_COUNT_ERROR, "connect", "refused", true, true, "The server has no connection to spare.",
	 "Try again later, or raise the server's max_connections."},
	{ER_TOO_MANY_USER_CONNECTIONS, "connect", "refused", true, false,
	 "The user has as many connections as it may have.", "Try again later, or raise the user's limit."},
	{ER_USER_LIMIT_REACHED, "connect", "refused", true, false, "The user has reached a limit of its account.",
	 "Try again later, or raise the user's limit."},
	{ER_SERVER_SHUTDOWN, "connect", "refused", true, true, "The server is shutting down.",
	 "Try again later."},
	{ER_ACCOUNT_HAS_BEEN_LOCKED, "authenticate", "authentication", false, false, "The account is locked.",
	 "ALTER USER … ACCOUNT UNLOCK at the server."},
	{MYSQL_ACCOUNT_LOCKED, "authenticate", "authentication", false, false, "The account is locked.",
	 "ALTER USER … ACCOUNT UNLOCK at the server."},
	{ER_MUST_CHANGE_PASSWORD, "authenticate", "authentication", false, false, "The password has expired.",
	 "Set a new one at the server, and here."},
	{MYSQL_PASSWORD_EXPIRED, "authenticate", "authentication", false, false, "The password has expired.",
	 "Set a new one at the server, and here."},
	{CR_PLUGIN_NOT_ALLOWED, "authenticate", "unsupported", false, false,
	 "The server asks for a way to log in that is not supported.",
	 "Use mysql_native_password, caching_sha2_password, sha256_password or ed25519 for this user."},
	{CR_AUTH_PLUGIN_CANNOT_LOAD, "authenticate", "unsupported", false, false,
	 "The library has no plugin for the way to log in that the server asks for.",
	 "Install the plugins of libmariadb where the library looks for them, or give the user another way."},
	{0, "connect", "refused", false, true, "The server refused the connection.", NULL},
};

/* By words of the library or of OpenSSL. */
typedef struct TlsMeaning
{
	const char *words;
	const char *message;
	const char *hint;
} TlsMeaning;

static const TlsMeaning of_tls[] = {
	{"expired", "The server's certificate, or its authority's, has expired.",
	 "Renew the certificate at the server, and the authority in metadata.tls.ca."},
	{"not yet valid", "The server's certificate, or its authority's, is not valid yet.",
	 "Check the clocks of both machines, and the certificate's dates."},
	{"Validation of SSL server certificate failed", "The server's certificate is for another host name.",
	 "Use the name that the certificate is for, or the mode verify-ca."},
	{"hostname", "The server's certificate is for another host name.",
	 "Use the name that the certificate is for, or the mode verify-ca."},
	{"server does not support", "The server does not offer TLS.",
	 "Turn TLS on at the server. If the network is trusted, set the mode of metadata.tls to prefer or disable."},
	{"alert", "The server refused TLS, or the client's certificate.",
	 "Check that the certificate is valid and signed by an authority that the server knows."},
	{"certificate", "The server's certificate could not be verified.",
	 "Give the certificate of the authority that signed it as metadata.tls.ca."},
	{"", "No TLS connection could be made.",
	 "Certificates and keys are given in PEM form. The server must have TLS 1.2 or newer."},
};

static void
describe_tls(DialFailure *failure, const char *text)
{
	const TlsMeaning *meaning = of_tls;

	while (strstr(text, meaning->words) == NULL)
		meaning++;
	dial_failure_set(
		failure,
		&(DialMeaning){.step = "tls", .code = "tls", .message = meaning->message, .hint = meaning->hint});
}

/* The guard refused to send something: without TLS, as `require` and more demand it, or the question for a
 * key. */
static void
describe_refusal(DialFailure *failure, bool wants_tls)
{
	dial_failure_set(
		failure,
		wants_tls
			? &(DialMeaning){.step = "tls",
							 .code = "tls",
							 .message = "The server does not offer TLS.",
							 .hint = "Turn TLS on at the server. If the network is trusted, set the mode of "
									 "metadata.tls to prefer or disable."}
			: &(DialMeaning){.step = "authenticate",
							 .code = "authentication",
							 .message = "Without TLS the server wants the password itself, encrypted for a "
										"key that it hands out.",
							 .hint = "Turn TLS on at the server. If the network is trusted, set the mode of "
									 "metadata.tls to disable."});
}

void
connect_failure_describe(DialFailure *failure, MYSQL *connection, bool wants_tls)
{
	unsigned error = mysql_errno(connection);
	const char *text = mysql_error(connection);

	if (plain_text_has_been_refused())
		describe_refusal(failure, wants_tls);
	else if (guard_is_late())
		dial_failure_set_late(failure);
	else if (error == CR_SSL_CONNECTION_ERROR)
		describe_tls(failure, text);
	else if (error >= CR_MIN_ERROR && error <= CR_SERVER_LOST)
		dial_failure_set_way(failure, "Check that a MySQL or MariaDB server listens on this port.");
	else
		dial_failure_set_number(failure, of_server, error);
}
