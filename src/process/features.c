/*
 * features.c — the means of confinement that the kernel offers. Probed by system call, not by version:
 * distributions backport, and containers forbid.
 */
#include "features.h"

#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "process.h"

/* The same on every architecture; headers of older distributions lack them. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#endif
#define LANDLOCK_VERSION_FLAG 1

static bool
has_pidfd(void)
{
	int descriptor = syscall(SYS_pidfd_open, getpid(), 0);

	if (descriptor >= 0)
		close(descriptor);
	return descriptor >= 0;
}

/* The last possible descriptor, which is never open. */
static bool
has_close_range(void)
{
	return syscall(SYS_close_range, ~0U, ~0U, 0) == 0;
}

static bool
has_seccomp(void)
{
	uint32 action = SECCOMP_RET_ERRNO;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

RgFeatures
rg_process_features(void)
{
	long landlock = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION_FLAG);
	RgFeatures features = {has_pidfd(), has_close_range(), has_seccomp(), Max(landlock, 0)};

	return features;
}
