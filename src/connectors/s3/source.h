/*
 * source.h — the source: a bucket, or what is below a prefix of it, or one object.
 */
#ifndef RG_S3_SOURCE_H
#define RG_S3_SOURCE_H

#include "connectors/s3/folders.h"
#include "connectors/common/known.h"

typedef struct Source
{
	Bucket bucket;
	const char *prefix; /* that all keys have; not of a source that is one object */
	bool is_object;
	ListedObject object; /* if it is one */
} Source;

/* Connects, looks what the source is, and sends `connected`. */
extern void source_open(Source *source, Request *request);

/* All relations. The listing must outlive them. */
extern void source_relations(Source *source, Listing *listing, BucketRelations *relations);

/*
 * The object or the folder that the relation of that name is in, among the relations of the same listing;
 * NULL: there is none.
 */
extern const BucketRelation *source_find(Source *source, const char *schema, const char *name,
										 Listing *listing, BucketRelations *relations);

/* The name of a relation that was found in an object: the key, or KEY#NAME. The caller frees it. */
extern char *source_relation_name(const BucketRelation *relation, const FileRelation *found);

/* Is it the id of the relation of that name, or NULL? */
extern bool source_is_id(const char *id, const char *name);

#endif
