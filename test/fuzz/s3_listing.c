/*
 * s3_listing.c — what a service of S3 answers in XML: the pages of a listing, divided by form feeds, and the
 * last one as an error, too. The first byte says how many objects are wanted, and whether of one level.
 *
 * Sources: src/connectors/bucket/answer_xml.c src/connectors/bucket/listing.c
 * Sources: src/connectors/bucket/service_error.c
 * Sources: src/connectors/http/failure.c src/connectors/http/message.c src/connectors/http/url.c src/wire
 * Sources: src/connectors/common/memory.c
 * Uses: connector listing
 */
#include "connectors/bucket/listing.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/bucket/service_error.h"
#include "fuzz.h"

static FuzzRest pages;

static size_t
page_length(void)
{
	const char *end = pages.length > 0 ? memchr(pages.bytes, '\f', pages.length) : NULL;

	return end ? (size_t) (end - pages.bytes) : pages.length;
}

/* In place of connectors/bucket/bucket.c: each request is answered by the next page, which is there for ever
 * if it is the last. */
bool
bucket_send(Bucket *bucket, HttpRequest *request, const char *key, HttpAnswer *answer, HttpFailure *failure)
{
	size_t length = page_length();

	*answer = (HttpAnswer){.status = 200};
	wire_append(&answer->body, pages.bytes, length);
	if (length < pages.length)
		pages = (FuzzRest){.bytes = pages.bytes + length + 1, .length = pages.length - length - 1};
	return true;
}

static void
check_listing(const Listing *listing, int most)
{
	fuzz_must(listing->count <= most, "no more objects come than are wanted");
	for (int i = 0; i < listing->count; i++)
	{
		const ListedObject *object = &listing->objects[i];

		fuzz_must(object->key && object->etag && object->modified, "an object has its texts");
		fuzz_must(object->size >= 0, "a size is not negative");
		fuzz_must(i == 0 || strcmp(listing->objects[i - 1].key, object->key) < 0,
				  "keys are in order, and differ");
	}
}

static void
check_error(void)
{
	HttpAnswer answer = {.status = 403};
	HttpFailure failure;
	ServiceError error;

	wire_append(&answer.body, pages.bytes, page_length());
	service_error_read(&error, &answer);
	service_error_set(&failure, &answer, &error, "us-east-1");
	fuzz_must(failure.step && failure.code && failure.message, "a failure has its words");
	service_error_free(&error);
	http_answer_free(&answer);
}

void
fuzz(const char *bytes, size_t length)
{
	Bucket bucket = {.name = "bucket"};
	HttpFailure failure;
	Listing listing;
	int most;

	pages = (FuzzRest){.bytes = bytes, .length = length};
	most = fuzz_byte(&pages);
	if ((most % 2 ? listing_read_level : listing_read)(&listing, &bucket, "", most, &failure))
		check_listing(&listing, most);
	listing_free(&listing);
	check_error();
	fuzz_must_have_freed();
}
