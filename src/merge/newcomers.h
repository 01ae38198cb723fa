/*
 * newcomers.h — inserts relations that were not stored before, many with each statement, because starting a
 * statement costs as much as inserting a row.
 */
#ifndef RG_MERGE_NEWCOMERS_H
#define RG_MERGE_NEWCOMERS_H

#include "postgres.h"

#include "merge.h"

/*
 * The values of a relation that was not stored before: schema_name, relation_name, kind, native_id ('' =
 * none), columns_count, row_estimate and size_bytes (-1 = unknown), hash and document. They are copied.
 */
#define RG_NEWCOMER_COLUMNS 9

typedef struct RgNewcomers RgNewcomers;

extern RgNewcomers *rg_newcomers_begin(RgMerge *merge);
extern void rg_newcomers_add(RgNewcomers *newcomers, Datum *values);
extern void rg_newcomers_end(RgNewcomers *newcomers);

#endif
