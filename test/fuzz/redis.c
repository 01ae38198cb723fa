/*
 * redis.c — the answers of a server of Redis, as its protocol has them; and names of relations.
 *
 * Sources: src/connectors/redis/resp.c src/connectors/redis/pattern.c src/connectors/redis/segments.c
 * Sources: src/connectors/redis/type.c src/connectors/redis/failure.c src/connectors/inference/data_names.c
 * Sources: src/connectors/common/memory.c src/wire
 * Uses: connector
 */
#include "connectors/redis/resp.h"

#include <string.h>

#include "connectors/guard/dial.h"
#include "connectors/redis/client.h"
#include "connectors/redis/failure.h"
#include "connectors/redis/pattern.h"
#include "fuzz.h"

#define MOST_TEXT   64
#define MOST_ANSWER 65536

/* ---- what is not built here ---- */

void
dial_failure_set(DialFailure *failure, const DialMeaning *meaning)
{
	*failure = (DialFailure){.step = meaning->step, .message = meaning->message};
}

void
client_give_up(const RespAnswer *answer, const RespValue *error)
{
	(void) answer;
	(void) error;
	fuzz_end();
}

/* ---- answers ---- */

/* Gives a few bytes at a time: an answer may be cut anywhere. */
static size_t
give(void *rest, void *bytes, size_t size)
{
	FuzzRest *left = rest;
	size_t piece = left->length > 0 ? 1 + left->length % 7 : 0;

	piece = piece < left->length ? piece : left->length;
	piece = piece < size ? piece : size;
	if (piece > 0)
		memcpy(bytes, left->bytes, piece);
	left->bytes += piece;
	left->length -= piece;
	return piece;
}

static uint32_t
walk(const RespAnswer *answer, const RespValue *value, int depth)
{
	RespText text = resp_text(answer, value);
	uint32_t count = 1;
	uint32_t items = 0;

	fuzz_must(depth < MOST_RESP_DEPTH, "nesting is bounded");
	fuzz_must(text.length <= MOST_TEXT || value->kind == RESP_ERROR || !value->is_left_out,
			  "texts are bounded");
	fuzz_must(text.bytes[text.length] == '\0', "a text has a zero behind it");
	for (const RespValue *item = resp_first(answer, value); item; item = resp_next(answer, item))
	{
		count += walk(answer, item, depth + 1);
		items++;
	}
	fuzz_must(items == value->count, "an array has as many items as it says");
	return count;
}

static void
read_answers(const char *bytes, size_t length)
{
	FuzzRest rest = {.bytes = bytes, .length = length};
	static RespReader reader;
	RespAnswer answer = {.values = NULL};
	DialFailure failure;

	reader = (RespReader){.read = give, .source = &rest, .most_text = MOST_TEXT, .most_answer = MOST_ANSWER};
	while (resp_read(&reader, &answer))
	{
		fuzz_must(walk(&answer, resp_root(&answer), 0) == answer.count,
				  "every value is a part of the answer");
		fuzz_must(answer.text.length <= MOST_ANSWER + MOST_TEXT, "an answer is bounded");
		if (resp_root(&answer)->kind == RESP_ERROR)
			failure_describe(&failure, &answer, resp_root(&answer));
	}
	resp_free(&answer);
}

/* ---- names ---- */

/* The pattern of one key is found again by its name, and fits the key. */
static void
name_key(const char *bytes, size_t length)
{
	Pattern pattern = {.type = KEY_GONE};
	Pattern again;
	char *name;

	pattern.count = segments_of(bytes, length, ":", pattern.segments);
	for (int i = 0; i < pattern.count; i++)
		if (segment_is_data(&pattern.segments[i], ":"))
			pattern.segments[i].bytes = NULL;
	name = pattern_name(&pattern, ":");
	pattern_read(&again, name, ":");
	fuzz_must(pattern_matches(&again, bytes, length, ":"), "a key fits the pattern that is made of it");
	for (int i = 0; i < pattern.count; i++)
		fuzz_must((pattern.segments[i].bytes == NULL) == (again.segments[i].bytes == NULL),
				  "a name has the stars of its pattern");
	pattern_free(&again);
}

void
fuzz(const char *bytes, size_t length)
{
	read_answers(bytes, length);
	name_key(bytes, length);
}
