/*
 * messages.c — functions of libmongoc by which it reads and writes, in front of the real ones: they see every
 * message once more before the library looks at it.
 *
 * The library reads a message in pieces, none of which reaches into the next message. The pieces are
 * collected until the message is whole. A library that is linked so that it does not find these functions is
 * caught by the tests.
 */
#include "connectors/mongodb/messages.h"

#include <dlfcn.h>
#include <mongoc/mongoc.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/mongodb/answer.h"
#include "connectors/mongodb/session.h"

/* The last question of a connection, and as much of the answer as has come. */
typedef struct Talk
{
	struct Talk *next;
	const mongoc_stream_t *stream;
	uint8_t question[ANSWER_HEADER_BYTES];
	uint8_t *bytes;
	size_t size;
	size_t capacity;
} Talk;

static Talk *talks;
static bool has_tls;
static bool is_dialing;
static bool was_unsound;

void
messages_dial(bool with_tls)
{
	has_tls = with_tls;
	is_dialing = true;
	was_unsound = false;
}

bool
messages_were_unsound(void)
{
	return was_unsound;
}

void
messages_rely(void)
{
	is_dialing = false;
}

/* ---- what streams bring ---- */

/* The stream below one with TLS has records of TLS. */
static bool
is_judged(mongoc_stream_t *stream)
{
	return !has_tls || mongoc_stream_get_base_stream(stream) != stream;
}

static Talk *
find(const mongoc_stream_t *stream)
{
	Talk *talk = talks;

	while (talk && talk->stream != stream)
		talk = talk->next;
	return talk;
}

static void
collect(Talk *talk, const uint8_t *bytes, size_t size)
{
	if (talk->size + size > talk->capacity)
	{
		talk->capacity = (talk->size + size) * 5 / 4;
		talk->bytes = reallocate(talk->bytes, talk->capacity);
	}
	memcpy(talk->bytes + talk->size, bytes, size);
	talk->size += size;
}

static void
forget_answer(Talk *talk)
{
	free(talk->bytes);
	talk->bytes = NULL;
	talk->size = talk->capacity = 0;
}

static bool
judge(Talk *talk, const uint8_t *bytes, size_t size)
{
	int64_t wanted;
	bool is_sound;

	if (talk == NULL)
		return false; /* nothing was asked */
	collect(talk, bytes, size);
	wanted = talk->size < 4 ? ANSWER_LONGEST : answer_number(talk->bytes);
	if (wanted > ANSWER_LONGEST || (int64_t) talk->size > wanted)
		return false;
	if ((int64_t) talk->size < wanted)
		return true;
	is_sound = answer_is_sound(talk->bytes, talk->size, talk->question);
	forget_answer(talk);
	return is_sound;
}

ssize_t
mongoc_stream_read(mongoc_stream_t *stream, void *bytes, size_t count, size_t least, int32_t timeout)
{
	static ssize_t (*real)(mongoc_stream_t *, void *, size_t, size_t, int32_t);
	ssize_t size;

	if (real == NULL)
		*(void **) &real = dlsym(RTLD_NEXT, "mongoc_stream_read");
	size = real(stream, bytes, count, least, timeout);
	if (size <= 0 || !is_judged(stream) || judge(find(stream), bytes, size))
		return size;
	if (!is_dialing)
		give_up_malformed();
	was_unsound = true;
	return 0; /* the connection has ended */
}

/* ---- what was asked ---- */

/* Copies the header of the question that the pieces are; false: they are the rest of one. */
static bool
begin_question(uint8_t *header, const mongoc_iovec_t *pieces, size_t count)
{
	size_t total = 0;

	for (size_t i = 0; i < count; i++)
	{
		for (size_t at = 0; at < pieces[i].iov_len && total + at < ANSWER_HEADER_BYTES; at++)
			header[total + at] = ((const uint8_t *) pieces[i].iov_base)[at];
		total += pieces[i].iov_len;
	}
	return total >= ANSWER_HEADER_BYTES && answer_number(header) == (int64_t) total;
}

/* A stream at the place of one that is gone begins with a question, too. */
static void
note_question(const mongoc_stream_t *stream, const uint8_t *header)
{
	Talk *talk = find(stream);

	if (talk == NULL)
	{
		talk = allocate(sizeof(*talk));
		*talk = (Talk){.next = talks, .stream = stream};
		talks = talk;
	}
	forget_answer(talk);
	memcpy(talk->question, header, ANSWER_HEADER_BYTES);
}

ssize_t
mongoc_stream_writev(mongoc_stream_t *stream, mongoc_iovec_t *pieces, size_t count, int32_t timeout)
{
	static ssize_t (*real)(mongoc_stream_t *, mongoc_iovec_t *, size_t, int32_t);
	uint8_t header[ANSWER_HEADER_BYTES];

	if (real == NULL)
		*(void **) &real = dlsym(RTLD_NEXT, "mongoc_stream_writev");
	if (is_judged(stream) && begin_question(header, pieces, count))
		note_question(stream, header);
	return real(stream, pieces, count, timeout);
}
