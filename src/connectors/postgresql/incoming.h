/*
 * incoming.h — what the server sends, looked at before libpq gets it.
 *
 * libpq believes its server: it sends the password readable when asked to, lets a server that began SCRAM
 * leave out its proof, and keeps whatever comes in memory. require_auth, which mends the first two, came with
 * libpq 16 and cannot tell a connection with TLS from one without.
 */
#ifndef RG_POSTGRESQL_INCOMING_H
#define RG_POSTGRESQL_INCOMING_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

/* Why no more of what the server sends is passed on. */
typedef enum Refusal
{
	REFUSAL_NONE,
	REFUSAL_READABLE_PASSWORD, /* it asks for the password, and others could read it on the way */
	REFUSAL_NO_PROOF,          /* it began SCRAM, and did not prove that it knows the password */
	REFUSAL_AUTHENTICATION,    /* it asks for something that we do not do */
	REFUSAL_MALFORMED,
	REFUSAL_TOO_MUCH /* it sent more than incoming_expect() said */
} Refusal;

/* Before the first byte of each connection. */
extern void incoming_watch(PGconn *connection, bool readable_password);

/* How many bytes may come from now on. */
extern void incoming_expect(size_t bytes);

/* How many have come since. */
extern size_t incoming_received(void);

extern Refusal incoming_refusal(void);

/* False after a login means that libpq reads in a way that is not seen here. */
extern bool incoming_saw_login(void);

#endif
