/*
 * dispatch.c — from a path to its route. One slash at the end of a path is ignored.
 */
#include "dispatch.h"

#include "lib/stringinfo.h"

#include "decode.h"
#include "error.h"
#include "http/request.h"

/* Splits at literal slashes; an encoded slash belongs to its segment. False: too many segments. */
static bool
cut(const char *path, RgSegments *segments)
{
	int length = strlen(path);

	if (length > 1 && path[length - 1] == '/')
		length--;
	segments->count = 0;
	while (length > 0)
	{
		int size = strcspn(path + 1, "/");

		size = Min(size, length - 1);
		if (path[0] != '/' || segments->count == RG_MOST_SEGMENTS)
			return false;
		segments->segment[segments->count++] = rg_http_decode(path + 1, size, false, "path");
		path += size + 1;
		length -= size + 1;
	}
	return true;
}

/* -1 if the template does not fit, else the number of its literal segments. */
static int
fit(const char *template, const RgSegments *segments)
{
	int literals = 0;
	int count = 0;

	while (*template == '/')
	{
		int size = strcspn(++template, "/");

		const char *segment = count < segments->count ? segments->segment[count++] : "";

		if (segment[0] == '\0')
			return -1;
		if (*template != '{')
		{
			if ((int) strlen(segment) != size || strncmp(template, segment, size) != 0)
				return -1;
			literals++;
		}
		template += size;
	}
	return count == segments->count ? literals : -1;
}

static const char *
best_template(const RgSegments *segments)
{
	const char *best = NULL;
	const RgRoute *route;
	int most = -1;

	for (int i = 0; (route = rg_route(i)) != NULL; i++)
	{
		int literals = fit(route->path, segments);

		if (literals > most)
		{
			most = literals;
			best = route->path;
		}
	}
	return best;
}

static char *
methods_of(const char *template)
{
	StringInfoData methods;
	const RgRoute *route;

	initStringInfo(&methods);
	for (int i = 0; (route = rg_route(i)) != NULL; i++)
	{
		if (strcmp(route->path, template) != 0)
			continue;
		appendStringInfo(&methods, "%s%s", methods.len > 0 ? ", " : "", route->method);
		if (strcmp(route->method, "GET") == 0)
			appendStringInfoString(&methods, ", HEAD");
	}
	return methods.data;
}

const RgRoute *
rg_http_dispatch(const RgRequestLine *line, RgSegments *segments, char **allow)
{
	const char *template = cut(line->path, segments) ? best_template(segments) : NULL;
	const RgRoute *route;

	if (template == NULL)
		rg_fail(RG_NOT_FOUND, "There is nothing at this path", NULL,
				"GET " RG_HTTP_BASE "/openapi.json describes the paths.");
	for (int i = 0; (route = rg_route(i)) != NULL; i++)
		if (strcmp(route->path, template) == 0 && strcmp(route->method, line->method) == 0)
			return route;
	*allow = methods_of(template);
	return NULL;
}
