/*
 * session.c — connects and logs in.
 *
 * AUTH shows the password to everybody who listens: without TLS it is sent only when tls.mode says `disable`,
 * or through a tunnel. A port speaks either TLS or not. Under `prefer` a PING finds out which: a server
 * without TLS answers it, another one closes the connection or says an alert.
 */
#include "connectors/redis/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/attempt.h"
#include "connectors/common/configuration.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/guard/guard.h"
#include "connectors/redis/failure.h"

typedef struct Dialing
{
	const Request *request;
	const Login *login;
	Session *session;
} Dialing;

/* ---- what a server says of itself ---- */

/* Copies the value of a line `name:value` of INFO. */
static void
take_line(RespText info, const char *name, char *out, size_t size)
{
	size_t length = strlen(name);
	const char *line = info.bytes;

	while (line)
	{
		if (strncmp(line, name, length) == 0 && line[length] == ':')
		{
			line += length + 1;
			snprintf(out, size, "%.*s", (int) strcspn(line, "\r\n"), line);
			return;
		}
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
}

/* Valkey says both, and a redis_version that its clients expect. */
static void
take_info(Server *server, RespText info)
{
	char mode[16] = "";
	char valkey[32] = "";

	snprintf(server->product, sizeof(server->product), "Redis");
	take_line(info, "redis_version", server->version, sizeof(server->version));
	take_line(info, "valkey_version", valkey, sizeof(valkey));
	if (valkey[0] != '\0')
	{
		snprintf(server->product, sizeof(server->product), "Valkey");
		snprintf(server->version, sizeof(server->version), "%s", valkey);
	}
	take_line(info, "redis_mode", mode, sizeof(mode));
	server->is_cluster = strcmp(mode, "cluster") == 0;
}

/* ---- the login ---- */

static bool
receive(Session *session, RespAnswer *answer, DialFailure *failure)
{
	if (client_try_receive(&session->client, answer))
		return true;
	client_failure(&session->client, failure);
	return false;
}

/* Sends the command and takes its answer, which must be no error. */
static bool
ask(Session *session, RespAnswer *answer, const RespText *words, int count, DialFailure *failure)
{
	client_add(&session->client, words, count);
	if (!client_try_send(&session->client))
	{
		client_failure(&session->client, failure);
		return false;
	}
	if (!receive(session, answer, failure))
		return false;
	if (resp_root(answer)->kind != RESP_ERROR)
		return true;
	failure_describe(failure, answer, resp_root(answer));
	return false;
}

static bool
authenticate(Session *session, const Login *login, RespAnswer *answer, DialFailure *failure)
{
	RespText words[3] = {CLIENT_TEXT("AUTH")};
	int count = 1;
	bool is_fine;

	if (configuration_lacks(login->password))
		return true;
	emit_progress("authenticate", ABSENT);
	if (!configuration_lacks(login->username))
		words[count++] = CLIENT_TEXT(login->username);
	words[count++] = CLIENT_TEXT(login->password);
	is_fine = ask(session, answer, words, count, failure);
	wire_free(&session->client.commands); /* which is wiped */
	return is_fine;
}

/* A user may have no right to PING or INFO, and still read: that is no failure. */
static bool
ask_unless_refused(Session *session, RespAnswer *answer, const char *const *words, int count,
				   DialFailure *failure)
{
	RespText texts[2];

	for (int i = 0; i < count; i++)
		texts[i] = CLIENT_TEXT(words[i]);
	if (ask(session, answer, texts, count, failure))
		return true;
	return answer->count > 0 && resp_root(answer)->kind == RESP_ERROR &&
		   !failure_is_of_login(answer, resp_root(answer));
}

static bool
select_database(Session *session, const Login *login, RespAnswer *answer, DialFailure *failure)
{
	char number[16] = "";
	RespText words[] = {CLIENT_TEXT("SELECT"), CLIENT_TEXT(number)};

	if (login->database == 0)
		return true;
	snprintf(number, sizeof(number), "%d", login->database);
	words[1].length = strlen(number);
	return ask(session, answer, words, 2, failure);
}

static bool
log_in(Session *session, const Login *login, RespAnswer *answer, DialFailure *failure)
{
	if (!authenticate(session, login, answer, failure) ||
		!ask_unless_refused(session, answer, (const char *[]){"PING"}, 1, failure) ||
		!select_database(session, login, answer, failure) ||
		!ask_unless_refused(session, answer, (const char *[]){"INFO", "server"}, 2, failure))
		return false;
	take_info(&session->server, resp_root(answer)->kind == RESP_TEXT ? resp_text(answer, resp_root(answer))
																	 : (RespText){.bytes = ""});
	session->client.is_logged_in = true;
	return true;
}

/* ---- the connection ---- */

/* An answer of Redis, an error among them, is one of a server without TLS. */
static bool
speaks_plainly(const TcpTarget *target, const char *address, bool *is_plain, DialFailure *failure)
{
	TcpTarget plain = *target;
	TcpConnection *connection;
	char first;

	plain.encrypts = false;
	connection = tcp_open(&plain, address, failure);
	if (connection == NULL)
		return false;
	*is_plain = tcp_write(connection, "PING\r\n", 6) && tcp_read(connection, &first, 1) == 1 &&
				(first == '+' || first == '-');
	tcp_close(connection);
	return true;
}

static bool
is_safe_without_tls(const Request *request, const Login *login, DialFailure *failure)
{
	if (request->tunnel || configuration_lacks(login->password))
		return true;
	dial_failure_set(
		failure, &(DialMeaning){.step = "tls",
								.code = "tls",
								.message = "The server does not speak TLS, and the password would be sent "
										   "in a form that others can read.",
								.hint = "Turn TLS on at the server. If the network is trusted, set the mode "
										"of metadata.tls to disable."});
	return false;
}

static bool
choose_encryption(const Dialing *dialing, TcpTarget *target, const char *address, DialFailure *failure)
{
	bool is_plain;

	if (dialing->request->tls_mode != TLS_PREFER)
		return true;
	if (!speaks_plainly(target, address, &is_plain, failure))
		return false;
	target->encrypts = !is_plain;
	return !is_plain || is_safe_without_tls(dialing->request, dialing->login, failure);
}

/* A server that wants a client certificate may be heard to say so, or may be gone before. */
static void
describe_end_after_tls(DialFailure *failure)
{
	dial_failure_set(failure,
					 &(DialMeaning){.step = "tls",
									.code = "tls",
									.message = "The server has closed the connection when TLS had begun.",
									.hint = "It may demand a client certificate that it knows: "
											"tls_client_certificate and tls_client_key."});
}

static bool
dial_address(void *argument, const char *address, DialFailure *failure)
{
	Dialing *dialing = argument;
	const Login *login = dialing->login;
	RespAnswer answer = {.values = NULL};
	TcpConnection *connection;
	TcpTarget target;
	bool is_open;

	tcp_target_take(&target, dialing->request);
	target.certificate = login->certificate;
	target.key = login->key;
	target.passphrase = login->passphrase;
	if (!choose_encryption(dialing, &target, address, failure))
		return false;
	connection = tcp_open(&target, address, failure);
	if (connection == NULL)
		return false;
	client_begin(&dialing->session->client, connection, dialing->request->query_timeout, login->most_text);
	is_open = log_in(dialing->session, login, &answer, failure);
	if (!is_open && target.encrypts && !dialing->session->client.has_answered &&
		strcmp(failure->code, "unreachable") == 0)
		describe_end_after_tls(failure);
	if (!is_open)
		client_end(&dialing->session->client);
	resp_free(&answer);
	return is_open;
}

bool
session_try_open(Session *session, Request *request, const Login *login, DialFailure *failure)
{
	Dialing dialing = {.request = request, .login = login, .session = session};
	bool is_open =
		dial_addresses(request, deadline_after(request->connection_timeout), failure, dial_address, &dialing);

	guard_dial(NULL); /* names of other nodes are resolved as they are */
	return is_open;
}

/* ---- several hosts ---- */

typedef struct Host
{
	Session *session;
	Request *request;
	const Login *login;
} Host;

/* Gives up with the failure. */
static void
open_host(void *argument)
{
	Host *host = argument;
	DialFailure failure;

	if (!session_try_open(host->session, host->request, host->login, &failure))
		dial_failure_report(&failure);
}

static void
set_host(Request *request, const RequestHost *host)
{
	request->host = host->name;
	request->port = host->port;
	request->addresses = host->addresses;
	request->address_count = host->address_count;
}

void
session_open(Session *session, Request *request, const Login *login)
{
	Host host = {.session = session, .request = request, .login = login};
	AttemptFailure failure;

	emit_progress("connect", ABSENT);
	for (int i = 0; i < request->host_count - 1; i++)
	{
		set_host(request, &request->hosts[i]);
		if (attempt(open_host, &host, &failure))
			return;
		emit_log("info", failure.message);
	}
	if (request->host_count > 0)
		set_host(request, &request->hosts[request->host_count - 1]);
	open_host(&host);
}

void
session_close(Session *session)
{
	client_end(&session->client);
}
