/*
 * sample.h — operation sample: examples, and values of columns that have few of them.
 */
#ifndef RG_ELASTICSEARCH_SAMPLE_H
#define RG_ELASTICSEARCH_SAMPLE_H

#include "connectors/elasticsearch/cluster.h"

/* cluster: connected. */
extern void sample_relations(Cluster *cluster, const Request *request);

#endif
