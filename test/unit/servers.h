/* servers.h — what the tests of the dialer share: servers on this machine, and ways to dial them. */
#ifndef SERVERS_H
#define SERVERS_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "supervised.h"

/* Those of IPv4 are on 127.0.0.1. */
extern int listening;  /* accepts */
extern int listening6; /* on ::1 */
extern int refusing;   /* bound, does not listen */
extern int full;       /* a queue that is full: it does not answer until the queue is emptied */

extern RgDialerSettings settings; /* they allow loopback but for 127.0.0.9 */

extern void open_servers(void);

/* What a child did with a server must not be in the next one's way. */
extern void reset(void);

extern void ok(bool fine, const char *what);
extern int finished(void);

extern int bound(int backlog);
extern struct sockaddr_in address4(int server);
extern struct sockaddr_in6 address6(int server);
extern struct sockaddr_in6 mapped(int server);

/* Takes everything out of a server's queue. */
extern void empty(int server);

extern const char *name(int result);
extern int blocking(void);
extern int non_blocking(void);
extern int dial(int descriptor, int server);
extern int disconnect(int descriptor);
extern void await(int out, int descriptor);
extern void say_dial(int out, int descriptor, int server);
extern void say_state(int out, int descriptor);

/* A thread that dials. */
typedef struct Dialing
{
	pthread_t thread;
	int descriptor;
	int server;
	int error;
	atomic_bool has_ended;
} Dialing;

/* Microseconds, until a thread that was started surely waits for its connection. */
#define A_WHILE 300000

extern void start_dialing(Dialing *dialing, int descriptor, int server);
extern void say_dialed(int out, Dialing *dialing);

#endif
