#include "check/text.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "mb/pg_wchar.h"

#include "space.h"

static bool
is_space(const char *c, int length)
{
	if (length == 1)
		return *c == ' ' || (*c >= '\t' && *c <= '\r');
	return GetDatabaseEncoding() == PG_UTF8 && rg_is_wide_space(utf8_to_unicode((const unsigned char *) c));
}

void
rg_text_trim(const char **text, int *length)
{
	const char *end = *text + *length;
	const char *first = NULL;
	const char *last = *text;

	for (const char *c = *text; c < end;)
	{
		int size = Min(pg_mblen(c), (int) (end - c));

		if (!is_space(c, size))
		{
			first = first ? first : c;
			last = c + size;
		}
		c += size;
	}
	*text = first ? first : end;
	*length = first ? (int) (last - first) : 0;
}

bool
rg_text_has_control(const char *text, int length)
{
	for (int i = 0; i < length; i++)
	{
		if ((unsigned char) text[i] < ' ' || text[i] == 0x7f)
			return true;
	}
	return false;
}

bool
rg_text_contains(const char *text, int length, const char *part)
{
	return memmem(text, length, part, strlen(part)) != NULL;
}

void
rg_text_trim_host(const char **host, int *length)
{
	rg_text_trim(host, length);
	if (*length > 2 && (*host)[0] == '[' && (*host)[*length - 1] == ']' &&
		memchr(*host, ':', *length) != NULL)
	{
		++*host;
		*length -= 2;
	}
	else if (*length > 1 && (*host)[*length - 1] == '.' && (*host)[*length - 2] != '.')
		--*length;
}

static bool
is_host_byte(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
		   c == '-' || c == '_' || c == ':' || c >= 0x80;
}

/* Between other characters, too: the invisible ones that people copy along. */
static bool
has_space(const char *text, int length)
{
	const char *end = text + length;

	for (const char *c = text; c < end;)
	{
		int size = Min(pg_mblen(c), (int) (end - c));

		if (is_space(c, size))
			return true;
		c += size;
	}
	return false;
}

static bool
is_ipv6(const char *host, size_t length)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (length >= sizeof(text))
		return false;
	memcpy(text, host, length);
	text[length] = '\0';
	return inet_pton(AF_INET6, text, &address) == 1;
}

const char *
rg_text_host_fault(const char *host, size_t length)
{
	if (length > 0 && (host[0] == '/' || host[0] == '@'))
		return "is a socket's path; give a host name or an address";
	if (memchr(host, ',', length) != NULL)
		return "names several hosts; give one";
	if (memchr(host, '/', length) != NULL)
		return "must be the host alone, without scheme and path";
	if (memchr(host, '@', length) != NULL)
		return "must be the host alone, without a user";
	if (memchr(host, '%', length) != NULL)
		return "must not name a zone; it is this server's network that counts";
	if (length > 0 && host[0] == '[')
		return "must be a host name or an IP address, without a port";
	if ((length > 0 && host[0] == '-') || has_space(host, (int) length))
		return "must be a host name or an IP address";
	for (size_t i = 0; i < length; i++)
	{
		if (!is_host_byte((unsigned char) host[i]))
			return "must be a host name or an IP address";
	}
	if (memchr(host, ':', length) != NULL && !is_ipv6(host, length))
		return "must be a host name or an IP address, without a port";
	return NULL;
}

static bool
is_bad_part(const char *part, int length)
{
	return length == 0 || (length == 1 && part[0] == '.') ||
		   (length == 2 && part[0] == '.' && part[1] == '.');
}

const char *
rg_file_path_fault(const char *path, int length, int64 organization_id)
{
	char prefix[64];
	int prefix_length = snprintf(prefix, sizeof(prefix), "organizations/" INT64_FORMAT "/", organization_id);

	if (length < prefix_length || memcmp(path, prefix, prefix_length) != 0)
		return psprintf("must begin with %s", prefix);
	if (rg_text_has_control(path, length))
		return "must not contain control characters";
	if (path[length - 1] == '/')
		return "must not end with a slash";
	for (int start = 0; start <= length;)
	{
		const char *slash = memchr(path + start, '/', length - start);
		int part = slash ? (int) (slash - path) - start : length - start;

		if (is_bad_part(path + start, part))
			return "must not contain empty parts, . or ..";
		start += part + 1;
	}
	return NULL;
}

bool
rg_word_in(const char *list, const char *word, int length)
{
	while (*list != '\0')
	{
		int size = (int) strcspn(list, " ");

		if (size == length && pg_strncasecmp(list, word, size) == 0)
			return true;
		list += size + strspn(list + size, " ");
	}
	return false;
}
