/* keyring.h — the private keys in memory; private to this room. */
#ifndef RG_KEYRING_H
#define RG_KEYRING_H

#include "postgres.h"

#include <sodium.h>

#include "secret.h"

typedef struct RgKey
{
	int64 key_id;
	unsigned char public_key[crypto_box_PUBLICKEYBYTES];
	unsigned char private_key[crypto_box_SECRETKEYBYTES];
} RgKey;

struct RgKeyring
{
	int count;
	RgKey keys[FLEXIBLE_ARRAY_MEMBER];
};

extern const RgKey *rg_keyring_find(const RgKeyring *keyring, int64 key_id);

/*
 * Reads "<key id> <base64 private key>" lines; empty lines and lines that begin with # are skipped. Returns
 * NULL, and a static text in *fault, if the text is malformed. Wipes the text.
 */
extern RgKeyring *rg_keyring_parse(char *text, const char **fault);

extern int rg_keyring_count(const RgKeyring *keyring);
extern int64 rg_keyring_id(const RgKeyring *keyring, int index);
extern void rg_keyring_public(const RgKeyring *keyring, int index, unsigned char *public_key);

/* Does the keyring contain the key? */
extern bool rg_keyring_has(const RgKeyring *keyring, int64 key_id);

#endif
