/* keyring.h — inside the secret room: what a keyring is made of. */
#ifndef RG_KEYRING_H
#define RG_KEYRING_H

#include "secret.h"

#include <sodium.h>

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

#endif
