/* calls.c — the calls of waiting callers, as workers see them. */
#include "calls.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "jobs.h"
#include "pool.h"
#include "shared.h"

/*
 * If a caller's job cannot be claimed because a client's transaction locks it, no worker is started for it
 * for so long.
 */
#define PASSED_MS 5000

/* Counts the organization's workers for a test only. Other calls are answered at once or become jobs. */
static bool
may_be_taken(const RgCallSlot *slot)
{
	return slot->state == RG_CALL_NEW &&
		   (slot->request.kind != RG_CALL_TEST ||
			rg_pool_busy_for(slot->database, slot->request.organization_id) < rg_queue_organization_limit());
}

bool
rg_call_may_be_taken(const RgCallSlot *slot)
{
	rg_lock();

	bool may = may_be_taken(slot);

	rg_unlock();
	return may;
}

/* Can its job be claimed, as far as shared memory shows? */
bool
rg_call_waits_for_claim(const RgCallSlot *slot)
{
	const RgCall *request = &slot->request;

	return slot->state == RG_CALL_LINKED && !rg_pool_runs_job(slot->database, slot->id) &&
		   !rg_pool_runs_source(slot->database, request->organization_id, request->data_source_id) &&
		   rg_pool_busy_for(slot->database, request->organization_id) < rg_queue_organization_limit();
}

bool
rg_call_wants_worker(const RgCallSlot *slot, TimestampTz now)
{
	return may_be_taken(slot) || (slot->passed_until <= now && rg_call_waits_for_claim(slot));
}

void
rg_calls_pass_over(void)
{
	TimestampTz until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), PASSED_MS);

	rg_lock();
	for (int i = 0; i < RG_MAX_CALLS; i++)
	{
		if (rg_shared->requests[i].database == MyDatabaseId &&
			rg_call_waits_for_claim(&rg_shared->requests[i]))
			rg_shared->requests[i].passed_until = until;
	}
	rg_unlock();
}

/* The lock must be held. */
bool
rg_calls_pending(Oid database)
{
	TimestampTz now = GetCurrentTimestamp();

	for (int i = 0; i < RG_MAX_CALLS; i++)
	{
		RgCallSlot *slot = &rg_shared->requests[i];

		if (slot->database == database && rg_call_wants_worker(slot, now))
			return true;
	}
	return false;
}

bool
rg_call_take(RgCall *request)
{
	RgCallSlot *oldest = NULL;

	rg_lock();
	for (int i = 0; i < RG_MAX_CALLS; i++)
	{
		RgCallSlot *slot = &rg_shared->requests[i];

		if (slot->database == MyDatabaseId && may_be_taken(slot) &&
			(oldest == NULL || slot->since < oldest->since))
			oldest = slot;
	}
	if (oldest != NULL)
	{
		oldest->state = RG_CALL_TAKEN;
		oldest->taker = rg_pool_my_slot();
		*request = oldest->request;
		if (request->kind == RG_CALL_TEST) /* the next worker must see it */
			rg_shared->workers[oldest->taker].organization_id = request->organization_id;
	}
	rg_unlock();
	return oldest != NULL;
}

/* NULL: the caller has left. */
static RgCallSlot *
slot_of(const RgCall *request)
{
	RgCallSlot *slot = &rg_shared->requests[request->slot];

	return slot->state != RG_CALL_FREE && slot->request.generation == request->generation ? slot : NULL;
}

void
rg_call_link(const RgCall *request, int64 job_id)
{
	rg_lock();

	RgCallSlot *slot = slot_of(request);

	if (slot != NULL)
	{
		slot->state = RG_CALL_LINKED;
		slot->id = job_id;
	}
	rg_unlock();
}

static void
answer(RgCallSlot *slot, int64 id, int status, const char *message, const char *hint)
{
	slot->state = RG_CALL_DONE;
	slot->id = id;
	slot->status = status;
	rg_copy_message(slot->message, message);
	rg_copy_message(slot->hint, hint);
	ConditionVariableBroadcast(&slot->done);
}

void
rg_call_answer(const RgCall *request, int64 id, int status, const char *message, const char *hint)
{
	rg_lock();

	RgCallSlot *slot = slot_of(request);

	if (slot != NULL)
		answer(slot, id, status, message, hint);
	rg_unlock();
}

bool
rg_call_is_waited_for(const RgCall *request)
{
	rg_lock();

	bool found = slot_of(request) != NULL;

	rg_unlock();
	return found;
}

static bool
waits_for(const RgCallSlot *slot, int64 job_id)
{
	return slot->state == RG_CALL_LINKED && slot->database == MyDatabaseId && slot->id == job_id;
}

void
rg_call_job_ended(int64 job_id)
{
	rg_lock();
	for (int i = 0; i < RG_MAX_CALLS; i++)
	{
		if (waits_for(&rg_shared->requests[i], job_id))
			answer(&rg_shared->requests[i], job_id, 0, NULL, NULL);
	}
	rg_unlock();
}

void
rg_call_refuse_waiting(int64 job_id, int status, const char *message, const char *hint)
{
	rg_lock();
	for (int i = 0; i < RG_MAX_CALLS; i++)
	{
		if (waits_for(&rg_shared->requests[i], job_id))
			answer(&rg_shared->requests[i], job_id, status, message, hint);
	}
	rg_unlock();
}

void
rg_call_refuse_source(int64 organization_id, int64 data_source_id, int status, const char *message,
					  const char *hint)
{
	rg_lock();
	for (int i = 0; i < RG_MAX_CALLS; i++)
	{
		RgCallSlot *slot = &rg_shared->requests[i];

		if (slot->state == RG_CALL_LINKED && slot->database == MyDatabaseId &&
			slot->request.organization_id == organization_id &&
			slot->request.data_source_id == data_source_id)
			answer(slot, slot->id, status, message, hint);
	}
	rg_unlock();
}

bool
rg_call_waited_for(int64 job_id)
{
	bool found = false;

	rg_lock();
	for (int i = 0; i < RG_MAX_CALLS; i++)
		found |= waits_for(&rg_shared->requests[i], job_id);
	rg_unlock();
	return found;
}

/* Answers the calls that this worker took and did not serve. The lock must be held. */
void
rg_calls_drop(int worker)
{
	for (int i = 0; i < RG_MAX_CALLS; i++)
	{
		RgCallSlot *slot = &rg_shared->requests[i];

		if (slot->state == RG_CALL_TAKEN && slot->taker == worker)
			answer(slot, 0, 503, "the worker that took the request ended", "The server's log says why.");
	}
}
