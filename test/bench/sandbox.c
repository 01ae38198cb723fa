/*
 * sandbox.c — what the sandbox costs each start of a connector: a program that does nothing is started by
 * itself and through rivergen-run, in turn, and the shortest times are compared.
 *
 *   sandbox <rivergen-run> <rounds> <program> [rule …]
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_ARGUMENTS 32

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double) time.tv_sec * 1e3 + (double) time.tv_nsec / 1e6;
}

/* Milliseconds from the start to the end of a program. */
static double
time_of(char **arguments)
{
	double began = now();
	char *environment[] = {NULL};
	int status;
	pid_t pid;

	if (posix_spawn(&pid, arguments[0], NULL, NULL, arguments, environment) != 0 ||
		waitpid(pid, &status, 0) != pid || status != 0)
	{
		fprintf(stderr, "%s cannot be run\n", arguments[0]);
		exit(1);
	}
	return now() - began;
}

static double
least(double so_far, double time)
{
	return so_far == 0 || time < so_far ? time : so_far;
}

/* Descriptor 3 is where rivergen-run reports. */
static void
open_report(void)
{
	int nothing = open("/dev/null", O_WRONLY);

	dup2(nothing, 3);
	if (nothing != 3)
		close(nothing);
}

int
main(int argc, char **argv)
{
	double alone = 0;
	double within = 0;
	char parent[16];
	char *run[MOST_ARGUMENTS] = {argv[1], parent};
	char *program[] = {argc > 3 ? argv[3] : "", NULL};
	int rounds = argc > 3 ? atoi(argv[2]) : 0;
	int count = 2;

	if (rounds < 1 || argc > MOST_ARGUMENTS - 8)
		return 64;
	snprintf(parent, sizeof(parent), "%d", getpid());
	for (int i = 4; i < argc; i++)
		run[count++] = argv[i];
	memcpy(run + count, (char *[]){"0", "1048576", "256", "--", program[0]}, 5 * sizeof(char *));
	open_report();
	for (int i = 0; i < rounds; i++)
	{
		alone = least(alone, time_of(program));
		within = least(within, time_of(run));
	}

	printf("start alone %.2f ms, in the sandbox %.2f ms: %.1f times, %.2f ms more\n", alone, within,
		   within / alone, within - alone);
	return 0;
}
