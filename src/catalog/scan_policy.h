/*
 * scan_policy.h — who may have values shown, and what becomes of those that are not wanted any more.
 */
#ifndef RG_CATALOG_SCAN_POLICY_H
#define RG_CATALOG_SCAN_POLICY_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "identity.h"

/*
 * 403 when a request would switch off the masking of a source's scans and the caller is no admin. current is
 * the locked source, or NULL for a new one.
 */
extern void rg_scan_require_masking(const RgIdentity *identity, Jsonb *request, Jsonb *current);

/* Takes away what scans have found and the source's options, which were changed, want no longer. current is
 * the source before the change. */
extern void rg_scan_forget_unwanted(int64 organization_id, int64 data_source_id, Jsonb *current);

#endif
