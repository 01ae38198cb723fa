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

/* Settings, both '' when unset: where the private keys are. */
extern char *rg_key_file;
extern char *rg_key_command;

/* Seals plain for the holder of the private key. The caller still owns, and wipes, the plain text. */
extern bytea *rg_secret_seal(const RgSealContext *context, const char *plain, size_t length,
							 const unsigned char *public_key);

/* Memory of the current context that is overwritten before the context gives it back. */
extern void *rg_secret_alloc(Size size);

/* Overwrites memory in a way that the compiler does not remove. */
extern void rg_secret_wipe(void *memory, size_t length);

/* The private keys, in memory from rg_secret_alloc. */
typedef struct RgKeyring RgKeyring;

/*
 * Reads "<key id> <base64 private key>" lines; empty lines and lines that begin with # are skipped. Returns
 * NULL and a static text in *fault when it is malformed. The text is wiped.
 */
extern RgKeyring *rg_keyring_parse(char *text, const char **fault);

/*
 * Reads the key file. Returns NULL and a text that names the fault: missing, readable by others, inside the
 * data directory, malformed.
 */
extern RgKeyring *rg_keyring_read(const char *path, const char **fault);

/* Writes a new keyring with one fresh key; fails when the file exists. Returns NULL or the fault. */
extern const char *rg_keyring_create(const char *path, int64 key_id);

extern int rg_keyring_count(const RgKeyring *keyring);
extern int64 rg_keyring_id(const RgKeyring *keyring, int index);
extern void rg_keyring_public(const RgKeyring *keyring, int index, unsigned char *public_key);

typedef enum RgOpenResult
{
	RG_OPENED,
	RG_OPEN_KEY_MISSING,   /* the keyring has no such key id */
	RG_OPEN_CORRUPT,       /* not sealed for that key, or altered */
	RG_OPEN_WRONG_CONTEXT, /* opens, but was sealed for another source or version */
} RgOpenResult;

/* On RG_OPENED *plain is NUL-terminated memory from rg_secret_alloc. */
extern RgOpenResult rg_secret_open(const RgKeyring *keyring, int64 key_id, const bytea *sealed,
								   const RgSealContext *context, char **plain, size_t *length);

#endif
