/*
 * values.h — the operations sample and read. api is NULL if the source names endpoints.
 */
#ifndef RG_HTTP_API_VALUES_H
#define RG_HTTP_API_VALUES_H

#include "connectors/http_api/api.h"

extern void values_sample(const Request *request, Service *service, Api *api);
extern void values_read(const Request *request, Service *service, Api *api);

#endif
