/*
 * listing.c — pages of ListObjectsV2. A page may be short or empty, and keys may come twice; a token that
 * comes again would go on for ever, and is a fault.
 */
#include "connectors/bucket/listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/bucket/answer_xml.h"

#define PAGE_OBJECTS 1000
#define PAGE_BYTES   (INT64_C(16) << 20)
/* More pages than that with less than a tenth of what was asked for are no listing. */
#define MOST_PAGES 2000

typedef struct Page
{
	Listing *listing;
	int capacity;
	int most;
	bool is_level;       /* folders are wanted */
	ListedObject object; /* the one that is being read */
	bool in_object;
	bool keys_are_escaped;
	bool is_truncated;
	bool is_listing;
	bool is_broken;
	char *token;
} Page;

static void
drop_object(ListedObject *object)
{
	free((char *) object->key);
	free((char *) object->etag);
	free((char *) object->modified);
	*object = (ListedObject){0};
}

static void
keep_object(Page *page)
{
	Listing *listing = page->listing;

	page->in_object = false;
	page->is_broken |= page->object.size < 0;
	if (page->object.key == NULL || listing->count >= page->most)
	{
		listing->has_more |= page->object.key != NULL;
		drop_object(&page->object);
		return;
	}
	if (listing->count == page->capacity)
	{
		page->capacity = page->capacity > 0 ? page->capacity * 2 : 64;
		listing->objects = reallocate(listing->objects, (size_t) page->capacity * sizeof(ListedObject));
	}
	if (page->object.etag == NULL)
		page->object.etag = copy_text("");
	if (page->object.modified == NULL)
		page->object.modified = copy_text("");
	listing->objects[listing->count++] = page->object;
	page->object = (ListedObject){0};
}

static bool
is_archive(const char *storage_class)
{
	return strcmp(storage_class, "GLACIER") == 0 || strcmp(storage_class, "DEEP_ARCHIVE") == 0;
}

/* Returns -1 if it is no number of bytes. */
static int64_t
size_of(const char *text)
{
	size_t length = strspn(text, "0123456789");

	return length > 0 && length < 19 && text[length] == '\0' ? strtoll(text, NULL, 10) : -1;
}

static void
take_text(const char **member, const char *text)
{
	free((char *) *member);
	*member = copy_text(text);
}

static void
take_member(ListedObject *object, const char *name, const char *text)
{
	if (strcmp(name, "Key") == 0)
		take_text(&object->key, text);
	else if (strcmp(name, "ETag") == 0)
		take_text(&object->etag, text);
	else if (strcmp(name, "LastModified") == 0)
		take_text(&object->modified, text);
	else if (strcmp(name, "Size") == 0)
		object->size = size_of(text);
	else if (strcmp(name, "StorageClass") == 0)
		object->is_archived = is_archive(text);
}

static void
take_folder(ListedObject *object, const char *name, const char *text)
{
	if (strcmp(name, "Prefix") != 0)
		return;
	take_text(&object->key, text);
	object->is_folder = true;
}

static void
take_head(Page *page, const char *name, const char *text)
{
	if (strcmp(name, "IsTruncated") == 0)
		page->is_truncated = strcmp(text, "true") == 0;
	else if (strcmp(name, "NextContinuationToken") == 0)
		take_text((const char **) &page->token, text);
	else if (strcmp(name, "EncodingType") == 0)
		page->keys_are_escaped = strcmp(text, "url") == 0;
}

static bool
is_entry(const Page *page, const char *name)
{
	return strcmp(name, "Contents") == 0 || (page->is_level && strcmp(name, "CommonPrefixes") == 0);
}

static void
take_element(void *argument, const char *parent, const char *name, const char *text)
{
	Page *page = argument;

	if (text == NULL)
	{
		page->is_listing |= parent[0] == '\0' && strcmp(name, "ListBucketResult") == 0;
		page->in_object |= strcmp(parent, "ListBucketResult") == 0 && is_entry(page, name);
	}
	else if (page->in_object && strcmp(parent, "Contents") == 0)
		take_member(&page->object, name, text);
	else if (page->in_object && strcmp(parent, "CommonPrefixes") == 0)
		take_folder(&page->object, name, text);
	else if (page->in_object && is_entry(page, name))
		keep_object(page);
	else if (strcmp(parent, "ListBucketResult") == 0)
		take_head(page, name, text);
}

/* Where in a page it stands that keys are escaped is the service's choice. */
static void
unescape_keys(Page *page, int first)
{
	for (int i = first; page->keys_are_escaped && i < page->listing->count; i++)
		(void) url_unescape((char *) page->listing->objects[i].key, true);
}

static void
set_failure(HttpFailure *failure, const char *message)
{
	*failure = (HttpFailure){.step = "query", .code = "protocol", .message = message};
}

/* Reads one page, whose answer is freed in any case. */
static bool
take_page(Page *page, HttpAnswer *answer, HttpFailure *failure)
{
	int first = page->listing->count;
	bool fine = answer_xml_read(answer->body.data, answer->body.length, take_element, page) &&
				page->is_listing && !page->is_broken;

	drop_object(&page->object);
	page->in_object = false;
	http_answer_free(answer);
	if (!fine)
		set_failure(failure, "What the service answers is no listing of a bucket.");
	unescape_keys(page, first);
	return fine;
}

static void
make_request(HttpRequest *request, const Page *page, const char *prefix, const char *token)
{
	char number[16];

	*request = (HttpRequest){.method = "GET", .most_bytes = PAGE_BYTES};
	snprintf(number, sizeof(number), "%d", page->most < PAGE_OBJECTS ? page->most : PAGE_OBJECTS);
	url_query_add(&request->query, "list-type", "2");
	url_query_add(&request->query, "max-keys", number);
	url_query_add(&request->query, "encoding-type", "url");
	url_query_add(&request->query, "prefix", prefix);
	if (page->is_level)
		url_query_add(&request->query, "delimiter", "/");
	if (token != NULL)
		url_query_add(&request->query, "continuation-token", token);
}

static bool
read_page(Page *page, Bucket *bucket, const char *prefix, const char *token, HttpFailure *failure)
{
	HttpRequest request;
	HttpAnswer answer;
	bool fine;

	make_request(&request, page, prefix, token);
	fine = bucket_send(bucket, &request, NULL, &answer, failure);
	http_request_free(&request);
	page->is_listing = page->is_truncated = page->keys_are_escaped = false;
	if (fine)
		return take_page(page, &answer, failure);
	http_answer_free(&answer);
	return false;
}

static int
by_key(const void *one, const void *other)
{
	return strcmp(((const ListedObject *) one)->key, ((const ListedObject *) other)->key);
}

/* Services promise the order of keys, and that each comes once. */
static void
put_in_order(Listing *listing)
{
	int count = 0;

	if (listing->count > 0)
		qsort(listing->objects, (size_t) listing->count, sizeof(ListedObject), by_key);
	for (int i = 0; i < listing->count; i++)
		if (count > 0 && strcmp(listing->objects[count - 1].key, listing->objects[i].key) == 0)
			drop_object(&listing->objects[i]);
		else
			listing->objects[count++] = listing->objects[i];
	listing->count = count;
}

/* Is there another page to ask for, with another token than this one had? */
static bool
goes_on(Page *page, const char *token, int pages, HttpFailure *failure, bool *fine)
{
	Listing *listing = page->listing;

	if (!page->is_truncated || listing->has_more)
		return false;
	if (listing->count >= page->most)
	{
		listing->has_more = true;
		return false;
	}
	*fine = page->token != NULL && (token == NULL || strcmp(page->token, token) != 0) && pages < MOST_PAGES;
	if (!*fine)
		set_failure(failure, "The service's listing of the bucket has no end.");
	return *fine;
}

static bool
read_pages(Page *page, Bucket *bucket, const char *prefix, HttpFailure *failure)
{
	char *token = NULL;
	bool fine;
	int pages = 0;

	*page->listing = (Listing){0};
	do
	{
		free(token);
		token = page->token;
		page->token = NULL;
		fine = read_page(page, bucket, prefix, token, failure);
		if (++pages > 1 && bucket->is_waiting != NULL)
			bucket->is_waiting();
	} while (fine && goes_on(page, token, pages, failure, &fine));
	free(token);
	free(page->token);
	put_in_order(page->listing);
	return fine;
}

bool
listing_read(Listing *listing, Bucket *bucket, const char *prefix, int most, HttpFailure *failure)
{
	return read_pages(&(Page){.listing = listing, .most = most}, bucket, prefix, failure);
}

bool
listing_read_level(Listing *listing, Bucket *bucket, const char *prefix, int most, HttpFailure *failure)
{
	return read_pages(&(Page){.listing = listing, .most = most, .is_level = true}, bucket, prefix, failure);
}

void
listing_free(Listing *listing)
{
	for (int i = 0; i < listing->count; i++)
		drop_object(&listing->objects[i]);
	free(listing->objects);
	*listing = (Listing){0};
}
