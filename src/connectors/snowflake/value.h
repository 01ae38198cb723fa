/*
 * value.h — values, as the service writes them: days, seconds, hexadecimal digits.
 */
#ifndef RG_SNOWFLAKE_VALUE_H
#define RG_SNOWFLAKE_VALUE_H

#include "connectors/snowflake/column_type.h"
#include "connectors/snowflake/result.h"

/* Appends the value as PostgreSQL reads it in the type's pg_type. Returns false if it is null. */
extern bool value_write(WireBuffer *out, const Cell *cell, const ColumnType *type);

#endif
