/*
 * listing.h — the objects of the bucket below a prefix, in the order of their keys.
 */
#ifndef RG_S3_LISTING_H
#define RG_S3_LISTING_H

#include "connectors/s3/bucket.h"

#define MOST_OBJECTS 100000

typedef struct ListedObject
{
	const char *key;
	const char *etag;     /* with its quotes; empty if the service has none */
	const char *modified; /* as the service writes it, in ISO form */
	int64_t size;
	bool is_archived; /* cannot be read before it is restored */
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

extern void listing_free(Listing *listing);

#endif
