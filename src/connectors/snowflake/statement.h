/*
 * statement.h — runs a statement, and waits until it is done.
 */
#ifndef RG_SNOWFLAKE_STATEMENT_H
#define RG_SNOWFLAKE_STATEMENT_H

#include "connectors/snowflake/result.h"

typedef struct Statement
{
	const char *sql;
	const WireBuffer *bindings; /* the members of an object, or NULL */
	bool is_async;              /* it is asked for again and again: so it can be cancelled from the start */
} Statement;

/* A statement that was sent. */
typedef struct StatementRun
{
	Service *service;
	WireBuffer body;
	Submission submission;
} StatementRun;

/* Sends the statement; others may be under way. The run must not move until it is finished or abandoned. */
extern void statement_begin(StatementRun *run, Service *service, const Statement *statement);

/*
 * Returns true with its rows, which the caller ends. After query_timeout it is cancelled, which is a failure;
 * and if the service is watched for it, at the end of standard input, which ends the process.
 */
extern bool statement_finish(StatementRun *run, Result *result, HttpFailure *failure);

/* Gives the answer up. */
extern void statement_abandon(StatementRun *run);

/* Begins and finishes it. */
extern bool statement_run(Result *result, Service *service, const Statement *statement, HttpFailure *failure);

#endif
