/*
 * relation.h — a relation by its name: its pattern, its type, and its rows on all nodes.
 */
#ifndef RG_REDIS_RELATION_H
#define RG_REDIS_RELATION_H

#include "connectors/common/deadline.h"
#include "connectors/redis/elements.h"
#include "connectors/redis/nodes.h"
#include "connectors/redis/pattern.h"

typedef struct Relation
{
	Nodes *nodes;
	char *delimiter;
	Pattern pattern;
	WireBuffer glob;
	KeyType type;   /* KEY_GONE: no key has the pattern */
	Deadline until; /* scans end then; 0: they have all the time that they need */
} Relation;

/*
 * Finds the type, which the name need not have. seconds: for each scan; 0: they are not bounded. Returns
 * false if the relation is not in the source.
 */
extern bool
relation_open(Relation *relation, Nodes *nodes, const char *schema, const char *name, int seconds);
extern void relation_close(Relation *relation);

/* Gives so many of its keys at most, a batch at a time. */
extern void relation_first_keys(Relation *relation, int most,
								void (*take)(void *context, Client *client, const RespText *keys, int count),
								void *context);

/*
 * Gives its rows to elements->take, until no more are wanted. keys: the only ones that can be meant; NULL:
 * all of the pattern are. A node that cannot be had ends the process: rows would be missing.
 */
extern void relation_read(Relation *relation, Elements *elements, const RespText *keys, int key_count);

#endif
