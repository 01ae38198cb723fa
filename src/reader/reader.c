/*
 * reader.c — the loop of a reader. It waits for its latch, its feeds and the clock at once, and serves what
 * is ready without waiting. The steps that may take time come afterwards, one at a time: while a tunnel is
 * made or a name is resolved, the loop's first half goes on in the waits of the worker room
 * (rg_watch_meanwhile).
 */
#include "reader/reader.h"

#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "reader/feed.h"
#include "reader/reading.h"
#include "reader/rest.h"
#include "reader/spare.h"
#include "version.h"
#include "worker/transaction.h"
#include "worker/watch.h"

/* How long a reader without streams stays: as long as its spare connectors. */
#define IDLE_MS 60000

#define CHECK_MS 1000

/* So many ready descriptors are served before the latch is looked at again. */
#define MOST_AT_ONCE 64

/* A longer list of sources is not shown. */
#define MOST_SHOWN 20

extern PGDLLEXPORT void rg_reader_main(Datum argument);

static int max_row_mb = 64;
static dlist_head readings = DLIST_STATIC_INIT(readings);
static bool must_leave = false;
static TimestampTz idle_since;
static TimestampTz next_check = 0;

void
rg_reader_init(void)
{
	DefineCustomIntVariable("rivergen.max_row_size", "Size of the longest row that may be read in place.",
							"A connector must not send a longer one.", &max_row_mb, 64, 1, 512, PGC_SIGHUP,
							GUC_UNIT_MB, NULL, NULL, NULL);
	rg_spare_init();
}

int64
rg_reader_max_row_bytes(void)
{
	return (int64) max_row_mb * 1024 * 1024;
}

bool
rg_reader_must_leave(void)
{
	return must_leave || ShutdownRequestPending;
}

/* ---- what needs no waiting ---- */

static void
serve_ready(void)
{
	RgWatched *ready;

	for (int i = 0; i < MOST_AT_ONCE && (ready = rg_feed_ready()) != NULL; i++)
	{
		if (ready->feed->reading != NULL)
			rg_reads_serve(ready->feed->reading, ready->pipe);
		else if (ready->feed->is_spare)
			rg_spare_serve(ready->feed, ready->pipe);
		else
			rg_rest_serve(ready->feed, ready->pipe);
	}
}

static void
serve_all(void)
{
	TimestampTz now = GetCurrentTimestamp();
	dlist_iter at;

	serve_ready();
	dlist_foreach (at, &readings)
	{
		rg_reads_tick(dlist_container(RgReading, node, at.cur), now);
	}
	must_leave |= rg_stream_reader_beat();
}

/* ---- what may take time ---- */

static void
take_streams(void)
{
	RgStreamTicket ticket;
	dsm_handle segment;

	while (rg_stream_reader_take(&ticket, &segment))
	{
		RgReading *reading = rg_reads_begin(&ticket, segment);

		if (reading != NULL)
			dlist_push_tail(&readings, &reading->node);
	}
}

static void
advance_all(void)
{
	dlist_iter at;

	dlist_foreach (at, &readings)
	{
		rg_reads_advance(dlist_container(RgReading, node, at.cur));
	}
}

static void
fail_all(const char *message, const char *hint)
{
	dlist_iter at;

	dlist_foreach (at, &readings)
	{
		RgReading *reading = dlist_container(RgReading, node, at.cur);
		MemoryContext previous = MemoryContextSwitchTo(reading->memory);

		rg_reads_fail(reading, message, hint);
		MemoryContextSwitchTo(previous);
	}
}

/* Does any stream wait for its first row? */
static bool
is_awaited(void)
{
	dlist_iter at;

	dlist_foreach (at, &readings)
	{
		if (dlist_container(RgReading, node, at.cur)->state < RG_READS_ROWS)
			return true;
	}
	return false;
}

/* Returns whether there were any. */
static bool
free_ended(void)
{
	bool any = false;
	dlist_mutable_iter at;

	dlist_foreach_modify (at, &readings)
	{
		RgReading *reading = dlist_container(RgReading, node, at.cur);

		if (reading->state != RG_READS_OVER)
			continue;
		dlist_delete(at.cur);
		rg_reads_free(reading);
		any = true;
	}
	if (dlist_is_empty(&readings) && any)
		idle_since = GetCurrentTimestamp();
	return any;
}

/* A stream does not outlive the extension, nor an update of it. */
static void
check_version(void)
{
	rg_transaction_begin();

	RgVersionFit fit = rg_version_fit();

	rg_transaction_commit();
	if (fit != RG_VERSION_FITS)
		fail_all("the extension rivergen was dropped or updated while the data source was read",
				 "Try again.");
}

static void
check_clock(void)
{
	TimestampTz now = GetCurrentTimestamp();

	rg_rest_check_clock(now);
	rg_spare_check_clock(now);
	if (now < next_check)
		return;
	next_check = TimestampTzPlusMilliseconds(now, CHECK_MS);
	if (!dlist_is_empty(&readings))
		check_version();
}

static void
check_signals(void)
{
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
		/* They are confined, and those that rest were vetted, by the settings before. */
		rg_rest_end_all();
		rg_spare_end_all();
	}
	if (rg_watch_is_cancelled())
	{
		rg_watch_forget_cancel();
		fail_all("an operator cancelled what the reader of this stream was doing", NULL);
	}
	CHECK_FOR_INTERRUPTS();
}

/* ---- the loop ---- */

static void
show_activity(void)
{
	StringInfoData shown;
	int count = 0;
	dlist_iter at;

	if (dlist_is_empty(&readings))
	{
		pgstat_report_activity(STATE_IDLE, NULL);
		return;
	}
	initStringInfo(&shown);
	appendStringInfoString(&shown, "rivergen: reading data sources ");
	dlist_foreach (at, &readings)
	{
		const RgReading *reading = dlist_container(RgReading, node, at.cur);

		if (count++ < MOST_SHOWN)
			appendStringInfo(&shown, "%s" INT64_FORMAT, count > 1 ? ", " : "", reading->data_source_id);
	}
	if (count > MOST_SHOWN)
		appendStringInfo(&shown, " and %d more", count - MOST_SHOWN);
	pgstat_report_activity(STATE_RUNNING, shown.data);
	pfree(shown.data);
}

static bool
has_work(void)
{
	dlist_iter at;

	dlist_foreach (at, &readings)
	{
		const RgReading *reading = dlist_container(RgReading, node, at.cur);

		if (reading->state == RG_READS_NOTHING || reading->state == RG_READS_GREETED ||
			reading->state == RG_READS_OVER)
			return true;
	}
	return false;
}

static long
next_wakeup(void)
{
	TimestampTz next = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), CHECK_MS);
	dlist_iter at;

	if (has_work())
		return 0;
	dlist_foreach (at, &readings)
	{
		const RgReading *reading = dlist_container(RgReading, node, at.cur);

		if (reading->state != RG_READS_LAST)
			next = Min(next, reading->deadline);
	}
	return TimestampDifferenceMilliseconds(GetCurrentTimestamp(), next);
}

static WaitEventSet *
make_set(void)
{
	WaitEventSet *set = rg_create_wait_event_set(3);

	AddWaitEventToSet(set, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, NULL);
	AddWaitEventToSet(set, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, NULL, NULL);
	AddWaitEventToSet(set, WL_SOCKET_READABLE, rg_feed_descriptor(), NULL, NULL);
	return set;
}

/* Returns whether another round follows. */
static bool
make_round(WaitEventSet *set)
{
	WaitEvent event;
	bool has_changed;

	if (WaitEventSetWait(set, next_wakeup(), &event, 1, PG_WAIT_EXTENSION) > 0 &&
		(event.events & WL_LATCH_SET) != 0)
		ResetLatch(MyLatch);
	check_signals();
	has_changed = dlist_is_empty(&readings);
	take_streams();
	advance_all();
	serve_all();
	check_clock();
	has_changed |= free_ended();
	if (!is_awaited())
		rg_spare_start_wanted();
	if (has_changed)
		show_activity();
	if (rg_reader_must_leave())
		return false;
	return !dlist_is_empty(&readings) ||
		   !TimestampDifferenceExceeds(idle_since, GetCurrentTimestamp(), IDLE_MS) ||
		   !rg_stream_reader_retire();
}

static void
leave(void)
{
	fail_all("the reader of this stream was asked to end", "Try again.");
	(void) free_ended();
	rg_rest_end_all();
	rg_spare_end_all();
}

void
rg_reader_main(Datum argument)
{
	uint64 generation;
	Oid database;

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
	pqsignal(SIGINT, rg_watch_handle_cancel);
	BackgroundWorkerUnblockSignals();
	memcpy(&generation, MyBgworkerEntry->bgw_extra, sizeof(generation));
	if (!rg_stream_reader_attach(DatumGetInt32(argument), generation, &database))
		proc_exit(0);
	BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
	rg_transaction_set_session();
	/* A crash of the server may lose the audit rows of the last moment; in exchange no stream waits for a
	 * disk. */
	SetConfigOption("synchronous_commit", "off", PGC_SUSET, PGC_S_OVERRIDE);
	/* Its few statements find rows by their keys, whatever the values are. */
	SetConfigOption("plan_cache_mode", "force_generic_plan", PGC_SUSET, PGC_S_OVERRIDE);
	MemoryContextSwitchTo(TopMemoryContext);
	idle_since = GetCurrentTimestamp();

	WaitEventSet *set = make_set();

	rg_watch_meanwhile(rg_feed_descriptor(), serve_all);
	while (make_round(set))
		;
	leave();
	proc_exit(0);
}
