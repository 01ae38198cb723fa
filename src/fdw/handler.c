#include "postgres.h"

#include "fmgr.h"
#include "foreign/fdwapi.h"

#include "analyze.h"
#include "explain.h"
#include "plan.h"
#include "plan_upper.h"
#include "scan.h"

PG_FUNCTION_INFO_V1(rg_sql_fdw_handler);

/* A foreign table can be read only: the server refuses each command that would write. */
static int
updatable_events(Relation relation)
{
	return 0;
}

/*
 * No callback for parallel scans: a stream is a process's own. None for the end of fetching either: scan.c
 * says why.
 */
Datum
rg_sql_fdw_handler(PG_FUNCTION_ARGS)
{
	FdwRoutine *routine = makeNode(FdwRoutine);

	routine->GetForeignRelSize = rg_plan_size;
	routine->GetForeignPaths = rg_plan_paths;
	routine->GetForeignPlan = rg_plan_scan;
	routine->GetForeignUpperPaths = rg_plan_upper_paths;
	routine->BeginForeignScan = rg_foreign_scan_begin;
	routine->IterateForeignScan = rg_foreign_scan_next;
	routine->ReScanForeignScan = rg_foreign_scan_again;
	routine->EndForeignScan = rg_foreign_scan_end;
	routine->ExplainForeignScan = rg_explain_scan;
	routine->AnalyzeForeignTable = rg_analyze_table;
	routine->IsForeignRelUpdatable = updatable_events;
	PG_RETURN_POINTER(routine);
}
