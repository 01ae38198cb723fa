/*
 * fetch.h — one object: what it is, and ranges of its bytes. Each range is asked for under the condition that
 * the object is still the same.
 */
#ifndef RG_BUCKET_FETCH_H
#define RG_BUCKET_FETCH_H

#include "connectors/bucket/listing.h"

/*
 * Looks the object up without a listing. Returns false with a failure, whose code is database_not_found if
 * there is none; a service does not tell that from a bucket that is not there. Its texts are the caller's.
 */
extern bool object_find(ListedObject *object, Bucket *bucket, const char *key, HttpFailure *failure);

/*
 * Reads `length` bytes at the offset. Returns them, for the caller to free; NULL with a failure, whose code
 * is relation_changed if the object is no longer the same.
 */
extern char *object_fetch(Bucket *bucket, const ListedObject *object, int64_t offset, int64_t length,
						  HttpFailure *failure);

#endif
