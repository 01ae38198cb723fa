/* same.h — cases that must say the same with the dialer and without it. */
#ifndef SAME_H
#define SAME_H

#include "servers.h"

typedef struct Case
{
	const char *what;
	Behaviour behaviour;
} Case;

/* Runs each case without the dialer and in both ways with it. */
extern void check_same(const Case *cases, size_t count);

/* Some bytes in both directions over the connection, up to its end. */
extern void exchange(int out, int descriptor, int server);

#endif
