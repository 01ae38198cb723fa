/*
 * body.c — the body of a request: a JSON object in UTF-8, or nothing.
 */
#include "http/request.h"

#include "mb/pg_wchar.h"

#include "error.h"

static void
fail_body(const char *fault)
{
	rg_fail(RG_BAD_REQUEST, "Invalid request data", psprintf("body: %s", fault), NULL);
}

static const char *
skip_space(const char *text)
{
	return text + strspn(text, " \t");
}

/* application/json, with or without a charset, which then is UTF-8. */
static bool
is_json(const char *content_type)
{
	static const char type[] = "application/json";
	const char *rest;

	if (pg_strncasecmp(content_type, type, strlen(type)) != 0)
		return false;
	rest = skip_space(content_type + strlen(type));
	if (*rest == '\0')
		return true;
	if (*rest != ';')
		return false;
	rest = skip_space(rest + 1);
	return *rest == '\0' || pg_strcasecmp(rest, "charset=utf-8") == 0 ||
		   pg_strcasecmp(rest, "charset=\"utf-8\"") == 0;
}

static void
require_json(const char *content_type)
{
	if (content_type != NULL && !is_json(content_type))
		rg_fail(RG_UNSUPPORTED_MEDIA_TYPE, "The body must be JSON", NULL,
				"Send Content-Type: application/json. Without that header curl says that it sends a form.");
}

static bool
is_blank(const char *text, int length)
{
	for (int i = 0; i < length; i++)
	{
		if (strchr(" \t\r\n", text[i]) == NULL || text[i] == '\0')
			return false;
	}
	return true;
}

/* Clients that send JSON with every POST send an empty object where there is nothing to say. */
static void
refuse_body(const char *text, int length)
{
	const char *open = memchr(text, '{', length);
	const char *close = memchr(text, '}', length);

	if (is_blank(text, length))
		return;
	if (open == NULL || close == NULL || open > close || !is_blank(text, open - text) ||
		!is_blank(open + 1, close - open - 1) || !is_blank(close + 1, text + length - close - 1))
		fail_body("does not belong here; parameters go into the query");
}

static Jsonb *
parse(const char *bytes, int length)
{
	const char *fault;
	char *text;
	Jsonb *body;

	if (is_blank(bytes, length))
		fail_body("is missing");
	if (memchr(bytes, '\0', length) != NULL || !pg_verify_mbstr(PG_UTF8, bytes, length, true))
		fail_body("is not valid UTF-8 text");
	text = pg_any_to_server(pnstrdup(bytes, length), length, PG_UTF8);
	body = rg_http_parse_json(text, strlen(text), &fault);
	if (body == NULL)
		fail_body(fault);
	if (!JB_ROOT_IS_OBJECT(body))
		fail_body("must be a JSON object");
	return body;
}

Jsonb *
rg_http_body(const RgRoute *route, const char *content_type, const bytea *body)
{
	const char *bytes = body != NULL ? VARDATA_ANY(body) : "";
	int length = body != NULL ? VARSIZE_ANY_EXHDR(body) : 0;

	if (length > RG_MOST_BODY_BYTES)
		rg_fail(RG_PAYLOAD_TOO_LARGE, "The body is too large",
				psprintf("It has %d bytes; %d are allowed.", length, RG_MOST_BODY_BYTES), NULL);
	if (route->body == RG_BODY_NONE)
	{
		refuse_body(bytes, length);
		return NULL;
	}
	require_json(content_type);
	return parse(bytes, length);
}
