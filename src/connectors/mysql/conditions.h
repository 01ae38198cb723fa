/*
 * conditions.h — conditions of operation read, as the source can apply them.
 */
#ifndef RG_MYSQL_CONDITIONS_H
#define RG_MYSQL_CONDITIONS_H

#include "connectors/common/read_request.h"

/* What of a column decides how it is compared. */
typedef struct ComparedColumn
{
	const char *word;     /* of its type */
	const char *pg_type;  /* NULL: text */
	bool has_all_letters; /* every text can be compared with it: its character set is utf8mb4 */
} ComparedColumn;

/* Writes the condition. Returns false, and writes nothing, if the source cannot apply it exactly. */
extern bool condition_write(WireBuffer *sql, const Condition *condition, const ComparedColumn *column);

#endif
