/*
 * login.c — a hostile server, up to the login: libpq itself connects, through incoming.c, to a peer that
 * answers with the bytes. Whatever it says, the password is never sent readable where TLS was not switched
 * off on purpose. The first byte says that it was, and how many bytes the peer sends at a time.
 *
 * Sources: src/connectors/libpq/incoming.c
 * Uses: libpq
 */
#undef _FORTIFY_SOURCE
#include "connectors/libpq/incoming.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"

#define PASSWORD "correct-horse"

static int listener;
static char port[8];

void
fuzz_begin(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(address);

	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *) &address, size) != 0 || listen(listener, 8) != 0 ||
		getsockname(listener, (struct sockaddr *) &address, &size) != 0)
		abort();
	snprintf(port, sizeof(port), "%d", ntohs(address.sin_port));
}

/* The peer: answers each message of the client's with the next bytes, and closes when it has no more. */
typedef struct Server
{
	int socket;
	FuzzRest rest;
	size_t each;
	char heard[65536];
	size_t heard_length;
} Server;

static void
serve(Server *server)
{
	ssize_t heard;
	size_t bytes = server->each < server->rest.length ? server->each : server->rest.length;

	if (server->socket < 0 && (server->socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) < 0)
		return;
	heard = read(server->socket, server->heard + server->heard_length,
				 sizeof(server->heard) - server->heard_length);
	if (heard > 0)
	{
		server->heard_length += (size_t) heard;
		if (bytes > 0 && write(server->socket, server->rest.bytes, bytes) == (ssize_t) bytes)
		{
			server->rest.bytes += bytes;
			server->rest.length -= bytes;
			return;
		}
	}
	if (heard == 0 || server->rest.length == 0)
	{
		close(server->socket);
		server->socket = -1;
	}
}

static PGconn *
begin(bool readable_password)
{
	const char *const names[] = {"host",     "hostaddr",   "port",     "dbname",  "user",
								 "password", "gssencmode", "passfile", "sslmode", NULL};
	const char *const values[] = {"x",       "127.0.0.1", port,
								  "d",       "u",         PASSWORD,
								  "disable", "/none",     readable_password ? "disable" : "prefer",
								  NULL};

	return PQconnectStartParams(names, values, 0);
}

static void
converse(PGconn *connection, Server *server)
{
	PostgresPollingStatusType next = PGRES_POLLING_WRITING;

	for (int turns = 0; turns < 100 && next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED; turns++)
	{
		struct pollfd ready = {.fd = PQsocket(connection),
							   .events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT};

		serve(server);
		if (poll(&ready, 1, 0) > 0)
			next = PQconnectPoll(connection);
	}
}

void
fuzz(const char *bytes, size_t length)
{
	static Server server;
	FuzzRest rest = {bytes, length};
	unsigned char how = fuzz_byte(&rest);
	PGconn *connection = begin(how & 0x80);
	bool in;

	if (connection == NULL)
		return;
	server = (Server){.socket = -1, .rest = rest, .each = (size_t) (how & 0x7f) + 1};
	incoming_watch(connection, how & 0x80);
	incoming_expect(65536);
	converse(connection, &server);
	in = PQstatus(connection) == CONNECTION_OK;
	PQfinish(connection);
	serve(&server);
	if (server.socket >= 0)
		close(server.socket);
	while ((server.socket = accept(listener, NULL, NULL)) >= 0)
		close(server.socket);
	if (!(how & 0x80))
		fuzz_must(memmem(server.heard, server.heard_length, PASSWORD, strlen(PASSWORD)) == NULL,
				  "the password is not sent readable");
	fuzz_must(!in || incoming_saw_login(), "a login was seen");
}
