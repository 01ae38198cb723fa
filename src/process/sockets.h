/* sockets.h — inside the supervisor: the sockets that it made for the connector. Plain C. */
#ifndef RG_SOCKETS_H
#define RG_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "process/vet.h"

typedef enum RgSocketState
{
	RG_SOCKET_IDLE,     /* not connected. Next: DIALING */
	RG_SOCKET_DIALING,  /* its connect is under way. Next: FAILED, CONNECTED; IDLE when the outcome was
						   collected */
	RG_SOCKET_FAILED,   /* the connector has not collected the error. Next: IDLE */
	RG_SOCKET_CONNECTED /* our copy is closed, and the connector's next connect() is its first since */
} RgSocketState;

typedef struct RgSocket
{
	ino_t inode;
	int descriptor; /* our copy; -1 when it was closed */
	RgSocketState state;
	bool is_stream;     /* false: stands in for a UDP socket, and is never connected */
	bool is_held;       /* by the connector, when rg_sockets_mark last saw its descriptors */
	bool is_unanswered; /* the connector was not told EINPROGRESS: a signal came between */
	RgDial dial;        /* of the connect under way */
	int64_t deadline;   /* of the connect under way, in milliseconds of the monotonic clock */
} RgSocket;

typedef struct RgSockets
{
	RgSocket *items;
	int count;
	int room;
	dev_t device; /* where the kernel keeps sockets */
} RgSockets;

/* Takes the descriptor over. NULL: errno says why, and the descriptor is still the caller's. Moves the
 * others. */
extern RgSocket *rg_sockets_add(RgSockets *sockets, int descriptor, bool is_stream);

extern RgSocket *rg_sockets_find(const RgSockets *sockets, ino_t inode);

/* The socket of this file of a connector, or NULL. */
extern RgSocket *rg_sockets_of(const RgSockets *sockets, const struct stat *file);

/* Closes our copy. Moves the last one into its place. */
extern void rg_sockets_remove(RgSockets *sockets, RgSocket *socket);

/* Sees which the child still holds. false: its descriptors could not be listed, and nothing is known. */
extern bool rg_sockets_mark(RgSockets *sockets, pid_t child);

#endif
