/*
 * service_error.h — why the service refused a request or a statement, in the protocol's words.
 */
#ifndef RG_SNOWFLAKE_SERVICE_ERROR_H
#define RG_SNOWFLAKE_SERVICE_ERROR_H

#include "connectors/service/answer.h"

/* Of an answer that is no success. */
extern void error_set(HttpFailure *failure, const HttpAnswer *answer);

/*
 * What the service says of a query, which is the caller's own text: message, and where the fault is: the
 * line, from 1, and the characters before it. NULL: the failure is of another kind. line is 0 if there is no
 * place. They stay until the next failure.
 */
extern const char *failure_of_query(const HttpFailure *failure, int64_t *line, int64_t *before);

#endif
