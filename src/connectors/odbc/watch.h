/*
 * watch.h — bounds the time of each call of the driver. A driver may ignore every limit that it is given, so
 * a thread ends the process when a call has taken too long, and sends meanwhile what waits.
 *
 * While the driver is called, the thread that calls it emits nothing.
 */
#ifndef RG_ODBC_WATCH_H
#define RG_ODBC_WATCH_H

#include "connectors/common/deadline.h"

/* Starts the thread. */
extern void watch_start(void);

/* A call begins, which must end before the deadline; step: the protocol's word, of the error. */
extern void watch_begin(const char *step, Deadline deadline);
extern void watch_end(void);

/*
 * During further calls `flush` is called once `patience` milliseconds have passed, of which -1 is none; NULL:
 * no longer.
 */
extern void
watch_while_waiting(int (*its_patience)(void *argument), void (*its_flush)(void *argument), void *argument);

#endif
