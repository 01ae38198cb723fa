/*
 * sample.h — values of relations.
 */
#ifndef RG_REDIS_SAMPLE_H
#define RG_REDIS_SAMPLE_H

#include "connectors/redis/nodes.h"

extern void sample(Nodes *nodes, const Request *request);

#endif
