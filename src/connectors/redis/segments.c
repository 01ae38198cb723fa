#include "connectors/redis/segments.h"

#include <string.h>

#include "connectors/inference/data_names.h"

/* A longer one is data, whatever it looks like. */
#define LONGEST_NAME   40
#define SHORTEST_TOKEN 16
#define ULID           26

int
segments_of(const char *key, size_t length, const char *delimiter, Segment segments[MOST_SEGMENTS])
{
	size_t step = strlen(delimiter);
	int count = 0;

	while (count < MOST_SEGMENTS - 1)
	{
		const char *end = memmem(key, length, delimiter, step);

		if (end == NULL)
			break;
		segments[count++] = (Segment){.bytes = key, .length = (size_t) (end - key)};
		length -= (size_t) (end - key) + step;
		key = end + step;
	}
	segments[count++] = (Segment){.bytes = key, .length = length};
	return count;
}

static bool
is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* How many of the bytes are of the set. */
static size_t
count_of(const Segment *segment, const char *set)
{
	size_t count = 0;

	for (size_t i = 0; i < segment->length; i++)
		count += segment->bytes[i] != '\0' && strchr(set, segment->bytes[i]) != NULL;
	return count;
}

#define DIGITS "0123456789"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER  "abcdefghijklmnopqrstuvwxyz"

/* Numbers, dates, times, versions, addresses of the Internet. */
static bool
is_digits_and_marks(const Segment *segment)
{
	size_t digits = count_of(segment, DIGITS);

	return digits > 0 && digits * 2 >= segment->length &&
		   digits + count_of(segment, "-+.,_/ TZ") == segment->length;
}

static bool
is_ulid(const Segment *segment)
{
	return segment->length == ULID && is_digit(segment->bytes[0]) &&
		   count_of(segment, DIGITS UPPER) == segment->length;
}

/* What base64 makes of bytes has letters of both cases and digits; names of people seldom have all three. */
static bool
is_token(const Segment *segment)
{
	size_t digits = count_of(segment, DIGITS);
	size_t upper = count_of(segment, UPPER);
	size_t lower = count_of(segment, LOWER);

	return segment->length >= SHORTEST_TOKEN && digits > 0 && upper > 0 && lower > 0 &&
		   digits + upper + lower + count_of(segment, "-_=+/") == segment->length;
}

static bool
is_mail_address(const Segment *segment)
{
	const char *at = memchr(segment->bytes, '@', segment->length);

	return at != NULL && at > segment->bytes &&
		   memchr(at, '.', segment->length - (size_t) (at - segment->bytes)) != NULL;
}

/* Braces say which part of a key decides its node in a cluster. */
static Segment
without_braces(Segment segment)
{
	if (segment.length > 0 && segment.bytes[0] == '{')
		segment = (Segment){.bytes = segment.bytes + 1, .length = segment.length - 1};
	if (segment.length > 0 && segment.bytes[segment.length - 1] == '}')
		segment.length--;
	return segment;
}

bool
segment_is_data(const Segment *given, const char *delimiter)
{
	Segment segment = without_braces(*given);

	return segment.length > LONGEST_NAME ||
		   memmem(segment.bytes, segment.length, delimiter, strlen(delimiter)) ||
		   (segment.length > 0 && is_data_name(segment.bytes, segment.length)) ||
		   is_digits_and_marks(&segment) || is_ulid(&segment) || is_mail_address(&segment) ||
		   is_token(&segment);
}
