/*
 * search.h — checks the arguments of a search: no SQL.
 */
#ifndef RG_CHECK_SEARCH_H
#define RG_CHECK_SEARCH_H

#include "postgres.h"

#include "utils/array.h"

#include "check/fault.h"

/* Adds the faults of the arguments; kinds and tags may be NULL. */
extern void
rg_check_search(RgFaults *faults, const char *query, ArrayType *kinds, ArrayType *tags, int32 limit);

/* Adds the faults of a query that was taken apart. is_about: it has words, or tags are asked for. */
extern void rg_check_search_words(RgFaults *faults, bool is_about, int count, bool kinds_are_known);

#endif
