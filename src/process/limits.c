#include "process/limits.h"

#include <stddef.h>
#include <string.h>

static bool
read_number(const char *text, uint64_t *number)
{
	*number = 0;
	if (text == NULL || *text == '\0')
		return false;
	for (; *text != '\0'; text++)
	{
		if (*text < '0' || *text > '9' || *number > (UINT64_MAX - 9) / 10)
			return false;
		*number = *number * 10 + (uint64_t) (*text - '0');
	}
	return true;
}

bool
rg_number_read(const char *text, uint64_t least, uint64_t most, uint64_t *number)
{
	return read_number(text, number) && *number >= least && *number <= most;
}

static bool
is_reserved(const char *variable)
{
	return strncmp(variable, "LD_", 3) == 0 || strncmp(variable, "HOME=", 5) == 0 ||
		   strncmp(variable, "LC_ALL=", 7) == 0 || strncmp(variable, "RES_OPTIONS=", 12) == 0;
}

bool
rg_variable_allowed(const char *variable)
{
	size_t name = strspn(variable, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return name > 0 && (variable[0] < '0' || variable[0] > '9') && variable[name] == '=' &&
		   strnlen(variable, RG_LONGEST_VARIABLE + 1) <= RG_LONGEST_VARIABLE && !is_reserved(variable);
}

char **
rg_limits_read(char **arguments, RgLimits *limits)
{
	if (!read_number(arguments[0], &limits->memory) ||
		!rg_number_read(arguments[1], 1, RG_MOST_FILE_SIZE, &limits->file_size) ||
		!rg_number_read(arguments[2], RG_LEAST_DESCRIPTORS, RG_MOST_DESCRIPTORS, &limits->descriptors))
		return NULL;

	char **variable = arguments + 3;

	limits->environment = (const char *const *) variable;
	for (; *variable != NULL && strcmp(*variable, RG_LIMITS_END) != 0; variable++)
	{
		if (variable - (arguments + 3) == RG_MOST_VARIABLES || !rg_variable_allowed(*variable))
			return NULL;
	}
	if (*variable == NULL)
		return NULL;
	*variable = NULL;
	return variable + 1;
}
