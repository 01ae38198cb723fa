#include "connectors/delta_lake/path.h"

#include <ctype.h>
#include <string.h>

#include "connectors/common/memory.h"

static int
hex_digit(char byte)
{
	if (!isxdigit((unsigned char) byte))
		return -1;
	return isdigit((unsigned char) byte) ? byte - '0' : tolower((unsigned char) byte) - 'a' + 10;
}

/* Where the path is absolute: file:///x, file:/x and /x are the same. */
static const char *
without_scheme(const char *uri)
{
	if (strncmp(uri, "file:/", 6) == 0)
		uri += 5;
	while (uri[0] == '/' && uri[1] == '/')
		uri++;
	return uri;
}

/* What is no escape stays, and so does that of NUL. */
char *
delta_path_decoded(const char *uri)
{
	const char *from = without_scheme(uri);
	char *path = allocate(strlen(from) + 1);
	char *to = path;

	while (*from)
	{
		int high = *from == '%' ? hex_digit(from[1]) : -1;
		int low = high >= 0 ? hex_digit(from[2]) : -1;

		*to++ = low >= 0 && high + low > 0 ? (char) (high * 16 + low) : *from;
		from += low >= 0 && high + low > 0 ? 3 : 1;
	}
	*to = '\0';
	return path;
}

/* A scheme is letters, digits and a few others, with a colon and a slash behind them. */
bool
delta_path_is_relative(const char *path)
{
	size_t length = strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");

	return path[0] != '/' && strncmp(path + length, ":/", 2) != 0;
}
