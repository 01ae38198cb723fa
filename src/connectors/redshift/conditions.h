/*
 * conditions.h — conditions of operation read, as the source can apply them.
 */
#ifndef RG_REDSHIFT_CONDITIONS_H
#define RG_REDSHIFT_CONDITIONS_H

#include "connectors/common/read_request.h"
#include "connectors/sql/relation.h"
#include "wire/wire.h"

/* The most values of all conditions of a statement, which are its parameters. */
#define MOST_PARAMETERS 1000

typedef enum Applied
{
	APPLIED_NOT,     /* nothing was written */
	APPLIED_ROUGHLY, /* what was written holds for more rows */
	APPLIED_EXACTLY
} Applied;

/* Writes the condition on a column. parameters has room for MOST_PARAMETERS. */
extern Applied
condition_write(WireBuffer *sql, SqlNames *parameters, const Condition *condition, const SqlColumn *column);

#endif
