/*
 * wire.c — the protocol's reader and writer, alone. Prints TAP. An argument sets how many mutated lines are
 * tried.
 *
 * Every text is scanned in memory of exactly its length, so that the sanitizers see a byte read too many.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "wire/pg_type.h"
#include "wire/wire.h"

static int tests;
static int failures;

__attribute__((format(printf, 2, 3))) static void
ok(bool fine, const char *format, ...)
{
	char name[200];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(name, sizeof(name), format, arguments);
	va_end(arguments);
	/* A line of TAP is one line of text. */
	for (char *at = name; *at; at++)
		if ((unsigned char) *at < ' ' || *at == '#')
			*at = '.';
	printf("%sok %d - %s\n", fine ? "" : "not ", ++tests, name);
	failures += !fine;
}

static char *
exact_copy(const char *text, size_t length)
{
	return memcpy(malloc(length ? length : 1), text, length);
}

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

static const char *
frame_fault(const char *line, WireFrame *frame)
{
	return wire_frame_scan(line, strlen(line), frame);
}

#define FRAME(expected_kind, line)                                                                           \
	do                                                                                                       \
	{                                                                                                        \
		WireFrame frame;                                                                                     \
		const char *fault = frame_fault(line, &frame);                                                       \
		ok(fault == NULL && frame.kind == (expected_kind), "frame: %.70s", line);                            \
	} while (0)

#define NO_FRAME(line)                                                                                       \
	do                                                                                                       \
	{                                                                                                        \
		WireFrame frame;                                                                                     \
		ok(frame_fault(line, &frame) != NULL, "no frame: %.70s", line);                                      \
	} while (0)

#define RELATION "{\"frame\":\"relation\",\"schema\":\"s\",\"name\":\"n\",\"kind\":\"table\","

/* A fault names the frame and the member, for the author of a connector. */
static void
test_fault_texts(void)
{
	WireFrame frame;

	ok(strcmp(frame_fault("{\"frame\":\"schema\",\"name\":\"s\",\"id\":7}", &frame),
			  "in a frame schema the member id must be a text of 1 to 256 bytes") == 0,
	   "the fault of a member of the wrong type names it");
	ok(strcmp(frame_fault("{\"frame\":\"schema\"}", &frame),
			  "in a frame schema the member name must be there") == 0,
	   "so does that of a missing one");
}

static void
test_frames(void)
{
	FRAME(WIRE_HELLO,
		  "{\"frame\":\"hello\",\"protocol\":2,\"connector\":\"c\",\"version\":\"1\",\"capabilities\":[]}");
	FRAME(WIRE_LOG, "{\"frame\":\"log\",\"level\":\"info\",\"message\":\"m\"}");
	FRAME(WIRE_PROGRESS, "{\"frame\":\"progress\",\"phase\":\"read\",\"relations_total\":5}");
	FRAME(WIRE_PROGRESS, "{\"frame\":\"progress\",\"phase\":\"read\",\"relations_total\":null}");
	FRAME(WIRE_CONNECTED, "{\"server\":\"PostgreSQL 15.4\",\"frame\":\"connected\"}");
	FRAME(WIRE_CONNECTED, "{\"server\":\"PostgreSQL 15.4\",\"frame\":\"connected\",\"identity\":\"7/5\"}");
	FRAME(WIRE_SCHEMA, "{\"frame\":\"schema\",\"name\":\"public\",\"unheard\":[1]}");
	FRAME(WIRE_RELATION, RELATION "\"columns\":0,\"document\":{}}");
	FRAME(WIRE_RELATION,
		  RELATION "\"columns\":1,\"document\":{},\"id\":\"1\",\"row_estimate\":0,\"size_bytes\":9}");
	FRAME(WIRE_SKIPPED, "{\"frame\":\"skipped\",\"schema\":\"s\",\"reason\":\"r\"}");
	FRAME(WIRE_ERROR, "{\"frame\":\"error\",\"step\":\"connect\",\"code\":\"refused\",\"message\":\"m\"}");
	FRAME(WIRE_END, "{\"frame\":\"end\",\"schemas\":0,\"relations\":0,\"columns\":0}");
	NO_FRAME("{}");
	NO_FRAME("{\"frame\":null}");
	NO_FRAME("{\"frame\":1}");
	NO_FRAME("{\"frame\":\"\"}");
	NO_FRAME("{\"frame\":\"goodbye\"}");
	NO_FRAME("{\"frame\":\"hello\"}");
	NO_FRAME("{\"frame\":\"log\",\"level\":\"fatal\",\"message\":\"m\"}");
	NO_FRAME("{\"frame\":\"progress\",\"phase\":5}");
	NO_FRAME("{\"frame\":\"progress\",\"phase\":\"read\",\"relations_total\":-1}");
	NO_FRAME("{\"frame\":\"progress\",\"phase\":\"read\",\"relations_total\":\"5\"}");
	NO_FRAME("{\"frame\":\"schema\",\"name\":\"s\",\"id\":1}");
	NO_FRAME(RELATION "\"columns\":0}");
	NO_FRAME(RELATION "\"columns\":0,\"document\":[]}");
	NO_FRAME(RELATION "\"columns\":99999999999999999999,\"document\":{}}");
	NO_FRAME("{\"frame\":\"relation\",\"schema\":\"s\",\"name\":\"n\",\"kind\":\"Table\",\"columns\":0,"
			 "\"document\":{}}");
	NO_FRAME("{\"frame\":\"error\",\"step\":\"connect\",\"code\":\"nonsense\",\"message\":\"m\"}");
	NO_FRAME(
		"{\"frame\":\"error\",\"step\":\"connect\",\"code\":\"refused\",\"message\":\"m\",\"transient\":1}");
	NO_FRAME("{\"frame\":\"end\",\"schemas\":0,\"relations\":0}");
	FRAME(WIRE_READING, "{\"frame\":\"reading\",\"applied\":[0,7],\"limited\":true,\"columns\":null}");
	FRAME(WIRE_READING,
		  "{\"frame\":\"reading\",\"columns\":[{\"name\":\"\",\"type\":\"x\",\"pg_type\":\"text[]\"}]}");
	FRAME(WIRE_ROWS, "{\"frame\":\"rows\",\"rows\":2147483647,\"bytes\":0}");
	FRAME(WIRE_ROWS, "{\"frame\":\"rows\",\"rows\":65536,\"bytes\":65536}");
	FRAME(WIRE_ROWS, "{\"frame\":\"rows\",\"rows\":1,\"bytes\":9000000000}");
	NO_FRAME("{\"frame\":\"rows\",\"rows\":0,\"bytes\":0}");
	NO_FRAME("{\"frame\":\"rows\",\"rows\":2147483648,\"bytes\":0}");
	NO_FRAME("{\"frame\":\"rows\",\"rows\":3,\"bytes\":2}");
	NO_FRAME("{\"frame\":\"rows\",\"rows\":2,\"bytes\":65537}");
}

/* A schema frame with an id, or a connected frame with a dialect, of that many characters. */
static bool
takes(const char *before, const char *character, size_t count, const char *after)
{
	WireBuffer line = {0};
	WireFrame frame;
	bool taken;

	wire_append_text(&line, before);
	for (size_t i = 0; i < count; i++)
		wire_append_text(&line, character);
	wire_append_text(&line, after);
	taken = !line.failed && wire_frame_scan(line.data, line.length, &frame) == NULL;
	wire_free(&line);
	return taken;
}

#define SCHEMA    "{\"frame\":\"schema\",\"name\":\"s\",\"id\":\""
#define CONNECTED "{\"frame\":\"connected\",\"server\":\"s\",\"dialect\":\""
#define KIND                                                                                                 \
	"{\"frame\":\"relation\",\"schema\":\"s\",\"name\":\"n\",\"columns\":0,\"document\":{},\"kind\":\""

static void
test_short_texts(void)
{
	ok(takes(SCHEMA, "x", 1, "\"}"), "an id of one byte");
	ok(takes(SCHEMA, "x", 256, "\"}"), "the longest id");
	ok(takes(SCHEMA, "\\u0041", 256, "\"}"), "the longest id, however it is spelled");
	ok(!takes(SCHEMA, "x", 257, "\"}"), "an id that is too long");
	ok(!takes(SCHEMA, "\xc3\xa9", 129, "\"}"), "bytes count, not characters");
	ok(!takes(SCHEMA, "x", 0, "\"}"), "an empty id");
	ok(takes(CONNECTED, "x", 64, "\"}"), "the longest dialect");
	ok(!takes(CONNECTED, "x", 65, "\"}"), "a dialect that is too long");
	ok(!takes(CONNECTED, "x", 0, "\"}"), "an empty dialect");
	ok(takes(KIND, "z", 32, "\"}"), "the longest kind");
	ok(takes(KIND, "external_stage", 1, "\"}"), "a kind of its own");
	ok(!takes(KIND, "z", 33, "\"}"), "a kind that is too long");
	ok(!takes(KIND, "z", 0, "\"}"), "an empty kind");
	ok(!takes(KIND, "Table", 1, "\"}"), "a kind in capitals");
	ok(!takes(KIND, "v2", 1, "\"}"), "a kind with a digit");
	ok(!takes(KIND, "\\u0074able", 1, "\"}"), "a kind with an escape");
	NO_FRAME("{\"frame\":\"unchanged\",\"schema\":\"s\",\"name\":\"n\"}");
	NO_FRAME("{\"frame\":\"unchanged\",\"schema\":\"s\",\"name\":\"n\",\"id\":7}");
	NO_FRAME("{\"frame\":\"referenced\",\"schema\":\"s\",\"name\":\"n\",\"id\":null}");
	FRAME(WIRE_UNCHANGED,
		  "{\"frame\":\"unchanged\",\"schema\":\"s\",\"name\":\"n\",\"id\":\"urn:a/\\u00fc\"}");
}

static bool
same(const char *text, const char *expected)
{
	return text == expected || (text && expected && strcmp(text, expected) == 0);
}

static void
test_relations(void)
{
	static const char schema[] =
		"{\"frame\":\"schema\",\"name\":\"s\",\"id\":\"urn:\\/a\",\"comment\":\"c\"}";
	static const char whole[] = RELATION "\"id\":\"9\",\"columns\":2,\"row_estimate\":0,\"size_bytes\":5,"
										 "\"document\":{\"a\":1},\"signature\":\"e\"}";
	static const char short_one[] = "{\"frame\":\"skipped\",\"schema\":\"s\",\"name\":null,\"reason\":\"r\"}";
	static const char end[] =
		"{\"frame\":\"end\",\"schemas\":1,\"relations\":2,\"columns\":3,\"signature\":\"x\"}";
	char texts[256];
	WireFrame frame;
	WireRelation relation;
	WireEnd counts;

	ok(!wire_frame_scan(schema, strlen(schema), &frame) && wire_texts_size(&frame) <= sizeof(texts),
	   "a schema");
	wire_relation_read(&frame, texts, &relation);
	ok(same(relation.schema, "s") && same(relation.name, NULL) && same(relation.id, "urn:/a") &&
		   same(relation.comment, "c"),
	   "its name is that of a schema");
	ok(!wire_frame_scan(whole, strlen(whole), &frame) && wire_texts_size(&frame) <= sizeof(texts),
	   "a relation");
	wire_relation_read(&frame, texts, &relation);
	ok(same(relation.schema, "s") && same(relation.name, "n") && same(relation.kind, "table") &&
		   same(relation.id, "9") && same(relation.signature, "e") && same(relation.comment, NULL),
	   "its texts");
	ok(relation.columns == 2 && relation.row_estimate == 0 && relation.size_bytes == 5, "its numbers");
	ok(relation.document.length == 7 && memcmp(relation.document.start, "{\"a\":1}", 7) == 0, "its document");
	ok(!wire_frame_scan(short_one, strlen(short_one), &frame), "a schema that was skipped");
	wire_relation_read(&frame, texts, &relation);
	ok(same(relation.schema, "s") && same(relation.name, NULL) && same(relation.id, NULL) &&
		   relation.columns == WIRE_ABSENT && relation.row_estimate == WIRE_ABSENT &&
		   relation.document.start == NULL,
	   "what it does not have is absent");
	ok(!wire_frame_scan(end, strlen(end), &frame), "an end");
	wire_end_read(&frame, texts, &counts);
	ok(counts.schemas == 1 && counts.relations == 2 && counts.columns == 3 && counts.unchanged == 0 &&
		   same(counts.signature, "x"),
	   "its counts");
}

static bool
listed(const char *name)
{
	return wire_pg_type_is_listed(name, strlen(name));
}

static void
test_pg_types(void)
{
	static const char *const good[] = {"bigint",
									   "xml",
									   "bit",
									   "bit varying",
									   "timestamp with time zone",
									   "datemultirange",
									   "text",
									   "double precision",
									   "bigint[]",
									   "time without time zone[]"};
	static const char *const bad[] = {"",           "[]",   "bigint[][]", "money",   "regclass", "int8",
									  "timestamp",  "Text", "bigin",      "bigints", "bit ",     "name",
									  "numeric(1)", "a",    "zzz",        "text []"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ok(listed(good[i]), "a type that holds values: %s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!listed(bad[i]), "none: '%s'", bad[i]);
	ok(wire_pg_type_is_listed("bigintx", 6), "only as much as is given");
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

static uint64_t random_state = 88172645463325252u;

static uint64_t
next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* Whatever bytes are written come back as valid JSON and, where they are UTF-8 without NUL, as the same
 * bytes. */
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

/* A valid frame with some bytes changed, removed or repeated: scanning must not read beyond it, whatever it
 * says. */
static void
test_mutations(long count)
{
	static const char seed[] = RELATION
		"\"columns\":2,\"document\":{\"columns\":[{\"name\":\"\\u00e9\\uD83D\\uDE00\",\"type\":\"text\","
		"\"default\":\"'\\\\x'\"},{\"name\":\"\xC3\xA9\xF0\x9F\x98\x80\",\"n\":[-1.5e3,true,null]}]}}";
	static const char spice[] = "{}[]\":,\\u0123dDtfn-+.eE \x80\xC3\xED\xF4\xFF\n";
	long accepted = 0;

	for (long i = 0; i < count; i++)
	{
		char line[sizeof(seed)];
		size_t length = sizeof(seed) - 1;
		char *copy;
		WireFrame frame;

		memcpy(line, seed, sizeof(seed));
		for (uint64_t edits = 1 + next_random() % 4; edits > 0; edits--)
		{
			size_t at = next_random() % length;

			if (next_random() % 4 == 0)
				memmove(line + at, line + at + 1, --length - at);
			else
				line[at] = spice[next_random() % (sizeof(spice) - 1)];
		}
		if (next_random() % 8 == 0)
			length = next_random() % length;
		copy = exact_copy(line, length);
		if (wire_frame_scan(copy, length, &frame) == NULL)
		{
			char *name = wire_string_dup(wire_member(&frame.object, "name"));

			accepted += name != NULL;
			free(name);
		}
		free(copy);
	}
	ok(accepted < count, "%ld mutated lines scanned, %ld of them still frames", count, accepted);
}

int
main(int argc, char **argv)
{
	test_grammar();
	test_numbers();
	test_strings();
	test_bounds();
	test_members();
	test_integers();
	test_frames();
	test_fault_texts();
	test_short_texts();
	test_relations();
	test_pg_types();
	test_writer();
	test_clean();
	test_round_trips();
	test_mutations(argc > 1 ? atol(argv[1]) : 200000);
	printf("1..%d\n", tests);
	return failures > 0;
}
