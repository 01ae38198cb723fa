/*
 * watch.h — inside the worker room: reading from a child without ever losing sight of the rest of the world.
 */
#ifndef RG_WATCH_H
#define RG_WATCH_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "lib/stringinfo.h"

#include "process/process.h"

typedef enum RgInterruption
{
	RG_UNDISTURBED,
	RG_TIMED_OUT,
	RG_SHUTTING_DOWN, /* the server stops, or this worker was told to leave the database */
	RG_CANCELLED,     /* somebody asked for it */
	RG_STOPPED,       /* an operator cancelled what the worker does */
	RG_ABANDONED,     /* the last caller who waited has gone */
	RG_YIELDED,       /* a caller needs this worker; or it was too early */
	RG_UNWANTED,      /* what the schedule began is not to be done (any more) */
	RG_LOCKED_OUT,    /* another session has a table locked that the beginning needs */
	RG_MOVED,         /* somebody changed where the source lies, or its credentials */
	RG_LOST,          /* the job, its source or the extension is gone */
} RgInterruption;

/* Asked once a second, and whenever a notice has come: may the work go on? */
typedef RgInterruption (*RgContinueCheck)(void *argument);

typedef struct RgWatch
{
	RgChild *child;
	struct WaitEventSet *set;
	StringInfoData diagnosis; /* the beginning of what the child said on standard error */
	TimestampTz deadline;
	TimestampTz next_check;
	TimestampTz next_heartbeat;
	RgContinueCheck check;
	void *argument;
	RgInterruption interruption;
} RgWatch;

/*
 * SIGINT, as of pg_cancel_backend: ends the job or test that runs, not the worker. What came before
 * rg_watch_forget_cancel was meant for the work before.
 */
extern void rg_watch_handle_cancel(SIGNAL_ARGS);
extern bool rg_watch_is_cancelled(void);
extern void rg_watch_forget_cancel(void);

/* Starts watching; memory comes from the current context, which must live as long. */
extern void
rg_watch_start(RgWatch *watch, RgChild *child, TimestampTz deadline, RgContinueCheck check, void *argument);

/*
 * The next bytes of the child's output: more than 0, or 0 at its end, or -1 when watch->interruption says why
 * reading ended.
 */
extern ssize_t rg_watch_read(RgWatch *watch, char *buffer, size_t size);

/*
 * Writes all of it to the child's input. False when the child does not take it, or when watch->interruption
 * says why writing ended.
 */
extern bool rg_watch_write(RgWatch *watch, const char *bytes, size_t length);

/* After the end of its output: waits a moment for the child to end; false when it does not. */
extern bool rg_watch_end(RgWatch *watch, int *status);

/* Kills the child and releases everything. */
extern void rg_watch_stop(RgWatch *watch);

#endif
