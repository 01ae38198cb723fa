/*
 * service_error.h — why the service refused a request: the XML of its answer, in the protocol's words.
 */
#ifndef RG_BUCKET_SERVICE_ERROR_H
#define RG_BUCKET_SERVICE_ERROR_H

#include "connectors/http/failure.h"

typedef struct ServiceError
{
	char *code;   /* or NULL */
	char *region; /* the bucket's own, or NULL */
} ServiceError;

extern void service_error_read(ServiceError *error, const HttpAnswer *answer);

/* region: that the request was made for. */
extern void service_error_set(HttpFailure *failure, const HttpAnswer *answer, const ServiceError *error,
							  const char *region);
extern void service_error_free(ServiceError *error);

#endif
