/*
 * field.h — fields of a schema, as the service describes them: {"name", "type", "mode", "fields" …}.
 */
#ifndef RG_BIGQUERY_FIELD_H
#define RG_BIGQUERY_FIELD_H

#include <stdbool.h>

#include "connectors/jsontree/json_tree.h"
#include "wire/wire.h"

/* Records are nested in so many levels at most; what is deeper is read as text. */
#define MOST_FIELD_LEVELS 20

typedef enum FieldKind
{
	FIELD_OTHER, /* its text is the service's */
	FIELD_STRING,
	FIELD_BYTES,
	FIELD_INTEGER,
	FIELD_FLOAT,
	FIELD_NUMERIC,
	FIELD_BOOLEAN,
	FIELD_TIMESTAMP,
	FIELD_DATE,
	FIELD_TIME,
	FIELD_DATETIME,
	FIELD_JSON,
	FIELD_RECORD
} FieldKind;

extern FieldKind field_kind(const JsonNode *field);
extern bool field_is_repeated(const JsonNode *field);
extern bool field_is_required(const JsonNode *field);

/* In the words of GoogleSQL: INT64, NUMERIC(10, 2), STRUCT<a INT64>; of a repeated field the elements' type.
 */
extern void field_append_type(WireBuffer *out, const JsonNode *field);

/* NULL: text. */
extern const char *field_pg_type(const JsonNode *field);

/* Appends the members `repeated` and `fields` of a column, each with a comma before. */
extern void field_append_content(WireBuffer *out, const JsonNode *field);

#endif
