/*
 * json.h — writing the members of a document. What is null, false or empty is left out.
 */
#ifndef RG_POSTGRESQL_JSON_H
#define RG_POSTGRESQL_JSON_H

#include <string.h>

#include "wire/wire.h"

#define json_literal(out, literal) wire_append(out, literal, sizeof(literal) - 1)

static inline bool
is_utf8(const char *text)
{
	size_t left = strlen(text);

	while (left > 0)
	{
		size_t length = wire_utf8_length(text, left);

		if (length == 0)
			return false;
		text += length;
		left -= length;
	}
	return true;
}

/* A comma, unless the object or array has just been opened: only then is its bracket the last byte. */
static inline void
json_separate(WireBuffer *out)
{
	if (!out->failed && out->data[out->length - 1] != '{' && out->data[out->length - 1] != '[')
		wire_append(out, ",", 1);
}

/* Begins a member; its value is to follow. The name is a literal that needs no escapes. */
#define json_member(out, name) (json_separate(out), json_literal(out, "\"" name "\":"))

static inline void
json_string(WireBuffer *out, const char *text)
{
	wire_append_string(out, text, strlen(text));
}

#define json_text(out, name, text)                                                                           \
	do                                                                                                       \
	{                                                                                                        \
		const char *json_value = (text);                                                                     \
		if (json_value)                                                                                      \
		{                                                                                                    \
			json_member(out, name);                                                                          \
			json_string(out, json_value);                                                                    \
		}                                                                                                    \
	} while (0)

#define json_flag(out, name, flag)                                                                           \
	do                                                                                                       \
	{                                                                                                        \
		if (flag)                                                                                            \
		{                                                                                                    \
			json_member(out, name);                                                                          \
			json_literal(out, "true");                                                                       \
		}                                                                                                    \
	} while (0)

/* One element of a member that is an array: opens the array when it is the first. */
#define json_element(out, name, is_open)                                                                     \
	do                                                                                                       \
	{                                                                                                        \
		if (is_open)                                                                                         \
			json_separate(out);                                                                              \
		else                                                                                                 \
		{                                                                                                    \
			json_member(out, name);                                                                          \
			json_literal(out, "[");                                                                          \
			is_open = true;                                                                                  \
		}                                                                                                    \
	} while (0)

static inline void
json_end_elements(WireBuffer *out, bool is_open)
{
	if (is_open)
		json_literal(out, "]");
}

#endif
