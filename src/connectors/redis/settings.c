#include "connectors/redis/settings.h"

#include <ctype.h>
#include <string.h>

#include "connectors/common/configuration.h"
#include "connectors/common/memory.h"
#include "wire/wire.h"

#define LONGEST_DELIMITER 8

/* Names of relations have escapes, which it must not be a part of. */
static bool
is_delimiter(const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++)
		if (isalnum((unsigned char) text[i]) || strchr("*?[]\\ ()", text[i]) || (unsigned char) text[i] < ' ')
			return false;
	return length > 0 && length <= LONGEST_DELIMITER;
}

char *
settings_delimiter(const Request *request)
{
	static WireObject object;
	WireSpan value = {.start = NULL};
	char *text;

	if (request->options && wire_object_scan(request->options, strlen(request->options), &object) == NULL)
		value = wire_member(&object, "delimiter");
	if (value.start == NULL)
		return copy_text(":");
	text = wire_string_dup(value);
	if (text == NULL || !is_delimiter(text))
		configuration_fails("metadata.delimiter cannot be used.",
							"It is what stands between the parts of a key: one to 8 characters other than "
							"letters, digits, spaces and * ? [ ] \\ ( ).");
	return text;
}
