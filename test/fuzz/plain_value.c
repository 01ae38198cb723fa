/*
 * plain_value.c — values of frequent types as a source may write them.
 *
 * Sources: src/wire/plain_value.c
 */
#include "wire/plain_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static void
check_integer(const WireField *field)
{
	int64_t number;

	if (wire_plain_integer(field, &number))
		fuzz_must(number == strtoll(field->text, NULL, 10), "an integer is what the C library reads");
}

static void
check_decimal(const WireField *field)
{
	WireDecimal decimal;
	char digits[40] = "";
	const char *point = strchr(field->text, '.');

	if (!wire_plain_decimal(field, &decimal))
		return;
	for (const char *at = field->text; *at; at++)
		if (*at != '.')
			strncat(digits, at, 1);
	fuzz_must(decimal.digits == strtoll(digits, NULL, 10), "the digits are those around the point");
	fuzz_must(decimal.scale == (point ? (int) strlen(point + 1) : 0), "the scale is the digits behind it");
	fuzz_must(decimal.whole >= 0 && decimal.whole + decimal.scale <= 18,
			  "there are no more digits than that");
}

static void
check_uuid(const WireField *field)
{
	unsigned char bytes[WIRE_UUID_BYTES];
	char text[37] = "";

	if (!wire_plain_uuid(field, bytes))
		return;
	for (int i = 0; i < WIRE_UUID_BYTES; i++)
		sprintf(text + strlen(text), "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", bytes[i]);
	fuzz_must(strcmp(text, field->text) == 0, "a uuid is written as it was read");
}

/* Behind the seconds the text may have fewer digits. */
static void
check_moment(const WireField *field)
{
	WireMoment moment;
	int64_t seconds;
	char text[80];
	size_t length;

	if (!wire_plain_moment(field, &moment))
		return;
	seconds = moment.microseconds / 1000000;
	length = (size_t) snprintf(text, sizeof(text), "%04d-%02d-%02d", moment.year, moment.month, moment.day);
	if (moment.has_time)
		length += (size_t) snprintf(text + length, sizeof(text) - length, " %02d:%02d:%02d",
									(int) (seconds / 3600), (int) (seconds / 60 % 60), (int) (seconds % 60));
	fuzz_must(strncmp(text, field->text, length) == 0, "a moment is written as it was read");
	fuzz_must(moment.in_utc == (strchr(field->text, '+') != NULL) &&
				  (!moment.in_utc || strcmp(strchr(field->text, '+'), "+00") == 0),
			  "a zone is the whole zone");
	fuzz_must(moment.microseconds >= 0 && moment.microseconds < INT64_C(86400000000),
			  "a time is one of a day");
	fuzz_must(moment.month >= 1 && moment.month <= 12 && moment.day >= 1 && moment.day <= 31, "a day is one");
}

void
fuzz(const char *bytes, size_t length)
{
	char *text = malloc(length + 1);
	WireField field = {text, length};
	bool boolean;

	memcpy(text, bytes, length);
	text[length] = '\0';
	check_integer(&field);
	check_decimal(&field);
	check_uuid(&field);
	check_moment(&field);
	if (wire_plain_boolean(&field, &boolean))
		fuzz_must(strcmp(text, boolean ? "t" : "f") == 0, "a boolean is one letter");
	free(text);
}
