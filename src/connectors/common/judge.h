/*
 * judge.h — does a value fulfil a condition of `read`? Answers as PostgreSQL does.
 */
#ifndef RG_CONNECTOR_JUDGE_H
#define RG_CONNECTOR_JUDGE_H

#include "connectors/common/compare.h"
#include "connectors/common/read_request.h"

/* A value as PostgreSQL reads it in the column's pg_type, in UTF-8. bytes NULL: null. */
typedef struct JudgedValue
{
	const char *bytes;
	size_t length;
} JudgedValue;

typedef struct Judge
{
	const Condition *condition;
	ComparedKind kind;
	ComparedValue *values; /* those of the condition */
} Judge;

/* Returns false if the condition cannot be applied to values of this pg_type. NULL: text. */
extern bool judge_begin(Judge *judge, const Condition *condition, const char *pg_type);

/* Of a value that is none of the type, PostgreSQL will say so: it passes. */
extern bool judge_passes(const Judge *judge, const JudgedValue *value);

extern void judge_end(Judge *judge);

#endif
