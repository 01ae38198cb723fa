/*
 * mongodb_answer.c — a message that a server of MongoDB sends, behind the header of the question: what is
 * taken for an answer has nothing that libmongoc or libbson would assert, or read beyond its end.
 *
 * Sources: src/connectors/mongodb/answer.c
 * Uses: bson
 */
#include <bson/bson.h>

#include "connectors/mongodb/answer.h"
#include "fuzz.h"

static void
check_document(const uint8_t *bytes, size_t size)
{
	bson_t document;
	bson_iter_t members;

	fuzz_must(bson_init_static(&document, bytes, size), "a document is as long as it says");
	fuzz_must(bson_iter_init(&members, &document), "a document has members");
	while (bson_iter_next(&members))
	{
		const uint8_t *inner = NULL;
		uint32_t length;

		if (BSON_ITER_HOLDS_DOCUMENT(&members))
			bson_iter_document(&members, &length, &inner);
		else if (BSON_ITER_HOLDS_ARRAY(&members))
			bson_iter_array(&members, &length, &inner);
		if (inner)
			check_document(inner, length);
	}
	fuzz_must(members.err_off == 0, "a document is whole");
}

void
fuzz(const char *bytes, size_t length)
{
	const uint8_t *data = (const uint8_t *) bytes;
	size_t before;

	if (length < ANSWER_HEADER_BYTES)
		return;
	before = answer_number(data + ANSWER_HEADER_BYTES - 4) == 2013 ? 21 : 36;
	if (answer_is_sound(data + ANSWER_HEADER_BYTES, length - ANSWER_HEADER_BYTES, data))
		check_document(data + ANSWER_HEADER_BYTES + before, length - ANSWER_HEADER_BYTES - before);
}
