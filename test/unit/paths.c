/*
 * paths.c — paths and types of values that a caller feeds, without any JSON text.
 */
#include "connectors/inference/path_document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

/* Those of an imagined source. */
enum
{
	OBJECT,
	ARRAY,
	STRING,
	INT,
	LONG,
	DATE
};

static const PathType items[] = {{"object", "jsonb", 0},
								 {"array", "jsonb", 0},
								 {"string", NULL, 0},
								 {"int", "integer", 0},
								 {"long", "bigint", PATH_TYPE(INT)},
								 {"date", "date", 0}};
static const PathTypes types = {.items = items, .count = 6, .object = OBJECT, .array = ARRAY};

static void
key(Paths *paths, const char *name)
{
	paths_key(paths, name, strlen(name));
}

/* The description of the row. */
static void
is(Paths *paths, const char *expected, const char *name)
{
	WireBuffer out = {.data = NULL};

	path_append_content(&out, &types, paths_finish(paths));
	ok(out.length == strlen(expected) && memcmp(out.data, expected, out.length) == 0, "%s", name);
	if (out.length != strlen(expected))
		printf("# got: %.*s\n", (int) out.length, out.data);
	wire_free(&out);
	paths_free(paths);
}

static void
test_types(void)
{
	Paths *paths = paths_create(&types);

	for (int row = 0; row < 2; row++)
	{
		paths_object_begin(paths);
		key(paths, "a");
		paths_value(paths, row == 0 ? INT : LONG, 0);
		key(paths, "b");
		paths_value(paths, row == 0 ? STRING : INT, 0);
		key(paths, "c");
		paths_value(paths, STRING, PATH_TYPE(DATE));
		key(paths, "d");
		paths_null(paths);
		paths_object_end(paths);
	}
	is(paths,
	   ",\"fields\":[{\"name\":\"a\",\"type\":\"long\",\"pg_type\":\"bigint\"},"
	   "{\"name\":\"b\",\"type\":\"string | int\",\"pg_type\":\"jsonb\"},"
	   "{\"name\":\"c\",\"type\":\"date\",\"pg_type\":\"date\"},"
	   "{\"name\":\"d\",\"type\":\"null\",\"pg_type\":\"jsonb\"}]",
	   "a wider type absorbs a narrower one; others are named together; texts may be dates");
}

static void
test_nesting(void)
{
	Paths *paths = paths_create(&types);

	paths_object_begin(paths);
	key(paths, "lines");
	paths_array_begin(paths);
	for (int i = 0; i < 2; i++)
	{
		paths_object_begin(paths);
		key(paths, i == 0 ? "sku" : "tags");
		if (i == 0)
			paths_value(paths, STRING, 0);
		else
		{
			paths_array_begin(paths);
			paths_value(paths, INT, 0);
			paths_array_end(paths);
		}
		paths_object_end(paths);
	}
	paths_array_end(paths);
	paths_object_end(paths);
	is(paths,
	   ",\"fields\":[{\"name\":\"lines\",\"type\":\"object\",\"pg_type\":\"jsonb\",\"repeated\":true,\"fields\":["
	   "{\"name\":\"sku\",\"type\":\"string\"},"
	   "{\"name\":\"tags\",\"type\":\"int\",\"pg_type\":\"integer[]\",\"repeated\":true}]}]",
	   "members of elements");
}

/* An object with so many members, of which each is an object with one. */
static void
feed_members(Paths *paths, int count, const char *format)
{
	char name[64];

	paths_object_begin(paths);
	key(paths, "m");
	paths_object_begin(paths);
	for (int i = 0; i < count; i++)
	{
		snprintf(name, sizeof(name), format, i);
		key(paths, name);
		paths_object_begin(paths);
		key(paths, "n");
		paths_value(paths, INT, 0);
		paths_object_end(paths);
	}
	paths_object_end(paths);
	paths_object_end(paths);
}

static const char map[] =
	",\"fields\":[{\"name\":\"m\",\"type\":\"object\",\"pg_type\":\"jsonb\",\"map\":true,"
	"\"fields\":[{\"name\":\"{}\",\"type\":\"object\",\"pg_type\":\"jsonb\",\"fields\":["
	"{\"name\":\"n\",\"type\":\"int\",\"pg_type\":\"integer\"}]}]}]";

static void
test_maps(void)
{
	Paths *paths = paths_create(&types);

	feed_members(paths, MOST_PATH_MEMBERS + 1, "member %d");
	feed_members(paths, 100000, "other %d");
	ok(paths_left_out(paths) == 0, "the members of a map are not left out");
	is(paths, map, "more members than one object may have");
	paths = paths_create(&types);
	feed_members(paths, 20, "2024-01-%02d");
	is(paths, map, "names that are dates");
	paths = paths_create(&types);
	feed_members(paths, 20, "3f2504e0-4f89-11d3-9a0c-0305e82c33%02d");
	is(paths, map, "names that are uuids");
	paths = paths_create(&types);
	feed_members(paths, 19, "%d");
	ok(!paths_finish(paths)->members->is_map, "too few to know");
	paths_free(paths);
	paths = paths_create(&types);
	feed_members(paths, 30, "member %d");
	ok(!paths_finish(paths)->members->is_map, "names that are none");
	paths_free(paths);
}

static void
test_bounds(void)
{
	Paths *paths = paths_create(&types);
	char *name = calloc(1, 60001);
	int count = 0;

	memset(name, 'x', 60000);
	paths_object_begin(paths);
	for (int i = 0; i < 100000; i++)
	{
		snprintf(name, 16, "%d", i);
		key(paths, name);
		paths_value(paths, i % 2 ? INT : STRING, 0);
	}
	paths_object_end(paths);
	for (const PathNode *node = paths_finish(paths)->members; node; node = node->next)
		count++;
	ok(count == MOST_PATHS, "so many paths: %d", count);
	ok(paths_left_out(paths) == 100000 - MOST_PATHS, "others are left out");
	paths_free(paths);

	paths = paths_create(&types);
	paths_object_begin(paths);
	for (int i = 0; i < 1000; i++)
	{
		memset(name, 'a' + i % 26, 60000);
		memset(name, 'A' + i / 26, 100);
		paths_key(paths, name, 60000);
		paths_null(paths);
	}
	paths_object_end(paths);
	count = paths_finish(paths)->member_count;
	ok(count > 0 && count * 60000 <= MOST_PATH_BYTES, "long names: %d", count);
	paths_free(paths);
	free(name);
}

static void
test_levels(void)
{
	Paths *paths = paths_create(&types);
	const PathNode *node;
	int depth = 0;

	for (int i = 0; i < 1000; i++)
	{
		paths_object_begin(paths);
		key(paths, "a");
	}
	paths_value(paths, INT, 0);
	for (int i = 0; i < 1000; i++)
		paths_object_end(paths);
	for (node = paths_finish(paths); node->members; node = node->members)
		depth++;
	ok(depth == MOST_PATH_DEPTH, "so many levels: %d", depth);
	ok(paths_left_out(paths) == 1, "what is deeper is left out");
	paths_free(paths);
}

/* Any events in any order that makes values: nothing breaks, and twice the same is found. */
static void
feed_random(Paths *paths, uint64_t *state, int depth)
{
	char name[8];
	int count = (int) (*state >> 33) % 5;
	int kind = (int) (*state >> 40) % (depth < 6 ? 5 : 3);

	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	if (kind == 0)
		paths_null(paths);
	else if (kind <= 2)
		paths_value(paths, kind == 1 ? INT : STRING, kind == 1 ? 0 : PATH_TYPE(DATE));
	else if (kind == 3)
	{
		paths_array_begin(paths);
		for (int i = 0; i < count; i++)
			feed_random(paths, state, depth + 1);
		paths_array_end(paths);
	}
	else
	{
		paths_object_begin(paths);
		for (int i = 0; i < count * 20; i++)
		{
			snprintf(name, sizeof(name), "%d", (int) (*state >> 35) % 300);
			key(paths, name);
			feed_random(paths, state, depth + 2);
		}
		paths_object_end(paths);
	}
}

static void
test_random(void)
{
	bool are_same = true;

	for (int seed = 0; seed < 50; seed++)
	{
		WireBuffer out[2] = {{.data = NULL}, {.data = NULL}};

		for (int i = 0; i < 2; i++)
		{
			Paths *paths = paths_create(&types);
			uint64_t state = (uint64_t) seed;

			for (int row = 0; row < 20; row++)
				feed_random(paths, &state, 0);
			path_append_content(&out[i], &types, paths_finish(paths));
			wire_append(&out[i], "", 1);
			paths_free(paths);
		}
		are_same = are_same && strcmp(out[0].data, out[1].data) == 0;
		wire_free(&out[0]);
		wire_free(&out[1]);
	}
	ok(are_same, "the same values have the same paths");
}

static Paths *
with_member(const char *name, int type)
{
	Paths *paths = paths_create(&types);

	paths_object_begin(paths);
	key(paths, "o");
	paths_object_begin(paths);
	key(paths, name);
	paths_value(paths, type, 0);
	paths_object_end(paths);
	paths_object_end(paths);
	paths_finish(paths);
	return paths;
}

static void
test_add(void)
{
	Paths *paths = with_member("x", INT);
	Paths *same = with_member("x", LONG);
	Paths *other = with_member("y", STRING);

	paths_add(paths, same);
	paths_add(paths, other);
	paths_add(paths, paths);
	is(paths,
	   ",\"fields\":[{\"name\":\"o\",\"type\":\"object\",\"pg_type\":\"jsonb\",\"fields\":["
	   "{\"name\":\"x\",\"type\":\"long\",\"pg_type\":\"bigint\"},{\"name\":\"y\",\"type\":\"string\"}]}]",
	   "paths of others are added");
	paths_free(same);
	paths_free(other);
}

int
main(void)
{
	test_types();
	test_nesting();
	test_maps();
	test_bounds();
	test_levels();
	test_random();
	test_add();
	return finished();
}
