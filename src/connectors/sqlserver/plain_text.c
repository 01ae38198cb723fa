/*
 * plain_text.c — send() in front of the real one. The library calls it for all that it sends: packets of TDS,
 * and the records of TLS that are made of them.
 *
 * The server's first answer says whether it wants TLS, and for how much. It is not protected: behind a
 * server, or a machine on the way, that says "for the login only", the library sends all later packets as
 * they are.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "connectors/sqlserver/plain_text.h"

#define PRELOGIN    0x12 /* a packet of TDS: greeting and handshake */
#define FIRST_TLS   0x14 /* kinds of records of TLS … */
#define LAST_TLS    0x17 /* … of which the last one is data */
#define TDS_HEADER  8
#define TLS_HEADER  5
#define TLS_VERSION 0x03

/* What was sent, from header to header. */
typedef struct Stream
{
	Sent sent;
	size_t left;       /* bytes of the packet or record that has begun */
	uint8_t header[8]; /* of the one that begins */
	size_t header_length;
} Stream;

static bool tls_only;
static bool has_refused;
static Stream stream;

void
plain_text_begin(bool only_tls)
{
	tls_only = only_tls;
	has_refused = false;
	stream = (Stream){.sent = SENT_NOTHING};
}

Sent
plain_text_sent(void)
{
	return stream.sent;
}

bool
plain_text_has_been_refused(void)
{
	return has_refused;
}

static bool
is_tls(uint8_t kind)
{
	return kind >= FIRST_TLS && kind <= LAST_TLS;
}

/* A packet or record begins; its header is whole. Returns false if it may not be sent. */
static bool
begin(Stream *its)
{
	const uint8_t *header = its->header;
	size_t length = (size_t) header[2] << 8 | header[3];

	its->header_length = 0;
	if (is_tls(header[0]))
	{
		its->left = (size_t) header[3] << 8 | header[4];
		its->sent = header[0] == LAST_TLS ? SENT_LOGIN : its->sent;
		return header[1] == TLS_VERSION;
	}
	its->left = length < TDS_HEADER ? 0 : length - TDS_HEADER;
	if (header[0] != PRELOGIN)
	{
		its->sent = SENT_LOGIN;
		return !tls_only;
	}
	if (its->sent < SENT_HANDSHAKE)
		its->sent++;
	return true;
}

static bool
follow(Stream *its, const uint8_t *bytes, size_t length)
{
	while (length > 0)
	{
		size_t step = its->left < length ? its->left : length;

		its->left -= step;
		bytes += step;
		length -= step;
		if (length == 0)
			break;
		its->header[its->header_length++] = *bytes++;
		length--;
		if (its->header_length == (is_tls(its->header[0]) ? TLS_HEADER : TDS_HEADER) && !begin(its))
			return false;
	}
	return true;
}

/* What the real one does not take, the library sends again. */
ssize_t
send(int socket, const void *bytes, size_t length, int flags)
{
	static ssize_t (*real)(int, const void *, size_t, int);
	Stream after = stream;
	ssize_t taken;

	if (real == NULL)
		*(void **) &real = dlsym(RTLD_NEXT, "send");
	if (has_refused || !follow(&after, bytes, length))
	{
		has_refused = true;
		errno = ECONNABORTED;
		return -1;
	}
	taken = real(socket, bytes, length, flags);
	if (taken > 0)
		follow(&stream, bytes, (size_t) taken);
	return taken;
}
