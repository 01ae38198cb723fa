/*
 * cluster.h — the cluster that the source is, and requests to it. Its answers are JSON.
 */
#ifndef RG_ELASTICSEARCH_CLUSTER_H
#define RG_ELASTICSEARCH_CLUSTER_H

#include "connectors/elasticsearch/service_error.h"
#include "connectors/http/client.h"
#include "connectors/jsontree/json_tree.h"

/* The schema of all relations: the services have none. */
#define CLUSTER_SCHEMA "default"

typedef struct Cluster
{
	HttpEndpoint endpoint;
	HttpClient *client;
	char *authorization; /* NULL: none */
	char *path_prefix;   /* "" or /…, escaped */
	bool includes_system;
	bool is_opensearch;
	bool is_old; /* before version 7 */
	struct
	{
		char server[160];
		char dialect[WIRE_DIALECT_BYTES];
		char identity[64];
	} greeting;
} Cluster;

typedef struct Question
{
	const char *method;
	const char *path; /* escaped, without the prefix */
	UrlQuery query;   /* freed by cluster_ask() */
	const char *body; /* or NULL */
	int64_t most_bytes;
} Question;

/* Connects. Ends the process if the source is no such cluster, or does not answer. */
extern void cluster_open(Cluster *cluster, Request *request);

/* Sends `connected`. */
extern void cluster_tell(const Cluster *cluster);

/*
 * Returns the answer, which the caller frees, or NULL with the failure and what the service said, which may
 * be NULL.
 */
extern JsonTree *cluster_ask(Cluster *cluster, Question *question, HttpFailure *failure, ServiceError *error);

/* The same for what must not fail. */
extern JsonTree *cluster_must_ask(Cluster *cluster, Question *question);

extern void cluster_close(Cluster *cluster);

#endif
