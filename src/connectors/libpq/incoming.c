/*
 * incoming.c — the functions through which libpq reads, in front of the real ones.
 *
 * libpq reads by recv(), and with TLS by SSL_read(). A program's own functions of these names come before
 * those of shared libraries, so libpq calls the functions below. They pass on the bytes that the real ones
 * read, unless they refuse them: then the read fails and libpq never sees them.
 *
 * Until the authentication ends, the bytes are split into messages. An authentication request must have
 * exactly the form of PostgreSQL's documentation: libpq reads on after the part of a message that it
 * understood, and must not find another request there.
 */
#undef _FORTIFY_SOURCE /* it brings a recv() of its own */
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "connectors/libpq/incoming.h"

/* Bytes of the longest authentication request that libpq accepts. */
#define LONGEST_REQUEST 2000
#define HEADER_BYTES    5

/* Codes of authentication requests. */
enum
{
	AUTHENTICATION_OK = 0,
	AUTHENTICATION_PASSWORD = 3,
	AUTHENTICATION_MD5 = 5,
	AUTHENTICATION_SASL = 10,
	AUTHENTICATION_SASL_CONTINUE = 11,
	AUTHENTICATION_SASL_FINAL = 12
};

/* One connection's messages until the login; libpq's second attempt is another connection. */
typedef struct Stream
{
	struct sockaddr_storage local;
	bool in_tls;
	bool begun;
	bool ended;
	bool began_scram;
	bool proved;
	unsigned char message[LONGEST_REQUEST + 1]; /* with its type */
	size_t have;
	size_t skip; /* bytes left of a message that is not checked */
} Stream;

static struct
{
	PGconn *connection;
	bool readable_password;
	bool saw_login;
	Refusal refusal;
	size_t received;
	size_t most;
	Stream stream;
} incoming;

void
incoming_watch(PGconn *connection, bool readable_password)
{
	memset(&incoming, 0, sizeof(incoming));
	incoming.connection = connection;
	incoming.readable_password = readable_password;
}

void
incoming_expect(size_t bytes)
{
	incoming.received = 0;
	incoming.most = bytes;
}

size_t
incoming_received(void)
{
	return incoming.received;
}

Refusal
incoming_refusal(void)
{
	return incoming.refusal;
}

bool
incoming_saw_login(void)
{
	return incoming.saw_login;
}

static uint32_t
number_at(const unsigned char *bytes)
{
	return (uint32_t) bytes[0] << 24 | (uint32_t) bytes[1] << 16 | (uint32_t) bytes[2] << 8 | bytes[3];
}

/* Are the bytes a list of names, each with a NUL, and an empty name at the very end? */
static bool
is_list(const unsigned char *bytes, size_t length)
{
	size_t at = 0;

	while (at < length && bytes[at] != '\0')
	{
		const unsigned char *end = memchr(bytes + at, '\0', length - at);

		if (end == NULL)
			return false;
		at = (size_t) (end - bytes) + 1;
	}
	return at + 1 == length;
}

/* body: the bytes after the code. */
static Refusal
judge(Stream *stream, uint32_t code, const unsigned char *body, size_t length)
{
	switch (code)
	{
		case AUTHENTICATION_OK:
			if (length != 0)
				return REFUSAL_MALFORMED;
			if (stream->began_scram && !stream->proved)
				return REFUSAL_NO_PROOF;
			stream->ended = true;
			incoming.saw_login = true;
			return REFUSAL_NONE;
		case AUTHENTICATION_PASSWORD:
			if (length != 0)
				return REFUSAL_MALFORMED;
			return stream->in_tls || incoming.readable_password ? REFUSAL_NONE : REFUSAL_READABLE_PASSWORD;
		case AUTHENTICATION_MD5:
			return length == 4 ? REFUSAL_NONE : REFUSAL_MALFORMED;
		case AUTHENTICATION_SASL:
			stream->began_scram = true;
			return is_list(body, length) ? REFUSAL_NONE : REFUSAL_MALFORMED;
		case AUTHENTICATION_SASL_CONTINUE:
			return REFUSAL_NONE;
		case AUTHENTICATION_SASL_FINAL:
			/* libpq checks the proof, and fails when it is wrong. */
			stream->proved = true;
			return REFUSAL_NONE;
		default:
			return REFUSAL_AUTHENTICATION;
	}
}

/* Takes each byte of a message that is checked. */
static Refusal
take_byte(Stream *stream, unsigned char byte)
{
	size_t length;

	stream->message[stream->have++] = byte;
	if (stream->have < HEADER_BYTES)
		return REFUSAL_NONE;
	length = number_at(stream->message + 1);
	if (length < 4)
		return REFUSAL_MALFORMED;
	if (stream->message[0] != 'R')
	{
		stream->skip = length - 4;
		stream->have = 0;
		return REFUSAL_NONE;
	}
	if (length < 8 || length > LONGEST_REQUEST)
		return REFUSAL_MALFORMED;
	if (stream->have < length + 1)
		return REFUSAL_NONE;
	stream->have = 0;
	return judge(stream, number_at(stream->message + HEADER_BYTES), stream->message + HEADER_BYTES + 4,
				 length - 8);
}

static Refusal
take_bytes(Stream *stream, const unsigned char *bytes, size_t length)
{
	Refusal refusal = REFUSAL_NONE;

	for (size_t at = 0; at < length && !stream->ended && refusal == REFUSAL_NONE; at++)
	{
		if (stream->skip > 0)
			stream->skip--;
		else
			refusal = take_byte(stream, bytes[at]);
	}
	return refusal;
}

/* Returns the stream of a socket; a new one if libpq has begun another connection, or TLS. */
static Stream *
stream_of(int socket, bool in_tls)
{
	Stream *stream = &incoming.stream;
	struct sockaddr_storage local = {0};
	socklen_t size = sizeof(local);

	(void) getsockname(socket, (struct sockaddr *) &local, &size);
	if (stream->begun && stream->in_tls == in_tls && memcmp(&stream->local, &local, sizeof(local)) == 0)
		return stream;
	*stream = (Stream){.local = local, .in_tls = in_tls, .begun = true};
	return stream;
}

/*
 * Before its messages the server answers with one byte whether it has TLS. After a yes every byte belongs to
 * TLS, which the client begins: the server has nothing to say before.
 */
static Refusal
take_answer_to_tls(const Stream *stream, const unsigned char *bytes, size_t length, size_t *taken)
{
	*taken = 0;
	if (stream->in_tls || PQstatus(incoming.connection) != CONNECTION_SSL_STARTUP)
		return REFUSAL_NONE;
	if (bytes[0] == 'S' || bytes[0] == 'N')
		*taken = 1;
	return bytes[0] == 'S' && length > 1 ? REFUSAL_BEFORE_TLS : REFUSAL_NONE;
}

/* Returns what the real function read, or -1 if it is refused. */
static ssize_t
pass_on(int socket, const void *bytes, ssize_t length, bool in_tls)
{
	if (length <= 0)
		return length;
	incoming.received += (size_t) length;
	if (incoming.refusal == REFUSAL_NONE && incoming.received > incoming.most)
		incoming.refusal = REFUSAL_TOO_MUCH;
	if (incoming.refusal == REFUSAL_NONE && !incoming.saw_login)
	{
		Stream *stream = stream_of(socket, in_tls);
		size_t taken;

		incoming.refusal = take_answer_to_tls(stream, bytes, (size_t) length, &taken);
		if (incoming.refusal == REFUSAL_NONE)
			incoming.refusal =
				take_bytes(stream, (const unsigned char *) bytes + taken, (size_t) length - taken);
	}
	if (incoming.refusal == REFUSAL_NONE)
		return length;
	errno = ECONNABORTED;
	return -1;
}

ssize_t
recv(int socket, void *buffer, size_t size, int flags)
{
	ssize_t length = recvfrom(socket, buffer, size, flags, NULL, NULL);

	if (incoming.connection == NULL || PQsslInUse(incoming.connection))
		return length; /* bytes of TLS are checked after decryption, below */
	return pass_on(socket, buffer, length, false);
}

/* libpq chooses the TLS library: it is neither included nor linked here. */
extern int SSL_read(void *tls, void *buffer, int size);

int
SSL_read(void *tls, void *buffer, int size)
{
	static int (*real)(void *, void *, int);

	if (real == NULL)
		*(void **) &real = dlsym(RTLD_NEXT, "SSL_read");
	if (incoming.connection == NULL)
		return real(tls, buffer, size);
	return (int) pass_on(PQsocket(incoming.connection), buffer, real(tls, buffer, size), true);
}

bool
incoming_is_decrypted(PGconn *connection)
{
	static int (*pending)(const void *);
	void *tls = PQsslStruct(connection, "OpenSSL");

	if (tls == NULL)
		return false;
	if (pending == NULL)
		*(void **) &pending = dlsym(RTLD_DEFAULT, "SSL_pending");
	return pending != NULL && pending(tls) > 0;
}
