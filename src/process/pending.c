/* pending.c — does a signal wait for a thread? As its status in /proc says. */
#include "process/pending.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A set of signals, by the name that the kernel gives it. */
static uint64_t
signals(const char *status, const char *name)
{
	const char *found = strstr(status, name);

	return found != NULL ? strtoull(found + strlen(name), NULL, 16) : 0;
}

RgPending
rg_pending(pid_t thread)
{
	char path[32];
	char status[4096];
	int file;
	ssize_t length;
	uint64_t blocked;

	snprintf(path, sizeof(path), "/proc/%d/status", (int) thread);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return RG_PENDING_NONE;
	length = read(file, status, sizeof(status) - 1);
	close(file);
	status[length > 0 ? length : 0] = '\0';
	blocked = signals(status, "\nSigBlk:");
	if (signals(status, "\nSigPnd:") & ~blocked)
		return RG_PENDING_THREAD;
	return signals(status, "\nShdPnd:") & ~blocked ? RG_PENDING_PROCESS : RG_PENDING_NONE;
}
