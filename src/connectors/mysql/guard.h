/*
 * guard.h — bounds what libmariadb does while it runs: where it dials, how long it waits, and what it sends
 * without TLS. The library has no setting for any of these that holds.
 */
#ifndef RG_MYSQL_GUARD_H
#define RG_MYSQL_GUARD_H

#include <stdbool.h>

#include "connectors/common/deadline.h"

/* What may be sent without TLS during a login. */
typedef enum PlainText
{
	PLAIN_NOTHING, /* but the request for TLS */
	PLAIN_PROOFS,  /* answers from which the password cannot be had */
	PLAIN_ANYTHING
} PlainText;

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

extern void guard_allow(PlainText allowed);
/* Did the library try to send more than is allowed? */
extern bool guard_has_refused(void);

#endif
