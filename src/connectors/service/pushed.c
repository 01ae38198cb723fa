#include "connectors/service/pushed.h"

#include <string.h>

/* Longer texts than those of a time with its zone are none. */
#define MOST_TIME_LENGTH 40

bool
pushed_is_plain_time(const char *text)
{
	return strlen(text) >= 10 && strlen(text) <= MOST_TIME_LENGTH && strspn(text, "0123456789") == 4 &&
		   strspn(text, "0123456789-: .+") == strlen(text);
}

bool
pushed_is_plain_number(const char *text)
{
	return *text != '\0' && strlen(text) <= 38 && strspn(text, "0123456789.-") == strlen(text);
}

bool
pushed_is_order(const Condition *condition)
{
	return condition->operation >= CONDITION_LESS && condition->operation <= CONDITION_GREATER_OR_EQUAL;
}

bool
pushed_loses_nan(const Condition *condition)
{
	return condition->operation != CONDITION_EQUAL && condition->operation != CONDITION_IN &&
		   condition->operation != CONDITION_LESS && condition->operation != CONDITION_LESS_OR_EQUAL;
}

bool
pushed_are_all(const Condition *condition, bool (*is_fine)(const char *text))
{
	for (int i = 0; i < condition->value_count; i++)
		if (!is_fine(condition->values[i]))
			return false;
	return true;
}

bool
pushed_is_boolean(const char *text)
{
	return strcmp(text, "true") == 0 || strcmp(text, "false") == 0 || strcmp(text, "t") == 0 ||
		   strcmp(text, "f") == 0;
}
