/* join.c — the job for a waiting caller: an existing one, or a new one. Part of a worker's transaction. */
#include "join.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "catalog/discovery.h"
#include "queue.h"
#include "sql.h"

/*
 * Moves a queued job to the front because a caller now waits for it, and records that caller as requester if
 * the schedule queued it. for_caller stays false: the job must survive if the caller leaves. Locked rows are
 * skipped: another worker is claiming or a session is cancelling them.
 */
static void
raise_priority(const RgCall *request, int64 job_id)
{
	static RgStatement raise = {
		.text =
			"UPDATE rivergen_catalog.job SET awaited = true, "
			"requested_by_user_id = coalesce(requested_by_user_id, $3) WHERE organization_id = $1 "
			"AND job_id = (SELECT job_id FROM rivergen_catalog.job WHERE organization_id = $1 AND job_id = $2 "
			"AND status = 'queued' AND NOT for_caller AND NOT awaited FOR UPDATE SKIP LOCKED)",
	};

	rg_spi_execute(&raise, rg_int8(request->organization_id), rg_int8(job_id), rg_int8(request->user_id));
}

#define SCOPE_OF(request)                                                                                    \
	rg_int8((request)->organization_id), rg_int8((request)->data_source_id),                                 \
		rg_text_or_null((request)->scoped ? (request)->schema : NULL), rg_bool((request)->full_read)

/*
 * A queued job of the same scope serves every caller. A running job serves only callers that accept cached
 * data: a change that a refresh must show may have come after that job read it.
 */
static int64
find_for_request(const RgCall *request)
{
	static RgStatement find = {
		.text = "SELECT job_id FROM rivergen_catalog.job "
				"WHERE organization_id = $1 AND data_source_id = $2 AND kind = 'discover' "
				"AND schema_name IS NOT DISTINCT FROM $3 AND (full_read OR NOT $4) AND NOT cancel_requested "
				"AND (status = 'queued' AND run_after <= now() OR status = 'running' AND NOT $5) "
				"ORDER BY status DESC, job_id LIMIT 1",
		.options = CURSOR_OPT_GENERIC_PLAN,
	};

	uint64 found = rg_spi_execute(&find, SCOPE_OF(request), rg_bool(request->refresh || request->full_read));

	return found > 0 ? rg_spi_int64(0, 1) : 0;
}

static int64
insert_for_request(const RgCall *request)
{
	static RgStatement insert = {
		.text = "INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind, schema_name, "
				"full_read, "
				"requested_by_user_id, for_caller) "
				"SELECT $1, $2, 'discover', $3, $4, $5, true FROM rivergen_catalog.data_source "
				"WHERE organization_id = $1 AND data_source_id = $2 AND deleted_at IS NULL RETURNING job_id",
	};

	uint64 inserted = rg_spi_execute(&insert, SCOPE_OF(request), rg_int8(request->user_id));

	return inserted > 0 ? rg_spi_int64(0, 1) : 0;
}

static bool
is_cached(const RgCall *request)
{
	return !request->refresh && !request->full_read &&
		   rg_discovery_cached(request->organization_id, request->data_source_id,
							   request->scoped ? request->schema : NULL, false) != NULL;
}

/* Two workers that take two calls for one source create one job. Users cannot take this lock by SQL. */
static void
make_one_at_a_time(const RgCall *request)
{
	Oid table = get_relname_relid("job", get_namespace_oid("rivergen_catalog", false));
	uint32 source = hash_combine(DatumGetUInt32(hash_uint32((uint32) request->organization_id)),
								 DatumGetUInt32(hash_uint32((uint32) request->data_source_id)));

	LockDatabaseObject(table, source, 0, ExclusiveLock);
}

/* The cache is checked after the jobs: a job that ended before the check of the cache has filled it. */
int64
rg_job_for_request(const RgCall *request)
{
	make_one_at_a_time(request);

	int64 job_id = find_for_request(request);

	if (job_id != 0)
		raise_priority(request, job_id);
	else if (is_cached(request))
		job_id = RG_JOB_CACHED;
	else
		job_id = insert_for_request(request);
	return job_id;
}
