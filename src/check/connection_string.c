#include "check/connection_string.h"

#include "check/hosts.h"
#include "check/text.h"
#include "connection_option.h"
#include "connection_url.h"
#include "secret/seal.h"

#define LONGEST_CONNECTION_STRING 8192

const char *const rg_connection_part_names[RG_PART_COUNT] = {
	[RG_PART_HOST] = "host",
	[RG_PART_PORT] = "port",
	[RG_PART_DATABASE] = "database",
	[RG_PART_SCHEMA] = "schema",
	[RG_PART_CONNECT_TIMEOUT] = "connect_timeout",
	[RG_PART_APPLICATION_NAME] = "application_name",
	[RG_PART_TLS_MODE] = "TLS mode",
	[RG_PART_USERNAME] = "user",
	[RG_PART_PASSWORD] = "password",
	[RG_PART_WAREHOUSE] = "warehouse",
	[RG_PART_ROLE] = "role",
	[RG_PART_AUTH_SOURCE] = "authSource",
};

void
rg_connstr_fault(RgConnection *connection, const char *fault)
{
	rg_fault(connection->faults, "connection_string", "%s", fault);
}

static bool
begins_like_url(const char *text, int length)
{
	const char *colon = memchr(text, ':', length);

	if (colon == NULL || length - (colon - text) < 3 || colon[1] != '/' || colon[2] != '/')
		return false;
	return memchr(text, '=', colon - text) == NULL && memchr(text, ' ', colon - text) == NULL;
}

/* Moves *text past the word and the blanks after it, if the text begins with them. */
static void
skip_word(const char **text, int *length, const char *word)
{
	int size = (int) strlen(word);

	if (*length <= size || memcmp(*text, word, size) != 0)
		return;
	*text += size;
	*length -= size;
	rg_text_trim(text, length);
}

/* Removes what people copy along: blanks, psql's name, a shell's quotes around all of it, JDBC's prefix. */
static void
unwrap(const char **text, int *length)
{
	rg_text_trim(text, length);
	skip_word(text, length, "psql ");
	if (*length > 2 && ((*text)[0] == '\'' || (*text)[0] == '"') && (*text)[*length - 1] == (*text)[0])
	{
		++*text;
		*length -= 2;
		rg_text_trim(text, length);
	}
	skip_word(text, length, "jdbc:");
}

static void
parse_form(RgConnection *connection, const char *text, int length)
{
	if (length == 0)
		rg_connstr_fault(connection, "must not be empty");
	else if (begins_like_url(text, length))
		rg_connstr_parse_url(connection, text, length);
	else if (connection->type->url_style == RG_URL_KEYWORDS)
		rg_connstr_parse_keywords(connection, text, length);
	else
	{
		rg_connstr_fault(connection, "must be a URL");
		rg_fault_hint(connection->faults, "For example scheme://user:password@host:port/database");
	}
}

/* Does the string give a host without its port? */
static bool
lacks_port(const RgConnection *connection)
{
	const char *host = connection->parts[RG_PART_HOST];

	return host != NULL && connection->parts[RG_PART_PORT] == NULL && !rg_hosts_have_ports(host);
}

/* A host without a port gets the type's default port, as in every client. */
static void
settle_port(RgConnection *connection)
{
	int port = connection->type->default_port;

	connection->has_default_port = port != 0 && lacks_port(connection);
	if (connection->has_default_port)
		connection->parts[RG_PART_PORT] = psprintf("%d", port);
}

void
rg_connstr_parse(RgConnection *connection, const char *text, int length)
{
	int before = connection->faults->count;

	if (connection->type->url_style == RG_URL_NONE)
		rg_fault(connection->faults, "connection_string", "type %s has none; give file_path",
				 connection->type->name);
	else if (length > LONGEST_CONNECTION_STRING)
		rg_fault(connection->faults, "connection_string", "must be at most %d bytes",
				 LONGEST_CONNECTION_STRING);
	else
	{
		unwrap(&text, &length);
		parse_form(connection, text, length);
	}
	if (connection->faults->count > before)
		return;
	rg_connstr_settle_tls(connection);
	settle_port(connection);
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/*
 * Reads one value of the keyword form, quoted or bare, with backslash escapes, into out. Returns the place
 * after it, or NULL if a quote is not closed.
 */
static const char *
read_value(const char *at, const char *end, char *out)
{
	bool quoted = at < end && *at == '\'';

	if (quoted)
		at++;
	while (at < end && (quoted ? *at != '\'' : !is_blank(*at)))
	{
		if (*at == '\\' && at + 1 < end)
			at++;
		*out++ = *at++;
	}
	*out = '\0';
	if (!quoted)
		return at;
	return at < end ? at + 1 : NULL;
}

static const char *
skip_blanks(const char *at, const char *end)
{
	while (at < end && is_blank(*at))
		at++;
	return at;
}

void
rg_connstr_parse_keywords(RgConnection *connection, const char *text, int length)
{
	const char *end = text + length;
	const char *at = skip_blanks(text, end);

	for (int position = 1; at < end; position++)
	{
		const char *name = at;
		char *value = rg_secret_alloc(end - at + 1);
		int name_length;

		while (at < end && *at != '=' && !is_blank(*at))
			at++;
		name_length = (int) (at - name);
		at = skip_blanks(at, end);
		if (at == end || *at != '=')
		{
			rg_fault(connection->faults, "connection_string", "option %d has no =", position);
			return;
		}
		at = read_value(skip_blanks(at + 1, end), end, value);
		if (at == NULL)
		{
			rg_fault(connection->faults, "connection_string", "option %d has a quote that is not closed",
					 position);
			return;
		}
		rg_connstr_option(connection, position, name, name_length, value);
		at = skip_blanks(at, end);
	}
}
