/*
 * next.h — where an answer says that its next page is.
 */
#ifndef RG_HTTP_API_NEXT_H
#define RG_HTTP_API_NEXT_H

#include "connectors/http/message.h"
#include "connectors/http_api/operation.h"

/* The target of the link `next` of a header Link, which the caller frees; NULL: there is none. */
extern char *next_of_link(const char *header);

/* A URL that a member of the answer names, such as `next` or `links.next`; NULL: there is none. */
extern const char *next_of_body(const JsonNode *root);

/* A cursor that a member of the answer is, and the parameter that takes it. */
extern const char *next_cursor(const JsonNode *root, const ApiOperation *operation, const char **parameter);

/* Does the answer say of itself that there is no next page? */
extern bool next_is_denied(const JsonNode *root);

/* Does it have a cursor, whatever parameter may take it? */
extern bool next_is_promised(const JsonNode *root);

/*
 * The path and the query of a URL, seen from the page that names it; NULL: it is of another host. The caller
 * frees it.
 */
extern char *next_path(const char *url, const char *page, const HttpEndpoint *endpoint, bool is_encrypted);

#endif
