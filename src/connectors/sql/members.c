#include "connectors/sql/members.h"

#include <string.h>

void
sql_add_option(SqlRelation *relation, const char *name, const char *value)
{
	if (value != NULL)
		relation->options[relation->option_count++] = (SqlOption){.name = name, .value = value};
}

void
sql_add_unreadable(SqlRelation *relation, const char *member)
{
	SqlNames *names = &relation->unreadable;

	for (int i = 0; i < names->count; i++)
		if (strcmp(names->items[i], member) == 0)
			return;
	names->items[names->count++] = member;
}

const char *
sql_integer(const char *text)
{
	const char *digits = text == NULL ? "" : text + (*text == '-');

	return *digits != '\0' && digits[strspn(digits, "0123456789")] == '\0' ? text : NULL;
}
