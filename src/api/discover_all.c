/* discover_all.c — rivergen.discover_all: every source of the organization, of a workspace, or of a type. */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "api/api.h"
#include "catalog/identity.h"
#include "catalog/organization.h"
#include "check/source_type.h"
#include "error.h"
#include "queue/discover_all.h"
#include "version.h"

PG_FUNCTION_INFO_V1(rg_sql_discover_all);

static void
check_workspace(const RgIdentity *caller, int64 workspace_id)
{
	if (!rg_workspace_hold(caller->organization_id, workspace_id))
		rg_fail_not_found("workspace", workspace_id);
}

static void
check_type(const char *type)
{
	if (rg_source_type_find(type, strlen(type)) == NULL)
		rg_fail(RG_BAD_REQUEST, "Invalid request data", "type: is not a type of data source",
				psprintf("The valid ones are %s.", rg_source_type_names()));
}

Datum
rg_sql_discover_all(PG_FUNCTION_ARGS)
{
	rg_version_require();

	char *type = rg_api_optional_text(fcinfo, 1);
	int64 workspace_id = PG_ARGISNULL(0) ? 0 : PG_GETARG_INT64(0);
	bool full_read = !PG_ARGISNULL(2) && PG_GETARG_BOOL(2);

	rg_api_begin();

	RgIdentity caller = rg_identify(RG_EDITOR);

	if (!PG_ARGISNULL(0))
		check_workspace(&caller, workspace_id);
	if (type != NULL)
		check_type(type);
	return rg_api_answer(
		rg_queue_discover_all(caller.organization_id, workspace_id, type, full_read, caller.user_id),
		"Discoveries queued successfully");
}
