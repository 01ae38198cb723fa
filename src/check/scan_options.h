/*
 * scan_options.h — checks metadata.scan: which parts of a scan a source's owner wants.
 */
#ifndef RG_CHECK_SCAN_OPTIONS_H
#define RG_CHECK_SCAN_OPTIONS_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "fault.h"

/* scan may be NULL. */
extern void rg_scanning_check(RgFaults *faults, const JsonbValue *scan);

#endif
