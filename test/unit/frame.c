/*
 * frame.c — the frames of the protocol, alone. Prints TAP. An argument sets how many mutated lines are tried.
 */
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "wire/pg_type.h"
#include "wire/wire.h"

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

#define VERSION(time, document) "{\"changed_at\":" time ",\"columns\":0,\"document\":" document "}"
#define VERSIONED(time, versions)                                                                            \
	RELATION "\"columns\":0,\"document\":{},\"changed_at\":" time ",\"versions\":[" versions "]}"

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
	FRAME(WIRE_RELATION, VERSIONED("9", VERSION("3", "{}") "," VERSION("8", "{\"a\":[]}")));
	FRAME(WIRE_RELATION, VERSIONED("0", ""));
	FRAME(WIRE_RELATION, RELATION "\"columns\":0,\"document\":{},\"changed_at\":9}");
	NO_FRAME(VERSIONED("null", VERSION("3", "{}")));
	NO_FRAME(VERSIONED("-1", ""));
	NO_FRAME(VERSIONED("3", VERSION("3", "{}")));
	NO_FRAME(VERSIONED("9", VERSION("3", "{}") "," VERSION("3", "{}")));
	NO_FRAME(VERSIONED("9", VERSION("4", "{}") "," VERSION("3", "{}")));
	NO_FRAME(VERSIONED("9", VERSION("\"3\"", "{}")));
	NO_FRAME(VERSIONED("9", VERSION("3", "[]")));
	NO_FRAME(VERSIONED("9", VERSION("3", "null")));
	NO_FRAME(VERSIONED("9", "{\"changed_at\":1,\"columns\":0,\"document\":{},\"kind\":\"A\"}"));
	NO_FRAME(VERSIONED("9", "{\"changed_at\":1,\"document\":{}}"));
	NO_FRAME(VERSIONED("9", "null"));
	NO_FRAME(RELATION "\"columns\":0,\"document\":{},\"changed_at\":9,\"versions\":{}}");
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
									   "bpchar",
									   "xml",
									   "bit",
									   "bit varying",
									   "timestamp with time zone",
									   "datemultirange",
									   "text",
									   "double precision",
									   "bigint[]",
									   "time without time zone[]"};
	static const char *const bad[] = {"",          "[]",         "bigint[][]", "money",   "regclass", "int8",
									  "timestamp", "Text",       "bigin",      "bigints", "bit ",     "name",
									  "character", "numeric(1)", "a",          "zzz",     "text []"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ok(listed(good[i]), "a type that holds values: %s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!listed(bad[i]), "none: '%s'", bad[i]);
	ok(wire_pg_type_is_listed("bigintx", 6), "only as much as is given");
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
	test_frames();
	test_fault_texts();
	test_short_texts();
	test_relations();
	test_pg_types();
	test_mutations(argc > 1 ? atol(argv[1]) : 200000);
	return finished();
}
