/*
 * slots.h — inside the rooms stream and reader: which streams there are, and which reader serves each. In
 * shared memory, guarded by a lock of its own.
 *
 *   WAITING ──assign──► ASSIGNED ──reader──► TAKEN ──reader──► LEFT ──backend──► free
 *      ▲───── its reader has ended ──┘
 *
 * The backend may leave in any state. It frees its slot, except a taken one, which the reader frees.
 */
#ifndef RG_STREAM_SLOTS_H
#define RG_STREAM_SLOTS_H

#include "postgres.h"

#include "storage/dsm.h"

#define RG_MOST_READERS       16
#define RG_MOST_STREAMS       128
#define RG_STREAMS_PER_READER 32

/* rivergen.max_readers */
extern int rg_stream_max_readers;

typedef enum RgStreamStanding
{
	RG_STREAM_WAITING,  /* for a reader */
	RG_STREAM_ASSIGNED, /* its reader has not seen it yet */
	RG_STREAM_TAKEN,
	RG_STREAM_LEFT,    /* the reader has done with it, or has ended */
	RG_STREAM_STALLED, /* its reader does not move any more */
} RgStreamStanding;

typedef struct RgStreamTicket
{
	int slot;
	uint64 generation;
} RgStreamTicket;

/* Was the library preloaded, so that there is shared memory? */
extern bool rg_stream_slots_available(void);

/* ---- the backend ---- */

/* False: all slots are in use. organization_id: 0 where the stream is none's. */
extern bool rg_stream_slot_submit(dsm_handle segment, int64 organization_id, RgStreamTicket *ticket);

typedef enum RgStreamAssignment
{
	RG_STREAM_HAS_READER,
	RG_STREAM_NO_ROOM,    /* all readers that may run are busy, or evacuated */
	RG_STREAM_NO_SHARE,   /* the organization has its share of the streams */
	RG_STREAM_NO_PROCESS, /* the server has no process left for a reader */
} RgStreamAssignment;

/* How many streams one organization may have: three quarters of those that the readers can serve. */
extern int rg_stream_slots_share(void);

/* Gives a waiting stream to a reader of this database, and starts one when that is better. */
extern RgStreamAssignment rg_stream_slot_assign(const RgStreamTicket *ticket);
extern RgStreamStanding rg_stream_slot_standing(const RgStreamTicket *ticket);
extern void rg_stream_slot_leave(const RgStreamTicket *ticket);

/* ---- the reader ---- */

/* False: the place was given to another reader, or its database is being evacuated. */
extern bool rg_stream_reader_attach(int place, uint64 generation, Oid *database);

/* Takes the next stream that is assigned to this reader. */
extern bool rg_stream_reader_take(RgStreamTicket *ticket, dsm_handle *segment);

/* Has the backend left? */
extern bool rg_stream_reader_is_left(const RgStreamTicket *ticket);
extern void rg_stream_reader_end(const RgStreamTicket *ticket);

/* Reports that this reader moves; due once a second. Returns whether it must leave its database. */
extern bool rg_stream_reader_beat(void);

/* False: a stream was assigned meanwhile. True: none will be any more. */
extern bool rg_stream_reader_retire(void);

/* ---- others ---- */

/* Asks the readers of a database to leave. rg_pool_evacuate keeps new ones away. */
extern void rg_stream_evacuate(Oid database);
extern bool rg_stream_has_readers(Oid database);

extern void rg_stream_slots_init(void);

#endif
