/*
 * relation.h — one relation of the cluster, with its fields.
 */
#ifndef RG_ELASTICSEARCH_RELATION_H
#define RG_ELASTICSEARCH_RELATION_H

#include "connectors/elasticsearch/catalog.h"
#include "connectors/elasticsearch/fields.h"

/*
 * The fields of a data stream. Returns false if none of its indices has any, or if one cannot be read:
 * then *reason says why.
 */
extern bool stream_fields(Cluster *cluster, const Entry *stream, Fields *fields, const char **reason);

/*
 * The fields of the relation of that name. Returns false with the reason; NULL: there is no such relation.
 * The caller frees the fields.
 */
extern bool relation_fields(Cluster *cluster, const char *name, Fields *fields, const char **reason);

/* The path /NAME, and what follows it. The caller frees it. */
extern char *relation_path(const char *name, const char *rest);

#endif
