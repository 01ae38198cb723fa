/*
 * schema.h — the one schema of a source: its database, as db0.
 */
#ifndef RG_REDIS_SCHEMA_H
#define RG_REDIS_SCHEMA_H

#include "connectors/common/request.h"

extern void schema_name(char *out, size_t size, int database);

/* Ends the process if the scope is another schema. */
extern void schema_check_scope(const Request *request, const char *schema);

#endif
