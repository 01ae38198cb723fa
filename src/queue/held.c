/*
 * held.c — jobs that have been done, and whose outcome cannot be stored now: a client's open transaction
 * holds a row that is needed.
 *
 * The worker holds such an outcome aside, serves others, and comes back to it. One that leaves its database,
 * or holds too many, lays the job down: the outcome is lost, and whichever worker finds the row free puts the
 * job back into the queue. Neither is a crash, although the row says running; neither counts against the
 * limits of its organization.
 */
#include "held.h"

#include "access/xact.h"
#include "miscadmin.h"

#include "databases.h"
#include "pool.h"
#include "shared.h"

/* Laid down jobs that this transaction puts back. */
static RgHeld picked_up[RG_MAX_LAID_DOWN];
static int picked_up_count = 0;

static RgHeld
identity_of(const RgJob *job)
{
	return (RgHeld){.organization_id = job->organization_id,
					.data_source_id = job->data_source_id,
					.job_id = job->job_id,
					.attempt = job->attempt};
}

/* Without a free place the job is taken for one that was left behind by a crash. */
static void
lay_down(Oid database, RgHeld held)
{
	for (int i = 0; i < RG_MAX_LAID_DOWN; i++)
	{
		RgLaidDown *place = &rg_shared->laid_down[i];

		if (place->database != InvalidOid)
			continue;
		*place = (RgLaidDown){.database = database, .job = held};
		return;
	}
}

bool
rg_held_hold(const RgJob *job)
{
	RgWorkerSlot *worker = &rg_shared->workers[rg_pool_my_slot()];

	rg_lock();

	bool has_room = worker->held_count < RG_MAX_HELD;

	if (has_room)
		worker->held[worker->held_count++] = identity_of(job);
	else
		lay_down(MyDatabaseId, identity_of(job));
	rg_unlock();
	return has_room;
}

void
rg_held_let_go(const RgJob *job)
{
	RgWorkerSlot *worker = &rg_shared->workers[rg_pool_my_slot()];

	rg_lock();
	for (int i = 0; i < worker->held_count; i++)
	{
		if (worker->held[i].job_id == job->job_id)
			worker->held[i] = worker->held[--worker->held_count];
	}
	rg_unlock();
}

void
rg_held_lay_down_all(RgWorkerSlot *worker)
{
	for (int i = 0; i < worker->held_count; i++)
		lay_down(worker->database, worker->held[i]);
	if (worker->held_count > 0)
		rg_database_keep_awake(worker->database);
	worker->held_count = 0;
}

/* The lock must be held; calls back for every job of this database that is held, or was laid down. */
static void
for_each_held(void (*visit)(const RgHeld *held, void *argument), void *argument)
{
	for (int i = 0; i < RG_MAX_POOL; i++)
	{
		RgWorkerSlot *worker = &rg_shared->workers[i];

		for (int n = 0; worker->used && worker->database == MyDatabaseId && n < worker->held_count; n++)
			visit(&worker->held[n], argument);
	}
	for (int i = 0; i < RG_MAX_LAID_DOWN; i++)
	{
		if (rg_shared->laid_down[i].database == MyDatabaseId)
			visit(&rg_shared->laid_down[i].job, argument);
	}
}

typedef struct SourceSearch
{
	int64 organization_id;
	int64 data_source_id;
	bool found;
} SourceSearch;

static void
compare_source(const RgHeld *held, void *argument)
{
	SourceSearch *search = argument;

	search->found |=
		held->organization_id == search->organization_id && held->data_source_id == search->data_source_id;
}

bool
rg_queue_holds_source(int64 organization_id, int64 data_source_id)
{
	SourceSearch search = {.organization_id = organization_id, .data_source_id = data_source_id};

	rg_lock();
	for_each_held(compare_source, &search);
	rg_unlock();
	return search.found;
}

typedef struct JobList
{
	Datum *jobs;
	int count;
} JobList;

static void
list_job(const RgHeld *held, void *argument)
{
	JobList *list = argument;

	list->jobs[list->count++] = Int64GetDatum(held->job_id);
}

int
rg_held_list(Datum *jobs)
{
	JobList list = {.jobs = jobs};

	for_each_held(list_job, &list);
	return list.count;
}

bool
rg_held_has_job(int64 job_id)
{
	bool found = false;

	rg_lock();
	for (int i = 0; i < RG_MAX_POOL; i++)
	{
		RgWorkerSlot *worker = &rg_shared->workers[i];

		for (int n = 0; worker->used && worker->database == MyDatabaseId && n < worker->held_count; n++)
			found |= worker->held[n].job_id == job_id;
	}
	rg_unlock();
	return found;
}

static RgLaidDown *
find_laid_down(int64 job_id, int32 attempt)
{
	for (int i = 0; i < RG_MAX_LAID_DOWN; i++)
	{
		RgLaidDown *place = &rg_shared->laid_down[i];

		if (place->database == MyDatabaseId &&
			(job_id == 0 || (place->job.job_id == job_id && place->job.attempt == attempt)))
			return place;
	}
	return NULL;
}

bool
rg_job_was_laid_down(int64 job_id, int32 attempt)
{
	rg_lock();

	bool found = find_laid_down(job_id, attempt) != NULL;

	rg_unlock();
	return found;
}

/* Until it is committed, the row says running: without its place the job would be taken for a crash. */
void
rg_job_pick_up(const RgJob *job)
{
	if (picked_up_count < RG_MAX_LAID_DOWN)
		picked_up[picked_up_count++] = identity_of(job);
}

static void
forget_picked_up(XactEvent event, void *argument)
{
	(void) argument;
	if (picked_up_count == 0 || (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT))
		return;
	rg_lock();
	for (int i = 0; event == XACT_EVENT_COMMIT && i < picked_up_count; i++)
	{
		RgLaidDown *place = find_laid_down(picked_up[i].job_id, picked_up[i].attempt);

		if (place != NULL)
			place->database = InvalidOid;
	}
	rg_unlock();
	picked_up_count = 0;
}

void
rg_held_init(void)
{
	RegisterXactCallback(forget_picked_up, NULL);
}

void
rg_held_forget_others(const int64 *running, int count)
{
	rg_lock();
	for (int i = 0; i < RG_MAX_LAID_DOWN; i++)
	{
		RgLaidDown *place = &rg_shared->laid_down[i];
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
rg_held_forget_database(Oid database)
{
	for (int i = 0; i < RG_MAX_LAID_DOWN; i++)
	{
		if (rg_shared->laid_down[i].database == database)
			rg_shared->laid_down[i].database = InvalidOid;
	}
}

bool
rg_queue_has_laid_down(void)
{
	rg_lock();

	bool found = find_laid_down(0, 0) != NULL;

	rg_unlock();
	return found;
}
