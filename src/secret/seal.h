/*
 * seal.h — libsodium sealed boxes.
 */
#ifndef RG_SECRET_SEAL_H
#define RG_SECRET_SEAL_H

#include "postgres.h"

#include "secret.h"

extern void rg_secret_init(void);

/* Settings, both '' when unset: where the private keys are. */
extern char *rg_key_file;
extern char *rg_key_command;

/* Seals plain for the holder of the private key. The caller still owns, and wipes, the plain text. */
extern bytea *rg_secret_seal(const RgSealContext *context, const char *plain, size_t length,
							 const unsigned char *public_key);

/* Seals, for the same key, what a client has sealed already: nobody but a worker can look inside. */
extern bytea *rg_secret_seal_box(const RgSealContext *context, const char *box, size_t length,
								 const unsigned char *public_key);

/* Base64 (the original alphabet, padded) as bytes, or NULL when it is none, or too short for a sealed box. */
extern char *rg_secret_decode_box(const char *text, size_t length, size_t *box_length);

/* Memory of the current context that is overwritten before the context gives it back. */
extern void *rg_secret_alloc(Size size);

/* Overwrites memory in a way that the compiler does not remove. */
extern void rg_secret_wipe(void *memory, size_t length);

extern RgOpenResult rg_secret_open(const RgKeyring *keyring, int64 key_id, const bytea *sealed,
								   const RgSealContext *context, RgOpened *opened);

/* Seals the content for another key; what it belongs to stays as it was, right or wrong. */
extern RgOpenResult rg_secret_reseal(const RgKeyring *keyring, int64 key_id, const bytea *sealed,
									 const unsigned char *public_key, bytea **resealed);

#endif
