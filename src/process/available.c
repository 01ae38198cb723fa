/*
 * available.c — is everything there that a dialer needs? README.md says what mends what is missing.
 */
#include "process/available.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define YAMA      "/proc/sys/kernel/yama/ptrace_scope"
#define YAMA_MOST 1 /* a parent may still look into its children */

/* The kernel looks at the flags before it looks for the notification, which there is none of. */
static bool
hands_over_at_once(int listener)
{
	struct seccomp_notif_addfd hand = {
		.id = 0, .flags = SECCOMP_ADDFD_FLAG_SEND, .srcfd = (uint32_t) listener};

	return ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &hand) < 0 && errno == ENOENT;
}

static bool
yama_forbids(void)
{
	char digit[2] = "";
	int file = open(YAMA, O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return false;
	if (read(file, digit, 1) != 1)
		digit[0] = '\0';
	close(file);
	return atoi(digit) > YAMA_MOST;
}

static bool
can_read_memory(pid_t child)
{
	char path[32];
	int file;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int) child);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file >= 0)
		close(file);
	return file >= 0;
}

bool
rg_dialer_available(int listener, pid_t child, const char *program, const char **reason)
{
	*reason = NULL;
	if (!hands_over_at_once(listener))
		*reason = RG_DIALER_KERNEL;
	else if (!can_read_memory(child))
		*reason = yama_forbids() ? RG_DIALER_YAMA : RG_DIALER_MEMORY;
	else if (access(program, R_OK) != 0)
		*reason = RG_DIALER_UNREADABLE;
	return *reason == NULL;
}

const char *
rg_dialer_listener_refused(int error)
{
	if (error == EPERM || error == EACCES || error == ENOSYS)
		return RG_DIALER_FILTER;
	return error == EBUSY ? RG_DIALER_BUSY : RG_DIALER_KERNEL;
}
