#include "connectors/s3/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connectors/bucket/fetch.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/s3/digest.h"
#include "connectors/s3/object.h"

static void give_up_missing(const char *path) __attribute__((noreturn));

static void
give_up_missing(const char *path)
{
	char detail[200];

	snprintf(detail, sizeof(detail), "file_path is \"%.160s\".", path);
	give_up(&(Failure){.step = "query",
					   .code = "database_not_found",
					   .message = "The bucket has no object of this key, and none below it.",
					   .detail = detail,
					   .hint = "A prefix ends in a slash."});
}

/* Copies the only object of a listing, whose texts go with the listing. */
static void
keep_object(ListedObject *kept, const ListedObject *object)
{
	*kept = *object;
	kept->key = copy_text(object->key);
	kept->etag = copy_text(object->etag);
	kept->modified = copy_text(object->modified);
}

/* The first object whose key begins so. Returns false if there is none. */
static bool
find_first(Source *source, const char *prefix, ListedObject *object, HttpFailure *failure, bool *fine)
{
	Listing listing;
	bool is_found;

	*fine = listing_read(&listing, &source->bucket, prefix, 1, failure);
	is_found = *fine && listing.count > 0;
	if (is_found)
		keep_object(object, &listing.objects[0]);
	listing_free(&listing);
	return is_found;
}

static char *
with_slash(const char *path)
{
	size_t length = strlen(path);
	char *prefix = allocate(length + 2);

	sprintf(prefix, "%s/", path);
	return prefix;
}

/* Keys that may read one object may not always list. */
static bool
may_be_hidden(Source *source, const HttpFailure *failure)
{
	HttpFailure ignored;

	return strcmp(failure->code, "permission") == 0 &&
		   object_find(&source->object, &source->bucket, source->bucket.path, &ignored);
}

/* Is the path a key, or a folder? */
static void
look_at_path(Source *source)
{
	const char *path = source->bucket.path;
	ListedObject first;
	HttpFailure failure;
	bool fine;
	bool is_found = find_first(source, path, &first, &failure, &fine);

	if (!fine && (path[0] == '\0' || !may_be_hidden(source, &failure)))
		http_failure_report(&failure);
	if (fine && is_found && strcmp(first.key, path) == 0 && path[strlen(path) - 1] != '/')
		source->object = first;
	source->is_object = source->object.key != NULL;
	if (source->is_object)
		return;
	if (path[0] == '\0' || path[strlen(path) - 1] == '/')
	{
		source->prefix = path;
		if (!is_found && path[0] != '\0')
			give_up_missing(path);
		return;
	}
	source->prefix = with_slash(path);
	if (!find_first(source, source->prefix, &first, &failure, &fine))
	{
		if (!fine)
			http_failure_report(&failure);
		give_up_missing(path);
	}
}

/* Where it is, whatever the keys are. */
static void
write_identity(const Source *source, char *identity)
{
	WireBuffer content = {0};
	char port[16];

	snprintf(port, sizeof(port), "%d", source->bucket.endpoint.port);
	digest_add(&content, source->bucket.is_default_host ? "aws" : source->bucket.endpoint.host);
	digest_add(&content, source->bucket.is_default_host ? "" : port);
	digest_add(&content, source->bucket.name);
	digest_add(&content, source->bucket.path);
	digest_end(&content, identity);
}

static void
tell_progress(void)
{
	emit_progress("read", ABSENT);
}

void
source_open(Source *source, Request *request)
{
	char identity[DIGEST_TEXT_BYTES];
	char server[160];

	*source = (Source){0};
	emit_progress("connect", ABSENT);
	bucket_open(&source->bucket, request);
	source->bucket.is_waiting = tell_progress;
	look_at_path(source);
	write_identity(source, identity);
	snprintf(server, sizeof(server), "a bucket of S3%s%s%s", source->bucket.is_default_host ? " in " : "",
			 source->bucket.is_default_host ? source->bucket.region : "",
			 http_is_encrypted(source->bucket.client) ? "" : ", without encryption");
	emit_connected(server, NULL, identity);
}

static void
list(Source *source, Listing *listing, const char *prefix, int most)
{
	HttpFailure failure;

	if (!listing_read(listing, &source->bucket, prefix, most, &failure))
		http_failure_report(&failure);
}

void
source_relations(Source *source, Listing *listing, BucketRelations *relations)
{
	*relations = (BucketRelations){0};
	*listing = (Listing){0};
	if (source->is_object)
	{
		folders_add_object(relations, &source->object);
		return;
	}
	list(source, listing, source->prefix, MOST_OBJECTS);
	folders_read(relations, listing, source->prefix);
}

static bool
is_below(const Source *source, const char *name)
{
	if (source->is_object)
		return false;
	return strncmp(name, source->prefix, strlen(source->prefix)) == 0 || strcmp(name, "/") == 0;
}

/* Adds the object of that key to the relations. */
static bool
find_object(Source *source, const char *key, Listing *listing, BucketRelations *relations)
{
	if (source->is_object && strcmp(source->object.key, key) == 0)
		folders_add_object(relations, &source->object);
	else if (is_below(source, key))
	{
		list(source, listing, key, 1);
		if (listing->count > 0 && strcmp(listing->objects[0].key, key) == 0)
			folders_add_object(relations, &listing->objects[0]);
	}
	return relations->count > 0;
}

/* KEY#NAME: neither may be free of #. */
static void
find_object_of(Source *source, const char *name, Listing *listing, BucketRelations *relations)
{
	for (const char *at = strchr(name, '#'); at != NULL && relations->count == 0; at = strchr(at + 1, '#'))
	{
		char *key = copy_text(name);

		key[at - name] = '\0';
		listing_free(listing);
		(void) find_object(source, key, listing, relations);
		free(key);
	}
}

const BucketRelation *
source_find(Source *source, const char *schema, const char *name, Listing *listing,
			BucketRelations *relations)
{
	size_t length = strlen(name);

	*relations = (BucketRelations){0};
	*listing = (Listing){0};
	if (strcmp(schema, source->bucket.name) != 0 || length == 0)
		return NULL;
	if (name[length - 1] == '/' && is_below(source, name))
	{
		const char *prefix = strcmp(name, "/") == 0 ? "" : name;

		list(source, listing, prefix, MOST_OBJECTS);
		folders_read_one(relations, listing, prefix);
	}
	else if (!find_object(source, name, listing, relations))
		find_object_of(source, name, listing, relations);
	return relations->count > 0 ? &relations->items[0] : NULL;
}

/* Has the relation the name of the object, but for the ending that its packing gives it? */
static bool
is_named_like(const char *key, const char *inner)
{
	const char *slash = strrchr(key, '/');
	const char *last = slash ? slash + 1 : key;
	size_t length = strlen(inner);

	return strncmp(last, inner, length) == 0 &&
		   (last[length] == '\0' || strcasecmp(last + length, ".gz") == 0 ||
			strcasecmp(last + length, ".zst") == 0);
}

char *
source_relation_name(const BucketRelation *relation, const FileRelation *found)
{
	const char *key = relation->objects[0]->key;
	char *name;

	if (relation->format->format->has_one_relation || is_named_like(key, found->name))
		return copy_text(key);
	name = allocate(strlen(key) + strlen(found->name) + 2);
	sprintf(name, "%s#%s", key, found->name);
	return name;
}

bool
source_is_id(const char *id, const char *name)
{
	char expected[DIGEST_TEXT_BYTES];

	digest_of(name, expected);
	return id == NULL || strcmp(id, expected) == 0;
}
