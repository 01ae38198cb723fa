#include "connectors/lake/conversion.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/value_text.h"

/* ---- times ---- */

/* A time that PostgreSQL cannot have is the number that it is in the file. */
static bool
is_time(const char *text, size_t length)
{
	return memchr(text, ' ', length) != NULL;
}

/* What is behind the time: the era. */
static size_t
time_length(const char *text, size_t length)
{
	return length > 3 && memcmp(text + length - 3, " BC", 3) == 0 ? length - 3 : length;
}

static void
add_zone(WireBuffer *out, const char *text, size_t length)
{
	size_t time = time_length(text, length);

	wire_append(out, text, time);
	if (is_time(text, length))
		wire_append_text(out, "+00");
	wire_append(out, text + time, length - time);
}

static void
drop_zone(WireBuffer *out, const char *text, size_t length)
{
	size_t time = time_length(text, length);
	bool has_zone = time > 3 && memcmp(text + time - 3, "+00", 3) == 0;

	wire_append(out, text, has_zone ? time - 3 : time);
	wire_append(out, text + time, length - time);
}

static void
date_to_timestamp(WireBuffer *out, const char *text, size_t length)
{
	size_t date = time_length(text, length);

	wire_append(out, text, date);
	wire_append_text(out, " 00:00:00");
	wire_append(out, text + date, length - date);
}

/* ---- numbers ---- */

#define MOST_NUMBER 64

/* The text with a zero behind it. */
static const char *
number_text(char *number, const char *text, size_t length)
{
	snprintf(number, MOST_NUMBER, "%.*s", (int) (length < MOST_NUMBER ? length : MOST_NUMBER - 1), text);
	return number;
}

/* The nearest number of the wider type has more digits. */
static void
real_to_double(WireBuffer *out, const char *text, size_t length)
{
	char number[MOST_NUMBER];

	value_text_double(out, (double) strtof(number_text(number, text, length), NULL));
}

static void
number_to_time(WireBuffer *out, const char *text, size_t length)
{
	char number[MOST_NUMBER];

	value_text_time(out, strtoll(number_text(number, text, length), NULL, 10));
}

static void
write_scale(WireBuffer *out, int scale, const char *text, size_t length)
{
	const char *point = memchr(text, '.', length);
	size_t written = point ? (size_t) (text + length - point) - 1 : 0;

	wire_append(out, text, length);
	if (point == NULL)
		wire_append(out, ".", 1);
	for (; written < (size_t) scale; written++)
		wire_append(out, "0", 1);
}

/* ---- bytes ---- */

#define UUID_DIGITS 32

/* \x and 32 digits */
static void
bytes_to_uuid(WireBuffer *out, const char *text, size_t length)
{
	if (length != UUID_DIGITS + 2)
	{
		wire_append(out, text, length);
		return;
	}
	for (int i = 0; i < UUID_DIGITS; i += 4)
	{
		if (i == 8 || i == 12 || i == 16 || i == 20)
			wire_append(out, "-", 1);
		wire_append(out, text + 2 + i, 4);
	}
}

void
convert(WireBuffer *out, const Conversion *conversion, const char *text, size_t length)
{
	switch (conversion->kind)
	{
		case CONVERT_NOT:
			wire_append(out, text, length);
			break;
		case CONVERT_ADD_ZONE:
			add_zone(out, text, length);
			break;
		case CONVERT_DROP_ZONE:
			drop_zone(out, text, length);
			break;
		case CONVERT_DATE_TO_TIMESTAMP:
			date_to_timestamp(out, text, length);
			break;
		case CONVERT_REAL_TO_DOUBLE:
			real_to_double(out, text, length);
			break;
		case CONVERT_SCALE:
			write_scale(out, conversion->scale, text, length);
			break;
		case CONVERT_BYTES_TO_UUID:
			bytes_to_uuid(out, text, length);
			break;
		case CONVERT_NUMBER_TO_TIME:
			number_to_time(out, text, length);
	}
}
