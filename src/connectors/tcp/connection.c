#include "connectors/tcp/connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connectors/common/configuration.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/guard/guard.h"
#include "connectors/tcp/tls.h"

struct TcpConnection
{
	int socket;
	SSL *tls; /* NULL: without */
	bool is_refused;
};

void
tcp_target_take(TcpTarget *target, const Request *request)
{
	*target = (TcpTarget){.host = request->host,
						  .port = request->port,
						  .encrypts = request->tls_mode != TLS_DISABLE,
						  .verifies_chain = request->tls_mode >= TLS_VERIFY_CA,
						  .verifies_name = request->tls_mode == TLS_VERIFY_FULL,
						  .ca = configuration_lacks(request->tls_ca) ? NULL : request->tls_ca};
}

/* ---- dialing ---- */

/* Waits until the socket is ready. Returns false when it is too late. */
static bool
wait_for(int socket, short events)
{
	struct pollfd waiting = {.fd = socket, .events = events};

	while (!guard_is_late())
		if (poll(&waiting, 1, -1) > 0)
			return true;
	return false;
}

static socklen_t
read_address(const char *text, int port, struct sockaddr_storage *address)
{
	struct sockaddr_in *four = (struct sockaddr_in *) address;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *) address;

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1)
	{
		four->sin_family = AF_INET;
		four->sin_port = htons((uint16_t) port);
		return sizeof(*four);
	}
	if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1)
	{
		six->sin6_family = AF_INET6;
		six->sin6_port = htons((uint16_t) port);
		return sizeof(*six);
	}
	return 0;
}

static int
open_socket(int family)
{
	int one = 1;
	int opened = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (opened >= 0)
	{
		(void) setsockopt(opened, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		(void) setsockopt(opened, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	}
	return opened;
}

/* Waits for a connection that has begun. The guard keeps the error. */
static bool
finish_dialing(int socket)
{
	int error = 0;
	socklen_t length = sizeof(error);

	return wait_for(socket, POLLOUT) && getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) == 0 &&
		   error == 0;
}

static int
dial(const char *text, int port, DialFailure *failure)
{
	struct sockaddr_storage address;
	socklen_t length = read_address(text, port, &address);
	int socket = length == 0 ? -1 : open_socket(address.ss_family);

	if (socket >= 0 && (connect(socket, (struct sockaddr *) &address, length) == 0 ||
						(errno == EINPROGRESS && finish_dialing(socket))))
		return socket;
	if (guard_is_late())
		dial_failure_set_late(failure);
	else
		dial_failure_set_way(failure, NULL);
	if (socket >= 0)
		close(socket);
	return -1;
}

/* ---- TLS ---- */

/* Waits for what a function of OpenSSL has asked for. Returns false if it has failed. */
static bool
wait_for_tls(const TcpConnection *connection, int result)
{
	switch (SSL_get_error(connection->tls, result))
	{
		case SSL_ERROR_WANT_READ:
			return wait_for(connection->socket, POLLIN);
		case SSL_ERROR_WANT_WRITE:
			return wait_for(connection->socket, POLLOUT);
		default:
			return false;
	}
}

static void
describe_silence(DialFailure *failure)
{
	dial_failure_set(failure,
					 &(DialMeaning){.step = "tls",
									.code = "timeout",
									.transient = true,
									.another_address_may_help = true,
									.message = "The server did not answer to the beginning of TLS.",
									.hint = "A server without TLS may keep silent then: check the port. "
											"metadata.tls.mode \"disable\" connects without encryption."});
}

static bool
shake_hands(TcpConnection *connection, const TcpTarget *target, DialFailure *failure)
{
	int result;

	emit_progress("tls", ABSENT);
	connection->tls = tls_create(target, connection->socket, failure);
	if (connection->tls == NULL)
		return false;
	ERR_clear_error();
	while ((result = SSL_connect(connection->tls)) != 1)
		if (!wait_for_tls(connection, result))
		{
			if (guard_is_late())
				describe_silence(failure);
			else
				tls_failure(connection->tls, failure);
			return false;
		}
	return true;
}

TcpConnection *
tcp_open(const TcpTarget *target, const char *address, DialFailure *failure)
{
	TcpConnection *connection;
	int socket = dial(address, target->port, failure);

	if (socket < 0)
		return NULL;
	connection = allocate(sizeof(TcpConnection));
	*connection = (TcpConnection){.socket = socket};
	if (!target->encrypts || shake_hands(connection, target, failure))
		return connection;
	tcp_close(connection);
	return NULL;
}

/* ---- bytes ---- */

static size_t
read_encrypted(TcpConnection *connection, void *bytes, size_t size)
{
	size_t length;

	ERR_clear_error();
	for (;;)
	{
		int result = SSL_read_ex(connection->tls, bytes, size, &length);

		if (result == 1)
			return length;
		if (!wait_for_tls(connection, result))
		{
			connection->is_refused = tls_was_refused();
			return 0;
		}
	}
}

/* The end of the time counts also while there is always something to read. */
size_t
tcp_read(TcpConnection *connection, void *bytes, size_t size)
{
	if (guard_is_late())
		return 0;
	if (connection->tls)
		return read_encrypted(connection, bytes, size);
	for (;;)
	{
		ssize_t length = recv(connection->socket, bytes, size, 0);

		if (length >= 0)
			return (size_t) length;
		if (errno != EINTR && (errno != EAGAIN || !wait_for(connection->socket, POLLIN)))
			return 0;
	}
}

static ssize_t
write_some(TcpConnection *connection, const char *bytes, size_t length)
{
	size_t written;

	if (connection->tls == NULL)
		return send(connection->socket, bytes, length, MSG_NOSIGNAL);
	ERR_clear_error();
	return SSL_write_ex(connection->tls, bytes, length, &written) == 1 ? (ssize_t) written : -1;
}

bool
tcp_write(TcpConnection *connection, const void *bytes, size_t length)
{
	const char *from = bytes;

	while (length > 0)
	{
		ssize_t written = write_some(connection, from, length);

		if (written >= 0)
		{
			from += written;
			length -= (size_t) written;
		}
		else if (connection->tls
					 ? !wait_for_tls(connection, 0)
					 : errno != EINTR && (errno != EAGAIN || !wait_for(connection->socket, POLLOUT)))
			return false;
	}
	return true;
}

bool
tcp_has_news(const TcpConnection *connection)
{
	struct pollfd socket = {.fd = connection->socket, .events = POLLIN};

	return poll(&socket, 1, 0) != 0;
}

void
tcp_failure(const TcpConnection *connection, DialFailure *failure, const char *lost_hint)
{
	if (connection->is_refused)
		tls_failure(connection->tls, failure);
	else if (guard_is_late())
		dial_failure_set_late(failure);
	else
		dial_failure_set(failure, &(DialMeaning){.step = "connect",
												 .code = "unreachable",
												 .transient = true,
												 .another_address_may_help = true,
												 .message = "The server has closed the connection.",
												 .hint = lost_hint});
}

void
tcp_close(TcpConnection *connection)
{
	if (connection->tls)
		tls_free(connection->tls);
	close(connection->socket);
	free(connection);
}
