#include "authority.h"

bool
rg_authority_read(const char *text, const char **host, const char **port)
{
	bool is_bracketed = *text == '[';
	const char *start = text + (is_bracketed ? 1 : 0);
	size_t length = strcspn(start, is_bracketed ? "]" : ":");
	const char *rest = start + length;

	if (length == 0 || (is_bracketed && *rest++ != ']'))
		return false;
	*host = pnstrdup(start, length);
	*port = "0";
	if (*rest == '\0')
		return true;
	*port = rest + 1;
	length = strspn(*port, "0123456789");
	return *rest == ':' && length > 0 && length <= 5 && (*port)[length] == '\0';
}
