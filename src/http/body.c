/*
 * body.c — the body of a request: a JSON object in UTF-8, or empty.
 */
#include "body.h"

#include "mb/pg_wchar.h"

#include "error.h"
#include "http/request.h"
#include "json.h"

static Jsonb *
refuse(RgBodyFault *fault, int status, const char *message, const char *detail, const char *hint)
{
	*fault = (RgBodyFault){.status = status, .message = message, .detail = detail, .hint = hint};
	return NULL;
}

static Jsonb *
refuse_body(RgBodyFault *fault, const char *why)
{
	return refuse(fault, RG_BAD_REQUEST, "Invalid request data", psprintf("body: %s", why), NULL);
}

/* ---- its headers ---- */

static const char *
skip_space(const char *text)
{
	return text + strspn(text, " \t");
}

static bool
is_word(const char *text, size_t length, const char *word)
{
	return length == strlen(word) && pg_strncasecmp(text, word, length) == 0;
}

/* application/json, or a type with the suffix +json (application/merge-patch+json). */
static bool
is_json_type(const char *type, size_t length)
{
	static const char tree[] = "application/";
	static const char suffix[] = "+json";
	size_t tree_size = strlen(tree);
	size_t suffix_size = strlen(suffix);

	if (is_word(type, length, "application/json"))
		return true;
	return length > tree_size + suffix_size && pg_strncasecmp(type, tree, tree_size) == 0 &&
		   pg_strncasecmp(type + length - suffix_size, suffix, suffix_size) == 0;
}

/* The end of a parameter's value, behind its closing quote if it is quoted. */
static const char *
end_of_value(const char *value)
{
	const char *end;

	if (*value != '"')
		return value + strcspn(value, "; \t");
	end = strchr(value + 1, '"');
	return end != NULL ? end + 1 : value + strlen(value);
}

/* The only parameter of a media type with a meaning is charset, which must be UTF-8. */
static bool
are_utf8_parameters(const char *rest)
{
	while (*(rest = skip_space(rest)) == ';')
	{
		const char *name = skip_space(rest + 1);
		size_t length = strcspn(name, "=; \t");
		const char *value = name + length + (name[length] == '=');
		const char *end = end_of_value(value);
		bool is_quoted = end - value >= 2 && *value == '"';

		if (is_word(name, length, "charset") &&
			!is_word(value + is_quoted, end - value - 2 * is_quoted, "utf-8"))
			return false;
		rest = end;
	}
	return *rest == '\0';
}

static bool
is_json(const char *content_type)
{
	size_t length = strcspn(content_type, "; \t");

	return is_json_type(content_type, length) && are_utf8_parameters(content_type + length);
}

static bool
is_encoded(const char *content_encoding)
{
	return content_encoding != NULL && pg_strcasecmp(content_encoding, "identity") != 0;
}

/* ---- its bytes ---- */

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

/* Some clients send an empty object with every POST, so it counts as no body. */
static bool
says_nothing(const char *text, int length)
{
	const char *open = memchr(text, '{', length);
	const char *close = memchr(text, '}', length);

	if (is_blank(text, length))
		return true;
	return open != NULL && close != NULL && open < close && is_blank(text, open - text) &&
		   is_blank(open + 1, close - open - 1) && is_blank(close + 1, text + length - close - 1);
}

static bool
begins_with(const char *bytes, int length, const char *mark)
{
	return length >= (int) strlen(mark) && memcmp(bytes, mark, strlen(mark)) == 0;
}

/* The reason why the bytes are no text, or NULL. */
static const char *
fault_of_bytes(const char *bytes, int length)
{
	if (begins_with(bytes, length, "\x1f\x8b"))
		return "is compressed with gzip; send it as it is";
	if (begins_with(bytes, length, "\xef\xbb\xbf"))
		return "begins with a byte order mark; send it without";
	if (begins_with(bytes, length, "\xff\xfe") || begins_with(bytes, length, "\xfe\xff"))
		return "is UTF-16; send UTF-8";
	if (memchr(bytes, '\0', length) != NULL)
		return "holds a NUL byte";
	if (!pg_verify_mbstr(PG_UTF8, bytes, length, true))
		return "is not valid UTF-8 text";
	return NULL;
}

static Jsonb *
parse(const char *bytes, int length, RgBodyFault *fault)
{
	const char *why = is_blank(bytes, length) ? "is missing" : fault_of_bytes(bytes, length);
	char *text;
	Jsonb *body;

	if (why != NULL)
		return refuse_body(fault, why);
	text = pg_any_to_server(pnstrdup(bytes, length), length, PG_UTF8);
	body = rg_json_parse(text, strlen(text), &why);
	if (body == NULL)
		return refuse_body(fault, why);
	if (!JB_ROOT_IS_OBJECT(body))
		return refuse_body(fault, "must be a JSON object");
	return body;
}

Jsonb *
rg_http_body(const RgRoute *route, const RgRequestHeaders *headers, const bytea *body, RgBodyFault *fault)
{
	const char *bytes = body != NULL ? VARDATA_ANY(body) : "";
	int length = body != NULL ? VARSIZE_ANY_EXHDR(body) : 0;

	if (length > RG_MOST_BODY_BYTES)
		return refuse(fault, RG_PAYLOAD_TOO_LARGE, "The body is too large",
					  psprintf("It has %d bytes; %d are allowed.", length, RG_MOST_BODY_BYTES), NULL);
	if (route->body == RG_BODY_NONE)
		return says_nothing(bytes, length)
				   ? NULL
				   : refuse_body(fault, "does not belong here; parameters go into the query");
	if (is_encoded(headers->content_encoding))
		return refuse(fault, RG_UNSUPPORTED_MEDIA_TYPE, "The body must not be compressed", NULL,
					  "Send it as it is, without Content-Encoding.");
	if (headers->content_type != NULL && !is_json(headers->content_type))
		return refuse(
			fault, RG_UNSUPPORTED_MEDIA_TYPE, "The body must be JSON", NULL,
			"Send Content-Type: application/json. Without that header curl says that it sends a form.");
	return parse(bytes, length, fault);
}
