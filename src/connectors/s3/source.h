/*
 * source.h — the source: a bucket, or what is below a prefix of it, or one object.
 */
#ifndef RG_S3_SOURCE_H
#define RG_S3_SOURCE_H

#include "connectors/s3/folders.h"
#include "connectors/s3/known.h"

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
 * The relation of that name, among the relations of the same listing; NULL: there is none. For a relation of
 * a format that has several, `inner` is set to its name in the object, and else to NULL.
 */
extern const BucketRelation *source_find(Source *source, const char *schema, const char *name,
										 Listing *listing, BucketRelations *relations, const char **inner);

/* The name of a relation that is in an object beside others. The caller frees it. */
extern char *source_inner_name(const char *key, const char *inner);

/* Is it the id of the relation of that name, or NULL? */
extern bool source_is_id(const char *id, const char *name);

#endif
