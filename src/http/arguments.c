/*
 * arguments.c — reads the arguments of a route's statement from path, query, headers and body. Faults are
 * collected, so that one answer reports all of them.
 */
#include "arguments.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "body.h"
#include "check/moment.h"
#include "decode.h"
#include "error.h"
#include "http/request.h"
#include "sql.h"
#include "values.h"

static int
count_parameters(const RgRoute *route)
{
	int count = 0;

	while (count < RG_MOST_PARAMETERS && route->parameters[count].name != NULL)
		count++;
	return count;
}

static void
set(RgArguments *arguments, int number, Datum value)
{
	arguments->values[number] = value;
	arguments->nulls[number] = ' ';
	arguments->given[number] = true;
}

/* Stores the value, and whether reading it added faults. */
static void
set_read(RgArguments *arguments, int number, Datum value, const RgFaults *faults, int known)
{
	set(arguments, number, value);
	arguments->faulty[number] = faults->count > known;
}

/* The number of the route's parameter of that place and name, or -1. */
static int
find(const RgRoute *route, RgPlace place, const char *name)
{
	for (int i = 0; i < count_parameters(route); i++)
	{
		if (route->parameters[i].place == place && strcmp(route->parameters[i].name, name) == 0)
			return i;
	}
	return -1;
}

static void
refuse_unknown(RgFaults *faults, const RgRoute *route, RgPlace place, const char *name)
{
	const char *names[RG_MOST_PARAMETERS];
	int length = (int) strlen(name);
	int count = 0;
	const char *nearest = NULL;

	for (int i = 0; i < count_parameters(route); i++)
	{
		const RgParameter *parameter = &route->parameters[i];

		if (parameter->place == place)
			names[count++] = parameter->name;
		if (parameter->argument != NULL && strcmp(parameter->argument, name) == 0)
			nearest = parameter->name;
	}
	if (nearest == NULL)
		nearest = rg_nearest(faults, name, length, names, count);
	rg_fault(faults, rg_printable_name(name, length), "is not a %s here%s%s%s",
			 place == RG_IN_QUERY ? "parameter" : "field", nearest ? "; did you mean " : "",
			 nearest ? nearest : "", nearest ? "?" : "");
}

/* ---- missing objects ---- */

static void
look_for(const RgParameter *parameter, Datum id)
{
	SPI_connect();
	if (rg_spi_execute(parameter->look, rg_int8(DatumGetInt64(id))) == 0)
		rg_http_fail_missing(parameter, psprintf(INT64_FORMAT, DatumGetInt64(id)));
	SPI_finish();
}

/* Called before a request is refused: 404 precedes every other fault. */
static void
require_named(const RgRoute *route, const RgArguments *arguments)
{
	for (int i = 0; i < count_parameters(route); i++)
	{
		if (route->parameters[i].look != NULL && arguments->given[i] && !arguments->faulty[i])
			look_for(&route->parameters[i], arguments->values[i]);
	}
}

/* ---- path ---- */

/* An id too large for bigint is answered 404, as any unknown id. */
static void
require_possible(const RgParameter *parameter, const char *text)
{
	errno = 0;
	(void) strtoi64(text, NULL, 10);
	if (errno == ERANGE)
		rg_http_fail_missing(parameter, text);
}

static void
read_path(RgFaults *faults, const RgRoute *route, const RgSegments *segments, RgArguments *arguments)
{
	const char *template = route->path;

	for (int i = 0; i < segments->count; i++)
	{
		int size = strcspn(++template, "/");

		if (*template == '{')
		{
			int number = find(route, RG_IN_PATH, pnstrdup(template + 1, size - 2));
			const RgParameter *parameter = &route->parameters[number];
			int known = faults->count;
			Datum value = rg_http_value(faults, parameter, segments->segment[i]);

			if (faults->count == known)
				require_possible(parameter, segments->segment[i]);
			set_read(arguments, number, value, faults, known);
		}
		template += size;
	}
}

/* ---- query ---- */

static void
read_pair(RgFaults *faults, const RgRoute *route, const char *pair, int length, RgArguments *arguments)
{
	const char *equals = memchr(pair, '=', length);
	int name_length = equals ? (int) (equals - pair) : length;
	char *name = rg_http_decode(pair, name_length, true, "query");
	int number = find(route, RG_IN_QUERY, name);
	int known = faults->count;
	char *text;

	if (number < 0)
	{
		refuse_unknown(faults, route, RG_IN_QUERY, name);
		return;
	}
	if (arguments->given[number])
	{
		rg_fault(faults, name, "is given more than once");
		return;
	}
	text = equals ? rg_http_decode(equals + 1, length - name_length - 1, true, name) : "";
	set_read(arguments, number, rg_http_value(faults, &route->parameters[number], text), faults, known);
}

static void
read_query(RgFaults *faults, const RgRoute *route, const char *query, RgArguments *arguments)
{
	while (*query != '\0')
	{
		int length = strcspn(query, "&");

		if (length > 0)
			read_pair(faults, route, query, length, arguments);
		query += length + (query[length] == '&');
	}
}

/* ---- headers ---- */

static bool
prefers_async(const char *prefer)
{
	static const char token[] = "respond-async";

	while (prefer != NULL && *prefer != '\0')
	{
		size_t length;

		prefer += strspn(prefer, " \t,");
		length = strcspn(prefer, " \t,;");
		if (length == strlen(token) && pg_strncasecmp(prefer, token, length) == 0)
			return true;
		prefer += strcspn(prefer, ",");
	}
	return false;
}

/* Is the value an expected version, which If-Match names? */
static bool
is_version(RgValueKind kind)
{
	return kind == RG_VALUE_ETAG || kind == RG_VALUE_VERSION;
}

/*
 * Reads one tag. An unknown tag matches no version. A weak tag counts as the strong one, since nginx weakens
 * the tag of every compressed answer.
 */
static char *
version_of(RgFaults *faults, RgValueKind kind, const char *tag)
{
	size_t length;
	RgFaults ignored;
	char *version;

	tag += strncmp(tag, "W/", 2) == 0 ? 2 : 0;
	length = strlen(tag);
	if (length < 2 || tag[0] != '"' || tag[length - 1] != '"' || strchr(tag + 1, '"') != tag + length - 1)
	{
		rg_fault(faults, "If-Match", "must be * or one ETag, in its quotes");
		return RG_NO_VERSION;
	}
	version = pnstrdup(tag + 1, length - 2);
	if (kind == RG_VALUE_VERSION)
		return version;
	rg_faults_begin(&ignored);
	(void) rg_check_moment(&ignored, "If-Match", version);
	return ignored.count == 0 ? version : RG_NO_VERSION;
}

static void
read_headers(RgFaults *faults, const RgRoute *route, const RgRequestHeaders *headers, RgArguments *arguments)
{
	for (int i = 0; i < count_parameters(route); i++)
	{
		if (route->parameters[i].place != RG_IN_HEADER)
			continue;
		if (route->parameters[i].kind == RG_VALUE_ASYNC && prefers_async(headers->prefer))
			set(arguments, i, BoolGetDatum(true));
		if (is_version(route->parameters[i].kind) && headers->if_match != NULL &&
			strcmp(headers->if_match, "*") != 0)
			set(arguments, i,
				CStringGetTextDatum(version_of(faults, route->parameters[i].kind, headers->if_match)));
	}
}

static bool
takes_condition(const RgRoute *route)
{
	for (int i = 0; i < count_parameters(route); i++)
	{
		if (is_version(route->parameters[i].kind))
			return true;
	}
	return strcmp(route->method, "GET") == 0;
}

/* A client that names a version must not change an object without versions. */
static void
refuse_condition(const RgRoute *route, const RgRequestHeaders *headers, const RgArguments *arguments)
{
	if (headers->if_match == NULL || strcmp(headers->if_match, "*") == 0 || takes_condition(route))
		return;
	require_named(route, arguments);
	rg_fail(RG_PRECONDITION_FAILED, "What is at this path has no versions",
			"If-Match: only answers that carry an ETag have one.", "Leave If-Match out.");
}

/* ---- body ---- */

static Jsonb *
read_body(const RgRoute *route, const RgRequestHeaders *headers, const bytea *bytes,
		  const RgArguments *arguments)
{
	RgBodyFault fault = {0};
	Jsonb *body = rg_http_body(route, headers, bytes, &fault);

	if (fault.status != 0)
	{
		require_named(route, arguments);
		rg_fail(fault.status, fault.message, fault.detail, fault.hint);
	}
	return body;
}

static void
read_members(RgFaults *faults, const RgRoute *route, Jsonb *body, RgArguments *arguments)
{
	JsonbIterator *iterator = JsonbIteratorInit(&body->root);
	JsonbIteratorToken token;
	JsonbValue key;
	JsonbValue value;

	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		char *name;
		int number;
		int known = faults->count;

		if (token != WJB_KEY)
			continue;
		(void) JsonbIteratorNext(&iterator, &value, true);
		name = pnstrdup(key.val.string.val, key.val.string.len);
		number = find(route, RG_IN_BODY, name);
		if (number < 0)
			refuse_unknown(faults, route, RG_IN_BODY, name);
		else if (value.type != jbvNull)
			set_read(arguments, number, rg_http_json_value(faults, &route->parameters[number], &value),
					 faults, known);
	}
}

static void
require_members(RgFaults *faults, const RgRoute *route, const RgArguments *arguments)
{
	for (int i = 0; i < count_parameters(route); i++)
	{
		if (route->parameters[i].required && !arguments->given[i])
			rg_fault(faults, route->parameters[i].name, "is required");
	}
}

void
rg_http_arguments(const RgRoute *route, const RgSegments *segments, const char *query,
				  const RgRequestHeaders *headers, const bytea *bytes, RgArguments *arguments)
{
	int count = count_parameters(route);
	RgFaults faults;
	Jsonb *body;

	memset(arguments, 0, sizeof(*arguments));
	memset(arguments->nulls, 'n', RG_SQL_MAX_ARGUMENTS);
	rg_faults_begin(&faults);
	read_path(&faults, route, segments, arguments);
	read_query(&faults, route, query, arguments);
	read_headers(&faults, route, headers, arguments);
	body = read_body(route, headers, bytes, arguments);
	if (route->body == RG_BODY_MEMBERS)
		read_members(&faults, route, body, arguments);
	require_members(&faults, route, arguments);
	if (faults.count > 0)
		require_named(route, arguments);
	rg_faults_raise(&faults);
	refuse_condition(route, headers, arguments);
	if (body != NULL && route->body != RG_BODY_MEMBERS)
	{
		arguments->values[count] = JsonbPGetDatum(body);
		arguments->nulls[count] = ' ';
	}
}
