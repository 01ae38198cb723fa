/*
 * api.h — the document of OpenAPI that describes the service, with the documents that it refers to. These are
 * read once they are needed, from the document's own directory on the service's own host.
 */
#ifndef RG_HTTP_API_API_H
#define RG_HTTP_API_API_H

#include "connectors/http_api/service.h"
#include "connectors/jsontree/json_tree.h"

#define MOST_DOCUMENTS 4096

typedef struct ApiDocument
{
	char *path;
	JsonTree *tree; /* NULL: it cannot be read */
} ApiDocument;

typedef enum ApiVersion
{
	OPENAPI_2_0,
	OPENAPI_3_0,
	OPENAPI_3_1
} ApiVersion;

typedef struct Api
{
	Service *service;
	ApiDocument *documents; /* the first one is that of the service */
	int count;
	int64_t bytes; /* of all of them */
	ApiVersion version;
	char *prefix; /* of all paths of the service */
	int64_t unresolved;
} Api;

/* A node of one of the documents. */
typedef struct ApiPlace
{
	int document;
	const JsonNode *node; /* NULL: nowhere */
} ApiPlace;

/* Finds the document, and reads it. Ends the process if there is none. */
extern void api_open(Api *api, Service *service);
extern void api_close(Api *api);

extern ApiPlace api_root(const Api *api);

/* What the node refers to, if it has a $ref. The place is nowhere if that is not there. */
extern ApiPlace api_follow_once(Api *api, ApiPlace place);

/* The same, until it is no $ref. */
extern ApiPlace api_follow(Api *api, ApiPlace place);

/* A member of a node, followed. */
extern ApiPlace api_member(Api *api, ApiPlace place, const char *name);

#endif
