/*
 * rest.h — inside the reader room: connectors that rest with an open connection. The next stream of the same
 * source saves the start of a connector and the login.
 */
#ifndef RG_READER_REST_H
#define RG_READER_REST_H

#include "reader/feed.h"

/* The feed serves no stream any more. It is killed when it says anything, and after a few seconds. */
extern void rg_rest_begin(RgFeed *feed);

/* Takes a rested feed that last served a stream which asked for the same in the same epoch; NULL: there is
 * none. */
extern RgFeed *rg_rest_take_asked(const char *asked, uint64 epoch);

/* Takes a rested feed that last served a stream of the same version; NULL: there is none. */
extern RgFeed *rg_rest_take_unchanged(const char *version);

/* Takes a rested feed whose endpoint is still that of the source; NULL: there is none. SPI is connected. */
extern RgFeed *rg_rest_take(int64 organization_id, int64 data_source_id);

/* Something of a resting feed is ready. */
extern void rg_rest_serve(RgFeed *feed, RgPipe pipe);

/* Kills those that have rested long enough. */
extern void rg_rest_check_clock(TimestampTz now);
extern void rg_rest_end_all(void);

#endif
