/*
 * service_error.h — what an answer says that is no success.
 */
#ifndef RG_ELASTICSEARCH_SERVICE_ERROR_H
#define RG_ELASTICSEARCH_SERVICE_ERROR_H

#include "connectors/http/failure.h"

typedef struct ServiceError
{
	int status;        /* of HTTP; 0: there was no answer */
	char type[80];     /* in the service's words; empty: none */
	char reason[1024]; /* the same; it may hold values */
} ServiceError;

extern void service_error_read(ServiceError *error, const HttpAnswer *answer);
extern void service_error_set(HttpFailure *failure, const HttpAnswer *answer, const ServiceError *error);

#endif
