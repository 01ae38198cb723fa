/* keys.h — inside the worker room: the private keys, and making the first one. */
#ifndef RG_KEYS_H
#define RG_KEYS_H

#include "postgres.h"

#include "queue/queue.h"
#include "secret/secret.h"

/* From the key file or the key command; NULL and a text that says what to do when there is none. */
extern RgKeyring *rg_keys_load(const char **fault);

/* Serves a request for a sealing key, in a transaction of its own. */
extern void rg_keys_serve(const RgRequest *request);

#endif
