/*
 * databases.h — the operation databases.
 */
#ifndef RG_REDIS_DATABASES_H
#define RG_REDIS_DATABASES_H

#include "connectors/redis/nodes.h"

/* Emits the numbers of the databases that have keys, and that of the request. */
extern void databases_list(Nodes *nodes);

#endif
