#include "connectors/bucket/fetch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"

static const char *
header_or_nothing(const HttpAnswer *answer, const char *name)
{
	const char *value = http_header(&answer->headers, name);

	return value ? value : "";
}

static bool
ask_for(ListedObject *object, Bucket *bucket, const char *key, HttpFailure *failure, int *status)
{
	HttpRequest request = {.method = "HEAD"};
	HttpAnswer answer;
	bool fine = bucket_send(bucket, &request, key, &answer, failure);

	*status = answer.status;
	if (fine)
		*object = (ListedObject){.key = copy_text(key),
								 .etag = copy_text(header_or_nothing(&answer, "etag")),
								 .modified = copy_text(""),
								 .size = strtoll(header_or_nothing(&answer, "content-length"), NULL, 10)};
	else if (*status == 404)
		*failure = (HttpFailure){
			.step = "query", .code = "database_not_found", .message = "There is no object of this key."};
	http_request_free(&request);
	http_answer_free(&answer);
	return fine;
}

/* The answer to HEAD has no body, which could say what is wrong with a signature; that to a listing has. */
static bool
learns_region(Bucket *bucket, const char *key)
{
	HttpFailure ignored;
	Listing listing;

	if (bucket->region_is_told)
		return false;
	(void) listing_read(&listing, bucket, key, 1, &ignored);
	listing_free(&listing);
	return bucket->region_is_told;
}

bool
object_find(ListedObject *object, Bucket *bucket, const char *key, HttpFailure *failure)
{
	int status;

	if (ask_for(object, bucket, key, failure, &status))
		return true;
	return status == 400 && learns_region(bucket, key) && ask_for(object, bucket, key, failure, &status);
}

static void
set_changed(HttpFailure *failure, const char *key)
{
	*failure = (HttpFailure){.step = "query",
							 .code = "relation_changed",
							 .transient = true,
							 .message = "The object was changed while it was read.",
							 .hint = "Try again."};
	snprintf(failure->detail, sizeof(failure->detail), "Its key is \"%.120s\".", key);
}

static bool
is_same(const HttpAnswer *answer, const ListedObject *object)
{
	const char *etag = http_header(&answer->headers, "etag");

	return etag == NULL || object->etag[0] == '\0' || strcmp(etag, object->etag) == 0;
}

/* A service that knows no ranges sends all of the object, which is fine if all was asked for. */
static bool
is_range(const HttpAnswer *answer, const ListedObject *object, int64_t offset, int64_t length)
{
	bool is_whole = answer->status == 200 && offset == 0 && length == object->size;

	return (answer->status == 206 || is_whole) && (int64_t) answer->body.length == length;
}

static bool
check_answer(const HttpAnswer *answer, const ListedObject *object, int64_t offset, int64_t length,
			 HttpFailure *failure)
{
	if (!is_same(answer, object))
		set_changed(failure, object->key);
	else if (!is_range(answer, object, offset, length))
		*failure =
			(HttpFailure){.step = "query",
						  .code = "protocol",
						  .message = "The service does not send the range of bytes that was asked for."};
	else
		return true;
	return false;
}

static void
make_request(HttpRequest *request, const ListedObject *object, int64_t offset, int64_t length)
{
	char range[64];

	*request = (HttpRequest){.method = "GET", .most_bytes = length};
	snprintf(range, sizeof(range), "bytes=%" PRId64 "-%" PRId64, offset, offset + length - 1);
	http_header_add(&request->headers, "range", range);
	if (object->etag[0] != '\0')
		http_header_add(&request->headers, "if-match", object->etag);
}

char *
object_fetch(Bucket *bucket, const ListedObject *object, int64_t offset, int64_t length, HttpFailure *failure)
{
	HttpRequest request;
	HttpAnswer answer;
	char *bytes = NULL;

	make_request(&request, object, offset, length);
	if (!bucket_send(bucket, &request, object->key, &answer, failure))
	{
		if (answer.status == 412 || answer.status == 404 || answer.status == 416)
			set_changed(failure, object->key);
	}
	else if (check_answer(&answer, object, offset, length, failure))
	{
		bytes = answer.body.data;
		answer.body = (WireBuffer){0};
	}
	http_request_free(&request);
	http_answer_free(&answer);
	return bytes;
}
