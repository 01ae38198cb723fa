/*
 * conditions.h — conditions as the source can apply them.
 */
#ifndef RG_OTHER_CONDITIONS_H
#define RG_OTHER_CONDITIONS_H

#include "connectors/common/read_request.h"
#include "connectors/other/types.h"

typedef enum Applied
{
	APPLIED_NOT,     /* nothing was written */
	APPLIED_ROUGHLY, /* what was written holds for more rows */
	APPLIED_EXACTLY
} Applied;

/* Writes a condition on a column of this type. */
extern Applied condition_write(WireBuffer *sql, const OdbcSession *session, const Condition *condition,
							   const ColumnType *type);

#endif
