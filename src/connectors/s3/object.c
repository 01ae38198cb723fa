/*
 * object.c — ranges become larger while an object is read from its beginning to its end, and are as small as
 * what is asked for where the reader jumps.
 */
#include "connectors/s3/object.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/attempt.h"
#include "connectors/common/deadline.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

#define FIRST_RANGE (INT64_C(64) << 10)
#define MOST_RANGE  (INT64_C(8) << 20)
#define NEWS        1000 /* milliseconds between signs of life */

typedef struct ObjectReading
{
	Bucket *bucket;
	const ListedObject *object;
	char *bytes; /* of the last range */
	int64_t start;
	int64_t length;
	int64_t next_range; /* how much to ask for when it is read on */
} ObjectReading;

static void give_up_changed_object(const char *key) __attribute__((noreturn));

static void
give_up_changed_object(const char *key)
{
	char detail[160];

	snprintf(detail, sizeof(detail), "Its key is \"%.120s\".", key);
	give_up(&(Failure){.step = "query",
					   .code = "relation_changed",
					   .transient = true,
					   .message = "The object was changed while it was read.",
					   .detail = detail,
					   .hint = "Try again."});
}

/* Failures of the service are more than failures of one object, except those that only this one has. */
static void
report_failure(const HttpAnswer *answer, const HttpFailure *failure, const char *key)
{
	if (answer->status == 412 || answer->status == 404 || answer->status == 416)
		give_up_changed_object(key);
	if (answer->status != 403)
		attempt_end();
	http_failure_report(failure);
}

static bool
is_same(const HttpAnswer *answer, const ListedObject *object)
{
	const char *etag = http_header(&answer->headers, "etag");

	return etag == NULL || object->etag[0] == '\0' || strcmp(etag, object->etag) == 0;
}

/* A service that knows no ranges sends all of the object, which is fine if all was asked for. */
static void
check_range(const ObjectReading *reading, const HttpAnswer *answer, int64_t start, int64_t length)
{
	bool is_whole = answer->status == 200 && start == 0 && length == reading->object->size;

	if (!is_same(answer, reading->object))
		give_up_changed_object(reading->object->key);
	if ((answer->status == 206 || is_whole) && (int64_t) answer->body.length == length)
		return;
	give_up(&(Failure){.step = "query",
					   .code = "protocol",
					   .message = "The service does not send the range of bytes that was asked for."});
}

static void
tell_progress(void)
{
	static int64_t last;
	int64_t now = monotonic_milliseconds();

	if (now - last < NEWS)
		return;
	last = now;
	emit_progress("read", ABSENT);
}

static void
fetch(ObjectReading *reading, int64_t start, int64_t length)
{
	const ListedObject *object = reading->object;
	HttpRequest request = {.method = "GET", .most_bytes = length};
	HttpAnswer answer;
	HttpFailure failure;
	char range[64];

	snprintf(range, sizeof(range), "bytes=%" PRId64 "-%" PRId64, start, start + length - 1);
	http_header_add(&request.headers, "range", range);
	if (object->etag[0] != '\0')
		http_header_add(&request.headers, "if-match", object->etag);
	tell_progress();
	if (!bucket_send(reading->bucket, &request, object->key, &answer, &failure))
		report_failure(&answer, &failure, object->key);
	http_request_free(&request);
	check_range(reading, &answer, start, length);
	free(reading->bytes);
	reading->bytes = answer.body.data;
	reading->start = start;
	reading->length = length;
	answer.body = (WireBuffer){0};
	http_answer_free(&answer);
}

/* Fetches a range that begins at the offset, and has at least a part of what is asked for. */
static void
read_on(ObjectReading *reading, int64_t offset, int64_t size)
{
	int64_t left = reading->object->size - offset;
	int64_t length = size < FIRST_RANGE ? FIRST_RANGE : size;

	if (reading->bytes != NULL && offset == reading->start + reading->length)
	{
		reading->next_range = reading->next_range < MOST_RANGE / 2 ? reading->next_range * 2 : MOST_RANGE;
		length = reading->next_range > length ? reading->next_range : length;
	}
	else
		reading->next_range = FIRST_RANGE;
	length = length < MOST_RANGE ? length : MOST_RANGE;
	fetch(reading, offset, length < left ? length : left);
}

static size_t
read_object(const StoredFile *file, void *bytes, size_t size, int64_t offset)
{
	ObjectReading *reading = file->object;
	size_t done = 0;

	while (done < size && offset < file->size)
	{
		int64_t available;

		if (reading->bytes == NULL || offset < reading->start || offset >= reading->start + reading->length)
			read_on(reading, offset, (int64_t) (size - done));
		available = reading->start + reading->length - offset;
		if (available > (int64_t) (size - done))
			available = (int64_t) (size - done);
		memcpy((char *) bytes + done, reading->bytes + (offset - reading->start), (size_t) available);
		done += (size_t) available;
		offset += available;
	}
	return done;
}

/* Each range was asked for under that condition. */
static bool
is_unchanged(const StoredFile *file)
{
	(void) file;
	return true;
}

static const Storage storage = {.read = read_object, .is_unchanged = is_unchanged};

void
object_open(StoredFile *file, Bucket *bucket, const ListedObject *object)
{
	ObjectReading *reading = allocate(sizeof(ObjectReading));
	const char *slash = strrchr(object->key, '/');

	*reading = (ObjectReading){.bucket = bucket, .object = object, .next_range = FIRST_RANGE};
	*file = (StoredFile){.storage = &storage,
						 .name = slash ? slash + 1 : object->key,
						 .size = object->size,
						 .descriptor = -1,
						 .object = reading};
}

void
object_close(StoredFile *file)
{
	ObjectReading *reading = file->object;

	if (reading != NULL)
		free(reading->bytes);
	free(reading);
	file->object = NULL;
}

void
object_open_nothing(StoredFile *file)
{
	*file = (StoredFile){.storage = &storage, .name = "", .descriptor = -1};
}

static const char *
header_or_nothing(const HttpAnswer *answer, const char *name)
{
	const char *value = http_header(&answer->headers, name);

	return value ? value : "";
}

bool
object_find(ListedObject *object, Bucket *bucket, const char *key, HttpFailure *failure)
{
	HttpRequest request = {.method = "HEAD"};
	HttpAnswer answer;
	bool fine = bucket_send(bucket, &request, key, &answer, failure);

	if (fine)
		*object = (ListedObject){.key = copy_text(key),
								 .etag = copy_text(header_or_nothing(&answer, "etag")),
								 .modified = copy_text(""),
								 .size = strtoll(header_or_nothing(&answer, "content-length"), NULL, 10)};
	http_request_free(&request);
	http_answer_free(&answer);
	return fine;
}
