/*
 * sealing_key.h — the rows of sealing_key: public keys only. SPI is connected.
 */
#ifndef RG_SEALING_KEY_H
#define RG_SEALING_KEY_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "secret/secret.h"

typedef struct RgSealingKey
{
	int64 key_id;
	unsigned char public_key[RG_PUBLIC_KEY_BYTES];
} RgSealingKey;

/* The newest key, locked against being forgotten until the transaction ends. 503: there is no key. */
extern RgSealingKey rg_sealing_key_hold(void);

/* The answer of sealing_key(), with the snapshot of the calling statement. 503. */
extern Jsonb *rg_sealing_key_read(int64 organization_id);

/* ---- for workers ---- */

/* Locks the keys of this database against other changes until the transaction ends. */
extern void rg_sealing_key_lock(void);

/* The newest key that is not retired, false if there is none; the highest id in the table. */
extern bool rg_sealing_key_newest(RgSealingKey *key);
extern int64 rg_sealing_key_highest(void);

/* Is the key in the table, with this public key (NULL: any)? */
extern bool rg_sealing_key_known(int64 key_id, const unsigned char *public_key);

/* Adds the key and retires the others. */
extern void rg_sealing_key_add(const RgSealingKey *key);

/*
 * Locks the key against use for sealing. False: an open transaction has sealed for it, or there is no such
 * key.
 */
extern bool rg_sealing_key_claim(int64 key_id);

/* The number of credentials that are sealed for the key. */
extern int64 rg_sealing_key_uses(int64 key_id);

extern bool rg_sealing_key_is_retired(int64 key_id);
extern void rg_sealing_key_delete(int64 key_id);

/* ---- sealing credentials for the newest key (reseal.c) ---- */

typedef struct RgReseal
{
	const RgKeyring *keyring;
	RgSealingKey key;
	int64 after_key_id; /* the last row of the previous batch; starts as zeros */
	int64 after_organization_id;
	int64 after_data_source_id;
	int64 resealed;
	int64 unreadable; /* without a private key, or damaged */
} RgReseal;

#endif
