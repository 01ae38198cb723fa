#include "process/supervisor.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
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

static int
watch_children(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC);
}

static bool
has_ended(pid_t child, int *status)
{
	return waitpid(child, status, WNOHANG) == child;
}

/* Until the child ends. */
static int
serve(pid_t child, int ends, int listener)
{
	struct pollfd polls[] = {{.fd = ends, .events = POLLIN}, {.fd = listener, .events = POLLIN}};
	int status;

	while (!has_ended(child, &status))
	{
		struct signalfd_siginfo ended;

		if (poll(polls, LENGTHOF(polls), -1) < 0)
			continue;
		if (polls[0].revents != 0)
			(void) !read(ends, &ended, sizeof(ended));
		if (polls[1].revents & POLLIN)
			serve_notification(listener);
		else if (polls[1].revents != 0)
			polls[1].fd = -1;
	}
	return status;
}

/* Ends as the child has ended, as shells do it. */
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
	int ends = watch_children();

	if (ends < 0)
		return RG_EXIT_UNCONFINED;
	give_up_pipes();
	if (rg_handshake_accept(end, &means, &listener))
		rg_handshake_answer(end, report_sandbox(task, &means, listener) >= task->rules.minimum);
	close(end);
	return exit_status(serve(child, ends, listener));
}
