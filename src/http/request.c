/*
 * request.c — the request line and the headers. PostgREST keeps the headers of a request in the setting
 * request.headers, a JSON object whose names are in lower case; the gateway puts the client's own method, URI
 * and headers into X-Rivergen-…, so that PostgREST does not interpret them. A client that forges them only
 * chooses another route for itself.
 */
#include "http/request.h"
#include "json.h"

#include "utils/guc.h"
#include "utils/jsonb.h"

#include "error.h"

static void
fail_outside(void)
{
	rg_fail(RG_BAD_REQUEST, "this is no request of the HTTP gateway",
			"X-Rivergen-Method or X-Rivergen-URI is missing from request.headers.",
			"The paths below " RG_HTTP_BASE
			" are served by the gateway; in SQL, call the functions themselves.");
}

/* A session that is no gateway's can set anything. */
static Jsonb *
parse_headers(void)
{
	const char *text = GetConfigOption("request.headers", true, false);
	const char *fault;
	Jsonb *headers;

	if (text == NULL || text[0] == '\0')
		fail_outside();
	headers = rg_json_parse(text, strlen(text), &fault);
	if (headers == NULL || !JB_ROOT_IS_OBJECT(headers))
		fail_outside();
	return headers;
}

/* An empty header counts as absent: nginx passes absent headers on as empty ones. */
static char *
find_header(Jsonb *headers, const char *name)
{
	JsonbValue *value = getKeyJsonValueFromContainer(&headers->root, name, strlen(name), NULL);

	if (value == NULL || value->type != jbvString || value->val.string.len == 0)
		return NULL;
	return pnstrdup(value->val.string.val, value->val.string.len);
}

RgRequestHeaders
rg_http_headers(void)
{
	Jsonb *all = parse_headers();
	RgRequestHeaders headers = {
		.method = find_header(all, "x-rivergen-method"),
		.uri = find_header(all, "x-rivergen-uri"),
		.content_type = find_header(all, "x-rivergen-content-type"),
		.content_encoding = find_header(all, "x-rivergen-content-encoding"),
		.prefer = find_header(all, "x-rivergen-prefer"),
		.if_match = find_header(all, "x-rivergen-if-match"),
		.if_none_match = find_header(all, "x-rivergen-if-none-match"),
	};

	if (headers.method == NULL || headers.uri == NULL)
		fail_outside();
	return headers;
}

RgRequestLine
rg_http_request_line(const RgRequestHeaders *headers)
{
	RgRequestLine line = {.method = strcmp(headers->method, "HEAD") == 0 ? "GET" : headers->method};
	int length = (int) strcspn(headers->uri, "?");
	int base = strlen(RG_HTTP_BASE);

	if (strlen(headers->uri) > RG_MOST_URI_BYTES)
		rg_fail(RG_URI_TOO_LONG, "URI too long", psprintf("It has more than %d bytes.", RG_MOST_URI_BYTES),
				NULL);
	if (length > base && strncmp(headers->uri, RG_HTTP_BASE "/", base + 1) == 0)
		line.path = pnstrdup(headers->uri + base, length - base);
	else
		line.path = "";
	line.query = headers->uri + length + (headers->uri[length] == '?');
	return line;
}
