/*
 * reading.h — what a caller may read of a source in place (sql/objects/245_reading.sql).
 */
#ifndef RG_CATALOG_READING_H
#define RG_CATALOG_READING_H

#include "postgres.h"

#include "utils/array.h"
#include "utils/jsonb.h"

#include "identity.h"

typedef struct RgReadable
{
	int64 max_rows; /* 0: no limit */
	int32 timeout;  /* seconds; 0: none */
	bool masking;
} RgReadable;

/* operation: read or query. Fails with 403, 404 or 409 unless the caller may. */
extern RgReadable rg_reading_require(const RgIdentity *identity, int64 data_source_id, const char *operation);

typedef struct RgRowsQuestion
{
	int64 data_source_id;
	char *schema; /* or NULL; afterwards that of the table */
	char *table;
	ArrayType *columns; /* names, or NULL: all */
	int64 limit;
	Jsonb *described; /* out: the columns, as in a document */
	char *text;       /* out: the member read of the request */
} RgRowsQuestion;

/* Finds the table and its columns. 400, 404. */
extern void rg_reading_find_table(const RgIdentity *identity, RgRowsQuestion *question);

#endif
