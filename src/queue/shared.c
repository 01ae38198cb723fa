/*
 * shared.c — the shared memory of the queue: databases to look at, requests of waiting callers, worker slots.
 *
 * One lock guards all of it. It is held for a few loads and stores at a time, never across a wait, an allocation
 * or anything that can fail.
 */
#include "shared.h"

#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "storage/ipc.h"
#include "storage/shmem.h"
#include "utils/guc.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

/* A worker that has not attached by then never will: the postmaster could not start it. */
#define START_TIMEOUT_MS 10000

RgShared *rg_shared = NULL;
int rg_max_workers = 4;

static bool enabled = true;
static char *served_databases = NULL;
static int my_slot = -1;
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
		for (int i = 0; i < RG_MAX_REQUESTS; i++)
			ConditionVariableInit(&rg_shared->requests[i].done);
	}
	LWLockRelease(AddinShmemInitLock);
}

void
rg_queue_init(void)
{
	DefineCustomBoolVariable("rivergen.enabled", "Whether workers run.", "Requests and jobs wait while it is off.",
							 &enabled, true, PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("rivergen.databases", "Databases whose jobs are run.",
							   "A comma-separated list, or * for every database that has the extension.",
							   &served_databases, "*", PGC_SIGHUP, GUC_LIST_INPUT, NULL, NULL, NULL);
	DefineCustomIntVariable("rivergen.max_workers", "Workers that may run at once, in all databases together.",
							"Each takes one of max_worker_processes.", &rg_max_workers, 4, 1, RG_MAX_POOL,
							PGC_SIGHUP, 0, NULL, NULL, NULL);
	rg_jobs_init();

	if (!process_shared_preload_libraries_in_progress)
		return;
	previous_request_hook = shmem_request_hook;
	shmem_request_hook = request_memory;
	previous_startup_hook = shmem_startup_hook;
	shmem_startup_hook = attach_memory;
}

static void
lock(void)
{
	LWLockAcquire(rg_shared->lock, LW_EXCLUSIVE);
}

static void
unlock(void)
{
	LWLockRelease(rg_shared->lock);
}

/* ---- databases ---- */

bool
rg_queue_serves(const char *name)
{
	List *names;
	ListCell *cell;
	bool served = false;

	if (!enabled)
		return false;

	char *copy = pstrdup(served_databases);

	if (SplitIdentifierString(copy, ',', &names))
	{
		foreach (cell, names)
		{
			const char *listed = lfirst(cell);

			served |= strcmp(listed, "*") == 0 || strcmp(listed, name) == 0;
		}
		list_free(names);
	}
	pfree(copy);
	return served;
}

RgDatabase *
rg_database_entry(Oid database)
{
	RgDatabase *unused = NULL;

	for (int i = 0; i < RG_MAX_DATABASES; i++)
	{
		RgDatabase *entry = &rg_shared->databases[i];

		if (entry->database == database)
			return entry;
		if (entry->database == InvalidOid && unused == NULL)
			unused = entry;
	}
	if (unused != NULL)
		*unused = (RgDatabase){.database = database};
	return unused;
}

static void
wake_launcher(void)
{
	if (rg_shared->launcher != NULL)
		SetLatch(rg_shared->launcher);
}

void
rg_queue_wake(Oid database)
{
	if (rg_shared == NULL)
		return;
	lock();

	RgDatabase *entry = rg_database_entry(database);

	if (entry != NULL)
		entry->wake = true;
	wake_launcher();
	unlock();
}

void
rg_database_next_due(bool has_extension, TimestampTz next)
{
	lock();

	RgDatabase *entry = rg_database_entry(MyDatabaseId);

	if (entry != NULL)
	{
		entry->has_extension = has_extension;
		entry->next_due = next;
		if (!has_extension && !entry->wake && !entry->evacuating)
			entry->database = InvalidOid;
	}
	unlock();
}

/* ---- the launcher ---- */

static void
detach_launcher(int code, Datum argument)
{
	lock();
	rg_shared->launcher = NULL;
	unlock();
}

void
rg_launcher_attach(void)
{
	before_shmem_exit(detach_launcher, 0);
	lock();
	rg_shared->launcher = MyLatch;
	unlock();
}

void
rg_launcher_watch(Oid database)
{
	lock();

	RgDatabase *entry = rg_database_entry(database);

	if (entry != NULL)
		entry->next_due = 0;
	unlock();
}

static bool
has_new_request(Oid database)
{
	for (int i = 0; i < RG_MAX_REQUESTS; i++)
	{
		if (rg_shared->requests[i].state == RG_REQUEST_NEW && rg_shared->requests[i].database == database)
			return true;
	}
	return false;
}

static void
free_worker_slot(RgWorkerSlot *worker)
{
	worker->used = false;
	worker->pid = 0;
	worker->latch = NULL;
	worker->job_id = 0;
	worker->notices = 0;
}

/* Slots whose worker never came up. */
static void
reap_unstarted(TimestampTz now)
{
	for (int i = 0; i < RG_MAX_POOL; i++)
	{
		RgWorkerSlot *worker = &rg_shared->workers[i];

		if (worker->used && worker->pid == 0 &&
			TimestampDifferenceExceeds(worker->started_at, now, START_TIMEOUT_MS))
			free_worker_slot(worker);
	}
}

static bool
worker_is_starting(Oid database)
{
	for (int i = 0; i < RG_MAX_POOL; i++)
	{
		RgWorkerSlot *worker = &rg_shared->workers[i];

		if (worker->used && worker->pid == 0 && worker->database == database)
			return true;
	}
	return false;
}

/* Copies out one database that wants a worker; starting one needs memory and may fail, so not under the lock. */
static Oid
next_due_database(int *position, TimestampTz now, TimestampTz *next)
{
	Oid due = InvalidOid;

	lock();
	reap_unstarted(now);
	for (; *position < RG_MAX_DATABASES && due == InvalidOid; (*position)++)
	{
		RgDatabase *entry = &rg_shared->databases[*position];

		if (entry->database == InvalidOid || entry->evacuating)
			continue;
		if (entry->wake || entry->next_due <= now || has_new_request(entry->database))
		{
			if (!worker_is_starting(entry->database))
				due = entry->database;
		}
		else
			*next = Min(*next, entry->next_due);
	}
	unlock();
	return due;
}

#define LONGEST_NAP_MS	  60000
#define RETRY_START_MS	  1000
#define EMPTY_LOOK_USECS  (INT64CONST(60) * USECS_PER_SEC)

long
rg_launcher_schedule(void)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz next = TimestampTzPlusMilliseconds(now, LONGEST_NAP_MS);
	int position = 0;
	Oid database;

	if (!enabled)
		return LONGEST_NAP_MS;
	while ((database = next_due_database(&position, now, &next)) != InvalidOid)
	{
		if (!rg_worker_start(database))
			return RETRY_START_MS;
		lock();

		RgDatabase *entry = rg_database_entry(database);

		if (entry != NULL)
		{
			entry->wake = false;
			entry->next_due = now + EMPTY_LOOK_USECS;
		}
		unlock();
	}
	return Max(1, TimestampDifferenceMilliseconds(GetCurrentTimestamp(), next));
}

/* ---- workers ---- */

static RgWorkerSlot *
reserve_worker_slot(Oid database)
{
	RgWorkerSlot *reserved = NULL;
	int used = 0;

	for (int i = 0; i < RG_MAX_POOL; i++)
	{
		if (rg_shared->workers[i].used)
			used++;
		else if (reserved == NULL)
			reserved = &rg_shared->workers[i];
	}
	if (reserved == NULL || used >= rg_max_workers)
		return NULL;
	memset(reserved, 0, sizeof(*reserved));
	reserved->used = true;
	reserved->generation = ++rg_shared->generation;
	reserved->database = database;
	reserved->started_at = GetCurrentTimestamp();
	return reserved;
}

static bool
register_worker(int slot, uint64 generation)
{
	BackgroundWorker worker = {
		.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION,
		.bgw_start_time = BgWorkerStart_RecoveryFinished,
		.bgw_restart_time = BGW_NEVER_RESTART,
		.bgw_main_arg = Int32GetDatum(slot),
	};

	strlcpy(worker.bgw_name, "rivergen worker", BGW_MAXLEN);
	strlcpy(worker.bgw_type, "rivergen worker", BGW_MAXLEN);
	strlcpy(worker.bgw_library_name, "rivergen", BGW_MAXLEN);
	strlcpy(worker.bgw_function_name, "rg_worker_main", BGW_MAXLEN);
	memcpy(worker.bgw_extra, &generation, sizeof(generation));
	return RegisterDynamicBackgroundWorker(&worker, NULL);
}

bool
rg_worker_start(Oid database)
{
	lock();

	RgDatabase *entry = rg_database_entry(database);
	RgWorkerSlot *reserved = entry != NULL && entry->evacuating ? NULL : reserve_worker_slot(database);
	uint64 generation = reserved ? reserved->generation : 0;

	unlock();
	if (reserved == NULL)
		return false;
	if (register_worker(reserved - rg_shared->workers, generation))
		return true;

	lock();
	if (reserved->generation == generation)
		free_worker_slot(reserved);
	unlock();
	return false;
}

/* What this worker took and did not answer will not be answered by anybody else. */
static void
detach_worker(int code, Datum argument)
{
	lock();
	for (int i = 0; i < RG_MAX_REQUESTS; i++)
	{
		RgRequestSlot *slot = &rg_shared->requests[i];

		if (slot->state == RG_REQUEST_TAKEN && slot->taker == my_slot)
		{
			slot->state = RG_REQUEST_DONE;
			slot->status = 503;
			strlcpy(slot->message, "the worker that took the request ended", RG_MESSAGE_BYTES);
			strlcpy(slot->hint, "The server's log says why.", RG_MESSAGE_BYTES);
			ConditionVariableBroadcast(&slot->done);
		}
	}
	free_worker_slot(&rg_shared->workers[my_slot]);
	wake_launcher();
	unlock();
	my_slot = -1;
}

bool
rg_worker_attach(int slot, uint64 generation, Oid *database)
{
	RgWorkerSlot *worker = &rg_shared->workers[slot];

	lock();

	bool own = worker->used && worker->generation == generation;

	if (own)
	{
		worker->pid = MyProcPid;
		worker->latch = MyLatch;
		*database = worker->database;
		my_slot = slot;
	}
	unlock();
	if (own)
		before_shmem_exit(detach_worker, 0);
	return own;
}

void
rg_worker_set_job(int64 organization_id, int64 job_id)
{
	RgWorkerSlot *worker = &rg_shared->workers[my_slot];

	lock();
	worker->organization_id = organization_id;
	worker->job_id = job_id;
	worker->notices &= RG_NOTICE_EVACUATE;
	memset(&worker->progress, 0, sizeof(worker->progress));
	unlock();
}

static RgWorkerSlot *
worker_of_job(int64 job_id)
{
	for (int i = 0; i < RG_MAX_POOL; i++)
	{
		RgWorkerSlot *worker = &rg_shared->workers[i];

		if (worker->used && worker->job_id == job_id && worker->database == MyDatabaseId)
			return worker;
	}
	return NULL;
}

bool
rg_worker_has_job(int64 job_id)
{
	lock();

	bool found = worker_of_job(job_id) != NULL;

	unlock();
	return found;
}

void
rg_worker_set_progress(const RgProgress *progress)
{
	lock();
	rg_shared->workers[my_slot].progress = *progress;
	unlock();
}

bool
rg_worker_progress(int64 organization_id, int64 job_id, RgProgress *progress)
{
	if (rg_shared == NULL)
		return false;
	lock();

	RgWorkerSlot *worker = worker_of_job(job_id);
	bool found = worker != NULL && worker->organization_id == organization_id;

	if (found)
		*progress = worker->progress;
	unlock();
	return found;
}

int
rg_worker_notices(void)
{
	RgWorkerSlot *worker = &rg_shared->workers[my_slot];

	lock();

	int notices = worker->notices;

	worker->notices &= RG_NOTICE_EVACUATE;
	unlock();
	return notices;
}

static void
notify(RgWorkerSlot *worker, RgNotice notice)
{
	worker->notices |= notice;
	if (worker->latch != NULL)
		SetLatch(worker->latch);
}

void
rg_worker_notify(int64 job_id, RgNotice notice)
{
	if (rg_shared == NULL)
		return;
	lock();

	RgWorkerSlot *worker = worker_of_job(job_id);

	if (worker != NULL)
		notify(worker, notice);
	unlock();
}

void
rg_queue_evacuate(Oid database)
{
	lock();

	RgDatabase *entry = rg_database_entry(database);

	if (entry != NULL)
		entry->evacuating = true;
	for (int i = 0; i < RG_MAX_POOL; i++)
	{
		RgWorkerSlot *worker = &rg_shared->workers[i];

		if (worker->used && worker->database == database)
			notify(worker, RG_NOTICE_EVACUATE);
	}
	unlock();
}

void
rg_queue_readmit(Oid database)
{
	lock();

	RgDatabase *entry = rg_database_entry(database);

	if (entry != NULL)
		entry->evacuating = false;
	wake_launcher();
	unlock();
}

bool
rg_queue_has_workers(Oid database)
{
	bool found = false;

	lock();
	for (int i = 0; i < RG_MAX_POOL; i++)
		found |= rg_shared->workers[i].used && rg_shared->workers[i].database == database;
	unlock();
	return found;
}

void
rg_queue_forget(Oid database)
{
	lock();

	RgDatabase *entry = rg_database_entry(database);

	if (entry != NULL)
		entry->database = InvalidOid;
	unlock();
}

/* ---- requests ---- */

bool
rg_request_take(RgRequest *request)
{
	bool taken = false;

	lock();
	for (int i = 0; i < RG_MAX_REQUESTS && !taken; i++)
	{
		RgRequestSlot *slot = &rg_shared->requests[i];

		if (slot->state == RG_REQUEST_NEW && slot->database == MyDatabaseId)
		{
			slot->state = RG_REQUEST_TAKEN;
			slot->taker = my_slot;
			*request = slot->request;
			taken = true;
		}
	}
	unlock();
	return taken;
}

/* NULL when the caller has left meanwhile. */
static RgRequestSlot *
slot_of(const RgRequest *request)
{
	RgRequestSlot *slot = &rg_shared->requests[request->slot];

	return slot->state != RG_REQUEST_FREE && slot->request.generation == request->generation ? slot : NULL;
}

void
rg_request_link(const RgRequest *request, int64 job_id)
{
	lock();

	RgRequestSlot *slot = slot_of(request);

	if (slot != NULL)
	{
		slot->state = RG_REQUEST_LINKED;
		slot->id = job_id;
	}
	unlock();
}

static void
answer(RgRequestSlot *slot, int64 id, int status, const char *message, const char *hint)
{
	slot->state = RG_REQUEST_DONE;
	slot->id = id;
	slot->status = status;
	strlcpy(slot->message, message ? message : "", RG_MESSAGE_BYTES);
	strlcpy(slot->hint, hint ? hint : "", RG_MESSAGE_BYTES);
	ConditionVariableBroadcast(&slot->done);
}

void
rg_request_answer(const RgRequest *request, int64 id, int status, const char *message, const char *hint)
{
	lock();

	RgRequestSlot *slot = slot_of(request);

	if (slot != NULL)
		answer(slot, id, status, message, hint);
	unlock();
}

static bool
waits_for(const RgRequestSlot *slot, int64 job_id)
{
	return slot->state == RG_REQUEST_LINKED && slot->database == MyDatabaseId && slot->id == job_id;
}

void
rg_request_job_ended(int64 job_id)
{
	lock();
	for (int i = 0; i < RG_MAX_REQUESTS; i++)
	{
		if (waits_for(&rg_shared->requests[i], job_id))
			answer(&rg_shared->requests[i], job_id, 0, NULL, NULL);
	}
	unlock();
}

bool
rg_request_waited_for(int64 job_id)
{
	bool found = false;

	lock();
	for (int i = 0; i < RG_MAX_REQUESTS; i++)
		found |= waits_for(&rg_shared->requests[i], job_id);
	unlock();
	return found;
}

bool
rg_queue_is_available(void)
{
	return rg_shared != NULL;
}
