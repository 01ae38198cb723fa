/*
 * nodes.h — the servers that have the keys: one, or those of a cluster, of which each has some slots. One of
 * them is connected at a time.
 */
#ifndef RG_REDIS_NODES_H
#define RG_REDIS_NODES_H

#include "connectors/redis/session.h"

#define CLUSTER_SLOTS 16384

typedef struct Node
{
	char *host;
	int port;
	int slots;
} Node;

typedef struct Nodes
{
	Request *request;
	Login login;
	Session session;
	int connected; /* the node that it is with; -1: the one that was dialed first, -2: none */
	bool is_open;
	Node *items; /* none: the source is no cluster */
	int count;   /* at least 1 */
	int slots;   /* that nodes have */
} Nodes;

/* Connects to the source, emits `connected`, and finds the nodes. */
extern void nodes_open(Nodes *nodes, Request *request);

/*
 * The same for a further request: takes the connection that the last one has left at rest, or makes a new
 * one.
 */
extern void nodes_open_again(Nodes *nodes, Request *request);

/* Ends a connection on which answers are still to come. */
extern void nodes_rest(Nodes *nodes);

/* Returns NULL with the failure if the node cannot be had. */
extern Client *nodes_try(Nodes *nodes, int number, DialFailure *failure);

extern void nodes_close(Nodes *nodes);

#endif
