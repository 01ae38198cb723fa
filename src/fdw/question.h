/* question.h — the member `read` of a request (src/wire/README.md, "Reading"). */
#ifndef RG_FDW_QUESTION_H
#define RG_FDW_QUESTION_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "foreign_table.h"

/* The value of a condition in one scan. */
typedef struct RgConditionValue
{
	Oid type;
	Datum value;
	bool is_null;
} RgConditionValue;

typedef struct RgQuestion
{
	const RgForeignTable *table;
	List *columns;            /* IntList */
	List *conditions;         /* packed */
	RgConditionValue *values; /* of those that have one, in their order */
	int64 limit;              /* -1: none */
	int64 sample;             /* -1: all rows */
} RgQuestion;

/*
 * JSON text in UTF-8. NULL: no row can fulfil the conditions, because a value is null or a list is empty.
 * Sets the styles of the session for a moment.
 */
extern char *rg_question_text(const RgQuestion *question);

#endif
