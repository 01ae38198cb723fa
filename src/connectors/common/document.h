/*
 * document.h — writes the members of a document. Null, false and empty values are left out.
 */
#ifndef RG_CONNECTOR_DOCUMENT_H
#define RG_CONNECTOR_DOCUMENT_H

#include <string.h>

#include "wire/wire.h"

#define document_literal(out, literal) wire_append(out, literal, sizeof(literal) - 1)

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

/* Writes a comma unless the object or array is empty: then the last byte is its bracket. */
static inline void
document_separate(WireBuffer *out)
{
	if (!out->failed && out->data[out->length - 1] != '{' && out->data[out->length - 1] != '[')
		wire_append(out, ",", 1);
}

/* Begins a member; the caller writes the value next. The name is a literal that needs no escapes. */
#define document_member(out, name) (document_separate(out), document_literal(out, "\"" name "\":"))

static inline void
document_string(WireBuffer *out, const char *text)
{
	wire_append_string(out, text, strlen(text));
}

#define document_text(out, name, text)                                                                       \
	do                                                                                                       \
	{                                                                                                        \
		const char *document_value = (text);                                                                 \
		if (document_value)                                                                                  \
		{                                                                                                    \
			document_member(out, name);                                                                      \
			document_string(out, document_value);                                                            \
		}                                                                                                    \
	} while (0)

/* A further member of an object that is not closed yet, with a comma before; left out if there is no text. */
static inline void
document_further(WireBuffer *out, const char *name, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	document_literal(out, ",");
	document_string(out, name);
	document_literal(out, ":");
	document_string(out, text);
}

#define document_flag(out, name, flag)                                                                       \
	do                                                                                                       \
	{                                                                                                        \
		if (flag)                                                                                            \
		{                                                                                                    \
			document_member(out, name);                                                                      \
			document_literal(out, "true");                                                                   \
		}                                                                                                    \
	} while (0)

/* Begins an element of a member that is an array; the first one opens the array. */
#define document_element(out, name, is_open)                                                                 \
	do                                                                                                       \
	{                                                                                                        \
		if (is_open)                                                                                         \
			document_separate(out);                                                                          \
		else                                                                                                 \
		{                                                                                                    \
			document_member(out, name);                                                                      \
			document_literal(out, "[");                                                                      \
			is_open = true;                                                                                  \
		}                                                                                                    \
	} while (0)

static inline void
document_end_elements(WireBuffer *out, bool is_open)
{
	if (is_open)
		document_literal(out, "]");
}

#endif
