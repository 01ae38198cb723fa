/*
 * json_types.h — the types of JSON's values, as they are told from the values.
 */
#ifndef RG_JSON_JSON_TYPES_H
#define RG_JSON_JSON_TYPES_H

#include "connectors/inference/paths.h"

extern const PathTypes json_types;

typedef enum JsonType
{
	JSON_TYPE_OBJECT,
	JSON_TYPE_ARRAY,
	JSON_TYPE_TEXT,
	JSON_TYPE_INTEGER,
	JSON_TYPE_LONG_INTEGER, /* of more than 64 bits */
	JSON_TYPE_NUMBER,
	JSON_TYPE_BOOLEAN,
	JSON_TYPE_DATE,
	JSON_TYPE_TIMESTAMP,
	JSON_TYPE_TIMESTAMPTZ,
	JSON_TYPE_UUID
} JsonType;

/* Of a number as it is written. */
extern JsonType json_type_of_number(const char *text, size_t length);

/* The narrower types that the text is of, too. */
extern PathTypeSet json_types_of_text(const char *text, size_t length);

#endif
