#include "connectors/hudi/file_name.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"

static char *
copy_part(const char *text, size_t length)
{
	char *part = allocate(length + 1);

	memcpy(part, text, length);
	part[length] = '\0';
	return part;
}

/* Is there a group of that length, and a time behind it, up to one of these bytes? */
static bool
take(HudiFileName *parsed, const char *group, size_t group_length, const char *time)
{
	size_t digits = strspn(time, "0123456789");

	if (group_length == 0 || digits == 0 || time[digits] != '.')
		return false;
	parsed->group = copy_part(group, group_length);
	parsed->time = copy_part(time, digits);
	return true;
}

bool
hudi_file_name_parse(HudiFileName *parsed, const char *name)
{
	const char *group = name[0] == '.' ? name + 1 : name;
	const char *first = strchr(group, '_');
	const char *second = first ? strchr(first + 1, '_') : NULL;
	size_t length = first ? (size_t) (first - group) : 0;

	*parsed = (HudiFileName){.name = name, .is_log = name[0] == '.'};
	if (parsed->is_log)
		return first && strstr(first, ".log.") && take(parsed, group, length, first + 1);
	return second && take(parsed, group, length, second + 1);
}

void
hudi_file_name_free(HudiFileName *parsed)
{
	free(parsed->group);
	free(parsed->time);
}
