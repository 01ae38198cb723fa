/*
 * reseal.h — seals credentials of retired keys again for the newest key.
 */
#ifndef RG_CATALOG_RESEAL_H
#define RG_CATALOG_RESEAL_H

#include "postgres.h"

#include "sealing_key.h"

/* Are there credentials that are sealed for a retired key? */
extern bool rg_reseal_is_due(void);

/*
 * Seals the next batch in the caller's transaction. False: no rows were left. Rows that another transaction
 * has locked are skipped.
 */
extern bool rg_reseal_batch(RgReseal *reseal);

#endif
