/*
 * query.h — operation query: a statement of the services' own SQL.
 */
#ifndef RG_ELASTICSEARCH_QUERY_H
#define RG_ELASTICSEARCH_QUERY_H

#include "connectors/elasticsearch/cluster.h"

/* cluster: connected. Returns whether there are more rows than the limit. */
extern bool query_rows(Cluster *cluster, const Request *request);

#endif
