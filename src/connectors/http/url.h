/*
 * url.h — percent-encoding as RFC 3986 and SigV4 have it, and the query of a URL in the order that signatures
 * ask for.
 */
#ifndef RG_HTTP_URL_H
#define RG_HTTP_URL_H

#include <stdbool.h>

#include "wire/wire.h"

/* Letters, digits and `- . _ ~` stay, and slashes if asked for. */
extern void url_append_escaped(WireBuffer *out, const char *bytes, size_t length, bool keeps_slashes);

/* The text with its escapes, slashes too. The caller frees it. */
extern char *url_escaped(const char *text);

/*
 * Replaces the escapes in a text by their bytes; what is no escape stays. with_plus: `+` is a space. Returns
 * the new length.
 */
extern size_t url_unescape(char *text, bool with_plus);

typedef struct UrlParameter
{
	char *name; /* both are escaped */
	char *value;
} UrlParameter;

typedef struct UrlQuery
{
	UrlParameter *parameters;
	int count;
} UrlQuery;

/* Begins as zeros. Parameters are kept in the order of their escaped names, then of their values. */
extern void url_query_add(UrlQuery *query, const char *name, const char *value);

/* Every parameter with its `=`, nothing before the first one. */
extern void url_query_append(const UrlQuery *query, WireBuffer *out);
extern UrlQuery url_query_copy(const UrlQuery *query);
extern void url_query_free(UrlQuery *query);

#endif
