/*
 * rivergen-run — the program between the server and a connector: it confines itself, then executes the
 * connector in its place.
 *
 *   rivergen-run <parent pid> <limits> <program> [argument]
 *   rivergen-run <parent pid> <limits> --resolve <host>
 *
 * The limits are bytes of address space (0: no limit), bytes of a file that is written, open descriptors, any
 * variables of the environment as NAME=value, and -- (limits.h).
 *
 * The second form prints the host's numeric addresses, one a line: getaddrinfo cannot be interrupted or
 * bounded in time, a process can. Exit status 125: the parent is gone; 126: confinement failed; 127: the
 * program cannot be executed; 64: the arguments are wrong; 2: the host cannot be resolved.
 */
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process/limits.h"

#define LENGTHOF(array) (sizeof(array) / sizeof((array)[0]))

enum
{
	EXIT_UNRESOLVED = 2,
	EXIT_USAGE = 64,
	EXIT_ORPHAN = 125,
	EXIT_UNCONFINED = 126,
	EXIT_NOT_EXECUTED = 127
};

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
	if (close_range(3, ~0U, 0) != 0)
		return -1;
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
		return EXIT_UNRESOLVED;
	}
	for (struct addrinfo *each = found; each != NULL; each = each->ai_next)
	{
		char address[NI_MAXHOST];

		if (getnameinfo(each->ai_addr, each->ai_addrlen, address, sizeof(address), NULL, 0, NI_NUMERICHOST) ==
			0)
			puts(address);
	}
	freeaddrinfo(found);
	return fflush(stdout) == 0 ? 0 : EXIT_UNRESOLVED;
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
	return EXIT_NOT_EXECUTED;
}

int
main(int argc, char **argv)
{
	RgLimits limits;
	char **program = argc > 2 ? rg_limits_read(argv + 2, &limits) : NULL;

	if (program == NULL || *program == NULL)
		return EXIT_USAGE;
	/* If the parent died before the signal was set, the kernel would never send it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		return EXIT_UNCONFINED;
	if (getppid() != (pid_t) atol(argv[1]))
		return EXIT_ORPHAN;
	if (confine(&limits) != 0)
	{
		perror("rivergen-run");
		return EXIT_UNCONFINED;
	}
	if (strcmp(program[0], "--resolve") == 0 && program[1] != NULL)
		return resolve(program[1]);
	return become(program, limits.environment);
}
