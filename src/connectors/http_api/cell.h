/*
 * cell.h — a value of JSON as PostgreSQL reads it in the type of its column.
 */
#ifndef RG_HTTP_API_CELL_H
#define RG_HTTP_API_CELL_H

#include "connectors/jsontree/json_tree.h"
#include "wire/wire.h"

/* pg_type NULL: text. Returns false if the value is null, or absent. */
extern bool cell_append(WireBuffer *out, const JsonNode *value, const char *pg_type);

#endif
