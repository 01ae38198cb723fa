/*
 * credentials.h — the value of the header Authorization that the credentials of a request come to.
 */
#ifndef RG_ELASTICSEARCH_CREDENTIALS_H
#define RG_ELASTICSEARCH_CREDENTIALS_H

#include "connectors/common/request.h"

/*
 * Wipes the credentials of the request. Returns NULL if there are none. Ends the process if there are two
 * kinds of them, or half of one.
 */
extern char *authorization_take(Request *request);

/* The client certificate, and its key, or NULL for each. */
typedef struct ClientCertificate
{
	char *certificate;
	char *key;
	char *passphrase;
} ClientCertificate;

/* To be called before the credentials are wiped. */
extern void client_certificate_take(ClientCertificate *taken, const Request *request);

#endif
