/*
 * metadata.h — the two fields that hold more than a scalar: metadata, an object of the caller's own with
 * three members that we give a meaning (tls, scan in scan_options.c, discovery in discovery.c), and tags.
 */
#ifndef RG_CHECK_METADATA_H
#define RG_CHECK_METADATA_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "fault.h"

/* metadata.c */
extern JsonbValue *rg_metadata_check(RgFaults *faults, const char *label, const JsonbValue *value);

extern int rg_tls_mode_rank(const char *mode, int length);
extern const char *rg_tls_mode_names(void);
extern JsonbValue *rg_tags_check(RgFaults *faults, const char *label, const JsonbValue *value);

#endif
