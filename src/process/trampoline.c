/*
 * rivergen-run — the program between the server and a connector. It forks: the child confines itself and
 * executes the connector in its place, the parent supervises it.
 *
 *   rivergen-run <parent pid> [--rule=<name>:<value> …] <limits> <program> [argument]
 *   rivergen-run <parent pid> [--rule=<name>:<value> …] <limits> --resolve <host>
 *
 * The rules are read by rules.c. The limits are bytes of address space (0: no limit), bytes of a file that is
 * written, open descriptors, any variables of the environment as NAME=value, and -- (limits.h).
 *
 * The second form prints the host's numeric addresses, one a line: getaddrinfo cannot be interrupted or
 * bounded in time, a process can.
 *
 * Descriptor 3 is where the supervisor reports, one a line, words separated by a space:
 *   sandbox <level> <missing>  before the program is executed
 *   dial <address> <port> <verdict>  for each connect() (dialing.c)
 *   ended signal <number>      when the program was killed
 *
 * Descriptor 4, by the rule stored:given, is a file or a directory for the program, which has it as
 * descriptor 3.
 *
 * The exit status is the program's, or 128 and the signal that killed it. 124: the sandbox is below the
 * minimum; 125: the parent is gone; 126: confinement failed; 127: the program cannot be executed; 64: the
 * arguments are wrong; 2: the host cannot be resolved; 1: SIGTERM ordered
 * the supervisor to end.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "process/report.h"
#include "process/supervisor.h"

static bool
read_task(char **arguments, RgTask *task)
{
	char **limits = rg_rules_read(arguments, &task->rules);

	task->program = limits != NULL ? rg_limits_read(limits, &task->limits) : NULL;
	return task->program != NULL && *task->program != NULL;
}

int
main(int argc, char **argv)
{
	RgTask task;

	if (argc < 3 || !read_task(argv + 2, &task))
		return RG_EXIT_USAGE;
	if (geteuid() != getuid() || getegid() != getgid())
	{
		fputs("rivergen-run must not be setuid or setgid\n", stderr);
		return RG_EXIT_UNCONFINED;
	}
	/* If the parent died before the signal was set, the kernel would never send it. */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0)
		return RG_EXIT_UNCONFINED;
	if (getppid() != (pid_t) atol(argv[1]))
		return RG_EXIT_ORPHAN;
	closefrom((task.rules.stored ? RG_STORED_DESCRIPTOR : RG_REPORT_DESCRIPTOR) + 1);
	fcntl(RG_REPORT_DESCRIPTOR, F_SETFL, O_NONBLOCK);
	return rg_supervise(&task);
}
