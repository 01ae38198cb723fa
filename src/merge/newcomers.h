/*
 * newcomers.h — inserts relations that were not stored before, many with each statement, because starting a
 * statement costs as much as inserting a row.
 */
#ifndef RG_MERGE_NEWCOMERS_H
#define RG_MERGE_NEWCOMERS_H

#include "postgres.h"

#include "state.h"

extern RgNewcomers *rg_newcomers_begin(RgMerge *merge);
extern void rg_newcomers_add(RgNewcomers *newcomers, Datum *values);
extern void rg_newcomers_end(RgNewcomers *newcomers);

#endif
