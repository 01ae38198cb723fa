/*
 * rivergen-run — what stands between the server and a connector: it confines itself, then becomes the
 * connector.
 *
 *   rivergen-run <parent pid> <memory limit in bytes, 0 = none> <program> [argument]
 *   rivergen-run <parent pid> <memory limit in bytes, 0 = none> --resolve <host>
 *
 * The second form prints the host's numeric addresses, one a line: getaddrinfo cannot be interrupted or
 * bounded in time, a process can. Exit status 125: the parent is gone; 126: confinement failed; 127: the
 * program cannot be executed; 2: the host cannot be resolved.
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

enum
{
	EXIT_UNRESOLVED = 2,
	EXIT_USAGE = 64,
	EXIT_ORPHAN = 125,
	EXIT_UNCONFINED = 126,
	EXIT_NOT_EXECUTED = 127
};

/* A connector writes nothing but small scratch files (a CA certificate for its TLS library, say). */
#define FILE_SIZE_LIMIT  (1024 * 1024)
#define DESCRIPTOR_LIMIT 256

static int
limit(int resource, rlim_t value)
{
	struct rlimit bound = {value, value};

	return setrlimit(resource, &bound);
}

/* A core limit of 1 rather than 0: piped core handlers ignore 0, and dumps hold secrets. */
static int
confine(rlim_t memory)
{
	if (close_range(3, ~0U, 0) != 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	if (memory > 0 && limit(RLIMIT_AS, memory) != 0)
		return -1;
	if (limit(RLIMIT_CORE, 1) != 0 || limit(RLIMIT_FSIZE, FILE_SIZE_LIMIT) != 0 ||
		limit(RLIMIT_NOFILE, DESCRIPTOR_LIMIT) != 0)
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

int
main(int argc, char **argv)
{
	static char *environment[] = {"HOME=/nonexistent", "LC_ALL=C.UTF-8", NULL};

	if (argc < 4)
		return EXIT_USAGE;
	/* The parent may have died before the signal was asked for; then nobody would ever send it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		return EXIT_UNCONFINED;
	if (getppid() != (pid_t) atol(argv[1]))
		return EXIT_ORPHAN;
	if (confine(strtoull(argv[2], NULL, 10)) != 0)
	{
		perror("rivergen-run");
		return EXIT_UNCONFINED;
	}
	if (argc == 5 && strcmp(argv[3], "--resolve") == 0)
		return resolve(argv[4]);

	execve(argv[3], argv + 3, environment);
	fprintf(stderr, "%s: %s\n", argv[3], strerror(errno));
	return EXIT_NOT_EXECUTED;
}
