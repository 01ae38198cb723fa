/*
 * plain_text.h — bounds what FreeTDS sends without TLS. The library has no setting for it that holds.
 */
#ifndef RG_SQLSERVER_PLAIN_TEXT_H
#define RG_SQLSERVER_PLAIN_TEXT_H

#include <stdbool.h>

/* How far a connection has come, by what was sent. */
typedef enum Sent
{
	SENT_NOTHING,
	SENT_GREETING,  /* and what it wants of TLS */
	SENT_HANDSHAKE, /* of TLS */
	SENT_LOGIN
} Sent;

/* A new connection begins. tls_only: but the greeting and the handshake, nothing may be sent without TLS. */
extern void plain_text_begin(bool tls_only);
extern Sent plain_text_sent(void);
/* Did the library try to send more than is allowed? */
extern bool plain_text_has_been_refused(void);

#endif
