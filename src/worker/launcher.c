/*
 * launcher.c — starts workers where there is work. It is connected to no database, so it blocks no command
 * on a database.
 */
#include "launcher.h"

#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "evacuate.h"
#include "queue/databases.h"

#define RESTART_SECONDS 1

extern PGDLLEXPORT void rg_launcher_main(Datum argument);

void
rg_launcher_init(void)
{
	BackgroundWorker launcher = {
		.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION,
		.bgw_start_time = BgWorkerStart_RecoveryFinished,
		.bgw_restart_time = RESTART_SECONDS,
	};

	rg_evacuate_init();
	if (IsBinaryUpgrade)
		return;
	strlcpy(launcher.bgw_name, "rivergen launcher", BGW_MAXLEN);
	strlcpy(launcher.bgw_type, "rivergen launcher", BGW_MAXLEN);
	strlcpy(launcher.bgw_library_name, "rivergen", BGW_MAXLEN);
	strlcpy(launcher.bgw_function_name, "rg_launcher_main", BGW_MAXLEN);
	RegisterBackgroundWorker(&launcher);
}

/* Any database may have the extension: the first worker of each finds out. */
static void
watch_databases(void)
{
	StartTransactionCommand();
	(void) GetTransactionSnapshot();

	Relation catalog = table_open(DatabaseRelationId, AccessShareLock);
	TableScanDesc scan = table_beginscan_catalog(catalog, 0, NULL);
	HeapTuple tuple;

	while ((tuple = heap_getnext(scan, ForwardScanDirection)) != NULL)
	{
		Form_pg_database database = (Form_pg_database) GETSTRUCT(tuple);

		if (database->datallowconn && !database->datistemplate &&
			rg_database_is_served(NameStr(database->datname)))
			rg_database_watch(database->oid);
		else
			rg_database_unwatch(database->oid);
	}
	table_endscan(scan);
	table_close(catalog, AccessShareLock);
	CommitTransactionCommand();
}

void
rg_launcher_main(Datum argument)
{
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
	pqsignal(SIGINT, SIG_IGN); /* it runs no statement that could be cancelled */
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);
	rg_database_launcher_attach();
	watch_databases();

	while (!ShutdownRequestPending)
	{
		long nap = rg_database_schedule();

		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, nap, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
			watch_databases();
		}
	}
	/* With status 0 the postmaster would never start it again. While the server stops, it starts nothing. */
	proc_exit(1);
}
