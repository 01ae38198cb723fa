#include "connectors/redis/shown.h"

#include <stdio.h>
#include <string.h>

#include "connectors/common/value_text.h"

bool
is_plain_text(RespText text)
{
	while (text.length > 0)
	{
		size_t length = wire_utf8_length(text.bytes, text.length);

		if (length == 0 || *text.bytes == '\0')
			return false;
		text.bytes += length;
		text.length -= length;
	}
	return true;
}

void
shown_append_name(WireBuffer *out, RespText name)
{
	while (name.length > 0)
	{
		size_t length = *name.bytes == '\0' ? 0 : wire_utf8_length(name.bytes, name.length);
		char escape[8];

		if (length > 0)
			wire_append(out, name.bytes, length);
		else
		{
			length = 1;
			snprintf(escape, sizeof(escape), "\\x%02x", (unsigned char) *name.bytes);
			wire_append(out, escape, 4);
		}
		name.bytes += length;
		name.length -= length;
	}
}

void
shown_append_value(WireBuffer *out, RespText value)
{
	if (is_plain_text(value))
		wire_append(out, value.bytes, value.length);
	else
		value_text_bytes(out, value.bytes, value.length);
}

bool
shown_read_name(WireBuffer *out, const char *shown)
{
	bool has_escape = false;

	while (*shown)
	{
		unsigned byte;
		char digits[3] = "";

		if (strncmp(shown, "\\x", 2) == 0 && strspn(shown + 2, "0123456789abcdef") >= 2)
		{
			memcpy(digits, shown + 2, 2);
			sscanf(digits, "%2x", &byte);
			wire_append(out, &(char){(char) byte}, 1);
			shown += 4;
			has_escape = true;
		}
		else
			wire_append(out, shown++, 1);
	}
	return has_escape;
}
