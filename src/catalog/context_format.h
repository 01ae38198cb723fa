/*
 * context_format.h — how the schema context is written in each format.
 */
#ifndef RG_CONTEXT_FORMAT_H
#define RG_CONTEXT_FORMAT_H

#include "postgres.h"

#include "lib/stringinfo.h"

#include "catalog/context_table.h"

typedef enum RgContextFormat
{
	RG_CONTEXT_MSCHEMA,
	RG_CONTEXT_DDL,
	RG_CONTEXT_COMPACT,
	RG_CONTEXT_JSON
} RgContextFormat;

/* How much is written about a table, from all to its name alone. */
typedef enum RgContextLevel
{
	RG_CONTEXT_ALL,
	RG_CONTEXT_NO_EXAMPLES,
	RG_CONTEXT_SHORT_TEXTS,
	RG_CONTEXT_IMPORTANT_COLUMNS, /* and short texts */
	RG_CONTEXT_LINE,
	RG_CONTEXT_NAME
} RgContextLevel;

typedef struct RgContextBody
{
	const char *text;
	const char *keys; /* the joins that some formats write behind all tables; NULL: none */
	int columns_shown;
	int bytes; /* of both, and of what separates tables */
} RgContextBody;

/* The name must be that of a format. */
extern RgContextFormat rg_context_format(const char *name);

/* Important columns must be marked for their level and those behind it. */
extern RgContextBody
rg_context_body(RgContextFormat format, const RgContextTable *table, RgContextLevel level);

/* The lines before the tables. sources are quoted names; NULL: none. dialect NULL: not known, or several. */
extern void rg_context_write_head(StringInfo to, RgContextFormat format, const char *sources,
								  const char *dialect, bool hints);

/* The tables, and the lines behind them. */
extern void
rg_context_write_bodies(StringInfo to, RgContextFormat format, const RgContextBody *bodies, int count);
extern void rg_context_write_foot(StringInfo to, RgContextFormat format, const RgContextBody *bodies,
								  int count, int64 tables_omitted, int64 columns_omitted);

#endif
