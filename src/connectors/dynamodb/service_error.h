/*
 * service_error.h — why the service refused a request, in the protocol's words.
 */
#ifndef RG_DYNAMODB_SERVICE_ERROR_H
#define RG_DYNAMODB_SERVICE_ERROR_H

#include "connectors/service/answer.h"

/* Of an answer that is no success. */
extern void error_set(HttpFailure *failure, const HttpAnswer *answer);

/* The service throttles by an answer with the status 400. */
extern bool error_is_throttling(const HttpAnswer *answer);

#endif
