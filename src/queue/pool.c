/* pool.c — the worker slots: starting workers, their reports, and notices to them. */
#include "pool.h"

#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "storage/ipc.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "bounds.h"
#include "databases.h"
#include "pending.h"
#include "jobs.h"
#include "calls.h"
#include "share.h"
#include "shared.h"

/* A worker that has not attached by then never will: the postmaster could not start it. */
#define START_TIMEOUT_MS 10000

int rg_max_workers = 4;
static int my_slot = -1;

void
rg_pool_init(void)
{
	DefineCustomIntVariable("rivergen.max_workers",
							"Workers that may run at once, in all databases together.",
							"Each takes one of max_worker_processes.", &rg_max_workers, 4, 1, RG_MAX_POOL,
							PGC_SIGHUP, 0, NULL, NULL, NULL);
}

static void
free_worker_slot(RgWorkerSlot *worker)
{
	worker->used = false;
	worker->pid = 0;
	worker->latch = NULL;
	worker->promised = InvalidOid;
	worker->idle = false;
	worker->called = false;
	worker->organization_id = 0;
	worker->job_id = 0;
	worker->data_source_id = 0;
	worker->tested_source = 0;
	worker->hosts.count = 0;
	worker->yields = false;
	worker->notices = 0;
	worker->heartbeat_at = 0;
	worker->asked_to_leave = false;
	worker->pending_count = 0;
}

void
rg_pool_reap(TimestampTz now)
{
	for (int i = 0; i < RG_MAX_POOL; i++)
	{
		RgWorkerSlot *worker = &rg_shared->workers[i];

		if (worker->used && worker->pid == 0 &&
			TimestampDifferenceExceeds(worker->started_at, now, START_TIMEOUT_MS))
			free_worker_slot(worker);
	}
}

static void
note_service(Oid database)
{
	RgDatabase *entry = rg_database_find(database);

	if (entry != NULL)
		entry->served_at = GetCurrentTimestamp();
}

/*
 * The last free slot is for the database whose caller has waited longest; the launcher starts that worker.
 */
static bool
may_take_last(Oid database)
{
	Oid next = rg_share_next(GetCurrentTimestamp());

	if (next == database || !OidIsValid(next) || !rg_calls_pending(next))
		return true;
	rg_database_wake_launcher();
	return false;
}

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
	if (used == rg_max_workers - 1 && !may_take_last(database))
		return NULL;
	memset(reserved, 0, sizeof(*reserved));
	reserved->used = true;
	reserved->generation = ++rg_shared->generation;
	reserved->database = database;
	reserved->started_at = GetCurrentTimestamp();
	note_service(database);
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

static void
notify(RgWorkerSlot *worker, RgNotice notice)
{
	worker->notices |= notice;
	if (worker->latch != NULL)
		SetLatch(worker->latch);
}

/* An idle worker of this database (in_it), or of any other; NULL when there is none. */
static RgWorkerSlot *
idle_worker(Oid database, bool in_it)
{
	for (int i = 0; i < RG_MAX_POOL; i++)
	{
		RgWorkerSlot *worker = &rg_shared->workers[i];

		if (worker->used && worker->idle && (worker->database == database) == in_it)
			return worker;
	}
	return NULL;
}

static bool
call_idle(Oid database)
{
	RgWorkerSlot *worker = idle_worker(database, true);

	if (worker == NULL)
		return false;
	worker->idle = false;
	worker->called = true;
	SetLatch(worker->latch);
	return true;
}

/*
 * Asks an idle worker of another database to exit. Its end wakes the launcher, which then starts the worker
 * for this one.
 */
static void
make_room(Oid database)
{
	RgWorkerSlot *worker = idle_worker(database, false);

	if (worker == NULL)
		return;
	worker->idle = false;
	worker->promised = database;
	notify(worker, RG_NOTICE_EVACUATE);
}

RgStart
rg_pool_start(Oid database)
{
	rg_lock();

	RgDatabase *entry = rg_database_entry(database);
	bool evacuating = entry != NULL && entry->evacuating;
	bool called = !evacuating && call_idle(database);
	RgWorkerSlot *reserved = evacuating || called ? NULL : reserve_worker_slot(database);
	uint64 generation = reserved ? reserved->generation : 0;

	if (reserved == NULL && !called && !evacuating)
		make_room(database);
	rg_unlock();
	if (called)
		return RG_STARTED;
	if (reserved == NULL)
		return RG_START_LATER;
	if (register_worker(reserved - rg_shared->workers, generation))
		return RG_STARTED;

	rg_lock();
	if (reserved->generation == generation)
		free_worker_slot(reserved);
	rg_unlock();
	return RG_NOT_STARTED;
}

static void
detach_worker(int code, Datum argument)
{
	RgWorkerSlot *worker = &rg_shared->workers[my_slot];

	rg_lock();
	rg_calls_drop(my_slot);
	if (worker->called)
		rg_database_keep_awake(worker->database);
	note_service(worker->database);
	rg_pending_drop_all(worker);
	rg_pool_leave_hosts(worker);
	free_worker_slot(worker);
	rg_database_wake_launcher();
	rg_unlock();
	my_slot = -1;
}

bool
rg_pool_attach(int slot, uint64 generation, Oid *database)
{
	RgWorkerSlot *worker = &rg_shared->workers[slot];

	rg_lock();

	bool own = worker->used && worker->generation == generation;

	if (own)
	{
		worker->pid = MyProcPid;
		worker->latch = MyLatch;
		*database = worker->database;
		my_slot = slot;
	}
	rg_unlock();
	if (own)
		before_shmem_exit(detach_worker, 0);
	return own;
}

void
rg_pool_set_job(const RgJob *job)
{
	RgWorkerSlot *worker = &rg_shared->workers[my_slot];

	rg_lock();
	if (job == NULL)
		rg_pool_leave_hosts(worker);
	worker->organization_id = job ? job->organization_id : 0;
	worker->job_id = job ? job->job_id : 0;
	worker->data_source_id = job && !job->tests ? job->data_source_id : 0;
	worker->yields = job && job->yields;
	worker->notices &= RG_NOTICE_EVACUATE;
	memset(&worker->progress, 0, sizeof(worker->progress));
	rg_unlock();
}

void
rg_pool_set_yields(bool yields)
{
	rg_lock();
	rg_shared->workers[my_slot].yields = yields;
	rg_unlock();
}

static RgWorkerSlot *
worker_of_job(Oid database, int64 job_id)
{
	for (int i = 0; i < RG_MAX_POOL; i++)
	{
		RgWorkerSlot *worker = &rg_shared->workers[i];

		if (worker->used && worker->job_id == job_id && worker->database == database)
			return worker;
	}
	return NULL;
}

bool
rg_pool_runs_job(Oid database, int64 job_id)
{
	return worker_of_job(database, job_id) != NULL;
}

bool
rg_pool_runs_source(Oid database, int64 organization_id, int64 data_source_id)
{
	for (int i = 0; i < RG_MAX_POOL; i++)
	{
		RgWorkerSlot *worker = &rg_shared->workers[i];

		if (worker->used && worker->database == database && worker->organization_id == organization_id &&
			worker->data_source_id == data_source_id)
			return true;
	}
	return false;
}

int
rg_pool_busy_for(Oid database, int64 organization_id)
{
	int busy = 0;

	for (int i = 0; i < RG_MAX_POOL; i++)
	{
		RgWorkerSlot *worker = &rg_shared->workers[i];

		busy += worker->used && worker->database == database && worker->organization_id == organization_id;
	}
	return busy;
}

void
rg_pool_set_test(int64 organization_id, int64 data_source_id)
{
	RgWorkerSlot *worker = &rg_shared->workers[my_slot];

	rg_lock();
	if (organization_id == 0)
		rg_pool_leave_hosts(worker);
	worker->organization_id = organization_id;
	worker->tested_source = data_source_id;
	rg_unlock();
}

bool
rg_pool_tests(int64 data_source_id)
{
	bool found = false;

	rg_lock();
	for (int i = 0; i < RG_MAX_POOL; i++)
		found |= rg_shared->workers[i].used && rg_shared->workers[i].database == MyDatabaseId &&
				 rg_shared->workers[i].tested_source == data_source_id;
	rg_unlock();
	return found;
}

bool
rg_pool_has_job(int64 job_id)
{
	rg_lock();

	bool found = worker_of_job(MyDatabaseId, job_id) != NULL;

	rg_unlock();
	return found;
}

void
rg_pool_set_progress(const RgProgress *progress)
{
	rg_lock();
	rg_shared->workers[my_slot].progress = *progress;
	rg_unlock();
}

bool
rg_pool_progress(int64 organization_id, int64 job_id, RgProgress *progress)
{
	if (rg_shared == NULL)
		return false;
	rg_lock();

	RgWorkerSlot *worker = worker_of_job(MyDatabaseId, job_id);
	bool found = worker != NULL && worker->organization_id == organization_id;

	if (found)
		*progress = worker->progress;
	rg_unlock();
	return found;
}

int
rg_pool_notices(void)
{
	if (my_slot < 0)
		return 0; /* a reader */

	RgWorkerSlot *worker = &rg_shared->workers[my_slot];

	rg_lock();

	int notices = worker->notices;

	worker->notices &= RG_NOTICE_EVACUATE;
	rg_unlock();
	return notices;
}

void
rg_pool_notify(int64 job_id, RgNotice notice)
{
	if (rg_shared == NULL)
		return;
	rg_lock();

	RgWorkerSlot *worker = worker_of_job(MyDatabaseId, job_id);

	if (worker != NULL)
		notify(worker, notice);
	rg_unlock();
}

/* May its job be put off? Not if a caller waits for that very job by now. */
static bool
gives_way(const RgWorkerSlot *worker)
{
	if (!worker->used || !worker->yields)
		return false;
	for (int i = 0; i < RG_MAX_CALLS; i++)
	{
		RgCallSlot *request = &rg_shared->requests[i];

		if (request->state == RG_CALL_LINKED && request->database == worker->database &&
			request->id == worker->job_id)
			return false;
	}
	return true;
}

/* Prefers a worker of this database; with an organization, takes only a worker of that organization. */
static RgWorkerSlot *
worker_that_gives_way(Oid database, int64 organization_id)
{
	RgWorkerSlot *found = NULL;

	for (int i = 0; i < RG_MAX_POOL; i++)
	{
		RgWorkerSlot *worker = &rg_shared->workers[i];
		bool is_here = worker->database == database;

		if (!gives_way(worker))
			continue;
		if (organization_id != 0 && (!is_here || worker->organization_id != organization_id))
			continue;
		if (found == NULL || is_here)
			found = worker;
	}
	return found;
}

void
rg_pool_make_room(Oid database, int64 organization_id)
{
	rg_lock();

	bool is_full = rg_pool_busy_for(database, organization_id) >= rg_queue_organization_limit();
	RgWorkerSlot *worker = worker_that_gives_way(database, is_full ? organization_id : 0);

	if (worker != NULL)
	{
		worker->yields = false; /* the next caller asks another worker */
		notify(worker, RG_NOTICE_YIELD);
	}
	rg_unlock();
}

void
rg_pool_make_way_within(int64 organization_id)
{
	rg_lock();

	bool is_full = rg_pool_busy_for(MyDatabaseId, organization_id) >= rg_queue_organization_limit();

	rg_unlock();
	if (is_full)
		rg_pool_make_room(MyDatabaseId, organization_id);
}

void
rg_pool_set_idle(void)
{
	rg_lock();
	rg_shared->workers[my_slot].idle = true;
	rg_unlock();
}

bool
rg_pool_is_called(void)
{
	rg_lock();

	bool called = rg_shared->workers[my_slot].called;

	rg_unlock();
	return called;
}

bool
rg_pool_end_idle(void)
{
	RgWorkerSlot *worker = &rg_shared->workers[my_slot];

	rg_lock();

	bool called = worker->called;

	worker->idle = false;
	worker->called = false;
	rg_unlock();
	return called;
}

void
rg_pool_evacuate(Oid database)
{
	rg_lock();

	bool passing = rg_database_find(database) == NULL;
	RgDatabase *entry = rg_database_entry(database);

	if (entry != NULL)
	{
		entry->evacuating = true;
		entry->passing |= passing;
	}
	for (int i = 0; i < RG_MAX_POOL; i++)
	{
		RgWorkerSlot *worker = &rg_shared->workers[i];

		if (worker->used && worker->database == database)
			notify(worker, RG_NOTICE_EVACUATE);
	}
	rg_unlock();
}

bool
rg_pool_has_workers(Oid database)
{
	bool found = false;

	rg_lock();
	for (int i = 0; i < RG_MAX_POOL; i++)
		found |= rg_shared->workers[i].used && rg_shared->workers[i].database == database;
	rg_unlock();
	return found;
}

int
rg_pool_my_slot(void)
{
	return my_slot;
}
