/*
 * conditions.h — conditions of operation read, as the source can apply them.
 */
#ifndef RG_MYSQL_CONDITIONS_H
#define RG_MYSQL_CONDITIONS_H

#include "connectors/common/read_request.h"

typedef enum Applied
{
	APPLIED_NOT,     /* nothing was written */
	APPLIED_ROUGHLY, /* what was written holds for more rows */
	APPLIED_EXACTLY
} Applied;

/* Writes the condition on a column of that type word and PostgreSQL type (NULL: text). */
extern Applied
condition_write(WireBuffer *sql, const Condition *condition, const char *word, const char *pg_type);

#endif
