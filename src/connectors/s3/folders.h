/*
 * folders.h — what the objects of a listing are as relations: the parts of a partitioned table, the parts in
 * a folder, a lake's table, or each for itself.
 */
#ifndef RG_S3_FOLDERS_H
#define RG_S3_FOLDERS_H

#include "connectors/s3/formats.h"
#include "connectors/bucket/listing.h"

/* So many objects of one format in a folder are taken for parts of one table, if their columns agree. */
#define FEWEST_PARTS 20

#define MOST_PARTITIONS 16

typedef struct BucketRelation
{
	char *name;           /* the key, or the prefix with its slash; that of the whole bucket is "/" */
	size_t prefix_length; /* of a folder */
	const ObjectFormat *format;
	const char *unreadable; /* why it cannot be read, or NULL */
	const ListedObject **objects;
	int object_count;
	bool is_lake;      /* the folder is a table that says itself which objects it has */
	bool is_folder;    /* the objects are parts, if their columns agree or it is partitioned */
	char **partitions; /* names of the columns that the folders below tell */
	int partition_count;
} BucketRelation;

typedef struct BucketRelations
{
	BucketRelation *items;
	int count;
	int unknown; /* objects of no format that is known */
} BucketRelations;

/* path: the prefix that was listed. The listing must outlive the relations. */
extern void folders_read(BucketRelations *relations, const Listing *listing, const char *path);

/* The relation of the folder with that prefix, which was listed, as parts; none if it cannot be one. */
extern void folders_read_one(BucketRelations *relations, const Listing *listing, const char *prefix);

/* The relation of one object. */
extern void folders_add_object(BucketRelations *relations, const ListedObject *object);

/* The value of a partition in a key, or NULL for null. The caller frees it. */
extern char *folders_partition_value(const BucketRelation *relation, const char *key, int number);

extern void folders_free(BucketRelations *relations);

#endif
