/*
 * object.h — an object of the bucket as a stored file, which is read by byte ranges. Each range is asked for
 * under the condition that the object is still the one that was opened.
 */
#ifndef RG_S3_OBJECT_H
#define RG_S3_OBJECT_H

#include "connectors/files/storage.h"
#include "connectors/bucket/listing.h"

/* Both must outlive the file. */
extern void object_open(StoredFile *file, Bucket *bucket, const ListedObject *object);

/* The same with an object of its own, whose texts go with the file. */
extern void object_open_found(StoredFile *file, Bucket *bucket, const ListedObject *object);

/* Ends the process, or the attempt if only this object has failed. */
extern void object_give_up(const HttpFailure *failure) __attribute__((noreturn));

#endif
