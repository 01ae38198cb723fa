/*
 * reading.h — keeps the session between requests that read.
 */
#ifndef RG_CASSANDRA_READING_H
#define RG_CASSANDRA_READING_H

#include "connectors/cassandra/session.h"
#include "connectors/common/row_frames.h"

/* The kept session, or a new one; sends `connected`. */
extern Session *reading_open(Request *request);

/* While the server is silent, rows that wait are sent; NULL: no longer. */
extern void reading_flush_while_waiting(RowFrames *frames);

/* To be called when an answer has ended. */
extern void reading_rest(void);

#endif
