#include "wire/host_list.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define USUAL_PORT 443

/* A piece of the list. An address of IPv6 stands in brackets, which are not part of the host. */
typedef struct Entry
{
	const char *host;
	size_t length;
	int port;
	bool is_fine;
} Entry;

static bool
read_port(const char *text, size_t length, int *port)
{
	*port = 0;
	if (length == 0 || length > 5)
		return false;
	for (size_t i = 0; i < length; i++)
	{
		if (text[i] < '0' || text[i] > '9')
			return false;
		*port = *port * 10 + (text[i] - '0');
	}
	return *port >= 1 && *port <= 65535;
}

static bool
is_host(const char *text, size_t length, bool is_bracketed)
{
	static const char usual[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
	static const char address[] = "abcdefABCDEF0123456789:.";

	if (!is_bracketed && length > 0 && text[0] == '*')
		return length == 1 || (text[1] == '.' && length > 2 && is_host(text + 2, length - 2, false));
	for (size_t i = 0; i < length; i++)
		if (strchr(is_bracketed ? address : usual, text[i]) == NULL)
			return false;
	return length > 0;
}

static Entry
read_entry(const char *text, size_t length)
{
	bool is_bracketed = length > 0 && text[0] == '[';
	Entry entry = {.host = is_bracketed ? text + 1 : text, .port = USUAL_PORT};
	const char *end = text + length;
	const char *stop = memchr(entry.host, is_bracketed ? ']' : ':', (size_t) (end - entry.host));
	const char *rest = stop == NULL ? end : is_bracketed ? stop + 1 : stop;

	entry.length = (size_t) ((stop != NULL ? stop : end) - entry.host);
	entry.is_fine = is_host(entry.host, entry.length, is_bracketed) && (!is_bracketed || stop != NULL);
	if (rest < end)
		entry.is_fine &= *rest == ':' && read_port(rest + 1, (size_t) (end - rest) - 1, &entry.port);
	return entry;
}

/* Goes from piece to piece, without the spaces around them. Returns false at the end. */
static bool
next_piece(const char **at, const char **piece, size_t *length)
{
	*at += strspn(*at, ", \t\r\n");
	*piece = *at;
	*length = strcspn(*at, ", \t\r\n");
	*at += *length;
	return *length > 0;
}

const char *
wire_host_list_fault(const char *list, size_t *length)
{
	const char *piece;

	while (next_piece(&list, &piece, length))
		if (!read_entry(piece, *length).is_fine)
			return piece;
	return NULL;
}

static bool
matches(const Entry *entry, const char *host, size_t length)
{
	const char *suffix = entry->host + 1;
	size_t rest = entry->length - 1;

	if (entry->host[0] != '*')
		return entry->length == length && strncasecmp(entry->host, host, length) == 0;
	return rest == 0 || (length > rest && strncasecmp(suffix, host + length - rest, rest) == 0);
}

bool
wire_host_is_listed(const char *list, const char *host, int port)
{
	size_t host_length = strlen(host);
	const char *piece;
	size_t length;

	if (host_length > 1 && host[host_length - 1] == '.')
		host_length--;
	while (next_piece(&list, &piece, &length))
	{
		Entry entry = read_entry(piece, length);

		if (entry.is_fine && entry.port == port && matches(&entry, host, host_length))
			return true;
	}
	return false;
}
