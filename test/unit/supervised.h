/* supervised.h — runs a function in a child whose socket() and connect() a dialer serves, with a filter that
 * notifies these two calls and nothing else. */
#ifndef SUPERVISED_H
#define SUPERVISED_H

#include <stdbool.h>
#include <stddef.h>

#include "process/dialer.h"

typedef struct Outcome
{
	char said[16384];     /* what the function wrote */
	char reported[65536]; /* the dialer's report */
	int status;           /* of waitpid */
	int wakeups;          /* of the supervisor */
	int most_descriptors; /* of the supervisor, as often as it looked */
} Outcome;

typedef void (*Behaviour)(int out);

/* settings NULL: without a dialer. */
extern void
supervise(Behaviour behaviour, const RgDialerSettings *settings, bool is_killable, Outcome *outcome);

/* In the child: printf to out. */
extern void say(int out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
