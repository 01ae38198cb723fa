/*
 * discover.h — describes the patterns of the keys.
 */
#ifndef RG_REDIS_DISCOVER_H
#define RG_REDIS_DISCOVER_H

#include "connectors/redis/nodes.h"

extern void discover(Nodes *nodes, const Request *request);

#endif
