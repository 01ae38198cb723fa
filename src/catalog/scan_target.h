/*
 * scan_target.h — the tables that a request for a scan selects.
 */
#ifndef RG_CATALOG_SCAN_TARGET_H
#define RG_CATALOG_SCAN_TARGET_H

#include "postgres.h"

#include "utils/array.h"
#include "utils/jsonb.h"

#include "description.h"

/*
 * The descriptions with these ids, by source. 404 names a missing description, 409 one whose table no longer
 * exists.
 */
extern RgScanTarget *rg_description_targets(int64 organization_id, ArrayType *ids, int *count);

/* Does the source have a discovered relation that can be scanned? */
extern bool rg_description_any_relation(int64 organization_id, int64 data_source_id);

/* {"jobs": [{"job_id", "data_source_id", "status"}]}, in the order given. */
extern Jsonb *rg_description_scan_jobs(int64 organization_id, const int64 *job_ids, int count);

#endif
