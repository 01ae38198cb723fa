/*
 * column_type.h — types of columns, as the service tells them: {"type": "FIXED", "precision": 38, "scale":
 * 0}.
 */
#ifndef RG_SNOWFLAKE_COLUMN_TYPE_H
#define RG_SNOWFLAKE_COLUMN_TYPE_H

#include <stdbool.h>

#include "connectors/jsontree/json_tree.h"

typedef enum TypeKind
{
	TYPE_OTHER, /* its text is the service's */
	TYPE_TEXT,
	TYPE_FIXED,
	TYPE_REAL,
	TYPE_BOOLEAN,
	TYPE_BINARY,
	TYPE_DATE,
	TYPE_TIME,
	TYPE_TIMESTAMP,      /* without a zone */
	TYPE_TIMESTAMP_ZONED /* with one: of the session, or its own */
} TypeKind;

typedef struct ColumnType
{
	TypeKind kind;
	bool is_json;        /* of another kind: what it holds is JSON */
	int precision;       /* of TYPE_FIXED */
	int scale;           /* of it, and digits of seconds */
	const char *pg_type; /* NULL: text */
	char text[48];       /* NUMBER(10, 2) */
	bool not_null;
	bool has_collation;
	char collation[64];
} ColumnType;

extern void column_type_read(ColumnType *type, const JsonNode *told);

#endif
