/*
 * transfer.h — one sending of a request by libcurl, with its limits.
 */
#ifndef RG_HTTP_TRANSFER_H
#define RG_HTTP_TRANSFER_H

#include <curl/curl.h>

#include "connectors/common/deadline.h"
#include "connectors/http/client.h"

struct HttpClient
{
	HttpEndpoint endpoint;
	CURL *handle;
	struct curl_slist *resolved; /* the addresses of the host, so that libcurl asks no resolver */
	bool is_encrypted;
	bool has_answered;
	int64_t requests;
	int64_t clock_offset; /* of the service, in seconds, as far as it is known */
};

/* Sets what all transfers of the client have in common. */
extern void transfer_prepare(HttpClient *client);

/* The header Host as it is sent. */
extern void transfer_append_host(const HttpClient *client, WireBuffer *out);

/* Sends once. The same as http_send(). */
extern bool transfer_run(HttpClient *client, const HttpRequest *request, Deadline deadline,
						 HttpAnswer *answer, HttpFailure *failure);

#endif
