/* request.h — inside the worker room: the request line to a connector. */
#ifndef RG_WORKER_REQUEST_H
#define RG_WORKER_REQUEST_H

#include "catalog/endpoint.h"
#include "resolve.h"

/* The operation that a connector is asked for. */
typedef struct RgQuestion
{
	const char *operation; /* test, discover, sample, read, query or databases */
	const char *schema;    /* of discover: the one schema, or NULL for all */
	const char *member;    /* JSON text of the request's member that is called as the operation, or NULL */
	int64 row_bytes;       /* the longest row that may be sent; 0: rows are not asked for */
} RgQuestion;

/* known: a JSON text, or NULL (rg_merge_known). The line holds the credentials: the caller's context must be
 * wiped (rg_secret_alloc). */
extern char *
rg_conversation_request_line(const RgEndpoint *endpoint, const RgQuestion *question,
							 const RgResolved *resolved, const char *known, const char *credentials);

#endif
