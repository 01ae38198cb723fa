/*
 * watch.h — inside the worker room: reading from a child while watching for everything else that may end the
 * work.
 */
#ifndef RG_WATCH_H
#define RG_WATCH_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "lib/stringinfo.h"

#include "process/process.h"
#include "report.h"

typedef enum RgInterruption
{
	RG_UNDISTURBED,
	RG_TIMED_OUT,
	RG_SHUTTING_DOWN, /* the server stops, or this worker must leave the database */
	RG_CANCELLED,     /* a user cancelled it */
	RG_STOPPED,       /* an operator cancelled the worker's work */
	RG_ABANDONED,     /* the last waiting caller has left */
	RG_YIELDED,       /* a caller needs this worker, or it was too early */
	RG_UNWANTED,      /* the scheduled job must not be done (any more) */
	RG_LOCKED_OUT,    /* another session has locked a table that the start needs */
	RG_MOVED,         /* a user changed the place of the source, or its credentials */
	RG_LEFT_ALONE,    /* the companion of the child has ended */
	RG_LOST,          /* the job, its source or the extension is gone */
} RgInterruption;

/* Called once a second, and after each notice: may the work continue? */
typedef RgInterruption (*RgContinueCheck)(void *argument);

/*
 * A child that the watched one depends on: ssh of a tunnel. It is read from, so that it never waits, and
 * watched, so that the work ends when it does.
 */
typedef struct RgCompanion
{
	RgChild *child;
	StringInfoData log; /* the end of its output */
} RgCompanion;

typedef struct RgWatch
{
	RgChild *child; /* NULL after rg_watch_stop */
	struct WaitEventSet *set;
	RgCompanion *companion;   /* or NULL */
	StringInfoData diagnosis; /* the beginning of the child's standard error */
	RgReport *report;         /* where rivergen-run's report goes, or NULL */
	TimestampTz deadline;
	TimestampTz next_check;
	TimestampTz next_heartbeat;
	RgContinueCheck check;
	void *argument;
	RgInterruption interruption;
} RgWatch;

/*
 * Handles SIGINT (pg_cancel_backend): ends the running job or test, not the worker. A signal from before
 * rg_watch_forget_cancel was meant for earlier work.
 */
extern void rg_watch_handle_cancel(SIGNAL_ARGS);
extern bool rg_watch_is_cancelled(void);

/*
 * Between these two this process runs code of others, which checks for interrupts: SIGINT, SIGTERM and the
 * end of the time raise an error in it, or, if they came before, in the first one.
 */
extern void rg_watch_code_begin(int seconds);
extern void rg_watch_code_end(void);
extern void rg_watch_forget_cancel(void);

/*
 * Starts watching; memory comes from the current context, which must live as long. report may be NULL: then
 * nothing is read of it.
 */
extern void rg_watch_start(RgWatch *watch, RgChild *child, RgReport *report, TimestampTz deadline,
						   RgContinueCheck check, void *argument);

/*
 * For a process that serves others meanwhile: while it waits for a child, serve is called once a second, when
 * the latch is set, and when the descriptor is readable. It must not wait.
 */
extern void rg_watch_meanwhile(int descriptor, void (*serve)(void));

/* Memory comes from the current context. */
extern void rg_companion_init(RgCompanion *companion, RgChild *child);
extern void rg_companion_append(RgCompanion *companion, const char *bytes, size_t length);

/* Reads what there is, without waiting. False: it has ended. */
extern bool rg_companion_read(RgCompanion *companion);

/* From now on the companion is watched too. */
extern void rg_watch_accompany(RgWatch *watch, RgCompanion *companion);

/*
 * Reads the next bytes of the child's output. Returns more than 0; 0 at its end; -1 when watch->interruption
 * says why reading ended.
 */
extern ssize_t rg_watch_read(RgWatch *watch, char *buffer, size_t size);

/*
 * Writes all bytes to the child's input. False: the child does not take them, or watch->interruption says
 * why writing ended.
 */
extern bool rg_watch_write(RgWatch *watch, const char *bytes, size_t length);

/* Takes what has been reported until now. */
extern void rg_watch_read_report(RgWatch *watch);

/* The child ends by itself: waits a moment for the end of its report, which has the last dials. */
extern void rg_watch_await_report(RgWatch *watch);

/* After the end of its output, waits a moment for the child to end; false when it does not. */
extern bool rg_watch_end(RgWatch *watch, int *status);

/* Ends watching; the child goes on. */
extern void rg_watch_leave(RgWatch *watch);

/* Kills the child and releases everything. Safe to call twice. */
extern void rg_watch_stop(RgWatch *watch);

#endif
