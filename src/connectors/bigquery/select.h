/*
 * select.h — the query that reads columns of a table, with the conditions that mean the same there.
 */
#ifndef RG_BIGQUERY_SELECT_H
#define RG_BIGQUERY_SELECT_H

#include "connectors/bigquery/relation.h"

typedef struct Select
{
	WireBuffer sql;        /* ends with a zero */
	WireBuffer parameters; /* JSON text of an array */
	int conditions;        /* how many are in it */
} Select;

/* columns: numbers of the fields. read: NULL: no conditions. */
extern void
select_write(Select *select, const Service *service, const char *dataset, const ListedTable *table,
			 const JsonTree *description, const int *columns, int count, const ReadRequest *read);
extern void select_free(Select *select);

/* Would a query without these conditions be refused, because the table wants one on its partitions? */
extern bool select_lacks_partition(const JsonTree *description, const ReadRequest *read);

#endif
