/* json.c — JSON as the protocol reads and writes it, alone. Prints TAP. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "wire/wire.h"

/* The fault of a text whose length is given, or NULL. */
static const char *
fault_of(const char *text, size_t length)
{
	WireObject object;
	char *copy = exact_copy(text, length);
	const char *fault = wire_object_scan(copy, length, &object);

	free(copy);
	return fault;
}

#define VALID(text)   ok(fault_of(text, sizeof(text) - 1) == NULL, "valid: %.60s", text)
#define INVALID(text) ok(fault_of(text, sizeof(text) - 1) != NULL, "invalid: %.60s", text)

static void
test_grammar(void)
{
	VALID("{}");
	VALID(" \t\r\n{ } \n");
	VALID("{\"a\":1,\"b\":[],\"c\":{},\"d\":[1,{\"e\":[null,true,false]}]}");
	VALID("{ \"a\" : [ 1 , 2 ] , \"b\" : { \"c\" : \"d\" } }");
	VALID("{\"a\":[0,-0,1.5,-1.5e10,1E+3,2e-3,123456789012345678901234567890]}");
	INVALID("");
	INVALID(" ");
	INVALID("[]");
	INVALID("null");
	INVALID("{");
	INVALID("}");
	INVALID("{}{}");
	INVALID("{},");
	INVALID("{\"a\"}");
	INVALID("{\"a\":}");
	INVALID("{\"a\":1,}");
	INVALID("{,\"a\":1}");
	INVALID("{\"a\":1 \"b\":2}");
	INVALID("{a:1}");
	INVALID("{'a':1}");
	INVALID("{\"a\":[1,]}");
	INVALID("{\"a\":[1 2]}");
	INVALID("{\"a\":[}");
	INVALID("{\"a\":[1}");
	INVALID("{\"a\":{]}");
	INVALID("{\"a\":{\"b\":1]}");
	INVALID("{\"a\":{\"b\"}}");
	INVALID("{\"a\":{1:2}}");
	INVALID("{\"a\":tru}");
	INVALID("{\"a\":nul");
	INVALID("{\"a\":True}");
	INVALID("{\"a\":NaN}");
	INVALID("{\"a\":Infinity}");
	INVALID("{\"a\":1 // comment\n}");
	INVALID("\xEF\xBB\xBF{}");
}

static void
test_numbers(void)
{
	char long_number[1200];

	INVALID("{\"a\":01}");
	INVALID("{\"a\":-}");
	INVALID("{\"a\":+1}");
	INVALID("{\"a\":.5}");
	INVALID("{\"a\":1.}");
	INVALID("{\"a\":1.e5}");
	INVALID("{\"a\":1e}");
	INVALID("{\"a\":1e+}");
	INVALID("{\"a\":0x10}");
	INVALID("{\"a\":1");
	INVALID("{\"a\":-");
	INVALID("{\"a\":1e99999}");
	INVALID("{\"a\":1e-99999}");
	snprintf(long_number, sizeof(long_number), "{\"a\":1%01100d}", 0);
	ok(fault_of(long_number, strlen(long_number)) != NULL, "a number that numeric might not hold is a fault");
}

static void
test_strings(void)
{
	VALID("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\uD83D\\uDE00\"}");
	VALID("{\"\\u0061\\\"b\":\"\"}");
	VALID(
		"{\"a\":\"\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\"}");
	INVALID("{\"a\":\"}");
	INVALID("{\"a\":\"\\");
	INVALID("{\"a\":\"\\\"");
	INVALID("{\"a\":\"\\x41\"}");
	INVALID("{\"a\":\"\\u12\"}");
	INVALID("{\"a\":\"\\u12G4\"}");
	INVALID("{\"a\":\"\\u");
	INVALID("{\"a\":\"\\u0000\"}");
	INVALID("{\"a\":\"\\uD800\"}");
	INVALID("{\"a\":\"\\uDC00\"}");
	INVALID("{\"a\":\"\\uD800\\uD800\"}");
	INVALID("{\"a\":\"\\uD800\\n0000\"}");
	INVALID("{\"a\":\"\\uD800\\uDC\"}");
	INVALID("{\"a\":\"\n\"}");
	INVALID("{\"a\":\"12345678\t\"}");
	INVALID("{\"a\":\"\0\"}");
	INVALID("{\"a\":\0}");
	INVALID("{}\0");
	INVALID("{\"a\":\"\x80\"}");
	INVALID("{\"a\":\"\xC0\x80\"}");
	INVALID("{\"a\":\"\xC1\xBF\"}");
	INVALID("{\"a\":\"\xC2\"}");
	INVALID("{\"a\":\"\xC2");
	INVALID("{\"a\":\"\xE0\x9F\xBF\"}");
	INVALID("{\"a\":\"\xED\xA0\x80\"}");
	INVALID("{\"a\":\"\xF0\x8F\xBF\xBF\"}");
	INVALID("{\"a\":\"\xF4\x90\x80\x80\"}");
	INVALID("{\"a\":\"\xF5\x80\x80\x80\"}");
	INVALID("{\"a\":\"\xFF\"}");
	INVALID("{\"a\x80\":1}");
}

/* {"a":[[…]]}: one object and some arrays. */
static bool
nests(int arrays)
{
	char text[300] = "{\"a\":";
	size_t length = strlen(text);

	memset(text + length, '[', (size_t) arrays);
	memset(text + length + arrays, ']', (size_t) arrays);
	text[length + 2 * (size_t) arrays] = '}';
	return fault_of(text, length + 2 * (size_t) arrays + 1) == NULL;
}

static void
test_bounds(void)
{
	WireBuffer buffer = {0};

	ok(nests(WIRE_MAX_DEPTH - 1), "the deepest nesting that is allowed");
	ok(!nests(WIRE_MAX_DEPTH), "one level more");
	for (int i = 0; i < WIRE_MAX_MEMBERS; i++)
	{
		wire_append_text(&buffer, i == 0 ? "{\"m" : ",\"m");
		wire_append_integer(&buffer, i);
		wire_append_text(&buffer, "\":0");
	}
	wire_append_text(&buffer, "}");
	ok(fault_of(buffer.data, buffer.length) == NULL, "as many members as an object can hold");
	buffer.length--;
	wire_append_text(&buffer, ",\"more\":0}");
	ok(fault_of(buffer.data, buffer.length) != NULL, "one member more");
	wire_free(&buffer);
	INVALID("{\"a\":1,\"a\":2}");
	VALID("{\"a\":{\"b\":1,\"b\":2}}");
}

static void
test_members(void)
{
	static const char text[] =
		"{\"one\" : 1 ,\"text\":\"t\\u00e9\\n\",\"none\":null,\"yes\":true,\"no\":false,"
		"\"object\":{\"x\":[1,2]},\"q\\\"\":2}";
	WireObject object;
	char buffer[8];
	int64_t integer;
	bool boolean;
	char *copy;
	WireSpan span;

	ok(wire_object_scan(text, sizeof(text) - 1, &object) == NULL && object.count == 7, "seven members");
	ok(wire_integer(wire_member(&object, "one"), &integer) && integer == 1, "an integer");
	ok(!wire_integer(wire_member(&object, "text"), &integer), "a text is no integer");
	ok(!wire_boolean(wire_member(&object, "one"), &boolean), "an integer is no boolean");
	ok(wire_boolean(wire_member(&object, "yes"), &boolean) && boolean, "true");
	ok(wire_boolean(wire_member(&object, "no"), &boolean) && !boolean, "false");
	ok(wire_member(&object, "none").start == NULL, "null counts as absent");
	ok(wire_member(&object, "nothing").start == NULL, "absent");
	ok(wire_member(&object, "on").start == NULL, "a part of a name is not the name");
	span = wire_member(&object, "object");
	ok(span.length == 11 && memcmp(span.start, "{\"x\":[1,2]}", 11) == 0, "the raw text of an object");
	ok(wire_string(wire_member(&object, "text"), buffer, sizeof(buffer)) == 4 &&
		   strcmp(buffer, "t\u00e9\n") == 0,
	   "a decoded string");
	ok(wire_string(wire_member(&object, "text"), buffer, 5) == 4, "a string that just fits");
	ok(wire_string(wire_member(&object, "text"), buffer, 4) == -1, "a string that does not fit");
	ok(wire_string(wire_member(&object, "text"), buffer, 0) == -1, "no room at all");
	ok(wire_string(wire_member(&object, "one"), buffer, sizeof(buffer)) == -1, "an integer is no string");
	ok(wire_string(wire_member(&object, "none"), buffer, sizeof(buffer)) == -1, "null is no string");
	copy = wire_string_dup(wire_member(&object, "text"));
	ok(copy && strcmp(copy, "t\u00e9\n") == 0, "a copied string");
	free(copy);
	ok(wire_string_dup(wire_member(&object, "one")) == NULL, "no copy of an integer");
	span = object.members[6].name;
	ok(span.length == 3 && memcmp(span.start, "q\\\"", 3) == 0, "a name with an escaped quote is whole");
}

static bool
reads_integer(const char *digits, int64_t expected)
{
	int64_t value;

	return wire_integer((WireSpan){digits, strlen(digits)}, &value) && value == expected;
}

static void
test_integers(void)
{
	int64_t value;

	ok(reads_integer("9223372036854775807", INT64_MAX), "the largest integer");
	ok(reads_integer("-9223372036854775808", INT64_MIN), "the smallest integer");
	ok(reads_integer("-0", 0), "minus zero");
	ok(!wire_integer((WireSpan){"9223372036854775808", 19}, &value), "one too large");
	ok(!wire_integer((WireSpan){"-9223372036854775809", 20}, &value), "one too small");
	ok(!wire_integer((WireSpan){"1.0", 3}, &value), "a fraction");
	ok(!wire_integer((WireSpan){"1e2", 3}, &value), "an exponent");
}

static bool
writes(const char *bytes, size_t length, const char *expected)
{
	WireBuffer buffer = {0};
	bool same;

	wire_append_string(&buffer, bytes, length);
	same = !buffer.failed && buffer.length == strlen(expected) &&
		   memcmp(buffer.data, expected, buffer.length) == 0;
	wire_free(&buffer);
	return same;
}

#define WRITES(bytes, expected) ok(writes(bytes, sizeof(bytes) - 1, expected), "writes %s", expected)

static void
test_writer(void)
{
	WireBuffer buffer = {0};

	WRITES("", "\"\"");
	WRITES("plain", "\"plain\"");
	WRITES("\"\\/\b\f\n\r\t", "\"\\\"\\\\/\\b\\f\\n\\r\\t\"");
	WRITES("\x01\x1F\x7F", "\"\\u0001\\u001f\x7F\"");
	WRITES("caf\u00e9 \U0001F600", "\"caf\u00e9 \U0001F600\"");
	WRITES("a\0b", "\"a\uFFFDb\"");
	WRITES("\xC3", "\"\uFFFD\"");
	WRITES("\xED\xA0\x80", "\"\uFFFD\uFFFD\uFFFD\"");
	wire_append_integer(&buffer, INT64_MIN);
	wire_append_text(&buffer, " ");
	wire_append_integer(&buffer, 0);
	wire_append_text(&buffer, " ");
	wire_append_integer(&buffer, INT64_MAX);
	ok(buffer.length == 42 && memcmp(buffer.data, "-9223372036854775808 0 9223372036854775807", 42) == 0,
	   "integers");
	wire_reset(&buffer);
	ok(buffer.length == 0 && buffer.capacity > 0, "a reset buffer keeps its memory");
	wire_free(&buffer);
	ok(buffer.data == NULL && buffer.capacity == 0, "a freed buffer can be used again");
}

static void
is_clean(const char *name, const char *text, size_t length, size_t size, const char *expected)
{
	char *copy = exact_copy(text, length);
	char *out = malloc(size);
	size_t written = wire_clean(copy, length, out, size);

	ok(written == strlen(expected) && strcmp(out, expected) == 0, "clean: %s", name);
	free(copy);
	free(out);
}

#define CLEAN(name, text, size, expected) is_clean(name, text, sizeof(text) - 1, size, expected)

static void
test_clean(void)
{
	CLEAN("a plain text", "caf\xC3\xA9", 100, "caf\xC3\xA9");
	CLEAN("nothing", "", 1, "");
	CLEAN("control characters",
		  "a\tb\x1b[31mc\x7f\xC2\x85"
		  "d\0e",
		  100, "a b [31mc  d e");
	CLEAN("separators and directions",
		  "a\xE2\x80\xA8"
		  "b\xE2\x80\xAE"
		  "c\xE2\x81\xA6"
		  "d\xE2\x80\xA6",
		  100, "a b c d\xE2\x80\xA6");
	CLEAN("white space at the end", "a b \r\n \n", 100, "a b");
	CLEAN("nothing but white space", " \n", 100, "");
	CLEAN("what is no UTF-8",
		  "a\xFF"
		  "b\xC3",
		  100,
		  "a\xEF\xBF\xBD"
		  "b\xEF\xBF\xBD");
	CLEAN("just fits", "12345", 6, "12345");
	CLEAN("cut", "123456789", 9, "12345\xE2\x80\xA6");
	CLEAN("cut between characters", "12\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9", 9, "12\xC3\xA9\xE2\x80\xA6");
	CLEAN("cut without room for an ellipsis", "abcdef", 3, "");
}

/* Whatever bytes are written come back as valid JSON and, where they are UTF-8 without NUL, as the same
 * bytes. */
static void
test_round_trips(void)
{
	char bytes[10000];
	bool fine = true;

	for (int i = 0; i < 2000 && fine; i++)
	{
		size_t length = next_random() % (i % 100 == 0 ? sizeof(bytes) : 60);
		WireBuffer buffer = {0};
		WireObject object;
		char *back;

		for (size_t at = 0; at < length; at++)
			bytes[at] = (char) (i % 2 ? next_random() : 1 + next_random() % 127);
		wire_append_text(&buffer, "{\"a\":");
		wire_append_string(&buffer, bytes, length);
		wire_append_text(&buffer, "}");
		fine = wire_object_scan(buffer.data, buffer.length, &object) == NULL;
		back = fine ? wire_string_dup(wire_member(&object, "a")) : NULL;
		if (fine && i % 2 == 0)
			fine = strlen(back) == length && memcmp(back, bytes, length) == 0;
		free(back);
		wire_free(&buffer);
	}
	ok(fine, "what is written can be read");
}

int
main(void)
{
	test_grammar();
	test_numbers();
	test_strings();
	test_bounds();
	test_members();
	test_integers();
	test_writer();
	test_clean();
	test_round_trips();
	return finished();
}
