/*
 * value.h — values of rows, as the service writes them: {"v": "1"}, {"v": [{"v": "1"}]}, {"v": {"f": […]}}.
 */
#ifndef RG_BIGQUERY_VALUE_H
#define RG_BIGQUERY_VALUE_H

#include "connectors/bigquery/field.h"

/* Appends the value as PostgreSQL reads it in the field's pg_type. Returns false if it is null. */
extern bool value_write(WireBuffer *out, const JsonNode *value, const JsonNode *field);

#endif
