#include "process/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/available.h"
#include "process/dialer.h"
#include "process/handshake.h"
#include "process/limits.h"
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

/* A child that waits for the answer to its offer. */
typedef struct Started
{
	pid_t child;
	bool offered; /* otherwise it has ended before */
	int end;
	int listener;
	RgMeans means;
	const char *dialer_missing; /* why there is no dialer, as a word; NULL: there is, or need not be one */
} Started;

static RgLevel
report_sandbox(const RgTask *task, const Started *started)
{
	const RgMeans *means = &started->means;
	RgLevel level = level_of(task, means, started->listener);
	Words missing = {.length = 0};

	add_missing_errno(&missing, "filter", means->filter);
	add_missing_errno(&missing, "landlock", means->landlock);
	if (started->dialer_missing != NULL)
		add_missing(&missing, "dialer", started->dialer_missing);
	rg_report(RG_REPORT_DESCRIPTOR, "sandbox %s %s", rg_level_names[level],
			  missing.length > 0 ? missing.text : "-");
	return level;
}

/* The links of the directory of a process's threads are the threads, and two. */
static bool
has_room_for_thread(pid_t child)
{
	char path[64];
	struct stat threads;

	snprintf(path, sizeof(path), "/proc/%d/task", (int) child);
	return stat(path, &threads) != 0 || threads.st_nlink < RG_MOST_THREADS + 2;
}

/*
 * Lets the connector's own clone() pass, whose filter admits threads only, or refuses it: threads without
 * number would leave the server's user none. Calls that are under way are not counted yet: at most as many
 * again.
 */
static void
serve_clone(int listener, const struct seccomp_notif *notification, pid_t child)
{
	struct seccomp_notif_resp response = {.id = notification->id};

	if (has_room_for_thread(child))
		response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else
		response.error = -EAGAIN;
	(void) ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

static void
serve_notification(RgDialer *dialer, const Started *started)
{
	struct seccomp_notif notification;

	memset(&notification, 0, sizeof(notification));
	if (ioctl(started->listener, SECCOMP_IOCTL_NOTIF_RECV, &notification) == 0 &&
		!rg_dialer_serve(dialer, &notification))
		serve_clone(started->listener, &notification, started->child);
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

/* The signals that the supervisor takes. */
static sigset_t
own_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGTERM);
	return signals;
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
serve(const Started *started, int signals, RgDialer *dialer)
{
	struct pollfd polls[] = {{.fd = signals, .events = POLLIN},
							 {.fd = started->listener, .events = POLLIN},
							 {.fd = dialer != NULL ? rg_dialer_descriptor(dialer) : -1, .events = POLLIN}};

	while (!has_ended(started->child))
	{
		if (poll(polls, LENGTHOF(polls), -1) < 0)
			continue;
		if (polls[0].revents != 0 && is_ordered_to_end(signals))
			return false;
		if (polls[2].revents != 0)
			rg_dialer_work(dialer);
		if (polls[1].revents & POLLIN)
			serve_notification(dialer, started);
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

static bool
start_child(const RgTask *task, const sigset_t *signals, Started *started)
{
	pid_t supervisor = getpid();
	int ends[2];

	if (!rg_handshake_open(ends))
		return false;
	started->child = fork();
	if (started->child == 0)
	{
		close(ends[0]);
		sigprocmask(SIG_SETMASK, signals, NULL);
		exit(rg_child_run(task, supervisor, ends[1]));
	}
	close(ends[1]);
	started->end = ends[0];
	started->listener = -1;
	started->offered =
		started->child > 0 && rg_handshake_accept(started->end, &started->means, &started->listener);
	return started->child > 0;
}

static void
give_up_child(const Started *started)
{
	end_child(started->child);
	close(started->end);
	if (started->listener >= 0)
		close(started->listener);
}

/*
 * Whether a child's calls can be served is known when it has offered them, and its filter cannot be taken
 * back. Then another is started, without a dialer.
 */
static bool
start(RgTask *task, const sigset_t *signals, Started *started)
{
	const char *reason;

	started->dialer_missing = NULL;
	if (!start_child(task, signals, started))
		return false;
	if (started->offered && started->means.listener != 0 && task->rules.network != RG_NETWORK_NONE)
		started->dialer_missing = rg_dialer_listener_refused(started->means.listener);
	if (started->listener < 0 || task->rules.network == RG_NETWORK_NONE ||
		rg_dialer_available(started->listener, started->child, task->program[0], &reason))
		return true;
	give_up_child(started);
	rg_rules_forgo_listener(&task->rules);
	if (!start_child(task, signals, started))
		return false;
	started->dialer_missing = reason;
	return true;
}

static RgDialer *
start_dialer(const RgTask *task, const Started *started)
{
	const RgRules *rules = &task->rules;
	RgDialerSettings settings = {.local_port = rules->network == RG_NETWORK_LOCAL ? rules->local_port : 0,
								 .proxy_port = rules->network == RG_NETWORK_PROXY ? rules->local_port : 0,
								 .allowed = rules->allowed,
								 .denied = rules->denied,
								 .timeout = rules->timeout,
								 .report = RG_REPORT_DESCRIPTOR};

	return rg_dialer_start(&settings, started->listener, started->child);
}

/* Reports, lets the child go on, and serves it. Returns whether it has ended. */
static bool
attend(const RgTask *task, const Started *started, int signals)
{
	RgDialer *dialer = started->listener >= 0 ? start_dialer(task, started) : NULL;
	bool ended = false;

	if (signals >= 0 && (dialer != NULL || started->listener < 0))
	{
		if (started->offered)
			rg_handshake_answer(started->end, report_sandbox(task, started) >= task->rules.minimum);
		close(started->end);
		ended = serve(started, signals, dialer);
	}
	if (dialer != NULL)
		rg_dialer_end(dialer);
	return ended;
}

int
rg_supervise(RgTask *task)
{
	sigset_t signals = own_signals();
	sigset_t before;
	Started started;

	/* Before the fork, so that none is missed. */
	sigprocmask(SIG_BLOCK, &signals, &before);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (!start(task, &before, &started))
		return RG_EXIT_UNCONFINED;
	give_up_pipes();
	if (task->rules.stored)
		close(RG_STORED_DESCRIPTOR);

	bool ended = attend(task, &started, signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
	int status = end_child(started.child);

	return ended ? exit_status(status) : RG_EXIT_ORDERED;
}
