/*
 * dial.h — dials the addresses of a source one after the other, and says why none of them led to a
 * connection.
 */
#ifndef RG_GUARD_DIAL_H
#define RG_GUARD_DIAL_H

#include <stdbool.h>

#include "connectors/common/deadline.h"
#include "connectors/common/request.h"

typedef struct DialFailure
{
	const char *step;
	const char *code;
	bool transient;
	bool another_address_may_help;
	const char *message;
	const char *hint;
	char detail[160];
} DialFailure;

/* What an error of the server means. The last of a list has the number 0. */
typedef struct DialMeaning
{
	unsigned error;
	const char *step;
	const char *code;
	bool transient;
	bool another_address_may_help;
	const char *message;
	const char *hint;
} DialMeaning;

extern void dial_failure_set(DialFailure *failure, const DialMeaning *meaning);

/* By the number of the server's error. */
extern void dial_failure_set_number(DialFailure *failure, const DialMeaning *meanings, unsigned error);

/* On the way: by the system's error of the last dialing. lost_hint: for a connection that was made and
 * closed. */
extern void dial_failure_set_way(DialFailure *failure, const char *lost_hint);

extern void dial_failure_set_late(DialFailure *failure);

/* Ends the process. */
extern void dial_failure_report(const DialFailure *failure) __attribute__((noreturn));

/*
 * Calls `attempt` for the addresses of the request, or else for those of the name, until it returns true;
 * false comes with a failure. Every address gets its share of the remaining time, so that an unreachable one
 * leaves time for the others.
 */
extern bool
dial_addresses(Request *request, Deadline deadline, DialFailure *failure,
			   bool (*attempt)(void *argument, const char *address, DialFailure *failure), void *argument);

#endif
