#include "postgres.h"

#include "fmgr.h"
#include "foreign/fdwapi.h"

PG_FUNCTION_INFO_V1(rg_sql_fdw_handler);

/* A foreign table can be read only: without the callbacks of writing, the executor says so for each command.
 */
static int
updatable_events(Relation relation)
{
	return 0;
}

static void
get_size(PlannerInfo *root, RelOptInfo *baserel, Oid relation)
{
	ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("foreign tables of rivergen cannot be read yet")));
}

Datum
rg_sql_fdw_handler(PG_FUNCTION_ARGS)
{
	FdwRoutine *routine = makeNode(FdwRoutine);

	routine->GetForeignRelSize = get_size;
	routine->IsForeignRelUpdatable = updatable_events;
	PG_RETURN_POINTER(routine);
}
