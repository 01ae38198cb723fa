/*
 * judge.h — does a value fulfil a condition of `read`? Answers as PostgreSQL does.
 */
#ifndef RG_FILES_JUDGE_H
#define RG_FILES_JUDGE_H

#include "connectors/files/compare.h"
#include "connectors/files/format.h"

typedef struct Judge
{
	const Condition *condition;
	ComparedKind kind;
	ComparedValue *values; /* those of the condition */
} Judge;

/* Returns false if the condition cannot be applied to values of this pg_type. NULL: text. */
extern bool judge_begin(Judge *judge, const Condition *condition, const char *pg_type);

/* Of a value that is none of the type, PostgreSQL will say so: it passes. */
extern bool judge_passes(const Judge *judge, const FileValue *value);

extern void judge_end(Judge *judge);

#endif
