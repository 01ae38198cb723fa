/*
 * connect_failure.c — finds out why a connection failed.
 *
 * libpq has one text for every reason. A refusal by the server has a SQLSTATE in it, whatever the server's
 * language. libpq's own messages are in English, since no locale is set, and are recognised by their words.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/libpq/connect_failure.h"
#include "connectors/libpq/certificate.h"

/* What identifies a failure: a SQLSTATE or its beginning, or words of the client library. */
typedef struct Pattern
{
	const char *sign;
	const char *step;
	const char *code;
	bool transient;
	bool another_address_may_help;
	const char *message;
	const char *hint;
} Pattern;

static const Pattern by_sqlstate[] = {
	{"28P01", "authenticate", "authentication", false, false, "The server refused the password.",
	 "Check the user name and the password."},
	{"28", "authenticate", "authentication", false, false, "The server refused the user.",
	 "Check the user name, and that the server's pg_hba.conf lets this user connect from here."},
	{"3D000", "connect", "database_not_found", false, false, "The database does not exist.",
	 "Check the database name."},
	{"42501", "connect", "permission", false, false, "The user may not connect to this database.",
	 "Grant CONNECT on the database."},
	{"53300", "connect", "refused", true, true, "The server has no connection to spare.",
	 "Try again later, or raise the server's max_connections."},
	{"57P03", "connect", "refused", true, true, "The server is starting up, shutting down or recovering.",
	 "Try again later."},
	{"0A000", "connect", "unsupported", false, false, "The server does not support this kind of connection.",
	 NULL},
	{"53", "connect", "refused", true, true, "The server lacks the resources for a connection.",
	 "Try again later."},
	{"57", "connect", "refused", true, true, "The server ended the connection.", "Try again later."},
	{"", "connect", "refused", false, true, "The server refused the connection.", NULL},
};

static const Pattern by_words[] = {
	{"Connection refused", "connect", "refused", true, true,
	 "Nothing accepts connections at this address and port.",
	 "Check host and port, and that the server listens on this address."},
	{"timed out", "connect", "timeout", true, true, "The server did not answer in time.",
	 "Check host and port, and that no firewall is in the way."},
	{"Permission denied", "connect", "refused", false, true,
	 "Connecting to this address is not allowed here.", NULL},
	{"Operation not permitted", "connect", "refused", false, true,
	 "Connecting to this address is not allowed here.", NULL},
	{"unreachable", "connect", "unreachable", true, true, "There is no way to this address.",
	 "Check the host, and the network between here and there."},
	{"No route to host", "connect", "unreachable", true, true, "There is no way to this address.",
	 "Check the host, and the network between here and there."},
	{"alert", "tls", "tls", false, false, "The server refused TLS, or the client's certificate.",
	 "Check that the certificate is valid and signed by an authority that the server knows, and the versions of TLS that the "
	 "server takes."},
	{"certificate verify failed", "tls", "tls", false, false,
	 "The server's certificate could not be verified.",
	 "Give the certificate of the authority that signed it as metadata.tls.ca."},
	{"does not match host name", "tls", "tls", false, false,
	 "The server's certificate is for another host name.",
	 "Use the name that the certificate is for, or the mode verify-ca."},
	{"host name must be specified for a verified", "tls", "tls", false, false,
	 "There is no host name to verify the server's certificate for.",
	 "Give a host name as the source's host."},
	{"received invalid response to SSL negotiation", "tls", "tls", false, true,
	 "What listens there does not speak PostgreSQL's protocol.", "Check host and port."},
	{"server does not support SSL", "tls", "tls", false, false, "The server does not offer TLS.",
	 "Turn TLS on at the server. If the network is trusted, set the mode of metadata.tls to prefer or disable."},
	{"error response during SSL", "tls", "tls", false, true,
	 "The server answered the request for TLS with an error.",
	 "Check host and port, and that the server has TLS."},
	{"root certificate", "tls", "tls", false, false, "The certificate authority could not be read.",
	 "metadata.tls.ca takes certificates in PEM form."},
	{"certificate", "tls", "tls", false, false, "A certificate or its key could not be used.",
	 "Certificates and keys are given in PEM form, and an encrypted key with its tls_client_key_passphrase."},
	{"private key", "tls", "tls", false, false, "A certificate or its key could not be used.",
	 "Certificates and keys are given in PEM form, and an encrypted key with its tls_client_key_passphrase."},
	{"SSL", "tls", "tls", false, true, "No TLS connection could be made.",
	 "Check host and port, and that the server has TLS 1.2 or newer."},
	{"server closed the connection", "connect", "unreachable", true, true,
	 "The connection was closed before it was ready.", NULL},
	{"could not receive data", "connect", "unreachable", true, true, "The connection was lost.", NULL},
	{"could not send", "connect", "unreachable", true, true, "The connection was lost.", NULL},
	{"SCRAM", "authenticate", "authentication", false, false,
	 "The server could not prove that it knows the password.", NULL},
	{"incorrect server signature", "authenticate", "authentication", false, false,
	 "The server could not prove that it knows the password.",
	 "Check host and port: another server than the one that is meant may answer there."},
	{"no password supplied", "authenticate", "authentication", false, false,
	 "The server asks for a password, and the credentials have none.",
	 "Give a password; a client certificate counts only with TLS, and where the server's pg_hba.conf takes it."},
	{"authentication method", "authenticate", "unsupported", false, false,
	 "The server asks for a kind of authentication that is not supported.", "Use scram-sha-256."},
	{"expected authentication request", "connect", "protocol", false, true,
	 "What listens there does not speak PostgreSQL's protocol.", "Check host and port."},
	{"", "connect", "protocol", false, true, "The connection could not be made.", NULL},
};

static void
take(ConnectFailure *failure, const Pattern *pattern)
{
	failure->step = pattern->step;
	failure->code = pattern->code;
	failure->transient = pattern->transient;
	failure->another_address_may_help = pattern->another_address_may_help;
	failure->message = pattern->message;
	failure->hint = pattern->hint;
}

static bool
is_sqlstate(const char *text)
{
	for (int i = 0; i < 5; i++)
		if (!isdigit((unsigned char) text[i]) && !isupper((unsigned char) text[i]))
			return false;
	return text[5] == ':';
}

/*
 * Returns the beginning of the server's own words: the SQLSTATE, which follows the severity and two spaces.
 * With TLS mode `prefer` the text may describe two attempts: the attempt that got as far as the password
 * explains more.
 */
static const char *
find_sqlstate(const char *text)
{
	const char *found = NULL;

	for (const char *at = strstr(text, ":  "); at; at = strstr(at + 1, ":  "))
	{
		if (!is_sqlstate(at + 3))
			continue;
		found = at + 3;
		if (strncmp(found, "28P01", 5) == 0)
			break;
	}
	return found;
}

/* Takes the first line, without libpq's prefix ("connection to server at … failed: "). */
static void
take_detail(ConnectFailure *failure, const char *text)
{
	const char *prefix = strstr(text, " failed: ");
	size_t length;

	if (prefix && prefix < text + strcspn(text, "\n"))
		text = prefix + strlen(" failed: ");
	length = strcspn(text, "\n");
	snprintf(failure->detail, sizeof(failure->detail), "%.*s", (int) length, text);
}

/* libpq's text is one for all of them; what the TLS library said is known. */
static void
explain_verdict(ConnectFailure *failure, Verdict verdict)
{
	static const struct
	{
		const char *message;
		const char *hint;
	} explanations[] = {
		[VERDICT_EXPIRED] = {"The server's certificate, or its authority's, has expired.",
							 "Renew the certificate at the server, and the authority in metadata.tls.ca."},
		[VERDICT_NOT_YET_VALID] = {"The server's certificate, or its authority's, is not valid yet.",
								   "Check the clocks of both machines, and the certificate's dates."},
		[VERDICT_SELF_SIGNED] = {"The server's certificate is signed by itself, and is not known here.",
								 "Give the certificate itself as metadata.tls.ca."},
		[VERDICT_UNKNOWN_AUTHORITY] =
			{"The server's certificate is signed by an authority that is not known here.",
			 "Give the authority's certificate as metadata.tls.ca; the server must "
			 "send those between its own and the authority's."},
	};

	if (verdict == VERDICT_NONE || verdict == VERDICT_OTHER)
		return;
	failure->message = explanations[verdict].message;
	failure->hint = explanations[verdict].hint;
}

void
connect_failure_describe(ConnectFailure *failure, PGconn *connection)
{
	const char *text = PQerrorMessage(connection);
	const char *sqlstate = find_sqlstate(text);
	const Pattern *pattern = sqlstate ? by_sqlstate : by_words;

	while (sqlstate ? strncmp(sqlstate, pattern->sign, strlen(pattern->sign)) != 0
					: strstr(text, pattern->sign) == NULL)
		pattern++;
	take(failure, pattern);
	if (!sqlstate && strcmp(pattern->sign, "certificate verify failed") == 0)
		explain_verdict(failure, certificate_verdict());
	take_detail(failure, sqlstate ? sqlstate + strlen("28P01: ") : text);
}

void
connect_failure_timed_out(ConnectFailure *failure, PGconn *connection)
{
	bool in_tls = PQstatus(connection) == CONNECTION_SSL_STARTUP;

	*failure = (ConnectFailure){
		.step = in_tls ? "tls" : "connect",
		.code = "timeout",
		.transient = true,
		.another_address_may_help = true,
		.message = "The server did not answer in time.",
		.hint = "Check host and port, where something else may listen, and that no firewall is in the way; "
				"connection_timeout bounds the wait."};
}

typedef struct Explanation
{
	const char *step;
	const char *code;
	const char *message;
	const char *hint;
} Explanation;

static void
explain(ConnectFailure *failure, const Explanation *explanation)
{
	*failure = (ConnectFailure){.step = explanation->step,
								.code = explanation->code,
								.message = explanation->message,
								.hint = explanation->hint};
}

void
connect_failure_refused(ConnectFailure *failure, Refusal refusal)
{
	static const Explanation explanations[] = {
		[REFUSAL_READABLE_PASSWORD] =
			{"authenticate", "tls",
			 "The server asks for the password in readable form on a connection without "
			 "TLS. It was not sent.",
			 "Turn TLS on at the server, or scram-sha-256 for this user. If the network "
			 "is trusted, set the mode of metadata.tls to disable."},
		[REFUSAL_NO_PROOF] =
			{"authenticate", "authentication",
			 "The server let the user in without proving that it knows the password.",
			 "Check host and port: another server than the one that is meant may answer there."},
		[REFUSAL_AUTHENTICATION] = {"authenticate", "unsupported",
									"The server asks for a kind of authentication that is not supported.",
									"Use scram-sha-256."},
		[REFUSAL_MALFORMED] = {"connect", "protocol",
							   "What listens there does not speak PostgreSQL's protocol.",
							   "Check host and port."},
		[REFUSAL_BEFORE_TLS] =
			{"tls", "tls",
			 "The server, or a listener on the way, sent readable bytes where TLS had to begin.",
			 "Check host and port, and the network between here and there."},
		[REFUSAL_TOO_MUCH] = {"connect", "protocol", "The server sent more than belongs to a login.",
							  "Check host and port."},
	};

	explain(failure, &explanations[refusal]);
}

void
connect_failure_unseen(ConnectFailure *failure)
{
	static const Explanation unseen = {
		"authenticate", "internal", "The connector cannot check what the server sends before libpq reads it.",
		"Build the connector with libpq and OpenSSL as shared libraries."};

	explain(failure, &unseen);
}

void
connect_failure_report(ConnectFailure *failure, const char *password)
{
	/* A hostile server could repeat the password, to have it stored in our error. */
	bool repeats = password && *password && strstr(failure->detail, password);

	give_up(&(Failure){.step = failure->step,
					   .code = failure->code,
					   .transient = failure->transient,
					   .message = failure->message,
					   .detail = repeats || failure->detail[0] == '\0' ? NULL : failure->detail,
					   .hint = failure->hint});
}
