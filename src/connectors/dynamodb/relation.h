/*
 * relation.h — a table as a relation: its columns are the attributes of the key, and those that a sample of
 * its items has.
 */
#ifndef RG_DYNAMODB_RELATION_H
#define RG_DYNAMODB_RELATION_H

#include "connectors/dynamodb/items.h"
#include "connectors/files/format.h"

/* The column of whole items, of a table whose attributes have data as names: dates, numbers, uuids. */
#define WHOLE_ITEM "*"

/* The sample: so many segments of the table, which the service finds by hash, and items of each; of a table
 * that has no more items all of them, by one request. */
#define SAMPLED_SEGMENTS 8
#define SAMPLED_ITEMS    25

typedef struct Sampled
{
	Items segments[SAMPLED_SEGMENTS]; /* each with its only page */
	int segment_count;                /* 1: it is no segment, but all items */
	Paths *paths;
	int64_t items;
	double units;
	bool is_whole; /* it has all items of the table */
} Sampled;

/* Asks for the sample of a table. */
extern void sampled_ask(Sampled *sampled, Service *service, const Table *table);

/* Takes the answers. Returns false with a failure, and has freed the sample then. */
extern bool sampled_take(Sampled *sampled, HttpFailure *failure);
extern void sampled_free(Sampled *sampled);

/* Adds the relation of the table. sampled may be NULL: then it has the key alone. */
extern FileRelation *relation_of_table(FileRelations *relations, const Table *table, const Sampled *sampled);

/* Adds a relation with the columns that a request names. */
extern FileRelation *
relation_of_request(FileRelations *relations, const Table *table, const ReadRequest *read);

#endif
