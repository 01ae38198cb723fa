/*
 * reading.h — the connection of operations read and query, which is kept from one request to the next.
 */
#ifndef RG_MYSQL_READING_H
#define RG_MYSQL_READING_H

#include "connectors/common/row_frames.h"
#include "connectors/mysql/session.h"
#include "connectors/mysql/statements.h"

/* Connects, unless the connection of the last request is still of use, and sends `connected`. */
extern Session *reading_open(Request *request);

/* What the catalog of the server has. */
extern const Features *reading_features(void);

/* From now on, what is silent for a while sends the rows that wait. NULL: no longer. */
extern void reading_flush_while_waiting(RowFrames *frames);

/* Not all rows are wanted: the server is told so at the end of the answer, which `answer` is. */
extern void reading_stop(MYSQL_RES *answer);

/* After an answer: ends the transaction. A connection that is of no more use is closed. */
extern void reading_rest(void);

#endif
