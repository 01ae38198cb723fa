/*
 * metadata.h — checks the two fields that hold more than a scalar: tags, and metadata. metadata is the
 * caller's own object; five of its members have a meaning here: tls, ssh (ssh_options.h), scan
 * (scan_options.h), query (query_options.h) and discovery (discovery.h).
 */
#ifndef RG_CHECK_METADATA_H
#define RG_CHECK_METADATA_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "fault.h"

extern JsonbValue *rg_metadata_check(RgFaults *faults, const char *label, const JsonbValue *value);
extern JsonbValue *rg_tags_check(RgFaults *faults, const char *label, const JsonbValue *value);

#endif
