#include "connectors/json/json_types.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/files/infer.h"

/* A longer text is neither a date nor a uuid. */
#define LONGEST_NARROW 40

static const PathType types[] = {
	[JSON_TYPE_OBJECT] = {"object", "jsonb", 0},
	[JSON_TYPE_ARRAY] = {"array", "jsonb", 0},
	[JSON_TYPE_TEXT] = {"text", NULL, 0},
	[JSON_TYPE_INTEGER] = {"integer", "bigint", 0},
	[JSON_TYPE_LONG_INTEGER] = {"integer", "numeric", PATH_TYPE(JSON_TYPE_INTEGER)},
	[JSON_TYPE_NUMBER] = {"number", "numeric",
						  PATH_TYPE(JSON_TYPE_INTEGER) | PATH_TYPE(JSON_TYPE_LONG_INTEGER)},
	[JSON_TYPE_BOOLEAN] = {"boolean", "boolean", 0},
	[JSON_TYPE_DATE] = {"date", "date", 0},
	[JSON_TYPE_TIMESTAMP] = {"timestamp", "timestamp without time zone", 0},
	[JSON_TYPE_TIMESTAMPTZ] = {"timestamptz", "timestamp with time zone", 0},
	[JSON_TYPE_UUID] = {"uuid", "uuid", 0},
};

const PathTypes json_types = {.items = types,
							  .count = sizeof(types) / sizeof(types[0]),
							  .object = JSON_TYPE_OBJECT,
							  .array = JSON_TYPE_ARRAY};

PathTypeSet
json_types_of_text(const char *text, size_t length)
{
	InferredTypes fits = length <= LONGEST_NARROW ? infer_value(text, length) : 0;
	PathTypeSet types = 0;

	if (fits & 1u << INFERRED_DATE)
		types |= PATH_TYPE(JSON_TYPE_DATE);
	if (fits & 1u << INFERRED_TIMESTAMP)
		types |= PATH_TYPE(JSON_TYPE_TIMESTAMP);
	if (fits & 1u << INFERRED_TIMESTAMPTZ)
		types |= PATH_TYPE(JSON_TYPE_TIMESTAMPTZ);
	if (fits & 1u << INFERRED_UUID)
		types |= PATH_TYPE(JSON_TYPE_UUID);
	return types;
}

JsonType
json_type_of_number(const char *text, size_t length)
{
	char digits[24];

	for (size_t i = 0; i < length; i++)
		if (text[i] == '.' || text[i] == 'e' || text[i] == 'E')
			return JSON_TYPE_NUMBER;
	if (length < 19)
		return JSON_TYPE_INTEGER;
	if (length > 20)
		return JSON_TYPE_LONG_INTEGER;
	memcpy(digits, text, length);
	digits[length] = '\0';
	errno = 0;
	(void) strtoll(digits, NULL, 10);
	return errno == 0 ? JSON_TYPE_INTEGER : JSON_TYPE_LONG_INTEGER;
}
