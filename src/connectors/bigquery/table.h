/*
 * table.h — datasets and tables, as the service lists and describes them.
 */
#ifndef RG_BIGQUERY_TABLE_H
#define RG_BIGQUERY_TABLE_H

#include "connectors/bigquery/service.h"
#include "connectors/jsontree/json_tree.h"

/* Names in the order of the service. */
typedef struct Names
{
	char **items;
	int count;
} Names;

/* All datasets that are not hidden. Returns false with a failure. */
extern bool datasets_read(Names *names, Service *service, int most, HttpFailure *failure);

/* A relation: a table, or the tables of a name that differ in a date at its end. */
typedef struct ListedTable
{
	char *name;   /* of shards: NAME_* */
	char *newest; /* the table that is asked about; the same as the name of a table */
	int shards;   /* 0: it is one table */
	char *first;  /* of shards: the oldest date */
	char *last;
} ListedTable;

typedef struct ListedTables
{
	ListedTable *items;
	int count;
} ListedTables;

extern bool tables_read(ListedTables *tables, Service *service, const char *dataset, HttpFailure *failure);
extern void tables_free(ListedTables *tables);
extern void names_free(Names *names);

/* Asks what the service says of a table; service_finish() has it. */
extern HttpPending *table_ask(Service *service, const char *dataset, const char *name);

/* What the service says of a table; NULL with a failure if it says nothing. */
extern JsonTree *
table_describe(Service *service, const char *dataset, const char *name, HttpFailure *failure);

/* Finds the table of a relation's name, of which NAME_* stands for the newest of its shards. */
extern bool
table_find(ListedTable *table, Service *service, const char *dataset, const char *name, HttpFailure *failure);
extern void listed_table_free(ListedTable *table);

#endif
