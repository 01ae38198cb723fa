#include "connectors/http_api/next.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connectors/common/memory.h"

/* ---- the header Link ---- */

static bool
is_word(const char *list, size_t length, const char *word)
{
	size_t size = strlen(word);

	for (size_t at = 0; at < length;)
	{
		size_t end = at;

		while (end < length && list[end] != ' ')
			end++;
		if (end - at == size && strncasecmp(list + at, word, size) == 0)
			return true;
		at = end + 1;
	}
	return false;
}

/* Passes over a parameter `; name="value"`. Returns whether it is rel with the word next. */
static bool
take_parameter(const char **at)
{
	const char *name;
	size_t name_length;
	const char *value;
	size_t length;

	*at += strspn(*at, "; \t");
	name = *at;
	name_length = strcspn(name, "=;, \t");
	*at += name_length;
	*at += strspn(*at, " \t");
	if (**at != '=')
		return false;
	*at += 1;
	*at += strspn(*at, " \t");
	if (**at == '"')
	{
		value = ++*at;
		length = strcspn(value, "\"");
		*at += length;
		*at += **at == '"';
	}
	else
	{
		value = *at;
		length = strcspn(value, ";, \t");
		*at += length;
	}
	return name_length == 3 && strncasecmp(name, "rel", 3) == 0 && is_word(value, length, "next");
}

char *
next_of_link(const char *header)
{
	while (header != NULL && *header != '\0')
	{
		const char *target;
		size_t length;
		bool is_next = false;

		header += strspn(header, " \t,");
		if (*header != '<')
			return NULL;
		target = header + 1;
		length = strcspn(target, ">");
		if (target[length] == '\0')
			return NULL;
		header = target + length + 1;
		header += strspn(header, " \t");
		while (*header == ';')
		{
			is_next |= take_parameter(&header);
			header += strspn(header, " \t");
		}
		if (is_next)
		{
			char *url = allocate(length + 1);

			memcpy(url, target, length);
			url[length] = '\0';
			return url;
		}
		if (*header != ',')
			return NULL;
	}
	return NULL;
}

/* ---- members of the answer ---- */

/* Objects of an answer that speak of its pages. */
static const char *const about_pages[] = {
	"links",     "_links",  "paging", "pagination", "meta", "metadata", "response_metadata",
	"page_info", "pageInfo"};

#define COUNT(items) (sizeof(items) / sizeof(*(items)))

static bool
is_url(const char *text)
{
	return text != NULL && (*text == '/' || *text == '?' || strncasecmp(text, "http://", 7) == 0 ||
							strncasecmp(text, "https://", 8) == 0);
}

static const char *
url_in(const JsonNode *object)
{
	static const char *const names[] = {"next",          "next_url",      "nextUrl",         "next_link",
										"nextLink",      "next_page",     "@odata.nextLink", "nextPageUrl",
										"next_page_url", "next_page_uri", "next_href"};

	for (size_t i = 0; i < COUNT(names); i++)
	{
		const JsonNode *member = json_member(object, names[i]);
		const char *text =
			member && member->kind == JSON_OBJECT ? json_member_text(member, "href") : json_text(member);

		if (is_url(text))
			return text;
	}
	return NULL;
}

const char *
next_of_body(const JsonNode *root)
{
	const char *url = url_in(root);

	for (size_t i = 0; i < COUNT(about_pages) && url == NULL; i++)
	{
		const JsonNode *about = json_member(root, about_pages[i]);

		url = url_in(about);
		for (size_t j = 0; j < COUNT(about_pages) && url == NULL; j++)
			url = url_in(json_member(about, about_pages[j]));
	}
	return url;
}

/* ---- cursors ---- */

/* What a cursor is called in answers, and then in requests. */
static const char *const cursors[][6] = {
	{"next_cursor", "cursor", "starting_after", "after", "next_cursor", NULL},
	{"nextCursor", "cursor", "after", "nextCursor", NULL},
	{"next_page_token", "page_token", "pageToken", "next_page_token", NULL},
	{"nextPageToken", "pageToken", "page_token", "nextPageToken", NULL},
	{"next_token", "next_token", "nextToken", "token", "pagination_token", NULL},
	{"nextToken", "nextToken", "next_token", "token", NULL},
	{"NextToken", "NextToken", "nextToken", NULL},
	{"NextMarker", "Marker", "marker", NULL},
	{"next_marker", "marker", NULL},
	{"nextMarker", "marker", NULL},
	{"continuation_token", "continuation_token", NULL},
	{"continuationToken", "continuationToken", NULL},
	{"end_cursor", "after", "cursor", NULL},
	{"endCursor", "after", "cursor", NULL},
	{"after", "after", NULL},
	{"cursor", "cursor", NULL},
	{"next", "cursor", "after", "next", "page_token", NULL},
};

/* A number is a cursor, too. */
static const char *
cursor_in(const JsonNode *object, const ApiOperation *operation, const char **parameter)
{
	for (size_t i = 0; i < COUNT(cursors); i++)
	{
		const JsonNode *member = json_member(object, cursors[i][0]);

		if (member == NULL || (member->kind != JSON_TEXT && member->kind != JSON_NUMBER) ||
			member->length == 0)
			continue;
		for (size_t j = 1; cursors[i][j] != NULL; j++)
			if (operation_parameter(operation, cursors[i][j]) != NULL)
			{
				*parameter = cursors[i][j];
				return member->text;
			}
	}
	return NULL;
}

const char *
next_cursor(const JsonNode *root, const ApiOperation *operation, const char **parameter)
{
	const char *cursor = cursor_in(root, operation, parameter);

	for (size_t i = 0; i < COUNT(about_pages) && cursor == NULL; i++)
	{
		const JsonNode *about = json_member(root, about_pages[i]);

		cursor = cursor_in(about, operation, parameter);
		if (cursor == NULL)
			cursor = cursor_in(json_member(about, "cursors"), operation, parameter);
	}
	return cursor;
}

/* A member that would say where the next page is, and is null or empty. */
static bool
denies_next(const JsonNode *object)
{
	static const char *const names[] = {"next",        "next_url",        "nextLink",      "next_page_url",
										"next_cursor", "next_page_token", "nextPageToken", "next_page"};

	for (const JsonNode *each = object && object->kind == JSON_OBJECT ? object->first : NULL; each;
		 each = each->next)
		for (size_t i = 0; i < COUNT(names); i++)
			if (strcmp(each->name, names[i]) == 0)
				return each->kind == JSON_NULL || (each->kind == JSON_TEXT && each->length == 0);
	return false;
}

bool
next_is_denied(const JsonNode *root)
{
	bool is_denied = denies_next(root);

	for (size_t i = 0; i < COUNT(about_pages) && !is_denied; i++)
		is_denied = denies_next(json_member(root, about_pages[i]));
	return is_denied;
}

static bool
promises_next(const JsonNode *object)
{
	static const char *const names[] = {"next_cursor", "nextCursor", "next_page_token", "nextPageToken",
										"next_token",  "nextToken",  "NextToken",       "continuation_token",
										"next_marker", "nextMarker", "NextMarker",      "continuationToken"};

	for (size_t i = 0; i < COUNT(names); i++)
	{
		const char *text = json_member_text(object, names[i]);

		if (text != NULL && *text != '\0')
			return true;
	}
	return false;
}

bool
next_is_promised(const JsonNode *root)
{
	bool is_promised = promises_next(root);

	for (size_t i = 0; i < COUNT(about_pages) && !is_promised; i++)
		is_promised = promises_next(json_member(root, about_pages[i]));
	return is_promised;
}

/* ---- paths ---- */

/* Passes over the scheme and the host. Returns false if they are others. */
static bool
skip_host(const char **url, const HttpEndpoint *endpoint, bool is_encrypted)
{
	const char *at = *url + 2; /* of two slashes */
	size_t length = strcspn(at, "/?#");
	const char *host = endpoint->host;
	size_t host_length = strlen(host);
	const char *port;

	if (*at == '[')
	{
		if (strncmp(at + 1, host, host_length) != 0 || at[1 + host_length] != ']')
			return false;
		port = at + host_length + 2;
	}
	else
	{
		if (length < host_length || strncasecmp(at, host, host_length) != 0)
			return false;
		port = at + host_length;
	}
	*url = at + length;
	if (port == at + length)
		return true; /* the scheme's own port: services behind others name it */
	if (*port != ':')
		return false;
	return atoi(port + 1) == (endpoint->port != 0 ? endpoint->port : is_encrypted ? 443 : 80);
}

/* No path begins with a part that has a colon in it (RFC 3986). */
static bool
has_scheme(const char *url)
{
	size_t length = strcspn(url, ":/?#");

	return length > 0 && url[length] == ':';
}

char *
next_path(const char *url, const char *page, const HttpEndpoint *endpoint, bool is_encrypted)
{
	size_t kept = 0;
	size_t length;
	char *path;

	if (strncasecmp(url, "https:", 6) == 0)
		url += 6;
	else if (strncasecmp(url, "http:", 5) == 0)
		url += 5;
	if (strncmp(url, "//", 2) == 0 && !skip_host(&url, endpoint, is_encrypted))
		return NULL;
	if (strpbrk(url, " \t\r\n\\") != NULL || has_scheme(url))
		return NULL;
	length = strcspn(url, "#");
	kept = strcspn(page, "?#");
	if (*url == '/')
		kept = 0;
	else if (*url != '?')
		while (kept > 0 && page[kept - 1] != '/')
			kept--;
	path = allocate(kept + length + 2);
	snprintf(path, kept + length + 2, "%.*s%.*s", (int) kept, page, (int) length, url);
	if (path[0] == '/')
		return path;
	free(path);
	return NULL;
}
