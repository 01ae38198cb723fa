/*
 * transfer.h — one sending of a request by libcurl, with its limits.
 */
#ifndef RG_HTTP_TRANSFER_H
#define RG_HTTP_TRANSFER_H

#include <curl/curl.h>

#include "connectors/common/deadline.h"
#include "connectors/http/client.h"

/* A handle of libcurl and what arrives by it. A zeroed one is unused. */
typedef struct HttpTransfer
{
	HttpClient *client;
	CURL *handle;
	struct curl_slist *resolved; /* the addresses of the host, so that libcurl asks no resolver */
	struct curl_slist *headers;
	HttpAnswer *answer; /* NULL: nothing is under way */
	int64_t most_bytes;
	size_t header_bytes;
	bool is_too_long;
} HttpTransfer;

/* The header Host as it is sent. */
extern void transfer_append_host(const HttpClient *client, WireBuffer *out);

/* Begins; `owner` is what the handle's CURLINFO_PRIVATE is. The body must live until the end. */
extern void transfer_begin(HttpTransfer *transfer, const HttpRequest *request, Deadline deadline,
						   HttpAnswer *answer, void *owner);

/* result: a CURLcode. Returns true if there is an answer. */
extern bool transfer_end(HttpTransfer *transfer, int result, HttpFailure *failure);

/* Ends what is under way without an answer, and keeps the handle. */
extern void transfer_stop(HttpTransfer *transfer);
extern void transfer_close(HttpTransfer *transfer);

#endif
