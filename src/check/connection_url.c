/*
 * connection_url.c — scheme://user:password@host:port/path?name=value&…
 *
 * Characters that divide a URL must be percent-encoded inside its parts. A password with such a character
 * would be cut into pieces that become host or database, which are shown to people. An @ after the authority
 * is a sign of this, so such a URL is refused.
 */
#include "connection_url.h"

#include "postgres.h"

#include "mb/pg_wchar.h"

#include "check/connection_string.h"
#include "check/text.h"
#include "connection_option.h"
#include "secret/seal.h"

typedef struct Slice
{
	const char *start;
	const char *end;
} Slice;

static const char encode_hint[] = "In a URL, percent-encode every character of user, password and database "
								  "that is not a letter or a digit.";

static void
url_fault(RgConnection *connection, const char *fault)
{
	rg_connstr_fault(connection, fault);
	rg_fault_hint(connection->faults, encode_hint);
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Returns the slice without its percent-encoding, or NULL after adding a fault. */
static char *
decode(RgConnection *connection, Slice slice)
{
	char *decoded = rg_secret_alloc(slice.end - slice.start + 1);
	char *out = decoded;

	for (const char *c = slice.start; c < slice.end; c++)
	{
		int high;
		int low;

		if (*c != '%')
		{
			*out++ = *c;
			continue;
		}
		high = slice.end - c > 2 ? hex_digit(c[1]) : -1;
		low = slice.end - c > 2 ? hex_digit(c[2]) : -1;
		if (high < 0 || low < 0 || high + low == 0)
		{
			url_fault(connection, "its percent-encoding is damaged");
			return NULL;
		}
		*out++ = (char) (high * 16 + low);
		c += 2;
	}
	*out = '\0';
	if (!pg_verifymbstr(decoded, out - decoded, true))
	{
		url_fault(connection, "its percent-encoding does not give valid text");
		return NULL;
	}
	return decoded;
}

static void
take_part(RgConnection *connection, RgConnectionPart part, Slice slice)
{
	char *value = decode(connection, slice);

	if (value != NULL)
		rg_connstr_set(connection, part, value);
}

static const char *
find(Slice slice, char wanted)
{
	const char *at = memchr(slice.start, wanted, slice.end - slice.start);

	return at ? at : slice.end;
}

static const char *
find_last(Slice slice, char wanted)
{
	return memrchr(slice.start, wanted, slice.end - slice.start);
}

static void
take_user(RgConnection *connection, Slice user)
{
	const char *colon = find(user, ':');

	take_part(connection, RG_PART_USERNAME, (Slice){user.start, colon});
	if (colon < user.end)
		take_part(connection, RG_PART_PASSWORD, (Slice){colon + 1, user.end});
}

static void
take_host(RgConnection *connection, Slice host)
{
	const char *port;

	if (find(host, ',') < host.end)
	{
		if (connection->type->several_hosts)
			take_part(connection, RG_PART_HOST, host);
		else
			rg_connstr_fault(connection, "names several hosts; give one");
		return;
	}
	if (host.start < host.end && *host.start == '[')
	{
		const char *bracket = find(host, ']');

		port = bracket < host.end ? bracket + 1 : host.end;
		if (bracket == host.end || (port < host.end && *port != ':'))
		{
			url_fault(connection, "its host has a bracket that is not closed");
			return;
		}
		take_part(connection, RG_PART_HOST, (Slice){host.start + 1, bracket});
	}
	else
	{
		port = find(host, ':');
		if (find_last(host, ':') != NULL && find_last(host, ':') != port)
		{
			url_fault(connection, "its host has several colons; an IPv6 address stands in brackets");
			return;
		}
		take_part(connection, RG_PART_HOST, (Slice){host.start, port});
	}
	if (port < host.end)
		take_part(connection, RG_PART_PORT, (Slice){port + 1, host.end});
}

static void
take_path(RgConnection *connection, Slice path)
{
	RgUrlStyle style = connection->type->url_style;
	const char *slash = find(path, '/');
	bool has_second = slash < path.end;

	if (path.start == path.end)
		return;
	if (style == RG_URL_BARE || (has_second && style != RG_URL_SCHEMA))
		url_fault(connection, "its path has too many parts");
	else if (style == RG_URL_PROJECT)
		take_part(connection, RG_PART_SCHEMA, path);
	else
	{
		take_part(connection, RG_PART_DATABASE, (Slice){path.start, slash});
		if (has_second && find((Slice){slash + 1, path.end}, '/') < path.end)
			url_fault(connection, "its path has too many parts");
		else if (has_second)
			take_part(connection, RG_PART_SCHEMA, (Slice){slash + 1, path.end});
	}
}

static void
take_query(RgConnection *connection, Slice query)
{
	for (int position = 1; query.start < query.end; position++)
	{
		Slice option = {query.start, find(query, '&')};
		const char *equals = find(option, '=');
		char *name = decode(connection, (Slice){option.start, equals});
		char *value = decode(connection, (Slice){equals < option.end ? equals + 1 : equals, option.end});

		if (name == NULL || value == NULL)
			return;
		rg_connstr_option(connection, position, name, strlen(name), value);
		query.start = option.end < query.end ? option.end + 1 : query.end;
	}
}

static void
take_authority(RgConnection *connection, Slice authority)
{
	const char *at = find_last(authority, '@');

	if (at != NULL)
	{
		take_user(connection, (Slice){authority.start, at});
		authority.start = at + 1;
	}
	if (connection->type->url_style == RG_URL_PROJECT)
		take_part(connection, RG_PART_DATABASE, authority);
	else
		take_host(connection, authority);
}

/* Removes a driver's name after a +; +srv stays. */
static Slice
without_driver(Slice scheme)
{
	const char *plus = find(scheme, '+');

	return (Slice){scheme.start, rg_word_in("+srv", plus, scheme.end - plus) ? scheme.end : plus};
}

static bool
check_scheme(RgConnection *connection, Slice scheme)
{
	const char *schemes = connection->type->schemes;
	StringInfoData names;

	if (schemes == NULL || rg_word_in(schemes, scheme.start, scheme.end - scheme.start))
		return true;
	initStringInfo(&names);
	for (const char *c = schemes; *c != '\0'; c++)
		appendStringInfoString(&names, *c == ' ' ? ":// or " : (char[]){*c, '\0'});
	rg_fault(connection->faults, "connection_string", "must begin with %s:// for type %s", names.data,
			 connection->type->name);
	return false;
}

/* The record names the hosts and their ports. */
static void
take_srv(RgConnection *connection)
{
	const char *host = connection->parts[RG_PART_HOST];

	connection->is_srv = true;
	if (connection->parts[RG_PART_PORT] != NULL || (host != NULL && strchr(host, ',') != NULL))
	{
		rg_connstr_fault(connection, "mongodb+srv:// takes one name, and no port: a DNS record has both");
		rg_fault_hint(connection->faults, "With hosts and ports of your own it is mongodb://");
	}
}

/* Some schemes also say whether the connection is encrypted. */
static void
take_scheme(RgConnection *connection, Slice scheme)
{
	if (rg_word_in("https rediss", scheme.start, scheme.end - scheme.start))
		rg_connstr_set(connection, RG_PART_TLS_MODE, "verify-full");
	else if (rg_word_in("http", scheme.start, scheme.end - scheme.start))
	{
		rg_connstr_set(connection, RG_PART_TLS_MODE, "disable");
		if (connection->type->default_port == 443 && connection->parts[RG_PART_PORT] == NULL)
			rg_connstr_set(connection, RG_PART_PORT, "80");
	}
	else if (rg_word_in("mongodb+srv", scheme.start, scheme.end - scheme.start))
		take_srv(connection);
}

void
rg_connstr_parse_url(RgConnection *connection, const char *text, int length)
{
	const char *end = text + length;
	Slice scheme = without_driver((Slice){text, memchr(text, ':', length)});
	Slice authority = {(const char *) memchr(text, ':', length) + 3, end};
	Slice path;
	Slice query;

	if (!check_scheme(connection, scheme))
		return;
	path.start = authority.start;
	while (path.start < end && *path.start != '/' && *path.start != '?' && *path.start != '#')
		path.start++;
	authority.end = path.start;
	path.end = find((Slice){path.start, end}, '?');
	query = (Slice){path.end < end ? path.end + 1 : end, end};
	if (find((Slice){authority.end, end}, '@') < end || find((Slice){authority.end, end}, '#') < end)
	{
		url_fault(connection, "has an @ or # in a place where it must be percent-encoded");
		return;
	}
	take_authority(connection, authority);
	take_scheme(connection, scheme);
	take_path(connection, (Slice){path.start < path.end ? path.start + 1 : path.end, path.end});
	take_query(connection, query);
}
