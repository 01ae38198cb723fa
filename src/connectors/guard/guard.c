/*
 * guard.c — functions of libc by which a client library dials and waits, in front of the real ones.
 */
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connectors/common/input.h"
#include "connectors/guard/guard.h"

static const char *dialed;
static int dialing_error;
static Deadline until;
static int (*patience)(void *argument);
static void (*flush)(void *argument);
static void *argument_of_both;
static void (*abandon)(void);

void
guard_dial(const char *address)
{
	dialed = address;
	dialing_error = 0;
}

int
guard_dialing_error(void)
{
	return dialing_error;
}

void
guard_until(Deadline deadline)
{
	until = deadline;
}

void
guard_while_waiting(int (*its_patience)(void *argument), void (*its_flush)(void *argument), void *argument)
{
	patience = its_patience;
	flush = its_flush;
	argument_of_both = argument;
}

void
guard_watch_input(void (*its_abandon)(void))
{
	abandon = its_abandon;
}

bool
guard_is_late(void)
{
	return deadline_milliseconds(until) == 0;
}

int
getaddrinfo(const char *restrict name, const char *restrict service, const struct addrinfo *restrict hints,
			struct addrinfo **restrict found)
{
	static int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	if (real == NULL)
		*(void **) &real = dlsym(RTLD_NEXT, "getaddrinfo");
	return real(dialed == NULL ? name : dialed, service, hints, found);
}

int
connect(int socket, const struct sockaddr *address, socklen_t length)
{
	static int (*real)(int, const struct sockaddr *, socklen_t);
	int connected;

	if (real == NULL)
		*(void **) &real = dlsym(RTLD_NEXT, "connect");
	connected = real(socket, address, length);
	dialing_error = connected == 0 || errno == EINPROGRESS ? 0 : errno;
	return connected;
}

/* Libraries ask for SO_ERROR alone, after they have waited for the connection. */
int
getsockopt(int socket, int level, int option, void *restrict value, socklen_t *restrict length)
{
	static int (*real)(int, int, int, void *, socklen_t *);
	int fine;

	if (real == NULL)
		*(void **) &real = dlsym(RTLD_NEXT, "getsockopt");
	fine = real(socket, level, option, value, length);
	if (fine == 0 && level == SOL_SOCKET && option == SO_ERROR)
		memcpy(&dialing_error, value, sizeof(dialing_error));
	return fine;
}

typedef int (*Poll)(struct pollfd *, nfds_t, int);

/* A library waits for its socket, and perhaps for a pipe of its own. */
#define MOST_WATCHED 4

/* Waits for the library's sockets, and watches standard input meanwhile. */
static int
wait_watching(Poll real, struct pollfd *sockets, nfds_t count, int milliseconds)
{
	struct pollfd all[MOST_WATCHED + 1];
	int ready;

	if (abandon == NULL || count > MOST_WATCHED)
		return real(sockets, count, milliseconds);
	memcpy(all, sockets, count * sizeof(*sockets));
	all[count] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
	ready = real(all, count + 1, milliseconds);
	if (ready > 0 && all[count].revents != 0 && input_has_ended())
		abandon();
	memcpy(sockets, all, count * sizeof(*sockets));
	return ready > 0 && all[count].revents != 0 ? ready - 1 : ready;
}

/* Waits, and does meanwhile what is due when the source falls silent. */
static int
wait_for_source(Poll real, struct pollfd *sockets, nfds_t count, int milliseconds)
{
	int first = patience == NULL ? -1 : patience(argument_of_both);
	int ready;

	if (first < 0 || first >= milliseconds)
		return wait_watching(real, sockets, count, milliseconds);
	ready = wait_watching(real, sockets, count, first);
	if (ready != 0)
		return ready;
	flush(argument_of_both);
	return wait_watching(real, sockets, count, milliseconds - first);
}

int
poll(struct pollfd *sockets, nfds_t count, int milliseconds)
{
	static Poll real;
	int left = deadline_milliseconds(until);

	if (real == NULL)
		*(void **) &real = dlsym(RTLD_NEXT, "poll");
	if (count < 1 || sockets->fd <= STDERR_FILENO)
		return real(sockets, count, milliseconds); /* not the library's */
	if (left == 0)
		return 0; /* also when there is something to read: a server that never falls silent */
	return wait_for_source(real, sockets, count,
						   milliseconds < 0 || milliseconds > left ? left : milliseconds);
}
