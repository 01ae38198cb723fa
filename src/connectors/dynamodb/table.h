/*
 * table.h — a table as the service describes it.
 */
#ifndef RG_DYNAMODB_TABLE_H
#define RG_DYNAMODB_TABLE_H

#include "connectors/dynamodb/attribute.h"
#include "connectors/dynamodb/service.h"

typedef struct TableKey
{
	const char *name; /* NULL: the table has no such key */
	AttributeType type;
} TableKey;

typedef struct Table
{
	JsonTree *answer; /* texts are in it */
	const JsonNode *description;
	const char *name;
	TableKey partition_key;
	TableKey sort_key;
	bool is_readable; /* its state allows reading */
	JsonTree *time_to_live;
} Table;

/* Returns false with a failure. The name is escaped for JSON here. */
extern bool table_describe(Table *table, Service *service, const char *name, HttpFailure *failure);

/* Asks for the attribute that says when an item expires. A user who may not know that learns it by the log.
 */
extern void table_ask_time_to_live(Table *table, Service *service);
extern void table_free(Table *table);

/* The state that keeps it from being read. */
extern const char *table_state(const Table *table);

/* The names of all tables, in the service's order. */
typedef struct TableNames
{
	char **items;
	int count;
	bool has_more; /* than MOST_TABLES */
} TableNames;

#define MOST_TABLES 100000

/* most: 1 asks for one name only, to see that the service answers. Returns false with a failure. */
extern bool table_names_read(TableNames *names, Service *service, int most, HttpFailure *failure);
extern void table_names_free(TableNames *names);

#endif
