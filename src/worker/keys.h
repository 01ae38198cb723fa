/* keys.h — inside the worker room: the private keys, and the calls about them. */
#ifndef RG_KEYS_H
#define RG_KEYS_H

#include "postgres.h"

#include "catalog/sealing_key.h"
#include "queue/queue.h"
#include "secret/secret.h"

/*
 * Loads the keys from the key file or the key command. Returns NULL, and a text that says what to do, when
 * there is none.
 */
extern RgKeyring *rg_keys_load(const char **fault);

/* Keeps every other worker of this cluster from changing the key file until the transaction ends. */
extern void rg_keys_lock_file(void);

/* The public half of a key, and the index of the one with the highest id. */
extern RgSealingKey rg_keys_public(const RgKeyring *keyring, int index);
extern int rg_keys_highest(const RgKeyring *keyring);

/* Serves a call about keys, in transactions of its own. */
extern void rg_keys_serve(const RgCall *request);

#endif
