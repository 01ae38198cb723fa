/*
 * query.h — operation query.
 */
#ifndef RG_MYSQL_QUERY_H
#define RG_MYSQL_QUERY_H

#include <stdbool.h>

#include "connectors/common/request.h"

/* Returns whether there are more rows than the limit. */
extern bool query_source(Request *request);

#endif
