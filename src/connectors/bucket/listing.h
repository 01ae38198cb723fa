/*
 * listing.h — the objects of the bucket below a prefix, in the order of their keys.
 */
#ifndef RG_BUCKET_LISTING_H
#define RG_BUCKET_LISTING_H

#include "connectors/bucket/bucket.h"

#define MOST_OBJECTS 100000

typedef struct ListedObject
{
	const char *key;
	const char *etag;     /* with its quotes; empty if the service has none */
	const char *modified; /* as the service writes it, in ISO form */
	int64_t size;
	bool is_archived; /* cannot be read before it is restored */
	bool is_folder;   /* keys that begin so, up to the slash at its end; nothing else is known of it */
} ListedObject;

typedef struct Listing
{
	ListedObject *objects;
	int count;
	bool has_more; /* than MOST_OBJECTS */
} Listing;

/* Lists them. most: how many are wanted. Returns false with a failure. */
extern bool
listing_read(Listing *listing, Bucket *bucket, const char *prefix, int most, HttpFailure *failure);

/* Lists what is directly below the prefix: objects, and folders. */
extern bool
listing_read_level(Listing *listing, Bucket *bucket, const char *prefix, int most, HttpFailure *failure);

extern void listing_free(Listing *listing);

#endif
