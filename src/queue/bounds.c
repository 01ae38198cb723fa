/*
 * bounds.c — what a worker must not claim: jobs of hosts that are at their limit of connections, jobs of
 * organizations that are at their limit of workers, and jobs whose outcome is pending.
 */
#include "bounds.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/guc.h"

#include "databases.h"
#include "pending.h"
#include "jobs.h"
#include "pool.h"
#include "calls.h"
#include "shared.h"

static int max_connections_per_host = 2;

void
rg_bounds_init(void)
{
	DefineCustomIntVariable(
		"rivergen.max_connections_per_host",
		"Connections to one host and port at once, in all databases together.",
		"The schedule, discover_all and health checks open no more; callers that wait are "
		"counted, and do not wait for it.",
		&max_connections_per_host, 2, 1, RG_MAX_POOL, PGC_SIGHUP, 0, NULL, NULL, NULL);
}

/* ---- hosts ---- */

static int
connections_to(int64 host)
{
	int connections = 0;

	for (int i = 0; i < RG_MAX_POOL; i++)
		connections += rg_shared->workers[i].used && rg_host_keys_have(&rg_shared->workers[i].hosts, host);
	return connections;
}

/* Wakes every database whose jobs wait for a host: the freed connection may be to that host. */
void
rg_pool_leave_hosts(RgWorkerSlot *worker)
{
	if (worker->hosts.count == 0)
		return;
	worker->hosts.count = 0;
	rg_shared->hosts_left++;
	for (int i = 0; i < RG_MAX_DATABASES; i++)
	{
		RgDatabase *entry = &rg_shared->databases[i];

		if (entry->database == InvalidOid || !entry->waits_for_host)
			continue;
		entry->waits_for_host = false;
		entry->wake = true;
		rg_database_wake_launcher();
	}
}

bool
rg_bounds_take_hosts(const RgHostKeys *hosts, bool waited_for)
{
	RgWorkerSlot *worker = &rg_shared->workers[rg_pool_my_slot()];
	bool taken = true;

	rg_lock();
	rg_pool_leave_hosts(worker);
	for (int i = 0; i < hosts->count && !waited_for; i++)
		taken &= connections_to(hosts->keys[i]) < max_connections_per_host;
	if (taken)
		worker->hosts = *hosts;
	rg_unlock();
	return taken;
}

/*
 * Waits for a host to become free. If a worker left one since the bounds were computed, that wake-up is
 * over: wake the database now.
 */
void
rg_bounds_wait_for_host(const RgBounds *bounds)
{
	rg_lock();

	RgDatabase *entry = rg_database_find(MyDatabaseId);

	if (entry != NULL && bounds->hosts_left == rg_shared->hosts_left)
		entry->waits_for_host = true;
	else if (entry != NULL)
	{
		entry->wake = true;
		rg_database_wake_launcher();
	}
	rg_unlock();
}

/* ---- bounds of a claim ---- */

static Datum
array_of(Datum *elements, int count)
{
	return PointerGetDatum(construct_array(elements, count, INT8OID, sizeof(int64), true, TYPALIGN_DOUBLE));
}

/* The lock must be held. */
static int
full_hosts(Datum *hosts)
{
	int count = 0;

	for (int i = 0; i < RG_MAX_POOL; i++)
	{
		RgWorkerSlot *worker = &rg_shared->workers[i];

		for (int key = 0; worker->used && key < worker->hosts.count; key++)
		{
			if (connections_to(worker->hosts.keys[key]) >= max_connections_per_host)
				hosts[count++] = Int64GetDatum(worker->hosts.keys[key]);
		}
	}
	return count;
}

/* The lock must be held. */
static int
full_organizations(Datum *organizations)
{
	int count = 0;

	for (int i = 0; i < RG_MAX_POOL; i++)
	{
		RgWorkerSlot *worker = &rg_shared->workers[i];

		if (worker->used && worker->database == MyDatabaseId && worker->organization_id != 0 &&
			rg_pool_busy_for(MyDatabaseId, worker->organization_id) >= rg_queue_organization_limit())
			organizations[count++] = Int64GetDatum(worker->organization_id);
	}
	return count;
}

/* The lock must be held. */
static int
awaited_organizations(Datum *organizations)
{
	int count = 0;

	for (int i = 0; i < RG_MAX_CALLS; i++)
	{
		RgCallSlot *slot = &rg_shared->requests[i];

		if (slot->database == MyDatabaseId && rg_call_waits_for_claim(slot))
			organizations[count++] = Int64GetDatum(slot->request.organization_id);
	}
	return count;
}

RgBounds
rg_pool_bounds(void)
{
	Datum hosts[RG_MAX_POOL * RG_MAX_HOST_KEYS];
	Datum full[RG_MAX_POOL];
	Datum pending[RG_MOST_PENDING];
	Datum awaited[RG_MAX_CALLS];

	rg_lock();

	int host_count = full_hosts(hosts);
	int full_count = full_organizations(full);
	int pending_count = rg_pending_list(pending);
	int awaited_count = awaited_organizations(awaited);
	uint64 hosts_left = rg_shared->hosts_left;

	rg_unlock();
	return (RgBounds){.hosts = array_of(hosts, host_count),
					  .organizations = array_of(full, full_count),
					  .pending = array_of(pending, pending_count),
					  .awaited = array_of(awaited, awaited_count),
					  .has_awaited = awaited_count > 0,
					  .has_hosts = host_count > 0,
					  .hosts_left = hosts_left};
}
