/*
 * handshake.h — how the child and its supervisor agree before the program is executed: the child says how it
 * could confine itself, the supervisor decides whether that is enough. Plain C.
 */
#ifndef RG_HANDSHAKE_H
#define RG_HANDSHAKE_H

#include <stdbool.h>

/* An errno for each means of confinement; 0: it is in force. */
typedef struct RgMeans
{
	int landlock;
	int filter;
	int listener; /* for the dialer; only where the network mode has one */
} RgMeans;

/* Makes both ends, close-on-exec. */
extern bool rg_handshake_open(int ends[2]);

/* The child: tells its means, hands over the listener (-1: none), and waits. Returns whether it may go on. */
extern bool rg_handshake_offer(int end, const RgMeans *means, int listener);

/* The supervisor: false when the child has ended before it offered anything. */
extern bool rg_handshake_accept(int end, RgMeans *means, int *listener);
extern void rg_handshake_answer(int end, bool may_go_on);

#endif
