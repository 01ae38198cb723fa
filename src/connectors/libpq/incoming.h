/*
 * incoming.h — checks what the server sends before libpq gets it.
 *
 * libpq trusts its server: it sends the password in readable form when asked to, lets a server that began
 * SCRAM omit its proof, and keeps everything in memory. require_auth, which prevents the first two, came with
 * libpq 16 and does not distinguish connections with and without TLS.
 */
#ifndef RG_LIBPQ_INCOMING_H
#define RG_LIBPQ_INCOMING_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

/* Why bytes of the server are refused. */
typedef enum Refusal
{
	REFUSAL_NONE,
	REFUSAL_READABLE_PASSWORD, /* it asks for the readable password on a connection that others could read */
	REFUSAL_NO_PROOF,          /* it began SCRAM, and did not prove that it knows the password */
	REFUSAL_AUTHENTICATION,    /* it asks for a method that is not supported */
	REFUSAL_MALFORMED,
	REFUSAL_BEFORE_TLS, /* readable bytes behind the yes to TLS */
	REFUSAL_TOO_MUCH    /* it sent more than incoming_expect() said */
} Refusal;

/* To be called before the first byte of each connection. */
extern void incoming_watch(PGconn *connection, bool readable_password);

/* Sets how many bytes may come from now on. */
extern void incoming_expect(size_t bytes);

/* Returns how many bytes have come since. */
extern size_t incoming_received(void);

extern Refusal incoming_refusal(void);

/* Has TLS decrypted bytes that libpq has not read yet? Then the socket may stay silent. */
extern bool incoming_is_decrypted(PGconn *connection);

/* False after a login: libpq reads in a way that is not seen here. */
extern bool incoming_saw_login(void);

#endif
