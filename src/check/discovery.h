/*
 * discovery.h — checks metadata.discovery: which parts of a source are discovered, and when.
 */
#ifndef RG_CHECK_DISCOVERY_H
#define RG_CHECK_DISCOVERY_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "check/fault.h"

/* value is the member discovery of metadata, or NULL. */
extern void rg_patterns_check(RgFaults *faults, const JsonbValue *value);

#endif
