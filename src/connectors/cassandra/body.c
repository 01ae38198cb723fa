#include "connectors/cassandra/body.h"

#include <string.h>

#include "connectors/common/memory.h"

Body
body_of(const void *bytes, size_t length)
{
	static const unsigned char nothing[1];

	return (Body){.at = bytes ? bytes : nothing,
				  .end = bytes ? (const unsigned char *) bytes + length : nothing};
}

size_t
body_left(const Body *body)
{
	return (size_t) (body->end - body->at);
}

Bytes
body_take(Body *body, size_t length)
{
	Bytes taken = {.bytes = body->at, .length = length};

	if (length > body_left(body))
	{
		body->is_broken = true;
		body->at = body->end;
		return (Bytes){.bytes = body->end};
	}
	body->at += length;
	return taken;
}

static uint64_t
take_number(Body *body, size_t length)
{
	Bytes taken = body_take(body, length);
	uint64_t number = 0;

	for (size_t i = 0; i < taken.length; i++)
		number = number << 8 | taken.bytes[i];
	return number;
}

unsigned
body_byte(Body *body)
{
	return (unsigned) take_number(body, 1);
}

unsigned
body_short(Body *body)
{
	return (unsigned) take_number(body, 2);
}

int32_t
body_int(Body *body)
{
	return (int32_t) (uint32_t) take_number(body, 4);
}

int64_t
body_long(Body *body)
{
	return (int64_t) take_number(body, 8);
}

Bytes
body_string(Body *body)
{
	return body_take(body, body_short(body));
}

Bytes
body_long_string(Body *body)
{
	return body_take(body, (uint32_t) body_int(body));
}

Bytes
body_value(Body *body)
{
	int32_t length = body_int(body);

	return length < 0 || body->is_broken ? (Bytes){0} : body_take(body, (size_t) length);
}

/* The bits that are set before the first one that is not say how many bytes follow. */
uint64_t
body_unsigned_vint(Body *body)
{
	unsigned first = body_byte(body);
	size_t more = 0;
	uint64_t high;

	while (more < 8 && (first & (0x80u >> more)) != 0)
		more++;
	high = more >= 7 ? 0 : first & (0xffu >> (more + 1));
	return more == 8 ? take_number(body, 8) : high << (8 * more) | take_number(body, more);
}

int64_t
body_vint(Body *body)
{
	uint64_t folded = body_unsigned_vint(body);

	return (int64_t) (folded >> 1) ^ -(int64_t) (folded & 1);
}

bool
bytes_are(Bytes bytes, const char *text)
{
	return bytes.bytes != NULL && strlen(text) == bytes.length &&
		   memcmp(bytes.bytes, text, bytes.length) == 0;
}

char *
bytes_text(Bytes bytes)
{
	char *text = allocate(bytes.length + 1);

	if (bytes.length > 0)
		memcpy(text, bytes.bytes, bytes.length);
	text[bytes.length] = '\0';
	return text;
}
