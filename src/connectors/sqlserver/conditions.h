/*
 * conditions.h — conditions of operation read, as the source can apply them.
 */
#ifndef RG_SQLSERVER_CONDITIONS_H
#define RG_SQLSERVER_CONDITIONS_H

#include "connectors/common/read_request.h"
#include "wire/wire.h"

typedef enum Applied
{
	APPLIED_NOT,     /* nothing was written */
	APPLIED_ROUGHLY, /* what was written holds for more rows */
	APPLIED_EXACTLY
} Applied;

/* Writes the condition on a column. row: of statement_columns(). */
extern Applied condition_write(WireBuffer *sql, const Condition *condition, const char *const *row);

#endif
