/* dialing.h — inside the dialer: connects under way, and what is reported of them. Plain C. */
#ifndef RG_DIALING_H
#define RG_DIALING_H

#include "process/dialer.h"
#include "process/own.h"
#include "process/sockets.h"

/* A thread of the connector that waits in a blocking connect(). */
typedef struct RgWaiter
{
	uint64_t notification;
	pid_t thread;
	ino_t socket;
	int64_t deadline; /* by SO_SNDTIMEO, in milliseconds of the monotonic clock; 0: none */
	int late;         /* the error at that deadline */
	bool saw_signal;  /* that may be meant for another thread */
} RgWaiter;

struct RgDialer
{
	int listener;
	pid_t child;
	int epoll;
	int timer;
	int report;
	int reported;
	int64_t timeout; /* in milliseconds; 0: the kernel's */
	RgDialRules rules;
	RgNetwork resolvers[RG_MOST_RESOLVERS];
	RgOwnAddresses own;
	int64_t own_read_at;
	RgSockets sockets;
	int most_sockets;
	int sweep_at; /* when there are so many sockets, those are sought that the connector has closed */
	RgWaiter *waiters;
	int waiter_count;
	int waiter_room;
	int64_t swept_at;
};

/* A socket address as the connector gave it. */
typedef struct RgBytes
{
	unsigned char bytes[128]; /* the most that the kernel takes */
	int length;
} RgBytes;

extern int64_t rg_dialing_now(void);

/* Returns whether the thread was still there to be answered. error 0: the call succeeds. */
extern bool rg_dialing_answer(const RgDialer *dialer, uint64_t notification, int error);

/* A line of the report. detail follows the verdict; it may be NULL. */
extern void rg_dialing_report(RgDialer *dialer, const RgDial *dial, const char *verdict, const char *detail);

/*
 * Connects and answers, now or later. dial is what the bytes name; NULL: no address, so they connect nothing.
 */
extern void rg_dialing_begin(RgDialer *dialer, const struct seccomp_notif *notification, RgSocket *socket,
							 const RgBytes *address, const RgDial *dial);

/* The connect under way has ended, or may have. */
extern void rg_dialing_check(RgDialer *dialer, RgSocket *socket);

/* Time has passed. */
extern void rg_dialing_tick(RgDialer *dialer);

/* Forgets the sockets that the connector has closed. */
extern void rg_dialing_sweep(RgDialer *dialer);

/* The connect under way is not waited for any longer. */
extern void rg_dialing_let_go(RgDialer *dialer, RgSocket *socket, const char *verdict);

#endif
