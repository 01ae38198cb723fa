/*
 * history.c — checks that the caller may read a source's history and that it reaches back far enough.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/timestamp.h"

#include "api/api.h"
#include "api/discovery.h"
#include "catalog/bounded.h"
#include "catalog/discovery.h"
#include "catalog/identity.h"
#include "error.h"

PG_FUNCTION_INFO_V1(rg_sql_organization_with_history);

static void
require_history(const RgIdentity *caller, int64 data_source_id, TimestampTz at)
{
	TimestampTz begins_at;

	if (!rg_discovery_history(caller->organization_id, data_source_id, &begins_at))
		rg_fail(RG_NOT_FOUND,
				psprintf("data source " INT64_FORMAT " has not been discovered yet", data_source_id), NULL,
				"rivergen.discover_schema discovers it; from then on its history is kept.");
	if (at < begins_at)
		rg_fail(
			RG_NOT_FOUND,
			psprintf("the schema of data source " INT64_FORMAT " at that time is not known", data_source_id),
			psprintf("Its history begins at %s.", timestamptz_to_str(begins_at)),
			"Changes are kept for rivergen.schema_history_retention.");
}

/* The limit applies to gateways, which make one body of the rows; SQL clients read any number of rows. */
static void
require_readable(const RgIdentity *caller, int64 data_source_id, TimestampTz at)
{
	if (rg_session_is_gateway())
		rg_bounded_require(rg_discovery_bytes_as_of(caller->organization_id, data_source_id, at),
						   "rivergen.data_source_schemas shows pages of what is there now.");
}

Datum
rg_sql_organization_with_history(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity caller = rg_identify(RG_VIEWER);
	int64 data_source_id = rg_api_required_id(fcinfo, 0, "data_source_id");

	(void) rg_api_find_source(&caller, data_source_id);
	if (PG_ARGISNULL(1))
		rg_fail(RG_BAD_REQUEST, "Invalid request data", "at: must not be null", NULL);
	require_history(&caller, data_source_id, PG_GETARG_TIMESTAMPTZ(1));
	require_readable(&caller, data_source_id, PG_GETARG_TIMESTAMPTZ(1));
	rg_api_end();
	PG_RETURN_INT64(caller.organization_id);
}
