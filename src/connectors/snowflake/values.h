/*
 * values.h — the operations sample and read.
 */
#ifndef RG_SNOWFLAKE_VALUES_H
#define RG_SNOWFLAKE_VALUES_H

#include "connectors/snowflake/service.h"

extern void values_sample(const Request *request, Service *service);
extern void values_read(const Request *request, Service *service);

#endif
