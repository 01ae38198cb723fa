/*
 * discover.h — describes indices, data streams and aliases.
 */
#ifndef RG_ELASTICSEARCH_DISCOVER_H
#define RG_ELASTICSEARCH_DISCOVER_H

#include "connectors/elasticsearch/cluster.h"

/* cluster: connected. */
extern void discover(const Request *request, Cluster *cluster);

#endif
