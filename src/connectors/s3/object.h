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
extern void object_close(StoredFile *file);

#endif
