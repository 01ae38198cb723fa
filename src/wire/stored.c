#include "wire/stored.h"

#include <stddef.h>
#include <string.h>

bool
stored_leads_below(const char *path)
{
	for (;;)
	{
		size_t length = strcspn(path, "/");

		if (length == 0 || (length == 1 && path[0] == '.') ||
			(length == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		if (path[length] == '\0')
			return true;
		path += length + 1;
	}
}
