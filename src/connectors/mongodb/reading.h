/*
 * reading.h — a connection that is kept for several requests, and what is open on it.
 */
#ifndef RG_MONGODB_READING_H
#define RG_MONGODB_READING_H

#include "connectors/common/row_frames.h"
#include "connectors/mongodb/session.h"

/* Connects, or takes the connection that is there, and sends `connected`. */
extern Session *reading_open(Request *request);

/* The cursor of a collection whose documents are sent. A caller that wants no more ends it by ending its
 * input. */
extern void reading_begin(mongoc_cursor_t *cursor, const char *collection, RowFrames *frames);
extern void reading_end(void);

/* The connector's rest(). */
extern void reading_rest(void);

#endif
