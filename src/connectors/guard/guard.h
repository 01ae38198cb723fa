/*
 * guard.h — bounds what a client library does while it runs: where it dials, and how long it waits. For
 * libraries that have no setting for either that holds.
 */
#ifndef RG_GUARD_GUARD_H
#define RG_GUARD_GUARD_H

#include <stdbool.h>

#include "connectors/common/deadline.h"

/* The next name that is resolved has this address. */
extern void guard_dial(const char *address);

/* Why no connection came about: a number of errno, or 0. The library loses it. */
extern int guard_dialing_error(void);

/* No wait lasts longer. */
extern void guard_until(Deadline deadline);
extern bool guard_is_late(void);

/*
 * While the library waits, `flush` is called once `patience` milliseconds have passed, of which -1 is none;
 * NULL: no longer.
 */
extern void
guard_while_waiting(int (*patience)(void *argument), void (*flush)(void *argument), void *argument);

/* While the library waits, the end of standard input calls `abandon`, which does not return; NULL: no longer.
 */
extern void guard_watch_input(void (*abandon)(void));

#endif
