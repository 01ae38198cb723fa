/*
 * parts.h — a relation whose rows are those of many objects. To who reads it, it is a relation of a format of
 * its own, so that frames, samples and limits are the same as for a file.
 */
#ifndef RG_S3_PARTS_H
#define RG_S3_PARTS_H

#include "connectors/files/infer.h"
#include "connectors/s3/survey.h"

extern const Format parts_format;

#define MOST_LOOKED_AT 4

typedef struct Parts
{
	const Request *request;
	Bucket *bucket;
	const BucketRelation *source;
	Survey surveys[MOST_LOOKED_AT]; /* of the objects that were looked at */
	int looked_at;
	FileRelation relation; /* with the columns of the parts, then those of the partitions */
	int file_columns;
	InferredType partition_types[MOST_PARTITIONS];
	bool are_alike; /* those that were looked at have the same columns, of types that go together */
} Parts;

/*
 * Looks at some of the objects, at fixed places, and finds the columns. Returns false with the failure if one
 * of them cannot be read.
 */
extern bool parts_survey(Parts *parts, const Request *request, Bucket *bucket, const BucketRelation *source,
						 AttemptFailure *failure);

/*
 * Gives the part the types that all parts have in common, as far as they are known. Returns false if it has
 * other columns.
 */
extern bool parts_join(const Parts *parts, FileRelation *part);

extern void parts_free(Parts *parts);

#endif
