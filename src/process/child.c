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
#include "process/report.h"

#define LENGTHOF(array) (sizeof(array) / sizeof((array)[0]))

/* The environment of every child; its limits may add variables. */
static char *const usual_environment[] = {"HOME=/nonexistent", "LC_ALL=C.UTF-8"};

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

static int
become(char **program, const char *const *variables)
{
	char *environment[LENGTHOF(usual_environment) + RG_MOST_VARIABLES + 1];
	size_t count = LENGTHOF(usual_environment);

	memcpy(environment, usual_environment, sizeof(usual_environment));
	for (; *variables != NULL; variables++)
		environment[count++] = (char *) *variables;
	environment[count] = NULL;
	execve(program[0], program, environment);
	fprintf(stderr, "%s: %s\n", program[0], strerror(errno));
	return RG_EXIT_NOT_EXECUTED;
}

int
rg_child_run(const RgTask *task, pid_t supervisor, int end)
{
	RgMeans means = {.landlock = ENOSYS};
	int listener;

	close(RG_REPORT_DESCRIPTOR);
	setpgid(0, 0);
	/* If the parent died before the signal was set, the kernel would never send it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		return RG_EXIT_UNCONFINED;
	if (getppid() != supervisor)
		return RG_EXIT_ORPHAN;
	if (confine(&task->limits) != 0)
	{
		perror("rivergen-run");
		return RG_EXIT_UNCONFINED;
	}
	rg_filter_load(&task->rules, &means, &listener);
	if (!rg_handshake_offer(end, &means, listener))
	{
		fputs("this machine cannot confine it as rivergen.sandbox_minimum demands\n", stderr);
		return RG_EXIT_BELOW_MINIMUM;
	}
	if (listener >= 0)
		close(listener);
	if (strcmp(task->program[0], "--resolve") == 0 && task->program[1] != NULL)
		return resolve(task->program[1]);
	return become(task->program, task->limits.environment);
}
