#include "process/child.h"

#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process/filter.h"
#include "process/handshake.h"
#include "process/image.h"
#include "process/landlock.h"
#include "process/report.h"

#define LENGTHOF(array) (sizeof(array) / sizeof((array)[0]))

/* The environment of every child; its limits may add variables. */
static char *const usual_environment[] = {
	"HOME=/nonexistent", "LC_ALL=C.UTF-8", "RES_OPTIONS=use-vc" /* there is no UDP to ask resolvers by */
};

/* A child cannot get more than the server itself has. */
static int
limit(int resource, rlim_t value)
{
	struct rlimit bound;

	if (getrlimit(resource, &bound) != 0)
		return -1;
	if (bound.rlim_max == RLIM_INFINITY || value < bound.rlim_max)
		bound.rlim_max = value;
	bound.rlim_cur = bound.rlim_max;
	return setrlimit(resource, &bound);
}

/* A core limit of 1 rather than 0: piped core handlers ignore 0, and dumps hold secrets. */
static int
confine(const RgLimits *limits)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	if (limits->memory > 0 && limit(RLIMIT_AS, limits->memory) != 0)
		return -1;
	if (limit(RLIMIT_CORE, 1) != 0 || limit(RLIMIT_FSIZE, limits->file_size) != 0 ||
		limit(RLIMIT_NOFILE, limits->descriptors) != 0)
		return -1;
	umask(077);
	return chdir("/");
}

static int
resolve(const char *host)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found;
	int fault = getaddrinfo(host, NULL, &hints, &found);

	if (fault != 0)
	{
		fputs(gai_strerror(fault), stderr);
		return RG_EXIT_UNRESOLVED;
	}
	for (struct addrinfo *each = found; each != NULL; each = each->ai_next)
	{
		char address[NI_MAXHOST];

		if (getnameinfo(each->ai_addr, each->ai_addrlen, address, sizeof(address), NULL, 0, NI_NUMERICHOST) ==
			0)
			puts(address);
	}
	freeaddrinfo(found);
	return fflush(stdout) == 0 ? 0 : RG_EXIT_UNRESOLVED;
}

/* What is executed, or nothing: this process resolves a host itself. */
static bool
is_resolver(const RgTask *task)
{
	return strcmp(task->program[0], "--resolve") == 0 && task->program[1] != NULL;
}

static bool
prepare(const RgTask *task, RgExecution *execution)
{
	char *environment[LENGTHOF(usual_environment) + RG_MOST_VARIABLES + 1];
	size_t count = LENGTHOF(usual_environment);

	memcpy(environment, usual_environment, sizeof(usual_environment));
	for (const char *const *variable = task->limits.environment; *variable != NULL; variable++)
		environment[count++] = (char *) *variable;
	environment[count] = NULL;
	return rg_execution_prepare(task->program, environment, execution);
}

static int
become(const RgExecution *execution)
{
	execve(execution->path, execution->arguments, execution->environment);
	fprintf(stderr, "%s: %s\n", execution->path, strerror(errno));
	return RG_EXIT_NOT_EXECUTED;
}

/* Landlock comes first: the filter does not let it. */
static void
enter_sandbox(const RgTask *task, const RgExecution *execution, RgMeans *means, int *listener)
{
	RgImage image;

	/* A program that may be executed, not read, has most likely the same dynamic linker as this one. */
	if (execution != NULL && !rg_image_read(execution->path, &image))
		(void) rg_image_read("/proc/self/exe", &image);
	means->landlock = rg_landlock_confine(&task->rules, task->program[0], execution != NULL ? &image : NULL);
	rg_filter_load(&task->rules, execution, means, listener);
}

/* If the parent died before the signal was set, the kernel would never send it. */
static int
bind_to(pid_t supervisor)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		return RG_EXIT_UNCONFINED;
	return getppid() == supervisor ? 0 : RG_EXIT_ORPHAN;
}

static bool
take_stored(void)
{
	return dup2(RG_STORED_DESCRIPTOR, RG_PROGRAM_STORED_DESCRIPTOR) >= 0 && close(RG_STORED_DESCRIPTOR) == 0;
}

int
rg_child_run(const RgTask *task, pid_t supervisor, int end)
{
	RgExecution execution;
	RgMeans means = {0};
	int listener;
	int unbound;

	close(RG_REPORT_DESCRIPTOR);
	if (task->rules.stored && !take_stored())
		return RG_EXIT_UNCONFINED;
	setpgid(0, 0);
	unbound = bind_to(supervisor);
	if (unbound != 0)
		return unbound;
	if (confine(&task->limits) != 0 || (!is_resolver(task) && !prepare(task, &execution)))
	{
		perror("rivergen-run");
		return RG_EXIT_UNCONFINED;
	}
	enter_sandbox(task, is_resolver(task) ? NULL : &execution, &means, &listener);
	if (!rg_handshake_offer(end, &means, listener))
	{
		fputs("this machine cannot confine it as rivergen.sandbox_minimum demands\n", stderr);
		return RG_EXIT_BELOW_MINIMUM;
	}
	if (listener >= 0)
		close(listener);
	return is_resolver(task) ? resolve(task->program[1]) : become(&execution);
}
