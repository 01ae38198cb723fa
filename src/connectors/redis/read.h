/*
 * read.h — the operation read.
 */
#ifndef RG_REDIS_READ_H
#define RG_REDIS_READ_H

#include "connectors/redis/nodes.h"

extern void read_relation(Nodes *nodes, const Request *request);

#endif
