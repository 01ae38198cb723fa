/*
 * wait_limits.c — how many sessions may wait for workers at once. A waiting session of a gateway uses one of
 * the gateway's few connections, which all organizations share. So the limits, in all and per organization,
 * are below that pool.
 */
#include "wait_limits.h"

#include "miscadmin.h"
#include "utils/guc.h"

#include "error.h"
#include "shared.h"

static int max_waiting_per_organization = 128;
static int http_max_waiting = 12;
static int http_max_waiting_per_organization = 4;

void
rg_wait_limits_init(void)
{
	DefineCustomIntVariable("rivergen.max_waiting_per_organization",
							"Sessions of one organization that may wait for workers at once.",
							"The next one is refused with 429.", &max_waiting_per_organization, 128, 1,
							RG_MAX_CALLS, PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomIntVariable(
		"rivergen.http_max_waiting", "Sessions of gateways that may wait for workers at once.",
		"Less than the gateway's pool of connections. The next one that asks for a discovery is answered 202 "
		"with the id of the job, which goes on; one that asks for a test is refused with 503.",
		&http_max_waiting, 12, 1, RG_MAX_CALLS, PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("rivergen.http_max_waiting_per_organization",
							"The same, of one organization; a test beyond it is refused with 429.", NULL,
							&http_max_waiting_per_organization, 4, 1, RG_MAX_CALLS, PGC_SIGHUP, 0, NULL, NULL,
							NULL);
}

/* Counts waiting sessions of the same kind (gateway or not). The lock must be held. */
static int
count_waiting(const RgCall *request, bool of_organization)
{
	int waiting = 0;

	for (int i = 0; i < RG_MAX_CALLS; i++)
	{
		const RgCallSlot *slot = &rg_shared->requests[i];
		const RgCall *other = &slot->request;

		if (slot->state == RG_CALL_FREE || other->gateway != request->gateway)
			continue;
		waiting += !of_organization || (slot->database == request->database &&
										other->organization_id == request->organization_id);
	}
	return waiting;
}

static bool
is_reached(const RgCall *request, bool of_organization, int limit, const char *setting, int status,
		   RgWaitLimit *limit_met)
{
	if (count_waiting(request, of_organization) < limit)
		return false;
	*limit_met = (RgWaitLimit){.status = status, .limit = limit, .setting = setting};
	return true;
}

/* Calls of operators (about keys, and for check()) belong to no organization and are never refused. */
bool
rg_wait_limits_reached(const RgCall *request, RgWaitLimit *limit_met)
{
	if (request->organization_id == 0)
		return false;
	if (!request->gateway)
		return is_reached(request, true, max_waiting_per_organization,
						  "rivergen.max_waiting_per_organization", RG_TOO_MANY, limit_met);
	return is_reached(request, true, http_max_waiting_per_organization,
					  "rivergen.http_max_waiting_per_organization", RG_TOO_MANY, limit_met) ||
		   is_reached(request, false, http_max_waiting, "rivergen.http_max_waiting", RG_UNAVAILABLE,
					  limit_met);
}
