/*
 * result_columns.h — the columns of a query's result, of which the server tells more briefly than of those of
 * relations.
 */
#ifndef RG_MYSQL_RESULT_COLUMNS_H
#define RG_MYSQL_RESULT_COLUMNS_H

#include <mysql.h>

#include "connectors/mysql/values.h"
#include "wire/wire.h"

typedef struct ResultColumn
{
	ValueForm form;
	int bits;
} ResultColumn;

/* Appends {"name", "type", "pg_type"} to an array, and says in which form the values come. */
extern void result_column_write(WireBuffer *array, const MYSQL_FIELD *field, ResultColumn *column);

#endif
