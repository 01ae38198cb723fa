/*
 * bucket.h — the bucket that the source is, and requests to it.
 */
#ifndef RG_BUCKET_BUCKET_H
#define RG_BUCKET_BUCKET_H

#include "connectors/http/client.h"

typedef struct Bucket
{
	char *name;
	char *path; /* the source's key or prefix, without a slash at the beginning; empty: all of the bucket */
	bool is_path_style;
	char *region;
	bool region_is_told; /* by the source's metadata, or by the service */
	AwsSigner signer;
	HttpEndpoint endpoint;
	HttpClient *client;
	bool is_default_host;
	void (*is_waiting)(void); /* called between the pages of a long listing; may be NULL */
} Bucket;

/* Takes what the request says, and its credentials, which it wipes there. Sends nothing. */
extern void bucket_open(Bucket *bucket, Request *request);

/*
 * Sends a request for the key, or for the bucket itself if it is NULL. The request's path is made here.
 * Returns whether there is an answer with a status of success; if not, the failure says why.
 */
extern bool
bucket_send(Bucket *bucket, HttpRequest *request, const char *key, HttpAnswer *answer, HttpFailure *failure);

#endif
