#include "connectors/cassandra/greeting.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "connectors/cassandra/session.h"
#include "connectors/common/configuration.h"
#include "connectors/common/emit.h"

/* The server's authenticators that take a user name and a password by PLAIN. */
static const char *const takers[] = {"org.apache.cassandra.auth.PasswordAuthenticator",
									 "org.apache.cassandra.auth.MutualTlsWithPasswordFallbackAuthenticator",
									 "com.datastax.bdp.cassandra.auth.PasswordAuthenticator",
									 "com.scylladb.auth.TransitionalAuthenticator",
									 "com.scylladb.auth.SaslauthdAuthenticator",
									 "com.instaclustr.cassandra.auth.SharedSecretAuthenticator",
									 "com.ericsson.bss.cassandra.ecaudit.auth.AuditPasswordAuthenticator",
									 "com.amazon.helenus.auth.HelenusAuthenticator",
									 "io.aiven.cassandra.auth.AivenAuthenticator"};

/* This one wants to be told the mechanism first. */
#define DSE_AUTHENTICATOR "com.datastax.bdp.cassandra.auth.DseAuthenticator"
#define DSE_MECHANISM     "PLAIN"
#define DSE_CHALLENGE     "PLAIN-START"

static const DialMeaning of_errors[] = {
	{CQL_CREDENTIALS, "authenticate", "authentication", false, false,
	 "The server refused the user or the password.", "Check the user name and the password."},
	{CQL_UNAUTHORIZED, "authenticate", "permission", false, false, "The user may not log in.",
	 "Give the role LOGIN at the server, and access to this data center."},
	{CQL_OVERLOADED, "connect", "refused", true, true, "The server is overloaded.", "Try again later."},
	{CQL_BOOTSTRAPPING, "connect", "refused", true, true, "The node is still joining its cluster.",
	 "Try again later, or give another node."},
	{CQL_UNAVAILABLE, "authenticate", "refused", true, true,
	 "The nodes that know the users are not available.",
	 "Try again later. The keyspace system_auth should be replicated to every data center."},
	{CQL_READ_TIMEOUT, "authenticate", "refused", true, true,
	 "The nodes that know the users did not answer in time.",
	 "Try again later. The keyspace system_auth should be replicated to every data center."},
	{CQL_PROTOCOL, "connect", "unsupported", false, true, "The server refused version 4 of the CQL protocol.",
	 "Cassandra 3.0 and later speak it."},
	{0, "connect", "refused", false, true, "The server refused the connection.", NULL},
};

static const DialMeaning other_version = {
	0,
	"connect",
	"unsupported",
	false,
	true,
	"The server does not speak version 4 of the CQL protocol.",
	"Cassandra 3.0 and later speak it, unless the server's settings forbid older versions "
	"(native_transport_allow_older_protocols)."};
static const DialMeaning not_cql = {0,
									"connect",
									"protocol",
									false,
									true,
									"What answers at this port does not speak the CQL protocol.",
									"Check the port: Cassandra usually listens on 9042."};
static const DialMeaning unknown_class = {
	0,
	"authenticate",
	"unsupported",
	false,
	false,
	"The server asks for a way to log in that is not supported.",
	"The password was not sent. Ways that take a user name and a password by PLAIN are supported, such as "
	"PasswordAuthenticator."};
static const DialMeaning readable_password = {
	0,
	"authenticate",
	"authentication",
	false,
	false,
	"Without TLS the server wants the password as it is, which was not sent.",
	"Turn TLS on at the server. If the network is trusted, set the mode of metadata.tls to disable."};
static const DialMeaning no_password = {
	0,     "configure", "configuration",
	false, false,       "The server wants a password, and the credentials have none.",
	NULL};
static const DialMeaning challenge = {
	0,
	"authenticate",
	"unsupported",
	false,
	false,
	"The server asks for more than a password.",
	"Give the user a way to log in that takes a user name and a password alone."};

/* Returns false with a failure. */
static bool
ask(FrameReader *reader, Opcode asked, WireBuffer *request, Opcode *answered, Body *body,
	DialFailure *failure)
{
	FrameState state = FRAME_LOST;

	if (frame_send(reader->connection, asked, request))
		state = frame_receive(reader, answered, body);
	wire_free(request);
	switch (state)
	{
		case FRAME_FINE:
			if (*answered == OPCODE_ERROR)
				dial_failure_set_number(failure, of_errors, (unsigned) body_int(body));
			return *answered != OPCODE_ERROR;
		case FRAME_LOST:
			tcp_failure(reader->connection, failure,
						"Check that a Cassandra node listens on this port, and whether it demands TLS.");
			return false;
		case FRAME_OTHER_VERSION:
			dial_failure_set(failure, &other_version);
			return false;
		default:
			dial_failure_set(failure, &not_cql);
			return false;
	}
}

static bool
takes_password(Bytes authenticator)
{
	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++)
		if (bytes_are(authenticator, takers[i]))
			return true;
	return false;
}

/* Is it a name that can be told? */
static bool
is_class_name(Bytes name)
{
	for (size_t i = 0; i < name.length; i++)
		if (!isalnum(name.bytes[i]) && strchr("._$", name.bytes[i]) == NULL)
			return false;
	return name.length > 0 && name.length <= 100;
}

static const DialMeaning *
objection(const LoginCredentials *credentials, Bytes authenticator, bool may_tell)
{
	if (!takes_password(authenticator) && !bytes_are(authenticator, DSE_AUTHENTICATOR))
		return &unknown_class;
	if (!may_tell)
		return &readable_password;
	return configuration_lacks(credentials->password) ? &no_password : NULL;
}

static void
put_plain(WireBuffer *request, const LoginCredentials *credentials)
{
	size_t user = strlen(credentials->username);
	size_t password = strlen(credentials->password);

	put_int(request, (int32_t) (user + password + 2));
	wire_append(request, "", 1);
	wire_append(request, credentials->username, user);
	wire_append(request, "", 1);
	wire_append(request, credentials->password, password);
}

static bool
log_in(FrameReader *reader, const LoginCredentials *credentials, Bytes authenticator, DialFailure *failure)
{
	WireBuffer request = {0};
	Opcode answered;
	Body body;

	emit_progress("authenticate", ABSENT);
	if (bytes_are(authenticator, DSE_AUTHENTICATOR))
	{
		put_long_string(&request, DSE_MECHANISM, strlen(DSE_MECHANISM));
		if (!ask(reader, OPCODE_AUTH_RESPONSE, &request, &answered, &body, failure))
			return false;
		if (answered != OPCODE_AUTH_CHALLENGE || !bytes_are(body_value(&body), DSE_CHALLENGE))
		{
			dial_failure_set(failure, &challenge);
			return false;
		}
	}
	put_plain(&request, credentials);
	if (!ask(reader, OPCODE_AUTH_RESPONSE, &request, &answered, &body, failure))
		return false;
	if (answered == OPCODE_AUTH_SUCCESS)
		return true;
	dial_failure_set(failure, answered == OPCODE_AUTH_CHALLENGE ? &challenge : &not_cql);
	return false;
}

bool
greet(FrameReader *reader, const LoginCredentials *credentials, bool may_tell, DialFailure *failure)
{
	WireBuffer request = {0};
	const DialMeaning *why_not;
	Opcode answered;
	Bytes authenticator;
	Body body;

	put_short(&request, 1);
	put_string(&request, "CQL_VERSION");
	put_string(&request, "3.0.0");
	if (!ask(reader, OPCODE_STARTUP, &request, &answered, &body, failure))
		return false;
	if (answered == OPCODE_READY)
		return true;
	authenticator = body_string(&body);
	why_not = answered == OPCODE_AUTHENTICATE && !body.is_broken
				  ? objection(credentials, authenticator, may_tell)
				  : &not_cql;
	if (why_not != NULL)
	{
		dial_failure_set(failure, why_not);
		if (why_not == &unknown_class && is_class_name(authenticator))
			snprintf(failure->detail, sizeof(failure->detail), "Its name is %.*s.",
					 (int) authenticator.length, (const char *) authenticator.bytes);
		return false;
	}
	return log_in(reader, credentials, authenticator, failure);
}
