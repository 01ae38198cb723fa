/*
 * seal.h — libsodium sealed boxes.
 */
#ifndef RG_SECRET_SEAL_H
#define RG_SECRET_SEAL_H

#include "postgres.h"

#include "secret.h"

extern void rg_secret_init(void);

/* The settings rivergen.key_file and rivergen.key_command, '' if unset: the source of the private keys. */
extern char *rg_key_file;
extern char *rg_key_command;

/* Seals the plain text for the holder of the private key. The caller wipes the plain text. */
extern bytea *rg_secret_seal(const RgSealContext *context, const char *plain, size_t length,
							 const unsigned char *public_key);

/* Seals a box that a client has sealed for the same key. Only a worker can open it. */
extern bytea *rg_secret_seal_box(const RgSealContext *context, const char *box, size_t length,
								 const unsigned char *public_key);

/* Decodes base64 (the original alphabet, padded). NULL: invalid, or too short for a sealed box. */
extern char *rg_secret_decode_box(const char *text, size_t length, size_t *box_length);

/* Allocates in the current context; the memory is overwritten before it is freed. */
extern void *rg_secret_alloc(Size size);

/* Overwrites memory; the compiler does not remove it. */
extern void rg_secret_wipe(void *memory, size_t length);

extern RgOpenResult rg_secret_open(const RgKeyring *keyring, int64 key_id, const bytea *sealed,
								   const RgSealContext *context, RgOpened *opened);

/* Seals the content for another key. The context inside is copied unchecked. */
extern RgOpenResult rg_secret_reseal(const RgKeyring *keyring, int64 key_id, const bytea *sealed,
									 const unsigned char *public_key, bytea **resealed);

#endif
