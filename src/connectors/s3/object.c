#include "connectors/s3/object.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/bucket/fetch.h"
#include "connectors/common/attempt.h"
#include "connectors/common/memory.h"
#include "connectors/files/ranges.h"

typedef struct ObjectReading
{
	Bucket *bucket;
	const ListedObject *object;
	ListedObject own; /* or nothing */
	Ranges ranges;
} ObjectReading;

/* Failures of the service are more than failures of one object, except those that only this one has. */
static bool
is_of_object(const HttpFailure *failure)
{
	return strcmp(failure->code, "relation_changed") == 0 || strcmp(failure->code, "permission") == 0 ||
		   strcmp(failure->code, "protocol") == 0;
}

void
object_give_up(const HttpFailure *failure)
{
	if (!is_of_object(failure))
		attempt_end();
	http_failure_report(failure);
}

static char *
fetch(const void *file, int64_t offset, int64_t length)
{
	const ObjectReading *reading = file;
	HttpFailure failure;
	char *bytes = object_fetch(reading->bucket, reading->object, offset, length, &failure);

	if (bytes != NULL)
		return bytes;
	object_give_up(&failure);
}

static size_t
read_object(const StoredFile *file, void *bytes, size_t size, int64_t offset)
{
	ObjectReading *reading = file->object;

	return ranges_read(&reading->ranges, bytes, size, offset);
}

/* Each range was asked for under that condition. */
static bool
is_unchanged(const StoredFile *file)
{
	(void) file;
	return true;
}

static void
drop_own(ListedObject *own)
{
	free((char *) own->key);
	free((char *) own->etag);
	free((char *) own->modified);
}

static void
close_object(StoredFile *file)
{
	ObjectReading *reading = file->object;

	if (reading == NULL)
		return;
	ranges_end(&reading->ranges);
	drop_own(&reading->own);
	free(reading);
	file->object = NULL;
}

static const Storage storage = {.read = read_object, .is_unchanged = is_unchanged, .close = close_object};

static ObjectReading *
open_reading(StoredFile *file, Bucket *bucket, const ListedObject *object)
{
	ObjectReading *reading = allocate(sizeof(ObjectReading));
	const char *slash = strrchr(object->key, '/');

	*reading = (ObjectReading){.bucket = bucket,
							   .object = object,
							   .ranges = {.fetch = fetch, .file = reading, .size = object->size}};
	*file = (StoredFile){.storage = &storage,
						 .name = slash ? slash + 1 : object->key,
						 .size = object->size,
						 .descriptor = -1,
						 .object = reading};
	snprintf(file->state, STORED_STATE_BYTES, "%" PRId64 " %.96s", object->size, object->etag);
	return reading;
}

void
object_open(StoredFile *file, Bucket *bucket, const ListedObject *object)
{
	(void) open_reading(file, bucket, object);
}

void
object_open_found(StoredFile *file, Bucket *bucket, const ListedObject *object)
{
	ObjectReading *reading = open_reading(file, bucket, object);

	reading->own = *object;
	reading->object = &reading->own;
}
