/*
 * tls.h — TLS on a socket, by OpenSSL.
 */
#ifndef RG_TCP_TLS_H
#define RG_TCP_TLS_H

#include <openssl/ssl.h>

#include "connectors/tcp/connection.h"

/* Makes what a handshake on this socket needs. Returns NULL with the failure. */
extern SSL *tls_create(const TcpTarget *target, int socket, DialFailure *failure);

/* Why the handshake, or what followed it, failed. */
extern void tls_failure(SSL *tls, DialFailure *failure);

/* Has the other side refused with an alert of TLS? */
extern bool tls_was_refused(void);

extern void tls_free(SSL *tls);

#endif
