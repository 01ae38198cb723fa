/*
 * connection_string.c — writes NAME=value;NAME=value.
 *
 * ODBC has braces for values with semicolons, and a driver that does not know them takes what follows a
 * semicolon for keywords: it could be made to load a file or to run a statement. So a value that needs
 * braces is refused unless the operator says that the driver knows them.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "connectors/common/configuration.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/common/tls_files.h"
#include "connectors/odbc/connection_string.h"

/* ---- the driver of the request ---- */

static void give_up_without_driver(void) __attribute__((noreturn));

static void
give_up_without_driver(void)
{
	give_up(&(Failure){.step = "configure",
					   .code = "configuration",
					   .message = "The data source names no ODBC driver.",
					   .hint = "Name one of the drivers that the operator lists in rivergen.odbc_drivers as "
							   "metadata.driver."});
}

static void
read_keywords(OdbcDriver *driver, WireSpan list)
{
	WireSpan element;

	while (wire_array_next(&list, &element))
	{
		OdbcKeyword *keyword;
		WireSpan name = {0};
		WireSpan text = {0};

		if (!wire_array_next(&element, &name) || !wire_array_next(&element, &text))
			continue;
		driver->keywords =
			reallocate(driver->keywords, (size_t) (driver->keyword_count + 1) * sizeof(OdbcKeyword));
		keyword = &driver->keywords[driver->keyword_count++];
		*keyword = (OdbcKeyword){.name = wire_string_dup(name), .text = wire_string_dup(text)};
		if (keyword->name == NULL || keyword->text == NULL)
			driver->keyword_count--;
	}
}

void
odbc_driver_read(OdbcDriver *driver, const Request *request)
{
	WireObject members;

	*driver = (OdbcDriver){0};
	if (request->driver == NULL ||
		wire_object_scan(request->driver, strlen(request->driver), &members) != NULL)
		give_up_without_driver();
	driver->name = wire_string_dup(wire_member(&members, "name"));
	driver->library = wire_string_dup(wire_member(&members, "library"));
	if (driver->library == NULL || driver->library[0] != '/')
		give_up_without_driver();
	if (!wire_boolean(wire_member(&members, "braces"), &driver->knows_braces))
		driver->knows_braces = false;
	read_keywords(driver, wire_member(&members, "keywords"));
}

/* ---- what the source has ---- */

static const char *
tls_mode_name(const Request *request)
{
	static const char *const names[] = {"disable", "prefer", "require", "verify-ca", "verify-full"};

	return names[request->tls_mode];
}

/* Returns the host as URLs have it: an address with colons stands in brackets. */
static char *
url_host(const char *host)
{
	char text[300];

	if (host == NULL)
		return NULL;
	snprintf(text, sizeof(text), strchr(host, ':') ? "[%s]" : "%s", host);
	return copy_text(text);
}

/* Returns a copy, or NULL: the source does not have it. */
static char *
value_of(const Request *request, const char *word, size_t length)
{
	char port[16];
	const char *found = NULL;

#define IS(name) (length == sizeof(name) - 1 && memcmp(word, name, length) == 0)
	if (IS("user"))
		return request_credential(request, "username");
	if (IS("password"))
		return request_credential(request, "password");
	if (IS("host"))
		found = request->address_count > 0 ? request->addresses[0] : request->host;
	else if (IS("address"))
		return url_host(request->address_count > 0 ? request->addresses[0] : request->host);
	else if (IS("port") && request->port != 0)
		snprintf(port, sizeof(port), "%d", request->port), found = port;
	else if (IS("database"))
		found = request->database;
	else if (IS("path"))
		found = request->path;
	else if (IS("tls"))
		found = tls_mode_name(request);
	else if (IS("ca"))
		found = request->tls_ca ? tls_file(request->tls_ca) : NULL;
#undef IS
	return found ? copy_text(found) : NULL;
}

static bool
is_placeholder(const char *word, size_t length)
{
	static const char *const words[] = {"host", "address",  "port", "database", "path",
										"user", "password", "tls",  "ca"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == length && memcmp(words[i], word, length) == 0)
			return true;
	return false;
}

/* ---- the text ---- */

static void refuse(const char *word, size_t length, const char *hint) __attribute__((noreturn));

static void
refuse(const char *word, size_t length, const char *hint)
{
	char message[128];

	snprintf(message, sizeof(message), "The %.*s of the data source cannot be given to this ODBC driver.",
			 (int) length, word);
	configuration_fails(message, hint);
}

static bool
has_control(const char *value)
{
	for (; *value; value++)
		if ((unsigned char) *value < ' ' || *value == 0x7F)
			return true;
	return false;
}

static bool
needs_braces(const char *value)
{
	size_t length = strlen(value);

	return value[strcspn(value, ";{}")] != '\0' ||
		   (length > 0 && (*value == ' ' || value[length - 1] == ' '));
}

typedef struct Value
{
	WireBuffer text;
	bool is_missing;
	bool needs_braces;
} Value;

static void
take_value(Value *value, const Request *request, const OdbcDriver *driver, const char *word, size_t length)
{
	char *text = value_of(request, word, length);

	if (text == NULL)
	{
		value->is_missing = true;
		return;
	}
	if (has_control(text))
		refuse(word, length, "It has a control character in it.");
	if (needs_braces(text) && !driver->knows_braces)
		refuse(word, length,
			   "It begins or ends with a space, or has one of ; { } in it, and the operator's setting "
			   "rivergen.odbc_drivers does not say that the driver knows braces.");
	value->needs_braces |= needs_braces(text);
	wire_append_text(&value->text, text);
	forget_text(text);
}

/* Puts what the source has in the place of {words}. The operator's own braces stay as they are. */
static void
expand(Value *value, const Request *request, const OdbcDriver *driver, const char *text)
{
	while (*text && !value->is_missing)
	{
		const char *end = *text == '{' ? strchr(text, '}') : NULL;

		if (end != NULL && is_placeholder(text + 1, (size_t) (end - text - 1)))
		{
			take_value(value, request, driver, text + 1, (size_t) (end - text - 1));
			text = end + 1;
		}
		else
			wire_append(&value->text, text++, 1);
	}
}

static void
write_in_braces(WireBuffer *out, const WireBuffer *text)
{
	wire_append_text(out, "{");
	for (size_t i = 0; i < text->length; i++)
		wire_append(out, text->data[i] == '}' ? "}}" : &text->data[i], text->data[i] == '}' ? 2 : 1);
	wire_append_text(out, "}");
}

static void
write_keyword(WireBuffer *out, const Request *request, const OdbcDriver *driver, const OdbcKeyword *keyword)
{
	Value value = {0};

	expand(&value, request, driver, keyword->text);
	if (!value.is_missing)
	{
		wire_append_text(out, keyword->name);
		wire_append_text(out, "=");
		if (value.needs_braces)
			write_in_braces(out, &value.text);
		else
			wire_append(out, value.text.data ? value.text.data : "", value.text.length);
		wire_append_text(out, ";");
	}
	wire_free(&value.text);
}

static bool
is_replaced(const OdbcDriver *driver, const char *name)
{
	for (int i = 0; i < driver->keyword_count; i++)
		if (strcasecmp(driver->keywords[i].name, name) == 0)
			return true;
	return false;
}

/* A driver that is not told about TLS may connect without. */
static void
demand_tls(const Request *request, const OdbcDriver *driver)
{
	if (request->tls_mode <= TLS_PREFER)
		return;
	for (int i = 0; i < driver->keyword_count; i++)
		if (strstr(driver->keywords[i].text, "{tls}") != NULL)
			return;
	give_up(&(Failure){.step = "configure",
					   .code = "unsupported",
					   .message = "The TLS mode of the data source cannot be given to this ODBC driver.",
					   .hint = "The operator's setting rivergen.odbc_drivers needs a keyword of the driver "
							   "with {tls} for its value, such as SSLmode={tls}."});
}

void
connection_string_write(WireBuffer *out, const Request *request, const OdbcDriver *driver,
						const OdbcKeyword *keywords)
{
	demand_tls(request, driver);
	wire_append_text(out, "DRIVER=");
	wire_append_text(out, driver->library);
	wire_append_text(out, ";");
	for (; keywords->name != NULL; keywords++)
		if (!is_replaced(driver, keywords->name))
			write_keyword(out, request, driver, keywords);
	for (int i = 0; i < driver->keyword_count; i++)
		write_keyword(out, request, driver, &driver->keywords[i]);
	if (out->failed)
		give_up_out_of_memory();
}
