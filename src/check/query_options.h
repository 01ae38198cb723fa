/*
 * query_options.h — checks metadata.query: whether and how a source may be read in place.
 */
#ifndef RG_CHECK_QUERY_OPTIONS_H
#define RG_CHECK_QUERY_OPTIONS_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "fault.h"

/* query may be NULL. */
extern void rg_query_options_check(RgFaults *faults, const JsonbValue *query);

#endif
