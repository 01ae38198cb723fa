/*
 * scan.c — rivergen.table_description_scan.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"

#include "api/api.h"
#include "api/discovery.h"
#include "catalog/description.h"
#include "catalog/identity.h"
#include "catalog/scan_target.h"
#include "check/fault.h"
#include "error.h"
#include "queue/jobs.h"
#include "version.h"

#define MOST_IDS 10000

PG_FUNCTION_INFO_V1(rg_sql_table_description_scan);

static void
check_ids(RgFaults *faults, ArrayType *ids)
{
	int count = ArrayGetNItems(ARR_NDIM(ids), ARR_DIMS(ids));

	if (count == 0 || ARR_NDIM(ids) > 1)
		rg_fault(faults, "ids", "must be an array of at least one id");
	else if (count > MOST_IDS)
		rg_fault(faults, "ids", "must be at most %d ids, not %d", MOST_IDS, count);
	else if (array_contains_nulls(ids))
		rg_fault(faults, "ids", "must not hold null");
}

/* The tables to scan, by source, in the order of the sources' ids. */
static RgScanTarget *
find_targets(const RgIdentity *caller, ArrayType *ids, int64 data_source_id, int *count)
{
	if (ids != NULL)
		return rg_description_targets(caller->organization_id, ids, count);

	RgScanTarget *target = palloc0(sizeof(RgScanTarget));

	(void) rg_api_find_source(caller, data_source_id);
	target->data_source_id = data_source_id;
	*count = 1;
	return target;
}

static void
refuse_conflicts(const RgIdentity *caller, const RgScanTarget *target)
{
	RgDiscoverySource source = rg_api_find_source(caller, target->data_source_id);

	rg_api_require_connector(source.type);
	if (source.maintenance)
		rg_fail(RG_CONFLICT,
				psprintf("data source " INT64_FORMAT " is in maintenance", target->data_source_id), NULL,
				"Another status ends it.\nUse rivergen.data_source_set_status.");
	if (target->relation_ids == NULL &&
		!rg_description_any_relation(caller->organization_id, target->data_source_id))
		rg_fail(RG_CONFLICT,
				psprintf("data source " INT64_FORMAT " has no tables to scan", target->data_source_id),
				"Nothing was discovered of it yet.", "Discover it first.");
}

Datum
rg_sql_table_description_scan(PG_FUNCTION_ARGS)
{
	rg_version_require();

	ArrayType *ids = PG_ARGISNULL(0) ? NULL : PG_GETARG_ARRAYTYPE_P(0);
	RgFaults faults;
	int count;

	rg_api_begin();

	RgIdentity caller = rg_identify(RG_EDITOR);

	rg_faults_begin(&faults);
	if (PG_ARGISNULL(0) == PG_ARGISNULL(1))
		rg_fault(&faults, "ids", "give either ids or db_connection_id");
	else if (ids != NULL)
		check_ids(&faults, ids);
	rg_faults_raise(&faults);

	RgScanTarget *targets = find_targets(&caller, ids, PG_ARGISNULL(1) ? 0 : PG_GETARG_INT64(1), &count);
	int64 *jobs = palloc(count * sizeof(int64));

	for (int i = 0; i < count; i++)
		refuse_conflicts(&caller, &targets[i]);
	for (int i = 0; i < count; i++)
		jobs[i] = rg_queue_enqueue_scan(caller.organization_id, targets[i].data_source_id,
										targets[i].relation_ids, caller.user_id);
	return rg_api_answer(rg_description_scan_jobs(caller.organization_id, jobs, count),
						 "Table description scan started");
}
