/*
 * schema.h — the types of a table's columns, and the columns as they are described.
 */
#ifndef RG_DELTA_SCHEMA_H
#define RG_DELTA_SCHEMA_H

#include "connectors/delta_lake/snapshot.h"
#include "connectors/files/format.h"

/* Deeper types are broken or hostile. */
#define MOST_DELTA_DEPTH   20
#define MOST_DELTA_COLUMNS 10000

/* Is the type struct, array or map? */
extern bool delta_type_is(const JsonNode *type, const char *kind);

/* The type that PostgreSQL reads the values in; NULL: text. */
extern const char *delta_pg_type(const JsonNode *type);

/* The name of a field, and that of its column in the files. Ends the process if there is none. */
extern const char *delta_field_name(const JsonNode *field);
extern const char *delta_field_physical_name(const JsonNode *field);

/* The id that a column keeps when it is renamed. Returns false if the table maps no columns. */
extern bool delta_field_id(const JsonNode *field, int64_t *id);

/* Are the column's values in the log, and not in the files? */
extern bool delta_is_partition(const DeltaSnapshot *snapshot, const JsonNode *field);

/* Adds the columns to the relation. */
extern void delta_add_columns(FileRelation *relation, const DeltaSnapshot *snapshot);

#endif
