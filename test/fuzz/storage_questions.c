/*
 * storage_questions.c — what a connector that was taken over asks the storage broker.
 *
 * Sources: src/connectors/storage_broker/questions.c src/connectors/common/memory.c src/wire
 * Uses: connector
 */
#include "connectors/storage_broker/questions.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "connectors/bucket/fetch.h"
#include "connectors/storage_broker/answers.h"
#include "fuzz.h"

#define SOURCE "root/organizations/1/x"

void
fuzz_begin(void)
{
	int questions = memfd_create("questions", 0);

	if (dup2(questions, CONNECTOR_DESCRIPTOR) < 0)
		abort();
}

static void
check_key(const char *key)
{
	size_t length = strlen(SOURCE);

	fuzz_must(strncmp(key, SOURCE, length) == 0 && (key[length] == '\0' || key[length] == '/'),
			  "a key is the source, or lies below it");
	fuzz_must(strstr(key, "/../") == NULL && strstr(key, "/./") == NULL && strstr(key, "//") == NULL,
			  "no part of a key leads elsewhere");
}

/* ---- in place of connectors/bucket ---- */

static void
list(Listing *listing, const char *prefix)
{
	check_key(prefix);
	fuzz_must(prefix[strlen(prefix) - 1] == '/', "a prefix ends in a slash");
	*listing = (Listing){0};
}

bool
listing_read(Listing *listing, Bucket *bucket, const char *prefix, int most, HttpFailure *failure)
{
	list(listing, prefix);
	return true;
}

bool
listing_read_level(Listing *listing, Bucket *bucket, const char *prefix, int most, HttpFailure *failure)
{
	list(listing, prefix);
	return true;
}

void
listing_free(Listing *listing)
{
}

bool
object_find(ListedObject *object, Bucket *bucket, const char *key, HttpFailure *failure)
{
	check_key(key);
	*failure = (HttpFailure){.code = "database_not_found"};
	return false;
}

char *
object_fetch(Bucket *bucket, const ListedObject *object, int64_t offset, int64_t length, HttpFailure *failure)
{
	check_key(object->key);
	fuzz_must(offset >= 0 && length > 0 && offset <= object->size - length, "a range lies in the object");
	fuzz_must(length <= STORED_RANGE_BYTES, "a range is bounded");
	fuzz_must(strpbrk(object->etag, "\r\n") == NULL, "a header has no line end");
	return calloc(1, 1);
}

void
http_failure_report(const HttpFailure *failure)
{
	fuzz_end();
}

/* ---- in place of the rest ---- */

bool
attempt(void (*work)(void *argument), void *argument, AttemptFailure *failure)
{
	work(argument);
	return true;
}

void
answer_nothing(StoredKind kind)
{
}

void
answer_bytes(const char *bytes, int64_t length)
{
}

void
answer_entry(const ListedObject *object, const char *path)
{
}

void
answer_failure(const AttemptFailure *failure)
{
}

void
answers_flush(void)
{
}

void
fuzz(const char *bytes, size_t length)
{
	static char path[] = SOURCE;
	Account account = {.bucket = {.path = path}, .is_open = true};

	if (ftruncate(CONNECTOR_DESCRIPTOR, 0) != 0 ||
		pwrite(CONNECTOR_DESCRIPTOR, bytes, length, 0) != (ssize_t) length ||
		lseek(CONNECTOR_DESCRIPTOR, 0, SEEK_SET) != 0)
		abort();
	questions_serve(&account);
	fuzz_must_have_freed();
}
