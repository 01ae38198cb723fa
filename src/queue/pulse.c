/*
 * pulse.c — a worker that reads from a connector says once a second that it is alive. One that has stopped (a
 * signal, a hostile connector) would hold its job and those who wait for it for ever: the launcher tells it
 * to leave, and wakes it for that; a caller who waits for one that does not even leave gives up.
 */
#include "pulse.h"

#include <limits.h>
#include <signal.h>

#include "utils/timestamp.h"

#include "databases.h"
#include "pool.h"
#include "shared.h"

/* Between two signs of life there are 256 kB to be parsed at most. */
#define STILL_MS 10000
/* How much longer a caller waits than the worker has to leave. */
#define PATIENCE_MS 10000
#define LOOK_MS     2000

void
rg_pulse_beat(bool reading)
{
	RgWorkerSlot *worker = &rg_shared->workers[rg_pool_my_slot()];

	rg_lock();
	if (reading && worker->beat_at == 0)
		rg_database_wake_launcher(); /* from now on it looks */
	worker->beat_at = reading ? GetCurrentTimestamp() : 0;
	rg_unlock();
}

static bool
is_still(const RgWorkerSlot *worker, int milliseconds)
{
	return worker->used && worker->beat_at != 0 &&
		   TimestampDifferenceExceeds(worker->beat_at, GetCurrentTimestamp(), milliseconds);
}

/* A stopped process takes SIGTERM when it goes on. The lock must be held. */
static pid_t
shake(RgWorkerSlot *worker)
{
	if (!is_still(worker, STILL_MS) || worker->shaken)
		return 0;
	worker->shaken = true;
	(void) kill(worker->pid, SIGTERM);
	(void) kill(worker->pid, SIGCONT);
	return worker->pid;
}

long
rg_pulse_look(void)
{
	bool anyone_reads = false;

	for (int i = 0; i < RG_MAX_POOL; i++)
	{
		rg_lock();

		pid_t shaken = shake(&rg_shared->workers[i]);

		anyone_reads |= rg_shared->workers[i].beat_at != 0;
		rg_unlock();
		if (shaken != 0)
			ereport(LOG, (errmsg("worker %d has not moved for %d s and is told to leave", (int) shaken,
								 STILL_MS / 1000)));
	}
	return anyone_reads ? LOOK_MS : LONG_MAX;
}

/* The worker that this request waits for, or NULL. The lock must be held. */
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
rg_pulse_is_lost(const RgCallSlot *request)
{
	rg_lock();

	const RgWorkerSlot *worker = worker_of(request);
	bool lost = worker != NULL && is_still(worker, STILL_MS + PATIENCE_MS);

	rg_unlock();
	return lost;
}
