/*
 * context.h — checks the arguments of a schema context: no SQL.
 */
#ifndef RG_CHECK_CONTEXT_H
#define RG_CHECK_CONTEXT_H

#include "postgres.h"

#include "utils/array.h"

#include "check/fault.h"

/* Adds the faults of the texts; any may be NULL. */
extern void rg_check_context_texts(RgFaults *faults, const char *question, ArrayType *schemas,
								   ArrayType *tables, const char *format);

/* Adds the faults of the numbers. */
extern void rg_check_context_bounds(RgFaults *faults, int32 budget, bool has_max_tables, int32 max_tables);

#endif
