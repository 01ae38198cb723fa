/*
 * scan_policy.h — the masking of scan results, and deleting results that metadata.scan no longer allows.
 */
#ifndef RG_CATALOG_SCAN_POLICY_H
#define RG_CATALOG_SCAN_POLICY_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "identity.h"

/*
 * 403: the request would switch off the masking of a source's scans and the caller is no admin. current is
 * the locked source, or NULL for a new source.
 */
extern void rg_scan_require_masking(const RgIdentity *identity, Jsonb *request, Jsonb *current);

/*
 * Deletes the scan results that the source's new options no longer allow. current is the source before the
 * change.
 */
extern void rg_scan_forget_unwanted(int64 organization_id, int64 data_source_id, Jsonb *current);

#endif
