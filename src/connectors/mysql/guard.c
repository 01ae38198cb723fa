/*
 * guard.c — functions of libc by which libmariadb dials, waits and sends, in front of the real ones. The
 * library calls send() only for what is not encrypted: TLS writes by OpenSSL, which calls write().
 *
 * Under `require` the library alone would log in without TLS where the server has none. With
 * caching_sha2_password and sha256_password, a server without TLS gets the password itself, encrypted with a
 * key that the server hands out when it is asked; the question is refused.
 */
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connectors/mysql/guard.h"

/* Of the protocol: a packet begins with three bytes of length and its number. */
#define HEADER_BYTES      4
#define TLS_REQUEST_BYTES (HEADER_BYTES + 32)
#define CLIENT_SSL_BYTE   (HEADER_BYTES + 1)
#define CLIENT_SSL_BIT    0x08
#define FIRST_PACKET      1 /* of the client; 0 is the greeting */

static const char *dialed;
static int dialing_error;
static Deadline until;
static int (*patience)(void *argument);
static void (*flush)(void *argument);
static void *argument_of_both;
static PlainText allowed;
static bool has_refused;

void
guard_dial(const char *address)
{
	dialed = address;
	dialing_error = 0;
}

int
guard_dialing_error(void)
{
	return dialing_error;
}

void
guard_until(Deadline deadline)
{
	until = deadline;
}

void
guard_while_waiting(int (*its_patience)(void *argument), void (*its_flush)(void *argument), void *argument)
{
	patience = its_patience;
	flush = its_flush;
	argument_of_both = argument;
}

bool
guard_is_late(void)
{
	return deadline_milliseconds(until) == 0;
}

void
guard_allow(PlainText plain_text)
{
	allowed = plain_text;
	has_refused = false;
}

bool
guard_has_refused(void)
{
	return has_refused;
}

int
getaddrinfo(const char *restrict name, const char *restrict service, const struct addrinfo *restrict hints,
			struct addrinfo **restrict found)
{
	static int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	if (real == NULL)
		*(void **) &real = dlsym(RTLD_NEXT, "getaddrinfo");
	return real(dialed == NULL ? name : dialed, service, hints, found);
}

int
connect(int socket, const struct sockaddr *address, socklen_t length)
{
	static int (*real)(int, const struct sockaddr *, socklen_t);
	int connected;

	if (real == NULL)
		*(void **) &real = dlsym(RTLD_NEXT, "connect");
	connected = real(socket, address, length);
	dialing_error = connected == 0 || errno == EINPROGRESS ? 0 : errno;
	return connected;
}

/* The library asks for SO_ERROR alone, after it has waited for the connection. */
int
getsockopt(int socket, int level, int option, void *restrict value, socklen_t *restrict length)
{
	static int (*real)(int, int, int, void *, socklen_t *);
	int fine;

	if (real == NULL)
		*(void **) &real = dlsym(RTLD_NEXT, "getsockopt");
	fine = real(socket, level, option, value, length);
	if (fine == 0 && level == SOL_SOCKET && option == SO_ERROR)
		memcpy(&dialing_error, value, sizeof(dialing_error));
	return fine;
}

typedef int (*Poll)(struct pollfd *, nfds_t, int);

/* Waits, and does meanwhile what is due when the source falls silent. */
static int
wait_for_source(Poll real, struct pollfd *socket, int milliseconds)
{
	int first = patience == NULL ? -1 : patience(argument_of_both);
	int ready;

	if (first < 0 || first >= milliseconds)
		return real(socket, 1, milliseconds);
	ready = real(socket, 1, first);
	if (ready != 0)
		return ready;
	flush(argument_of_both);
	return real(socket, 1, milliseconds - first);
}

int
poll(struct pollfd *sockets, nfds_t count, int milliseconds)
{
	static Poll real;
	int left = deadline_milliseconds(until);

	if (real == NULL)
		*(void **) &real = dlsym(RTLD_NEXT, "poll");
	if (count != 1 || sockets->fd <= STDERR_FILENO)
		return real(sockets, count, milliseconds); /* not the library's */
	if (left == 0)
		return 0; /* also when there is something to read: a server that never falls silent */
	return wait_for_source(real, sockets, milliseconds < 0 || milliseconds > left ? left : milliseconds);
}

/* Answers of mysql_native_password, caching_sha2_password and client_ed25519, and no answer yet. */
static bool
is_proof(size_t length)
{
	return length == 0 || length == 20 || length == 32 || length == 64;
}

/* The first packet has, behind the name of the user, a byte of length and an answer. */
static bool
is_login_with_proof(const uint8_t *bytes, size_t length)
{
	const uint8_t *name = bytes + TLS_REQUEST_BYTES;
	const uint8_t *end = length > TLS_REQUEST_BYTES ? memchr(name, 0, length - TLS_REQUEST_BYTES) : NULL;

	return end != NULL && end + 1 < bytes + length && is_proof(end[1]);
}

static bool
is_tls_request(const uint8_t *bytes, size_t length)
{
	return length == TLS_REQUEST_BYTES && bytes[0] == TLS_REQUEST_BYTES - HEADER_BYTES &&
		   (bytes[CLIENT_SSL_BYTE] & CLIENT_SSL_BIT);
}

static bool
may_be_sent(const uint8_t *bytes, size_t length)
{
	if (allowed == PLAIN_ANYTHING)
		return true;
	if (length < HEADER_BYTES)
		return false;
	if (allowed == PLAIN_NOTHING)
		return is_tls_request(bytes, length);
	return bytes[HEADER_BYTES - 1] == FIRST_PACKET ? is_login_with_proof(bytes, length)
												   : is_proof(length - HEADER_BYTES);
}

ssize_t
send(int socket, const void *bytes, size_t length, int flags)
{
	static ssize_t (*real)(int, const void *, size_t, int);

	if (real == NULL)
		*(void **) &real = dlsym(RTLD_NEXT, "send");
	if (!may_be_sent(bytes, length))
	{
		has_refused = true;
		errno = ECONNABORTED;
		return -1;
	}
	return real(socket, bytes, length, flags);
}
