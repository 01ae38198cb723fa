/* unseal.h — inside the worker room: opening the credentials of a source. */
#ifndef RG_WORKER_CREDENTIALS_H
#define RG_WORKER_CREDENTIALS_H

#include "postgres.h"

#include "catalog/endpoint.h"
#include "conversation.h"

/*
 * Opens the endpoint's credentials: a JSON object of texts, in memory that is wiped with its context. NULL:
 * *failure says why. Reads the endpoint's sealed text again when its key was forgotten meanwhile.
 */
extern char *rg_unseal_credentials(RgEndpoint *endpoint, RgFailure *failure);

#endif
