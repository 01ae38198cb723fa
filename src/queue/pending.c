/*
 * pending.c — finished jobs whose outcome cannot be stored yet, because a client's open transaction locks a
 * row that it needs.
 *
 * The worker keeps such an outcome, runs other jobs, and tries again later. If the worker leaves its
 * database, or keeps too many outcomes, it drops the job: the outcome is lost, and any worker that finds the
 * row free puts the job back into the queue. Until then the row says running, but the job is no crash and
 * counts against no limit of its organization.
 */
#include "pending.h"

#include "access/xact.h"
#include "miscadmin.h"

#include "databases.h"
#include "pool.h"
#include "shared.h"

/* Dropped jobs that this transaction puts back. */
static RgPending requeued[RG_MAX_DROPPED];
static int requeued_count = 0;

static RgPending
identity_of(const RgJob *job)
{
	return (RgPending){.organization_id = job->organization_id,
					   .data_source_id = job->data_source_id,
					   .job_id = job->job_id,
					   .attempt = job->attempt};
}

/* Without a free place the job will count as left by a crash. */
static void
drop(Oid database, RgPending pending)
{
	for (int i = 0; i < RG_MAX_DROPPED; i++)
	{
		RgDropped *place = &rg_shared->dropped[i];

		if (place->database != InvalidOid)
			continue;
		*place = (RgDropped){.database = database, .job = pending};
		return;
	}
}

bool
rg_pending_add(const RgJob *job)
{
	RgWorkerSlot *worker = &rg_shared->workers[rg_pool_my_slot()];

	rg_lock();

	bool has_room = worker->pending_count < RG_MAX_PENDING;

	if (has_room)
		worker->pending[worker->pending_count++] = identity_of(job);
	else
		drop(MyDatabaseId, identity_of(job));
	rg_unlock();
	return has_room;
}

void
rg_pending_remove(const RgJob *job)
{
	RgWorkerSlot *worker = &rg_shared->workers[rg_pool_my_slot()];

	rg_lock();
	for (int i = 0; i < worker->pending_count; i++)
	{
		if (worker->pending[i].job_id == job->job_id)
			worker->pending[i] = worker->pending[--worker->pending_count];
	}
	rg_unlock();
}

void
rg_pending_drop_all(RgWorkerSlot *worker)
{
	for (int i = 0; i < worker->pending_count; i++)
		drop(worker->database, worker->pending[i]);
	if (worker->pending_count > 0)
		rg_database_keep_awake(worker->database);
	worker->pending_count = 0;
}

/* Visits every pending and dropped job of this database. The lock must be held. */
static void
for_each_pending(void (*visit)(const RgPending *pending, void *argument), void *argument)
{
	for (int i = 0; i < RG_MAX_POOL; i++)
	{
		RgWorkerSlot *worker = &rg_shared->workers[i];

		for (int n = 0; worker->used && worker->database == MyDatabaseId && n < worker->pending_count; n++)
			visit(&worker->pending[n], argument);
	}
	for (int i = 0; i < RG_MAX_DROPPED; i++)
	{
		if (rg_shared->dropped[i].database == MyDatabaseId)
			visit(&rg_shared->dropped[i].job, argument);
	}
}

typedef struct SourceSearch
{
	int64 organization_id;
	int64 data_source_id;
	bool found;
} SourceSearch;

static void
compare_source(const RgPending *pending, void *argument)
{
	SourceSearch *search = argument;

	search->found |= pending->organization_id == search->organization_id &&
					 pending->data_source_id == search->data_source_id;
}

bool
rg_pending_has_source(int64 organization_id, int64 data_source_id)
{
	SourceSearch search = {.organization_id = organization_id, .data_source_id = data_source_id};

	rg_lock();
	for_each_pending(compare_source, &search);
	rg_unlock();
	return search.found;
}

typedef struct JobList
{
	Datum *jobs;
	int count;
} JobList;

static void
list_job(const RgPending *pending, void *argument)
{
	JobList *list = argument;

	list->jobs[list->count++] = Int64GetDatum(pending->job_id);
}

int
rg_pending_list(Datum *jobs)
{
	JobList list = {.jobs = jobs};

	for_each_pending(list_job, &list);
	return list.count;
}

bool
rg_pending_has_job(int64 job_id)
{
	bool found = false;

	rg_lock();
	for (int i = 0; i < RG_MAX_POOL; i++)
	{
		RgWorkerSlot *worker = &rg_shared->workers[i];

		for (int n = 0; worker->used && worker->database == MyDatabaseId && n < worker->pending_count; n++)
			found |= worker->pending[n].job_id == job_id;
	}
	rg_unlock();
	return found;
}

static RgDropped *
find_dropped(int64 job_id, int32 attempt)
{
	for (int i = 0; i < RG_MAX_DROPPED; i++)
	{
		RgDropped *place = &rg_shared->dropped[i];

		if (place->database == MyDatabaseId &&
			(job_id == 0 || (place->job.job_id == job_id && place->job.attempt == attempt)))
			return place;
	}
	return NULL;
}

bool
rg_pending_was_dropped(int64 job_id, int32 attempt)
{
	rg_lock();

	bool found = find_dropped(job_id, attempt) != NULL;

	rg_unlock();
	return found;
}

/*
 * The place is kept until the commit: until then the row says running, and without the place the job would
 * count as a crash.
 */
void
rg_pending_requeued(const RgJob *job)
{
	if (requeued_count < RG_MAX_DROPPED)
		requeued[requeued_count++] = identity_of(job);
}

static void
forget_requeued(XactEvent event, void *argument)
{
	(void) argument;
	if (requeued_count == 0 || (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT))
		return;
	rg_lock();
	for (int i = 0; event == XACT_EVENT_COMMIT && i < requeued_count; i++)
	{
		RgDropped *place = find_dropped(requeued[i].job_id, requeued[i].attempt);

		if (place != NULL)
			place->database = InvalidOid;
	}
	rg_unlock();
	requeued_count = 0;
}

void
rg_pending_init(void)
{
	RegisterXactCallback(forget_requeued, NULL);
}

void
rg_pending_forget_others(const int64 *running, int count)
{
	rg_lock();
	for (int i = 0; i < RG_MAX_DROPPED; i++)
	{
		RgDropped *place = &rg_shared->dropped[i];
		bool is_running = false;

		if (place->database != MyDatabaseId)
			continue;
		for (int n = 0; n < count; n++)
			is_running |= running[n] == place->job.job_id;
		if (!is_running)
			place->database = InvalidOid;
	}
	rg_unlock();
}

void
rg_pending_forget_database(Oid database)
{
	for (int i = 0; i < RG_MAX_DROPPED; i++)
	{
		if (rg_shared->dropped[i].database == database)
			rg_shared->dropped[i].database = InvalidOid;
	}
}

bool
rg_pending_any_dropped(void)
{
	rg_lock();

	bool found = find_dropped(0, 0) != NULL;

	rg_unlock();
	return found;
}
