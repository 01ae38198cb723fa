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
	HttpPending *description_call; /* while they are under way */
	HttpPending *time_to_live_call;
} Table;

/* Asks for the description. The name must live as long as the table. */
extern void table_ask(Table *table, Service *service, const char *name);

/* Takes the answer. Returns false with a failure. */
extern bool table_take(Table *table, HttpFailure *failure);

/* Both. */
extern bool table_describe(Table *table, Service *service, const char *name, HttpFailure *failure);

/* Asks for the attribute that says when an item expires. */
extern void table_ask_time_to_live(Table *table, Service *service);

/* Takes the answer. A user who may not know that learns it by the log. */
extern void table_take_time_to_live(Table *table);
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
