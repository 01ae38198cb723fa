/*
 * authorization.h — values of the header Authorization, client certificates, and how both are protected.
 */
#ifndef RG_HTTP_AUTHORIZATION_H
#define RG_HTTP_AUTHORIZATION_H

#include "connectors/http/endpoint.h"

/* The caller wipes and frees the value with forget_text(). */
extern char *authorization_basic(const char *username, const char *password);
extern char *authorization_bearer(const char *token);

/* The client certificate, and its key, or NULL for each. */
typedef struct ClientCertificate
{
	char *certificate;
	char *key;
	char *passphrase;
} ClientCertificate;

/* To be called before the credentials are wiped. */
extern void client_certificate_take(ClientCertificate *taken, const Request *request);

/* To be called when there are credentials: they are sent with encryption only, unless a tunnel encrypts. */
extern void protect_credentials(HttpEndpoint *endpoint, const Request *request);

#endif
