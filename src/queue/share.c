/* share.c — collects the input of fair.h: databases, their workers, and waiting callers. */
#include "share.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "fair.h"
#include "pool.h"
#include "calls.h"
#include "shared.h"

/* If there are more databases than workers, a worker serves queued jobs at least so long. */
#define TURN_USECS (1 * USECS_PER_SEC)

typedef struct RgShares
{
	int count;
	RgFairDatabase fair[RG_MAX_DATABASES];
	Oid databases[RG_MAX_DATABASES];
} RgShares;

/* Too large for the stack. */
static RgShares shares;

static int
place_of(Oid database)
{
	for (int i = 0; i < shares.count; i++)
	{
		if (shares.databases[i] == database)
			return i;
	}
	return -1;
}

static void
add_databases(TimestampTz now)
{
	shares.count = 0;
	for (int i = 0; i < RG_MAX_DATABASES; i++)
	{
		RgDatabase *entry = &rg_shared->databases[i];

		if (entry->database == InvalidOid || entry->evacuating)
			continue;
		shares.databases[shares.count] = entry->database;
		shares.fair[shares.count++] = (RgFairDatabase){.has_work = entry->wake || entry->next_due <= now,
													   .served_at = entry->served_at};
	}
}

/* A worker that leaves counts for the database that it was promised to. */
static void
add_workers(void)
{
	for (int i = 0; i < RG_MAX_POOL; i++)
	{
		RgWorkerSlot *worker = &rg_shared->workers[i];
		bool is_promised = OidIsValid(worker->promised);
		int place = worker->used ? place_of(is_promised ? worker->promised : worker->database) : -1;

		if (place < 0)
			continue;
		shares.fair[place].workers++;
		shares.fair[place].is_coming |= is_promised || worker->pid == 0 || worker->called;
		shares.fair[place].is_idle |= worker->idle;
	}
}

static void
add_callers(TimestampTz now)
{
	for (int i = 0; i < RG_MAX_CALLS; i++)
	{
		RgCallSlot *slot = &rg_shared->requests[i];
		int place = rg_call_wants_worker(slot, now) ? place_of(slot->database) : -1;

		if (place >= 0 &&
			(shares.fair[place].waiting_since == 0 || slot->since < shares.fair[place].waiting_since))
			shares.fair[place].waiting_since = slot->since;
	}
}

static void
collect(TimestampTz now)
{
	add_databases(now);
	add_workers();
	add_callers(now);
}

Oid
rg_share_next(TimestampTz now)
{
	collect(now);

	int next = rg_fair_next(shares.fair, shares.count, -1);

	return next < 0 ? InvalidOid : shares.databases[next];
}

static bool
pool_is_full(void)
{
	int used = 0;

	for (int i = 0; i < RG_MAX_POOL; i++)
		used += rg_shared->workers[i].used;
	return used >= rg_max_workers;
}

/* The lock must be held. */
static Oid
awaited_elsewhere(const RgWorkerSlot *worker)
{
	TimestampTz now = GetCurrentTimestamp();

	collect(now);

	int own = place_of(worker->database);
	int next =
		own < 0 ? -1 : rg_fair_way(shares.fair, shares.count, own, worker->started_at, now, TURN_USECS);

	return next < 0 ? InvalidOid : shares.databases[next];
}

bool
rg_share_makes_way(void)
{
	RgWorkerSlot *worker = &rg_shared->workers[rg_pool_my_slot()];

	rg_lock();
	if (!OidIsValid(worker->promised) && pool_is_full())
		worker->promised = awaited_elsewhere(worker);

	bool leaves = OidIsValid(worker->promised);

	if (leaves)
		worker->notices |= RG_NOTICE_EVACUATE;
	rg_unlock();
	return leaves;
}
