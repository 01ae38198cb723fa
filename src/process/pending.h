/* pending.h — inside the dialer: does a signal wait for a thread? Plain C. */
#ifndef RG_PENDING_H
#define RG_PENDING_H

#include <sys/types.h>

typedef enum RgPending
{
	RG_PENDING_NONE,
	RG_PENDING_THREAD, /* for this one */
	RG_PENDING_PROCESS /* for any thread of its process that does not block it */
} RgPending;

extern RgPending rg_pending(pid_t thread);

#endif
