/*
 * reseal.h — credentials that are sealed for retired keys, sealed again for the newest one.
 */
#ifndef RG_CATALOG_RESEAL_H
#define RG_CATALOG_RESEAL_H

#include "postgres.h"

#include "sealing_key.h"

/* Are there credentials that are sealed for a retired key? */
extern bool rg_reseal_is_due(void);

/*
 * Seals the next batch, as part of the caller's transaction; false when nothing was left. Rows that somebody
 * else has locked are passed over.
 */
extern bool rg_reseal_batch(RgReseal *reseal);

#endif
