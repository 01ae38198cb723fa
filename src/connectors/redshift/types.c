#include "connectors/redshift/types.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "wire/pg_type.h"

typedef struct TypeName
{
	const char *word; /* the type's name up to its bracket */
	const char *pg_type;
} TypeName;

/* Types that PostgreSQL does not have, or that the protocol has by another name. */
static const TypeName foreign_types[] = {{"super", "jsonb"},
										 {"varbyte", "bytea"},
										 {"binary varying", "bytea"},
										 {"binary", "bytea"},
										 {"character", "bpchar"},
										 {"char", "bpchar"},
										 {"tinyint", "smallint"},
										 {"int", "integer"},
										 {"double", "double precision"},
										 {"float", "double precision"},
										 {"decimal", "numeric"},
										 {"timestamp", "timestamp without time zone"}};

static const TypeName *
find(const char *type)
{
	size_t length = strcspn(type, "(<");

	for (size_t i = 0; i < sizeof(foreign_types) / sizeof(foreign_types[0]); i++)
	{
		const char *word = foreign_types[i].word;

		if (strlen(word) == length && strncasecmp(word, type, length) == 0)
			return &foreign_types[i];
	}
	return NULL;
}

const char *
types_in_postgresql(SqlArena *arena, const char *type)
{
	const TypeName *found = find(type);
	size_t length = strcspn(type, "(<");
	const char *close = strchr(type, ')');

	if (strchr(type, '<') != NULL)
		return NULL;
	if (found != NULL)
		return found->pg_type;
	if (type[length] != '\0' && (close == NULL || close[1] != '\0'))
		return NULL;
	return wire_pg_type_is_listed(type, length) ? sql_arena_bytes(arena, type, length) : NULL;
}

bool
types_are_digits(const char *type)
{
	const TypeName *found = find(type);

	return found != NULL && strcmp(found->pg_type, "bytea") == 0;
}
