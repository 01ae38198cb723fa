/*
 * context.h — the schema as text for writers of queries (sql/objects/216_schema_context.sql).
 */
#ifndef RG_CONTEXT_H
#define RG_CONTEXT_H

#include "postgres.h"

#include "utils/array.h"
#include "utils/jsonb.h"

typedef struct RgContext
{
	const char *question;
	int64 data_source_id; /* 0: all */
	ArrayType *schemas;   /* NULL: all */
	ArrayType *tables;    /* NULL: all */
	const char *format;
	int32 budget;
	int32 max_tables; /* 0: the default */
	bool examples;
	bool hints;
	bool descriptions;
} RgContext;

extern Jsonb *rg_context(int64 organization_id, const RgContext *context);

#endif
