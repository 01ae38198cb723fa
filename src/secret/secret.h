/*
 * secret.h — sealing with the public key (anywhere), opening with the private key (workers only). No SQL.
 * README.md specifies what is inside a seal, and how clients make one.
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

/* What sealed boxes are called in answers. */
#define RG_SEAL_ALGORITHM "libsodium sealed box (X25519, XSalsa20-Poly1305)"

extern void rg_secret_init(void);

/* Settings, both '' when unset: where the private keys are. */
extern char *rg_key_file;
extern char *rg_key_command;

/* ---- sealing ---- */

/* Seals plain for the holder of the private key. The caller still owns, and wipes, the plain text. */
extern bytea *rg_secret_seal(const RgSealContext *context, const char *plain, size_t length,
							 const unsigned char *public_key);

/* Seals, for the same key, what a client has sealed already: nobody but a worker can look inside. */
extern bytea *rg_secret_seal_box(const RgSealContext *context, const char *box, size_t length,
								 const unsigned char *public_key);

/* Base64 (the original alphabet, padded) as bytes, or NULL when it is none, or too short for a sealed box. */
extern char *rg_secret_decode_box(const char *text, size_t length, size_t *box_length);

/* ---- memory ---- */

/* Memory of the current context that is overwritten before the context gives it back. */
extern void *rg_secret_alloc(Size size);

/* Overwrites memory in a way that the compiler does not remove. */
extern void rg_secret_wipe(void *memory, size_t length);

/* ---- the private keys (keyring.c), in memory from rg_secret_alloc ---- */

typedef struct RgKeyring RgKeyring;

/*
 * Reads "<key id> <base64 private key>" lines; empty lines and lines that begin with # are skipped. Returns
 * NULL and a static text in *fault when it is malformed. The text is wiped.
 */
extern RgKeyring *rg_keyring_parse(char *text, const char **fault);

extern int rg_keyring_count(const RgKeyring *keyring);
extern int64 rg_keyring_id(const RgKeyring *keyring, int index);
extern void rg_keyring_public(const RgKeyring *keyring, int index, unsigned char *public_key);

/* Is there a private key of this id? */
extern bool rg_keyring_has(const RgKeyring *keyring, int64 key_id);

/* ---- the key file (keyring_file.c); each returns NULL, or the fault ---- */

#define RG_KEYRING_MAX_BYTES 65536

/*
 * Reads the key file. Returns NULL and a text that names the fault: missing, readable by others, inside the
 * data directory, malformed.
 */
extern RgKeyring *rg_keyring_read(const char *path, const char **fault);

/*
 * Adds a fresh key to the file, or makes the file with it. The file is replaced by rename, after its content
 * was written through to the disk. Callers see to it that nobody else changes the file meanwhile.
 */
extern const char *rg_keyring_add(const char *path, int64 key_id);

/* Takes a key out of the file, likewise. The last one stays. */
extern const char *rg_keyring_remove(const char *path, int64 key_id);

/* ---- opening ---- */

typedef enum RgOpenResult
{
	RG_OPENED,
	RG_OPEN_KEY_MISSING,   /* the keyring has no such key id */
	RG_OPEN_CORRUPT,       /* not sealed for that key, or altered */
	RG_OPEN_WRONG_CONTEXT, /* opens, but was sealed for another source or version */
	RG_OPEN_BOX_CORRUPT,   /* opens, but what the client sealed does not */
} RgOpenResult;

typedef struct RgOpened
{
	char *text; /* NUL-terminated, from rg_secret_alloc */
	size_t length;
	bool by_client; /* text is what a client sealed: an envelope that is still to be checked */
} RgOpened;

extern RgOpenResult rg_secret_open(const RgKeyring *keyring, int64 key_id, const bytea *sealed,
								   const RgSealContext *context, RgOpened *opened);

/* Seals the content for another key; what it belongs to stays as it was, right or wrong. */
extern RgOpenResult rg_secret_reseal(const RgKeyring *keyring, int64 key_id, const bytea *sealed,
									 const unsigned char *public_key, bytea **resealed);

#endif
