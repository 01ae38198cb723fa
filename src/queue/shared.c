/*
 * shared.c — the shared memory of the queue: databases, calls, worker slots.
 *
 * One lock guards all of it. It is held for a few loads and stores at a time, never across a wait, an
 * allocation or a call that can fail.
 */
#include "shared.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/shmem.h"

#include "bounds.h"
#include "databases.h"
#include "jobs.h"
#include "pool.h"

RgShared *rg_shared = NULL;
static shmem_request_hook_type previous_request_hook = NULL;
static shmem_startup_hook_type previous_startup_hook = NULL;

static void
request_memory(void)
{
	if (previous_request_hook)
		previous_request_hook();
	RequestAddinShmemSpace(MAXALIGN(sizeof(RgShared)));
	RequestNamedLWLockTranche("rivergen", 1);
}

static void
attach_memory(void)
{
	bool found;

	if (previous_startup_hook)
		previous_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	rg_shared = ShmemInitStruct("rivergen", sizeof(RgShared), &found);
	if (!found)
	{
		memset(rg_shared, 0, sizeof(RgShared));
		rg_shared->lock = &GetNamedLWLockTranche("rivergen")->lock;
		for (int i = 0; i < RG_MAX_CALLS; i++)
			ConditionVariableInit(&rg_shared->requests[i].done);
	}
	LWLockRelease(AddinShmemInitLock);
}

void
rg_queue_init(void)
{
	rg_databases_init();
	rg_pool_init();
	rg_bounds_init();
	rg_jobs_init();

	if (!process_shared_preload_libraries_in_progress)
		return;
	previous_request_hook = shmem_request_hook;
	shmem_request_hook = request_memory;
	previous_startup_hook = shmem_startup_hook;
	shmem_startup_hook = attach_memory;
}

void
rg_copy_message(char *to, const char *text)
{
	int length = text ? pg_mbcliplen(text, strlen(text), RG_MESSAGE_BYTES - 1) : 0;

	memcpy(to, text, length);
	to[length] = '\0';
}

bool
rg_queue_is_available(void)
{
	return rg_shared != NULL;
}
