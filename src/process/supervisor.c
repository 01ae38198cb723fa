#include "process/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/handshake.h"
#include "process/report.h"

#define LENGTHOF(array) (sizeof(array) / sizeof((array)[0]))

/* Words separated by commas, as a report has them. */
typedef struct Words
{
	char text[RG_LONGEST_REPORT / 2];
	size_t length;
} Words;

static void
add_missing(Words *missing, const char *means, const char *reason)
{
	int length = snprintf(missing->text + missing->length, sizeof(missing->text) - missing->length, "%s%s=%s",
						  missing->length > 0 ? "," : "", means, reason);

	missing->length += (size_t) length;
}

static void
add_missing_errno(Words *missing, const char *means, int error)
{
	const char *name = strerrorname_np(error);

	if (error != 0)
		add_missing(missing, means, name != NULL ? name : "unknown");
}

/* The network mode NONE needs no dialer to be safe, and PLAIN was chosen because there is none. */
static bool
has_network_rules(const RgTask *task, int listener)
{
	return task->rules.network == RG_NETWORK_NONE || listener >= 0;
}

/* The highest level for which all below hold, too. */
static RgLevel
level_of(const RgTask *task, const RgMeans *means, int listener)
{
	if (means->filter != 0)
		return RG_BASIC;
	if (means->landlock != 0)
		return RG_FILTERED;
	return has_network_rules(task, listener) ? RG_FULL : RG_CONFINED;
}

static RgLevel
report_sandbox(const RgTask *task, const RgMeans *means, int listener)
{
	RgLevel level = level_of(task, means, listener);
	Words missing = {.length = 0};

	add_missing_errno(&missing, "filter", means->filter);
	add_missing_errno(&missing, "landlock", means->landlock);
	add_missing_errno(&missing, "dialer", means->listener);
	rg_report(RG_REPORT_DESCRIPTOR, "sandbox %s %s", rg_level_names[level],
			  missing.length > 0 ? missing.text : "-");
	return level;
}

/* Lets the connector's own call pass. */
static void
pass(int listener, const struct seccomp_notif *notification)
{
	struct seccomp_notif_resp response = {.id = notification->id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};

	(void) ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

static void
serve_notification(int listener)
{
	struct seccomp_notif notification;

	memset(&notification, 0, sizeof(notification));
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notification) == 0)
		pass(listener, &notification);
}

/* The child's pipes are the child's: held here, they would keep its end from the worker. */
static void
give_up_pipes(void)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
	{
		if (nothing >= 0)
			dup2(nothing, i);
		else
			close(i);
	}
	if (nothing > STDERR_FILENO)
		close(nothing);
}

void
rg_supervisor_hold_signals(sigset_t *before)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, before);
}

static int
open_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGTERM);
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static bool
has_ended(pid_t child)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t) child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child;
}

/* Is one of the waiting signals the worker's order to end? */
static bool
is_ordered_to_end(int signals)
{
	struct signalfd_siginfo info;
	bool ordered = false;

	while (read(signals, &info, sizeof(info)) == (ssize_t) sizeof(info))
		ordered = ordered || info.ssi_signo == SIGTERM;
	return ordered;
}

/* Until the child ends, or must: false. */
static bool
serve(pid_t child, int signals, int listener)
{
	struct pollfd polls[] = {{.fd = signals, .events = POLLIN}, {.fd = listener, .events = POLLIN}};

	while (!has_ended(child))
	{
		if (poll(polls, LENGTHOF(polls), -1) < 0)
			continue;
		if (polls[0].revents != 0 && is_ordered_to_end(signals))
			return false;
		if (polls[1].revents & POLLIN)
			serve_notification(listener);
		else if (polls[1].revents != 0)
			polls[1].fd = -1;
	}
	return true;
}

/*
 * Ends the child with everything that it started, and leaves no orphan: where the postmaster is the process
 * that adopts orphans, as in containers, it would take one that was killed for a crash of the server. The
 * group is killed before its leader is reaped: until then no other process can get its number.
 */
static int
end_child(pid_t child)
{
	int status = 0;

	kill(-child, SIGKILL);
	kill(child, SIGKILL); /* it may not have become a group leader yet */
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	while (waitpid(-child, NULL, 0) > 0 || errno == EINTR)
		;
	return status;
}

/* As the child has ended, as shells do it. */
static int
exit_status(int status)
{
	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	rg_report(RG_REPORT_DESCRIPTOR, "ended signal %d", WTERMSIG(status));
	return 128 + WTERMSIG(status);
}

int
rg_supervise(const RgTask *task, pid_t child, int end)
{
	RgMeans means;
	int listener = -1;
	int signals = open_signals();
	bool ended = false;

	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	give_up_pipes();
	if (signals >= 0 && rg_handshake_accept(end, &means, &listener))
		rg_handshake_answer(end, report_sandbox(task, &means, listener) >= task->rules.minimum);
	close(end);
	if (signals >= 0)
		ended = serve(child, signals, listener);

	int status = end_child(child);

	return ended ? exit_status(status) : RG_EXIT_ORDERED;
}
