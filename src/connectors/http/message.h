/*
 * message.h — a request and its answer.
 */
#ifndef RG_HTTP_MESSAGE_H
#define RG_HTTP_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "connectors/http/url.h"
#include "wire/wire.h"

typedef struct HttpHeader
{
	char *name;
	char *value;
} HttpHeader;

typedef struct HttpHeaders
{
	HttpHeader *items;
	int count;
} HttpHeaders;

typedef struct HttpRequest
{
	const char *method;
	const char *path; /* escaped, from its slash on */
	UrlQuery query;
	HttpHeaders headers;
	const char *body; /* or NULL */
	size_t body_length;
	int64_t most_bytes; /* of the answer's body, unpacked; a longer one is a failure */
	bool is_unique;     /* if its answer is lost, it must not be sent once more */
} HttpRequest;

typedef struct HttpAnswer
{
	int status;
	HttpHeaders headers;
	WireBuffer body;
} HttpAnswer;

extern void http_header_add(HttpHeaders *headers, const char *name, const char *value);

/* Of several headers of that name the first; names are compared in any case. NULL: there is none. */
extern const char *http_header(const HttpHeaders *headers, const char *name);

extern HttpHeaders http_headers_copy(const HttpHeaders *headers);

/* Wipes the values: there are keys and tokens among them. */
extern void http_headers_free(HttpHeaders *headers);

/* A copy has texts of its own; http_request_forget() wipes and frees them. */
extern HttpRequest http_request_copy(const HttpRequest *request);
extern void http_request_forget(HttpRequest *copy);

/* Its query and its headers. */
extern void http_request_free(HttpRequest *request);
extern void http_answer_free(HttpAnswer *answer);

#endif
