/*
 * epoch.h — inside the reader room: has anything changed that a query would find?
 *
 * An epoch lasts until a transaction ends that is not this process's own. The server counts those that end,
 * because a snapshot stays valid until then.
 */
#ifndef RG_READER_EPOCH_H
#define RG_READER_EPOCH_H

#include "postgres.h"

/* The present one, for queries of the present transaction that have not been made yet. */
extern uint64 rg_epoch_now(void);

/* The present transaction, which is about to be committed, does not end the epoch: it changes nothing that
 * matters. */
extern void rg_epoch_goes_on(void);

#endif
