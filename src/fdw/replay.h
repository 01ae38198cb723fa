/*
 * replay.h — the rows that a scan has returned, for a rescan with the same parameters. Only where the plan
 * may ask for one, and only while they fit into work_mem.
 */
#ifndef RG_FDW_REPLAY_H
#define RG_FDW_REPLAY_H

#include "postgres.h"

#include "executor/tuptable.h"

typedef struct RgReplay RgReplay;

/* In CurrentMemoryContext. */
extern RgReplay *rg_replay_begin(void);

/* Keeps the row in the slot, which was not a kept one. */
extern void rg_replay_keep(RgReplay *replay, TupleTableSlot *slot);

/* Puts the next kept row into the slot; false when all were. */
extern bool rg_replay_next(RgReplay *replay, TupleTableSlot *slot);

/* Begins again with the first row; false when some were not kept. */
extern bool rg_replay_rewind(RgReplay *replay);

/* Forgets all rows. */
extern void rg_replay_clear(RgReplay *replay);

#endif
