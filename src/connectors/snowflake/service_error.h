/*
 * service_error.h — why the service refused a request or a statement, in the protocol's words.
 */
#ifndef RG_SNOWFLAKE_SERVICE_ERROR_H
#define RG_SNOWFLAKE_SERVICE_ERROR_H

#include "connectors/service/answer.h"

/* Of an answer that is no success. */
extern void error_set(HttpFailure *failure, const HttpAnswer *answer);

#endif
