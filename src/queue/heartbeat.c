/*
 * heartbeat.c — a worker that reads from a connector reports once a second that it is alive. A worker that
 * has stopped (a signal, a hostile connector) would keep its job and its callers for ever. So the launcher
 * asks it to leave, with SIGTERM and SIGCONT. If it does not leave either, its callers give up.
 */
#include "heartbeat.h"

#include <limits.h>
#include <signal.h>

#include "utils/timestamp.h"

#include "databases.h"
#include "pool.h"
#include "shared.h"

/* Between two reports a worker parses 256 kB at most. */
#define STOPPED_MS 10000
/* How much longer callers wait than the worker has time to leave. */
#define GRACE_MS 10000
#define CHECK_MS 2000

void
rg_heartbeat_send(bool reading)
{
	if (rg_pool_my_slot() < 0)
		return; /* a reader, which has a heartbeat of its own */

	RgWorkerSlot *worker = &rg_shared->workers[rg_pool_my_slot()];

	rg_lock();
	if (reading && worker->heartbeat_at == 0)
		rg_database_wake_launcher(); /* the launcher checks from now on */
	worker->heartbeat_at = reading ? GetCurrentTimestamp() : 0;
	rg_unlock();
}

static bool
has_stopped(const RgWorkerSlot *worker, int milliseconds)
{
	return worker->used && worker->heartbeat_at != 0 &&
		   TimestampDifferenceExceeds(worker->heartbeat_at, GetCurrentTimestamp(), milliseconds);
}

/* A stopped process handles SIGTERM when it continues. The lock must be held. */
static pid_t
ask_to_leave(RgWorkerSlot *worker)
{
	if (!has_stopped(worker, STOPPED_MS) || worker->asked_to_leave)
		return 0;
	worker->asked_to_leave = true;
	(void) kill(worker->pid, SIGTERM);
	(void) kill(worker->pid, SIGCONT);
	return worker->pid;
}

long
rg_heartbeat_check(void)
{
	bool is_any_reading = false;

	for (int i = 0; i < RG_MAX_POOL; i++)
	{
		rg_lock();

		pid_t asked_to_leave = ask_to_leave(&rg_shared->workers[i]);

		is_any_reading |= rg_shared->workers[i].heartbeat_at != 0;
		rg_unlock();
		if (asked_to_leave != 0)
			ereport(LOG, (errmsg("worker %d has not moved for %d s and is asked to leave",
								 (int) asked_to_leave, STOPPED_MS / 1000)));
	}
	return is_any_reading ? CHECK_MS : LONG_MAX;
}

/* The worker that this call waits for, or NULL. The lock must be held. */
static const RgWorkerSlot *
worker_of(const RgCallSlot *request)
{
	if (request->state == RG_CALL_TAKEN)
		return &rg_shared->workers[request->taker];
	for (int i = 0; i < RG_MAX_POOL && request->state == RG_CALL_LINKED; i++)
	{
		const RgWorkerSlot *worker = &rg_shared->workers[i];

		if (worker->used && worker->database == request->database && worker->job_id == request->id)
			return worker;
	}
	return NULL;
}

bool
rg_heartbeat_is_lost(const RgCallSlot *request)
{
	rg_lock();

	const RgWorkerSlot *worker = worker_of(request);
	bool lost = worker != NULL && has_stopped(worker, STOPPED_MS + GRACE_MS);

	rg_unlock();
	return lost;
}
