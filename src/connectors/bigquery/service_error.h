/*
 * service_error.h — why the service refused a request, in the protocol's words.
 */
#ifndef RG_BIGQUERY_SERVICE_ERROR_H
#define RG_BIGQUERY_SERVICE_ERROR_H

#include "connectors/service/answer.h"

/* Of an answer that is no success. */
extern void error_set(HttpFailure *failure, const HttpAnswer *answer);

/* Of an error of a job, which is an object with a reason and a message. */
extern void error_set_of_job(HttpFailure *failure, const JsonNode *error);

/* The service throttles by an answer with the status 403, too. */
extern bool error_is_throttling(const HttpAnswer *answer);

/*
 * What the service says of a query, which is the caller's own text: message, and where the fault is, from 1.
 * NULL: the failure is of another kind. They stay until the next failure.
 */
extern const char *failure_of_query(const HttpFailure *failure, int64_t *line, int64_t *column);

#endif
