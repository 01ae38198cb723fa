/*
 * secret.h — sealing with the public key (anywhere), opening with the private key (workers only). No SQL.
 * README.md specifies the content of a seal and how clients make one.
 */
#ifndef RG_SECRET_H
#define RG_SECRET_H

#include "postgres.h"

/*
 * The row that a sealed text belongs to. It is part of the sealed content, so that ciphertext moved to
 * another row is refused.
 */
typedef struct RgSealContext
{
	int64 organization_id;
	int64 data_source_id;
	int64 version;
} RgSealContext;

#define RG_PUBLIC_KEY_BYTES 32

/* The name of the algorithm in answers. */
#define RG_SEAL_ALGORITHM "libsodium sealed box (X25519, XSalsa20-Poly1305)"

/* ---- the private keys (keyring.c), in memory from rg_secret_alloc ---- */

typedef struct RgKeyring RgKeyring;

/* ---- the key file (keyring_file.c); each returns NULL, or the fault ---- */

#define RG_KEYRING_MAX_BYTES 65536

/* ---- opening ---- */

typedef enum RgOpenResult
{
	RG_OPENED,
	RG_OPEN_KEY_MISSING,   /* the keyring has no such key id */
	RG_OPEN_CORRUPT,       /* not sealed for that key, or altered */
	RG_OPEN_WRONG_CONTEXT, /* sealed for another source or version */
	RG_OPEN_BOX_CORRUPT,   /* opens, but the client's box inside does not */
} RgOpenResult;

typedef struct RgOpened
{
	char *text; /* NUL-terminated, from rg_secret_alloc */
	size_t length;
	bool by_client; /* text is a client's envelope, which is not checked yet */
} RgOpened;

#endif
