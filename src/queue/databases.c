/*
 * databases.c — the databases that workers serve: which they are, when each is due, and the launcher's part,
 * which starts a worker where there is work and room.
 */
#include "databases.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "utils/guc.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

#include "pending.h"
#include "pool.h"
#include "heartbeat.h"
#include "calls.h"
#include "share.h"
#include "shared.h"

static bool enabled = true;
static char *served_databases = NULL;

void
rg_databases_init(void)
{
	DefineCustomBoolVariable("rivergen.enabled", "Whether workers run.",
							 "Requests and jobs wait while it is off.", &enabled, true, PGC_SIGHUP, 0, NULL,
							 NULL, NULL);
	DefineCustomStringVariable("rivergen.databases", "Databases whose jobs are run.",
							   "A comma-separated list, or * for every database that has the extension.",
							   &served_databases, "*", PGC_SIGHUP, GUC_LIST_INPUT, NULL, NULL, NULL);
}

bool
rg_database_is_served(const char *name)
{
	List *names;
	ListCell *cell;
	bool served = false;

	if (!enabled)
		return false;

	char *copy = pstrdup(served_databases);

	if (SplitIdentifierString(copy, ',', &names))
	{
		foreach (cell, names)
		{
			const char *listed = lfirst(cell);

			served |= strcmp(listed, "*") == 0 || strcmp(listed, name) == 0;
		}
		list_free(names);
	}
	pfree(copy);
	return served;
}

RgDatabase *
rg_database_find(Oid database)
{
	for (int i = 0; i < RG_MAX_DATABASES; i++)
	{
		if (rg_shared->databases[i].database == database)
			return &rg_shared->databases[i];
	}
	return NULL;
}

RgDatabase *
rg_database_entry(Oid database)
{
	RgDatabase *entry = rg_database_find(database);

	if (entry == NULL)
		entry = rg_database_find(InvalidOid);
	if (entry != NULL && entry->database == InvalidOid)
		*entry = (RgDatabase){.database = database};
	return entry;
}

/* The lock must be held. */
void
rg_database_wake_launcher(void)
{
	if (rg_shared->launcher != NULL)
		SetLatch(rg_shared->launcher);
}

bool
rg_database_is_evacuating(Oid database)
{
	rg_lock();

	const RgDatabase *entry = rg_database_find(database);
	bool evacuating = entry != NULL && entry->evacuating;

	rg_unlock();
	return evacuating;
}

void
rg_database_wake(Oid database)
{
	if (rg_shared == NULL)
		return;
	rg_lock();

	RgDatabase *entry = rg_database_entry(database);

	if (entry != NULL)
		entry->wake = true;
	rg_database_wake_launcher();
	rg_unlock();
}

void
rg_database_next_due(bool has_extension, TimestampTz next)
{
	rg_lock();

	RgDatabase *entry = rg_database_find(MyDatabaseId);

	if (entry != NULL)
	{
		entry->has_extension = has_extension;
		entry->next_due = Min(entry->next_due, next);
		if (!has_extension && !entry->wake && !entry->evacuating)
			entry->database = InvalidOid;
	}
	rg_database_wake_launcher();
	rg_unlock();
}

bool
rg_database_first_met(const char *version)
{
	uint32 hash = hash_bytes((const unsigned char *) version, strlen(version)) | 1;
	bool first = false;

	rg_lock();

	RgDatabase *entry = rg_database_find(MyDatabaseId);

	if (entry != NULL)
	{
		first = entry->met_version != hash;
		entry->met_version = hash;
	}
	rg_unlock();
	return first;
}

void
rg_database_readmit(Oid database)
{
	rg_lock();

	RgDatabase *entry = rg_database_find(database);

	if (entry != NULL)
	{
		entry->evacuating = false;
		if (entry->passing && !entry->wake && !rg_calls_pending(database))
			entry->database = InvalidOid;
		entry->passing = false;
	}
	rg_database_wake_launcher();
	rg_unlock();
}

void
rg_database_forget(Oid database)
{
	rg_lock();

	RgDatabase *entry = rg_database_find(database);

	if (entry != NULL)
		entry->database = InvalidOid;
	rg_pending_forget_database(database);
	rg_unlock();
}

/* ---- the launcher ---- */

static void
detach_launcher(int code, Datum argument)
{
	rg_lock();
	rg_shared->launcher = NULL;
	rg_unlock();
}

void
rg_database_launcher_attach(void)
{
	before_shmem_exit(detach_launcher, 0);
	rg_lock();
	rg_shared->launcher = MyLatch;
	rg_unlock();
}

bool
rg_database_launcher_is_running(void)
{
	if (rg_shared == NULL)
		return false;
	rg_lock();

	bool running = rg_shared->launcher != NULL;

	rg_unlock();
	return running;
}

void
rg_database_watch(Oid database)
{
	rg_lock();

	RgDatabase *entry = rg_database_entry(database);

	if (entry != NULL)
		entry->next_due = 0;
	rg_unlock();
}

void
rg_database_unwatch(Oid database)
{
	rg_lock();

	RgDatabase *entry = rg_database_find(database);

	if (entry != NULL && !entry->evacuating)
		entry->database = InvalidOid;
	rg_unlock();
}

#define LONGEST_SLEEP_MS 60000
#define RETRY_START_MS   1000
#define POLL_USECS       (INT64CONST(60) * USECS_PER_SEC)

/*
 * Returns a database that needs a worker. Starting the worker allocates memory and may fail, so the caller
 * does it without the lock.
 */
static Oid
next_due_database(TimestampTz now)
{
	rg_lock();
	rg_pool_reap(now);

	Oid due = rg_share_next(now);
	RgDatabase *entry = OidIsValid(due) ? rg_database_find(due) : NULL;

	if (entry != NULL)
	{
		/*
		 * Reset before the worker starts: a later commit sets it again, and the worker's own report counts.
		 */
		entry->wake = false;
		entry->next_due = now + POLL_USECS;
	}
	rg_unlock();
	return due;
}

static TimestampTz
first_due(TimestampTz now)
{
	TimestampTz first = TimestampTzPlusMilliseconds(now, LONGEST_SLEEP_MS);

	rg_lock();
	for (int i = 0; i < RG_MAX_DATABASES; i++)
	{
		RgDatabase *entry = &rg_shared->databases[i];

		if (entry->database != InvalidOid && !entry->evacuating && entry->next_due > now)
			first = Min(first, entry->next_due);
	}
	rg_unlock();
	return first;
}

/*
 * Marks the database for the launcher's next round, which the end of a worker starts. Waking the launcher
 * now would only make it fail again.
 */
void
rg_database_keep_awake(Oid database)
{
	RgDatabase *entry = rg_database_find(database);

	if (entry != NULL)
		entry->wake = true;
}

long
rg_database_schedule(void)
{
	TimestampTz now = GetCurrentTimestamp();
	Oid database;

	long next_heartbeat = rg_heartbeat_check();

	if (!enabled)
		return Min(LONGEST_SLEEP_MS, next_heartbeat);
	while ((database = next_due_database(now)) != InvalidOid)
	{
		if (rg_pool_start(database) != RG_STARTED)
		{
			rg_lock();
			rg_database_keep_awake(database);
			rg_unlock();
			return RETRY_START_MS;
		}
	}
	return Max(1,
			   Min(next_heartbeat, TimestampDifferenceMilliseconds(GetCurrentTimestamp(), first_due(now))));
}
