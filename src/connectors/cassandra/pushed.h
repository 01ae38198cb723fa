/*
 * pushed.h — the conditions that the server can apply by going to the rows: all columns of the partition key
 * are given, then as many clustering columns, in their order. All others would be a search through the table.
 * What is pushed holds for every row that is wanted; all conditions are judged here once more.
 */
#ifndef RG_CASSANDRA_PUSHED_H
#define RG_CASSANDRA_PUSHED_H

#include "connectors/cassandra/session.h"
#include "connectors/cassandra/type.h"

typedef struct KeyColumn
{
	const char *name;
	const CqlType *type;
	bool is_partition;
} KeyColumn;

/* Appends WHERE and its values to the statement, or nothing. The columns of the key are in their order. */
extern void pushed_append(Statement *statement, const ReadRequest *request, const KeyColumn *key, int count);

#endif
