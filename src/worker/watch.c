#include "watch.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/interrupt.h"
#include "storage/fd.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "queue/pool.h"
#include "queue/heartbeat.h"
#include "queue/queue.h"
#include "wire/wire.h"

#define CHECK_INTERVAL_MS   1000
#define END_GRACE_MS        1000
#define REPORT_GRACE_MS     200
#define DIAGNOSIS_MAX_BYTES (2 * WIRE_MAX_WORDS)
#define MOST_EVENTS         8
/* A server that makes ssh log without end does not keep the worker from the clock. */
#define MOST_READS 16

/* Of a companion's log at least this is kept, from the beginning of a line on. */
#define LOG_KEPT_BYTES 8192

static volatile sig_atomic_t cancelled = false;
static volatile sig_atomic_t runs_code = false;

/* lock_timeout uses this signal too, to end the wait for a lock (LockTimeoutHandler of postinit.c). */
void
rg_watch_handle_cancel(SIGNAL_ARGS)
{
	int saved_errno = errno;

	bool timed_out =
		get_timeout_indicator(LOCK_TIMEOUT, false) || get_timeout_indicator(STATEMENT_TIMEOUT, false);

	if (timed_out || runs_code)
		StatementCancelHandler(postgres_signal_arg);
	if (!timed_out)
		cancelled = true;
	SetLatch(MyLatch);
	errno = saved_errno;
}

static void
handle_shutdown(SIGNAL_ARGS)
{
	SignalHandlerForShutdownRequest(postgres_signal_arg);
	StatementCancelHandler(postgres_signal_arg);
}

void
rg_watch_code_begin(int seconds)
{
	runs_code = true;
	pqsignal(SIGTERM, handle_shutdown);
	enable_timeout_after(STATEMENT_TIMEOUT, (int) Min(seconds * INT64CONST(1000), INT_MAX));
	/* A signal that came before is seen here, one that comes now by its handler. */
	if (cancelled || ShutdownRequestPending)
		InterruptPending = QueryCancelPending = true;
	CHECK_FOR_INTERRUPTS();
}

void
rg_watch_code_end(void)
{
	disable_timeout(STATEMENT_TIMEOUT, false);
	pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
	runs_code = false;
	QueryCancelPending = false;
}

bool
rg_watch_is_cancelled(void)
{
	return cancelled;
}

void
rg_watch_forget_cancel(void)
{
	cancelled = false;
}

/* rg_watch_meanwhile */
static int others = -1;
static void (*serve_others)(void) = NULL;

void
rg_watch_meanwhile(int descriptor, void (*serve)(void))
{
	others = descriptor;
	serve_others = serve;
}

static void
build_set(RgWatch *watch)
{
	if (watch->set != NULL)
		FreeWaitEventSet(watch->set);
	watch->set = rg_create_wait_event_set(MOST_EVENTS);
	AddWaitEventToSet(watch->set, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, NULL);
	AddWaitEventToSet(watch->set, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, NULL, NULL);
	AddWaitEventToSet(watch->set, WL_SOCKET_READABLE, watch->child->output, NULL, NULL);
	if (watch->child->diagnosis >= 0)
		AddWaitEventToSet(watch->set, WL_SOCKET_READABLE, watch->child->diagnosis, NULL, NULL);
	if (watch->report != NULL && watch->child->report >= 0)
		AddWaitEventToSet(watch->set, WL_SOCKET_READABLE, watch->child->report, NULL, NULL);
	if (others >= 0)
		AddWaitEventToSet(watch->set, WL_SOCKET_READABLE, others, NULL, NULL);
	if (watch->companion == NULL)
		return;
	AddWaitEventToSet(watch->set, WL_SOCKET_READABLE, watch->companion->child->output, NULL, NULL);
	if (watch->companion->child->diagnosis >= 0)
		AddWaitEventToSet(watch->set, WL_SOCKET_READABLE, watch->companion->child->diagnosis, NULL, NULL);
}

void
rg_watch_start(RgWatch *watch, RgChild *child, RgReport *report, TimestampTz deadline, RgContinueCheck check,
			   void *argument)
{
	memset(watch, 0, sizeof(*watch));
	watch->child = child;
	watch->report = report;
	watch->deadline = deadline;
	watch->check = check;
	watch->argument = argument;
	watch->next_check = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), CHECK_INTERVAL_MS);
	initStringInfo(&watch->diagnosis);
	build_set(watch);
}

/* ---- the companion ---- */

void
rg_companion_init(RgCompanion *companion, RgChild *child)
{
	companion->child = child;
	initStringInfo(&companion->log);
}

void
rg_companion_append(RgCompanion *companion, const char *bytes, size_t length)
{
	StringInfo log = &companion->log;

	appendBinaryStringInfo(log, bytes, length);
	if (log->len < 2 * LOG_KEPT_BYTES)
		return;

	int cut = log->len - LOG_KEPT_BYTES;

	cut += strcspn(log->data + cut, "\n");
	log->len -= cut;
	memmove(log->data, log->data + cut, log->len + 1);
}

bool
rg_companion_read(RgCompanion *companion)
{
	char bytes[4096];
	ssize_t length = 1;

	for (int i = 0; i < MOST_READS && length > 0; i++)
	{
		length = read(companion->child->output, bytes, sizeof(bytes));
		if (length > 0)
			rg_companion_append(companion, bytes, length);
	}
	return length > 0 || (length < 0 && (errno == EAGAIN || errno == EINTR));
}

void
rg_watch_accompany(RgWatch *watch, RgCompanion *companion)
{
	watch->companion = companion;
	build_set(watch);
}

/* Its standard error has banners of the SSH server, which are of no use. */
static void
drop_diagnosis(RgWatch *watch)
{
	RgChild *child = watch->companion->child;
	char bytes[1024];
	ssize_t length = read(child->diagnosis, bytes, sizeof(bytes));

	if (length > 0 || (length < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	close(child->diagnosis);
	ReleaseExternalFD();
	child->diagnosis = -1;
	build_set(watch);
}

static void
take_companion(RgWatch *watch, pgsocket ready)
{
	if (ready == watch->companion->child->diagnosis)
		drop_diagnosis(watch);
	else if (ready == watch->companion->child->output && !rg_companion_read(watch->companion))
		watch->interruption = RG_LEFT_ALONE;
}

/* ---- reading ---- */

/* Keeps the beginning of standard error, drops the rest, and stops reading at the end of file. */
static void
read_diagnosis(RgWatch *watch)
{
	char bytes[1024];
	ssize_t length = read(watch->child->diagnosis, bytes, sizeof(bytes));

	if (length > 0)
		appendBinaryStringInfo(&watch->diagnosis, bytes,
							   Min(length, DIAGNOSIS_MAX_BYTES - watch->diagnosis.len));
	else if (length == 0 || (errno != EAGAIN && errno != EINTR))
	{
		close(watch->child->diagnosis);
		ReleaseExternalFD();
		watch->child->diagnosis = -1;
		build_set(watch);
	}
}

/* False: nothing more is there now. At its end the pipe is closed. */
static bool
read_report(RgWatch *watch)
{
	char bytes[1024];
	ssize_t length = read(watch->child->report, bytes, sizeof(bytes));

	if (length > 0)
		rg_report_take(watch->report, bytes, length);
	else if (length == 0 || (errno != EAGAIN && errno != EINTR))
	{
		close(watch->child->report);
		ReleaseExternalFD();
		watch->child->report = -1;
		build_set(watch);
	}
	return length > 0;
}

void
rg_watch_read_report(RgWatch *watch)
{
	while (watch->report != NULL && watch->child != NULL && watch->child->report >= 0 && read_report(watch))
		;
}

static bool
awaits_report(RgWatch *watch, TimestampTz give_up)
{
	rg_watch_read_report(watch);
	return watch->report != NULL && watch->child != NULL && watch->child->report >= 0 &&
		   GetCurrentTimestamp() < give_up;
}

void
rg_watch_await_report(RgWatch *watch)
{
	TimestampTz give_up = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), REPORT_GRACE_MS);

	while (awaits_report(watch, give_up))
		(void) WaitLatchOrSocket(
			NULL, WL_SOCKET_READABLE | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, watch->child->report,
			TimestampDifferenceMilliseconds(GetCurrentTimestamp(), give_up), PG_WAIT_EXTENSION);
}

static RgInterruption
handle_latch(RgWatch *watch)
{
	ResetLatch(MyLatch);
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
	}
	if (ShutdownRequestPending)
		return RG_SHUTTING_DOWN;
	if (cancelled)
		return RG_STOPPED;
	CHECK_FOR_INTERRUPTS();

	int notices = rg_pool_notices();

	if (notices & RG_NOTICE_EVACUATE)
		return RG_SHUTTING_DOWN;
	if (notices & RG_NOTICE_YIELD)
		return RG_YIELDED;
	if (notices != 0)
		watch->next_check = 0;
	return RG_UNDISTURBED;
}

static RgInterruption
handle_clock(RgWatch *watch)
{
	TimestampTz now = GetCurrentTimestamp();

	if (now >= watch->next_heartbeat)
	{
		rg_heartbeat_send(true);
		watch->next_heartbeat = TimestampTzPlusMilliseconds(now, CHECK_INTERVAL_MS);
	}
	if (now >= watch->deadline)
		return RG_TIMED_OUT;
	if (now < watch->next_check)
		return RG_UNDISTURBED;
	watch->next_check = TimestampTzPlusMilliseconds(now, CHECK_INTERVAL_MS);
	if (watch->check == NULL)
		return RG_UNDISTURBED;

	RgInterruption interruption = watch->check(watch->argument);

	/* The time for storing pending outcomes is not the connector's. */
	watch->deadline += GetCurrentTimestamp() - now;
	return interruption;
}

static ssize_t
try_read(RgWatch *watch, char *buffer, size_t size)
{
	ssize_t length = read(watch->child->output, buffer, size);

	if (length < 0 && errno != EAGAIN && errno != EINTR)
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not read from a connector: %m")));
	return length;
}

ssize_t
rg_watch_read(RgWatch *watch, char *buffer, size_t size)
{
	for (;;)
	{
		WaitEvent events[MOST_EVENTS];
		TimestampTz next = Min(watch->deadline, watch->next_check);
		long timeout = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), next);
		int count =
			WaitEventSetWait(watch->set, Max(timeout, 0), events, lengthof(events), PG_WAIT_EXTENSION);
		bool readable = false;

		for (int i = 0; i < count && watch->interruption == RG_UNDISTURBED; i++)
		{
			if (events[i].events & WL_LATCH_SET)
				watch->interruption = handle_latch(watch);
			else if (events[i].fd == watch->child->output)
				readable = true;
			else if (events[i].fd == watch->child->diagnosis)
				read_diagnosis(watch);
			else if (watch->report != NULL && events[i].fd == watch->child->report)
				(void) read_report(watch);
			else if (watch->companion != NULL)
				take_companion(watch, events[i].fd);
		}
		if (serve_others != NULL)
			serve_others();
		if (watch->interruption == RG_UNDISTURBED)
			watch->interruption = handle_clock(watch);
		if (watch->interruption != RG_UNDISTURBED)
			return -1;
		if (readable)
		{
			ssize_t length = try_read(watch, buffer, size);

			if (length >= 0)
				return length;
		}
	}
}

/* A connector that reads nothing has until the deadline, like one that writes nothing. */
bool
rg_watch_write(RgWatch *watch, const char *bytes, size_t length)
{
	int input = watch->child->input;

	(void) fcntl(input, F_SETFL, O_NONBLOCK);
	while (length > 0)
	{
		ssize_t written = write(input, bytes, length);

		if (written > 0)
		{
			bytes += written;
			length -= written;
			continue;
		}
		if (errno != EAGAIN && errno != EINTR)
			return false;

		TimestampTz next = Min(watch->deadline, watch->next_check);
		long timeout = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), next);
		int events =
			WaitLatchOrSocket(MyLatch, WL_LATCH_SET | WL_SOCKET_WRITEABLE | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
							  input, Max(timeout, 0), PG_WAIT_EXTENSION);

		if (events & WL_LATCH_SET)
			watch->interruption = handle_latch(watch);
		if (watch->interruption == RG_UNDISTURBED)
			watch->interruption = handle_clock(watch);
		if (watch->interruption != RG_UNDISTURBED)
			return false;
	}
	return true;
}

bool
rg_watch_end(RgWatch *watch, int *status)
{
	TimestampTz give_up = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), END_GRACE_MS);

	while (watch->child->diagnosis >= 0 && watch->diagnosis.len < DIAGNOSIS_MAX_BYTES)
	{
		int before = watch->diagnosis.len;

		read_diagnosis(watch);
		if (watch->diagnosis.len == before)
			break;
	}
	while (!rg_process_ended(watch->child, status))
	{
		if (GetCurrentTimestamp() >= give_up)
			return false;
		if (watch->child->pidfd >= 0)
			(void) WaitLatchOrSocket(NULL, WL_SOCKET_READABLE | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
									 watch->child->pidfd, END_GRACE_MS, PG_WAIT_EXTENSION);
		else
			pg_usleep(1000);
	}
	rg_watch_read_report(watch);
	return true;
}

void
rg_watch_leave(RgWatch *watch)
{
	rg_watch_read_report(watch);
	if (watch->set != NULL)
		FreeWaitEventSet(watch->set);
	watch->set = NULL;
	rg_heartbeat_send(false);
}

void
rg_watch_stop(RgWatch *watch)
{
	rg_watch_leave(watch);
	if (watch->child != NULL)
		rg_process_kill(watch->child);
	watch->child = NULL;
}
