/*
 * columns.h — the properties of a schema as columns of a relation.
 */
#ifndef RG_HTTP_API_COLUMNS_H
#define RG_HTTP_API_COLUMNS_H

#include "connectors/files/format.h"
#include "connectors/http_api/shape.h"

/* The column of rows that are no objects, or objects of unknown members. */
#define VALUE_COLUMN "value"

/* With the columns within columns. */
#define MOST_FIELDS 2000
#define MOST_LEVELS 20

/* Adds the columns of rows for which these schemas hold. Returns how many fields were left out. */
extern int columns_add(FileRelation *relation, Api *api, const Schemas *row);

/* The type of values of these schemas (without any: a text), which the caller frees, and what holds it in
 * PostgreSQL. */
extern char *schemas_type(Api *api, const Schemas *schemas, const char **pg_type);

#endif
