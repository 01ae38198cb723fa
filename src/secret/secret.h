/*
 * secret.h — sealing with the public key (anywhere), opening with the private key (workers only). No SQL.
 */
#ifndef RG_SECRET_H
#define RG_SECRET_H

#include "postgres.h"

/* What a sealed text belongs to; it is inside the seal, so ciphertext moved to another row does not open. */
typedef struct RgSealContext
{
	int64 organization_id;
	int64 data_source_id;
	int64 version;
} RgSealContext;

#define RG_PUBLIC_KEY_BYTES 32

extern void rg_secret_init(void);

/* Seals plain for the holder of the private key. The caller still owns, and wipes, the plain text. */
extern bytea *rg_secret_seal(const RgSealContext *context, const char *plain, size_t length,
							 const unsigned char *public_key);

/* Overwrites memory in a way that the compiler does not remove. */
extern void rg_secret_wipe(void *memory, size_t length);

#endif
