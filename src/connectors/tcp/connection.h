/*
 * connection.h — a connection to a source whose protocol is spoken by a connector itself: over TCP, with TLS
 * or without. Every wait is bounded, and watched, as guard.h has been told.
 */
#ifndef RG_TCP_CONNECTION_H
#define RG_TCP_CONNECTION_H

#include <stddef.h>
#include <sys/types.h>

#include "connectors/guard/dial.h"

/* Texts are NULL where there are none, and must live until the connection has been opened. */
typedef struct TcpTarget
{
	const char *host; /* for TLS */
	int port;
	bool encrypts;
	bool verifies_chain;
	bool verifies_name;
	const char *ca; /* PEM text; NULL: the authorities of the system */
	const char *certificate;
	const char *key;
	const char *passphrase; /* of the key */
} TcpTarget;

/* What the request says of TLS; `encrypts` is the caller's to decide under TLS_PREFER. */
extern void tcp_target_take(TcpTarget *target, const Request *request);

typedef struct TcpConnection TcpConnection;

/* Dials one address. Returns NULL with the failure. */
extern TcpConnection *tcp_open(const TcpTarget *target, const char *address, DialFailure *failure);

/* Waits for bytes, at least one. Returns how many, or 0 if there are none: tcp_failure() says why. */
extern size_t tcp_read(TcpConnection *connection, void *bytes, size_t size);

/* Returns false if not all was sent. */
extern bool tcp_write(TcpConnection *connection, const void *bytes, size_t length);

/* Has the other side said something unasked, or closed? Does not wait. */
extern bool tcp_has_news(const TcpConnection *connection);

/* Why there is nothing more to read or to write. lost_hint: for a connection that was closed. */
extern void tcp_failure(const TcpConnection *connection, DialFailure *failure, const char *lost_hint);

extern void tcp_close(TcpConnection *connection);

#endif
