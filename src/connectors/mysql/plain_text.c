/*
 * plain_text.c — send() in front of the real one. The library calls it only for what is not encrypted: TLS
 * writes by OpenSSL, which calls write().
 *
 * Under `require` the library alone would log in without TLS where the server has none. With
 * caching_sha2_password and sha256_password, a server without TLS gets the password itself, encrypted with a
 * key that the server hands out when it is asked; the question is refused.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "connectors/mysql/plain_text.h"

/* Of the protocol: a packet begins with three bytes of length and its number. */
#define HEADER_BYTES      4
#define TLS_REQUEST_BYTES (HEADER_BYTES + 32)
#define CLIENT_SSL_BYTE   (HEADER_BYTES + 1)
#define CLIENT_SSL_BIT    0x08
#define FIRST_PACKET      1 /* of the client; 0 is the greeting */

static PlainText allowed;
static bool has_refused;

void
plain_text_allow(PlainText plain_text)
{
	allowed = plain_text;
	has_refused = false;
}

bool
plain_text_has_been_refused(void)
{
	return has_refused;
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
