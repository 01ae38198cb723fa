/*
 * dial.c — dial "connect COUNT PORT": microseconds of a blocking connect to 127.0.0.1, with its socket and
 * close. dial start COUNT PROGRAM [ARGUMENT…]: microseconds from the start of a program to its end. %d in an
 * argument is this process's number.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double) now.tv_sec * 1e6 + (double) now.tv_nsec / 1e3;
}

static int
connect_once(uint16_t port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result = connect(descriptor, (struct sockaddr *) &address, sizeof(address));

	close(descriptor);
	return result;
}

static int
start_once(char **argv)
{
	char *environment[] = {NULL};
	pid_t pid;
	int status = -1;

	if (posix_spawn(&pid, argv[0], NULL, NULL, argv, environment) == 0)
		waitpid(pid, &status, 0);
	return status;
}

static int
measure_connects(const char *argument)
{
	unsigned count;
	unsigned short port;
	unsigned failed = 0;
	double began = now();

	if (sscanf(argument, "connect %u %hu", &count, &port) != 2)
		return 1;
	for (unsigned i = 0; i < count; i++)
		failed += connect_once(port) != 0;
	printf("%.1f\n", (now() - began) / count);
	return failed > 0;
}

static int
measure_starts(int count, char **program)
{
	char number[16];
	double began;
	int failed = 0;

	snprintf(number, sizeof(number), "%d", getpid());
	for (char **word = program; *word != NULL; word++)
	{
		if (strcmp(*word, "%d") == 0)
			*word = number;
	}
	began = now();
	for (int i = 0; i < count; i++)
		failed += start_once(program) != 0;
	printf("%.1f\n", (now() - began) / count);
	return failed > 0;
}

int
main(int argc, char **argv)
{
	if (argc == 2)
		return measure_connects(argv[1]);
	return argc > 3 ? measure_starts(atoi(argv[2]), argv + 3) : 64;
}
