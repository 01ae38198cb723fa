#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/guc.h"

#include "api/discovery.h"
#include "catalog/settings.h"
#include "fdw/not_null.h"
#include "process/process.h"
#include "queue/shared.h"
#include "reader/reader.h"
#include "secret/seal.h"
#include "stream/stream.h"
#include "worker/worker.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

/* Most of the extension's functions are in PL/pgSQL: with it in the postmaster, no session loads it. */
static void
preload_language(void)
{
	if (process_shared_preload_libraries_in_progress)
		load_file("$libdir/plpgsql", false);
}

void
_PG_init(void)
{
	preload_language();
	rg_catalog_init();
	rg_secret_init();
	rg_process_init();
	rg_queue_init();
	rg_stream_init();
	rg_worker_init();
	rg_reader_init();
	rg_not_null_init();
	rg_api_discovery_init();
	MarkGUCPrefixReserved("rivergen");
}
