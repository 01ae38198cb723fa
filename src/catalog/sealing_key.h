/*
 * sealing_key.h — the rows of sealing_key: public halves only. Callers are connected to SPI.
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

/*
 * The key that credentials are sealed for now; it cannot be forgotten before the transaction ends. 503: there
 * is none.
 */
extern RgSealingKey rg_sealing_key_hold(void);

/* What sealing_key() shows of it, with the snapshot of the calling statement. 503. */
extern Jsonb *rg_sealing_key_read(int64 organization_id);

/* ---- for workers ---- */

/* Makes the rest of the transaction the only one that changes keys of this database. */
extern void rg_sealing_key_lock(void);

/* The newest key that is not retired, false when there is none; the highest id that was ever in the table. */
extern bool rg_sealing_key_newest(RgSealingKey *key);
extern int64 rg_sealing_key_highest(void);

/* Is the key known here, with this public half (NULL: with any)? */
extern bool rg_sealing_key_known(int64 key_id, const unsigned char *public_key);

/* Adds the key, and retires the others. */
extern void rg_sealing_key_add(const RgSealingKey *key);

/* Locks the key against being used for sealing; false when some transaction has sealed for it, or there is no
 * such key. */
extern bool rg_sealing_key_claim(int64 key_id);

/* Credentials that are sealed for it, as a new statement sees them. */
extern int64 rg_sealing_key_uses(int64 key_id);

extern bool rg_sealing_key_is_retired(int64 key_id);
extern void rg_sealing_key_delete(int64 key_id);

/* ---- sealing credentials for the newest key (reseal.c) ---- */

typedef struct RgReseal
{
	const RgKeyring *keyring;
	RgSealingKey key;
	int64 after_key_id; /* where the last batch ended; starts as zeros */
	int64 after_organization_id;
	int64 after_data_source_id;
	int64 resealed;
	int64 unreadable; /* the keyring lacks their key, or they are damaged */
} RgReseal;

#endif
