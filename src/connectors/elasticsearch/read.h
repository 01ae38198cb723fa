/*
 * read.h — operation read: the documents of a relation as rows.
 */
#ifndef RG_ELASTICSEARCH_READ_H
#define RG_ELASTICSEARCH_READ_H

#include "connectors/elasticsearch/cluster.h"

/* cluster: connected. */
extern void read_relation(Cluster *cluster, const Request *request);

#endif
