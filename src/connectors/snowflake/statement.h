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
	int64_t most_rows;          /* 0: all */
	bool is_async;              /* it is asked for again and again: so it can be cancelled from the start */
} Statement;

/*
 * Returns true with its rows, which the caller ends. After query_timeout it is cancelled, which is a failure;
 * and if the service is watched for it, at the end of standard input, which ends the process.
 */
extern bool statement_run(Result *result, Service *service, const Statement *statement, HttpFailure *failure);

#endif
