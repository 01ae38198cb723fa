#include "connectors/redis/pattern.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

bool
pattern_has_star(const Pattern *pattern)
{
	for (int i = 0; i < pattern->count; i++)
		if (pattern->segments[i].bytes == NULL)
			return true;
	return false;
}

/* ---- its name ---- */

static bool
is_special(char byte)
{
	return byte == '*' || byte == '?' || byte == '[' || byte == '\\';
}

/* Whole characters stay, but NUL, which no name can have. A bracket behind a space would begin a type. */
static void
append_escaped(WireBuffer *out, const Segment *segment)
{
	const char *at = segment->bytes;
	size_t left = segment->length;

	while (left > 0)
	{
		size_t length = wire_utf8_length(at, left);
		char escaped[8];

		if (length > 0 && *at != '\0')
		{
			if (is_special(*at) || (*at == '(' && at > segment->bytes && at[-1] == ' '))
				wire_append(out, "\\", 1);
			wire_append(out, at, length);
		}
		else
		{
			length = 1;
			snprintf(escaped, sizeof(escaped), "\\x%02x", (unsigned char) *at);
			wire_append(out, escaped, 4);
		}
		at += length;
		left -= length;
	}
}

char *
pattern_name(const Pattern *pattern, const char *delimiter)
{
	WireBuffer out = {.data = NULL};
	char *name;

	for (int i = 0; i < pattern->count; i++)
	{
		if (i > 0)
			wire_append_text(&out, delimiter);
		if (pattern->segments[i].bytes == NULL)
			wire_append(&out, "*", 1);
		else
			append_escaped(&out, &pattern->segments[i]);
	}
	if (pattern->type != KEY_GONE)
	{
		wire_append_text(&out, " (");
		wire_append_text(&out, key_type_name(pattern->type));
		wire_append_text(&out, ")");
	}
	wire_append(&out, "", 1);
	if (out.failed)
		give_up_out_of_memory();
	name = copy_text(out.data); /* the buffer has room for more, and there may be many names */
	wire_free(&out);
	return name;
}

/* ---- reading a name ---- */

static int
digit_of(char byte)
{
	const char *digits = "0123456789abcdef";
	const char *found = byte ? strchr(digits, byte) : NULL;

	return found ? (int) (found - digits) : -1;
}

/* Takes a character off a name, whose bytes become those of the key. */
static char
take_byte(const char **name)
{
	const char *at = *name;

	if (at[0] != '\\' || at[1] == '\0')
	{
		*name = at + 1;
		return at[0];
	}
	if (at[1] == 'x' && digit_of(at[2]) >= 0 && digit_of(at[3]) >= 0)
	{
		*name = at + 4;
		return (char) (digit_of(at[2]) * 16 + digit_of(at[3]));
	}
	*name = at + 2;
	return at[1];
}

/* Takes the type off the end. */
static size_t
take_type(Pattern *pattern, const char *name)
{
	size_t length = strlen(name);
	const char *open = NULL;

	for (const char *at = strstr(name, " ("); at; at = strstr(at + 1, " ("))
		open = at;
	pattern->type = KEY_GONE;
	if (open == NULL || name[length - 1] != ')')
		return length;
	pattern->type = key_type_named(open + 2, length - (size_t) (open + 2 - name) - 1);
	return pattern->type == KEY_GONE ? length : (size_t) (open - name);
}

static void
read_segments(Pattern *pattern, const char *name, const char *end, const char *delimiter)
{
	size_t step = strlen(delimiter);
	char *out = pattern->memory = allocate((size_t) (end - name) + 1);
	char *from = out;
	bool is_star = false;

	for (;;)
	{
		bool is_delimiter = pattern->count < MOST_SEGMENTS - 1 && (size_t) (end - name) >= step &&
							memcmp(name, delimiter, step) == 0;

		if (name >= end || is_delimiter)
		{
			pattern->segments[pattern->count++] =
				is_star ? (Segment){.bytes = NULL}
						: (Segment){.bytes = from, .length = (size_t) (out - from)};
			if (name >= end)
				break;
			name += step;
			from = out;
			is_star = false;
		}
		else if (*name == '*' && out == from)
		{
			is_star = true;
			name++;
		}
		else
			*out++ = take_byte(&name);
	}
}

void
pattern_read(Pattern *pattern, const char *name, const char *delimiter)
{
	*pattern = (Pattern){.count = 0};
	read_segments(pattern, name, name + take_type(pattern, name), delimiter);
}

void
pattern_free(Pattern *pattern)
{
	free(pattern->memory);
	pattern->memory = NULL;
}

/* ---- keys ---- */

bool
pattern_matches(const Pattern *pattern, const char *key, size_t length, const char *delimiter)
{
	Segment segments[MOST_SEGMENTS];

	if (segments_of(key, length, delimiter, segments) != pattern->count)
		return false;
	for (int i = 0; i < pattern->count; i++)
	{
		const Segment *wanted = &pattern->segments[i];

		if (wanted->bytes && (wanted->length != segments[i].length ||
							  memcmp(wanted->bytes, segments[i].bytes, wanted->length) != 0))
			return false;
	}
	return true;
}

static void
glob_append_literal(WireBuffer *out, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
	{
		if (is_special(bytes[i]))
			wire_append(out, "\\", 1);
		wire_append(out, &bytes[i], 1);
	}
}

/* Servers take exponential time for many stars (CVE-2022-36021): what follows the second one is left out. */
void
pattern_append_glob(WireBuffer *out, const Pattern *pattern, const char *delimiter)
{
	int stars = 0;

	for (int i = 0; i < pattern->count && stars < 2; i++)
	{
		const Segment *segment = &pattern->segments[i];

		if (i > 0)
			glob_append_literal(out, delimiter, strlen(delimiter));
		if (segment->bytes)
			glob_append_literal(out, segment->bytes, segment->length);
		else
			wire_append(out, "*", 1);
		stars += segment->bytes == NULL;
	}
}
