/*
 * requests.c — the requests of waiting callers, as workers see them.
 */
#include "shared.h"

#include "miscadmin.h"

/* The lock must be held. */
bool
rg_requests_pending(Oid database)
{
	for (int i = 0; i < RG_MAX_REQUESTS; i++)
	{
		if (rg_shared->requests[i].state == RG_REQUEST_NEW && rg_shared->requests[i].database == database)
			return true;
	}
	return false;
}

bool
rg_request_take(RgRequest *request)
{
	int worker = rg_pool_my_slot();
	bool taken = false;

	rg_lock();
	for (int i = 0; i < RG_MAX_REQUESTS && !taken; i++)
	{
		RgRequestSlot *slot = &rg_shared->requests[i];

		if (slot->state == RG_REQUEST_NEW && slot->database == MyDatabaseId)
		{
			slot->state = RG_REQUEST_TAKEN;
			slot->taker = worker;
			*request = slot->request;
			taken = true;
		}
	}
	rg_unlock();
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
	rg_lock();

	RgRequestSlot *slot = slot_of(request);

	if (slot != NULL)
	{
		slot->state = RG_REQUEST_LINKED;
		slot->id = job_id;
	}
	rg_unlock();
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
	rg_lock();

	RgRequestSlot *slot = slot_of(request);

	if (slot != NULL)
		answer(slot, id, status, message, hint);
	rg_unlock();
}

bool
rg_request_is_waited_for(const RgRequest *request)
{
	rg_lock();

	bool found = slot_of(request) != NULL;

	rg_unlock();
	return found;
}

static bool
waits_for(const RgRequestSlot *slot, int64 job_id)
{
	return slot->state == RG_REQUEST_LINKED && slot->database == MyDatabaseId && slot->id == job_id;
}

void
rg_request_job_ended(int64 job_id)
{
	rg_lock();
	for (int i = 0; i < RG_MAX_REQUESTS; i++)
	{
		if (waits_for(&rg_shared->requests[i], job_id))
			answer(&rg_shared->requests[i], job_id, 0, NULL, NULL);
	}
	rg_unlock();
}

void
rg_request_refuse_waiting(int64 job_id, int status, const char *message, const char *hint)
{
	rg_lock();
	for (int i = 0; i < RG_MAX_REQUESTS; i++)
	{
		if (waits_for(&rg_shared->requests[i], job_id))
			answer(&rg_shared->requests[i], job_id, status, message, hint);
	}
	rg_unlock();
}

bool
rg_request_waited_for(int64 job_id)
{
	bool found = false;

	rg_lock();
	for (int i = 0; i < RG_MAX_REQUESTS; i++)
		found |= waits_for(&rg_shared->requests[i], job_id);
	rg_unlock();
	return found;
}

/* What a worker took and did not answer will not be answered by anybody else. The lock must be held. */
void
rg_requests_drop(int worker)
{
	for (int i = 0; i < RG_MAX_REQUESTS; i++)
	{
		RgRequestSlot *slot = &rg_shared->requests[i];

		if (slot->state == RG_REQUEST_TAKEN && slot->taker == worker)
			answer(slot, 0, 503, "the worker that took the request ended", "The server's log says why.");
	}
}
