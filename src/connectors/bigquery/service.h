/*
 * service.h — the service that the source is, and requests to it.
 */
#ifndef RG_BIGQUERY_SERVICE_H
#define RG_BIGQUERY_SERVICE_H

#include "connectors/http/client.h"
#include "connectors/jsontree/json_tree.h"

typedef struct Service
{
	const char *project;
	char *billing_project;     /* whose jobs are run and billed: the project, if no other is named */
	char *location;            /* of jobs, or NULL */
	bool has_each_shard;       /* tables that differ in a date are relations each: metadata.shards */
	int64_t most_bytes_billed; /* of a job; 0: no bound but the account's */
	bool is_default_host;
	char *authorization; /* the header's value */
	HttpEndpoint endpoint;
	HttpClient *client;
} Service;

/* Takes what the request says, and its credentials, which it wipes there. Sends nothing. */
extern void service_open(Service *service, Request *request);

/*
 * Asks for a path below that of the API, whose names are escaped. The query is freed. Returns the answer;
 * NULL with a failure if there is none.
 */
extern JsonTree *service_get(Service *service, const char *path, UrlQuery *query, HttpFailure *failure);

/* The same in two steps, of which the first returns before the answer: several may be under way. */
extern HttpPending *service_begin_get(Service *service, const char *path, UrlQuery *query);
extern JsonTree *service_finish(HttpPending *call, HttpFailure *failure);

/* The same with a body, which is a JSON text. The query may be NULL. */
extern JsonTree *service_post(Service *service, const char *path, UrlQuery *query, const WireBuffer *body,
							  HttpFailure *failure);

/* A path of these parts, which are escaped; up to a NULL. The caller frees it. */
extern char *service_path(const char *part, ...) __attribute__((sentinel));

#endif
