/*
 * spare.h — inside the reader room: connectors that were started, and confined, before a stream needs one.
 * The next stream whose connector would be started alike takes it, and does not wait for the start.
 *
 * A spare has served no stream and holds no secret: it was given nothing but its place in the sandbox, and
 * has said nothing but its hello, which the stream that takes it reads and checks as if it had come just now.
 */
#ifndef RG_READER_SPARE_H
#define RG_READER_SPARE_H

#include "reader/feed.h"

/* The setting rivergen.spare_connectors. */
extern void rg_spare_init(void);

/*
 * Gives the feed, which is prepared, the spare of its kind, and has another made ready later. False: there is
 * none, so the connector must be started.
 */
extern bool rg_spare_take(RgFeed *feed);

/* Starts the spares that are wanted. Takes a while: to be called when no stream waits for rows. */
extern void rg_spare_start_wanted(void);

/* Something of a spare is ready. */
extern void rg_spare_serve(RgFeed *feed, RgPipe pipe);

/* Ends those that no stream has taken for long. */
extern void rg_spare_check_clock(TimestampTz now);
extern void rg_spare_end_all(void);

#endif
