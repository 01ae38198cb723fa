/*
 * spool.h — inside the merge room: a temporary file that outlives transactions. It is written from front to
 * back, then read in the same order, any number of times. Closing it writes nothing; BufFileClose would try
 * again to write to a full disk, and fail again.
 */
#ifndef RG_SPOOL_H
#define RG_SPOOL_H

#include "postgres.h"

typedef struct RgSpool RgSpool;

extern RgSpool *rg_spool_open(MemoryContext memory);
extern void rg_spool_write(RgSpool *spool, const void *bytes, size_t length);

/* After the last write, and before reading again. */
extern void rg_spool_rewind(RgSpool *spool);

/* Is anything left to read? */
extern bool rg_spool_has_more(const RgSpool *spool);

/* Raises an error if fewer bytes are left. */
extern void rg_spool_read(RgSpool *spool, void *bytes, size_t length);

/* The same, without keeping them. */
extern void rg_spool_skip(RgSpool *spool, size_t length);

extern void rg_spool_close(RgSpool *spool);

#endif
