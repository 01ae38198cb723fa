#include "connectors/http/message.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connectors/common/memory.h"

void
http_header_add(HttpHeaders *headers, const char *name, const char *value)
{
	headers->items = reallocate(headers->items, (size_t) (headers->count + 1) * sizeof(HttpHeader));
	headers->items[headers->count++] = (HttpHeader){.name = copy_text(name), .value = copy_text(value)};
}

const char *
http_header(const HttpHeaders *headers, const char *name)
{
	for (int i = 0; i < headers->count; i++)
		if (strcasecmp(headers->items[i].name, name) == 0)
			return headers->items[i].value;
	return NULL;
}

void
http_headers_free(HttpHeaders *headers)
{
	for (int i = 0; i < headers->count; i++)
	{
		free(headers->items[i].name);
		forget_text(headers->items[i].value);
	}
	free(headers->items);
	*headers = (HttpHeaders){0};
}

HttpHeaders
http_headers_copy(const HttpHeaders *headers)
{
	HttpHeaders copy = {0};

	for (int i = 0; i < headers->count; i++)
		http_header_add(&copy, headers->items[i].name, headers->items[i].value);
	return copy;
}

HttpRequest
http_request_copy(const HttpRequest *request)
{
	HttpRequest copy = *request;

	copy.method = copy_text(request->method);
	copy.path = copy_text(request->path);
	copy.query = url_query_copy(&request->query);
	copy.headers = http_headers_copy(&request->headers);
	if (request->body != NULL)
		copy.body = memcpy(allocate(request->body_length + 1), request->body, request->body_length);
	return copy;
}

/* A body may be a login. */
void
http_request_forget(HttpRequest *copy)
{
	if (copy->body != NULL)
		explicit_bzero((char *) copy->body, copy->body_length);
	free((char *) copy->body);
	free((char *) copy->method);
	free((char *) copy->path);
	http_request_free(copy);
}

void
http_request_free(HttpRequest *request)
{
	url_query_free(&request->query);
	http_headers_free(&request->headers);
}

void
http_answer_free(HttpAnswer *answer)
{
	http_headers_free(&answer->headers);
	wire_free(&answer->body);
	*answer = (HttpAnswer){0};
}
