/*
 * lake.h — a table of a lake: a folder of the bucket that says itself which objects it has.
 */
#ifndef RG_S3_LAKE_H
#define RG_S3_LAKE_H

#include "connectors/s3/folders.h"

typedef struct Lake
{
	Bucket *bucket;
	char *prefix; /* with its slash; empty: all of the bucket */
	char *name;   /* of the folder */
} Lake;

/* Makes a stored folder of the relation's folder, which the lake has to outlive. Sends nothing. */
extern void lake_open(Lake *lake, StoredFile *folder, Bucket *bucket, const BucketRelation *relation);
extern void lake_close(Lake *lake);

#endif
