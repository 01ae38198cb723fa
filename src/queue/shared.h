/* shared.h — inside the queue room: the layout of its shared memory. Every field is guarded by `lock`. */
#ifndef RG_SHARED_H
#define RG_SHARED_H

#include "queue.h"

#include "datatype/timestamp.h"
#include "storage/condition_variable.h"
#include "storage/latch.h"
#include "storage/lwlock.h"

#define RG_MAX_DATABASES 1024
#define RG_MAX_REQUESTS  256
#define RG_MAX_POOL      64
#define RG_MAX_HELD      16 /* outcomes that one worker holds aside */
#define RG_MAX_LAID_DOWN 256

/* The last ended job that was looked at; zeros: none. */
typedef struct RgRetentionPosition
{
	TimestampTz finished_at;
	int64 job_id;
} RgRetentionPosition;

typedef struct RgDatabase
{
	Oid database; /* InvalidOid = free */
	bool has_extension;
	bool wake;       /* work was committed since a worker last started to look */
	bool evacuating; /* nobody may connect */
	bool passing;    /* only here because it is evacuated */
	bool held_back;  /* jobs wait until a host has fewer connections */
	TimestampTz next_due;
	TimestampTz served_at; /* when a worker last came or left */
	RgRetentionPosition retention;
} RgDatabase;

typedef enum RgRequestState
{
	RG_REQUEST_FREE,   /* → NEW */
	RG_REQUEST_NEW,    /* → TAKEN by a worker, → FREE when its caller leaves */
	RG_REQUEST_TAKEN,  /* → LINKED, → DONE */
	RG_REQUEST_LINKED, /* waits for job_id; → DONE */
	RG_REQUEST_DONE,   /* answered; → FREE by its caller */
} RgRequestState;

typedef struct RgRequestSlot
{
	RgRequestState state;
	Oid database;
	TimestampTz since;        /* when it was submitted */
	TimestampTz passed_until; /* LINKED: no worker could claim its job; none comes for it before */
	int taker;                /* worker slot, while TAKEN */
	RgRequest request;
	int64 id;   /* LINKED and DONE: the job, or what the kind of request says */
	int status; /* DONE: 0, or the refusal's HTTP status */
	char message[RG_MESSAGE_BYTES];
	char hint[RG_MESSAGE_BYTES];
	ConditionVariable done;
} RgRequestSlot;

/* A job whose outcome cannot be stored now (held.c). */
typedef struct RgHeld
{
	int64 organization_id;
	int64 data_source_id;
	int64 job_id;
	int32 attempt;
} RgHeld;

typedef struct RgLaidDown
{
	Oid database; /* InvalidOid = free */
	RgHeld job;
} RgLaidDown;

typedef struct RgWorkerSlot
{
	bool used;
	uint64 generation;
	Oid database;
	pid_t pid; /* 0 until the worker has attached */
	TimestampTz started_at;
	Latch *latch;
	bool resting;          /* has nothing to do, and looks again when it is called */
	TimestampTz beat_at;   /* its last sign of life; 0: it does not read from a connector */
	bool shaken;           /* it has been told to leave because it gave none */
	bool called;           /* it was resting, and has not looked yet */
	Oid promised;          /* it leaves, to make way for this database */
	int64 organization_id; /* of the job, or of a caller's test */
	int64 job_id;
	int64 data_source_id; /* of a job that keeps others of its source from starting */
	int64 tested_source;
	RgHostKeys hosts; /* where it connects to */
	bool yields;      /* its job gives way to callers that find no worker */
	int notices;
	RgProgress progress;
	int held_count;
	RgHeld held[RG_MAX_HELD];
} RgWorkerSlot;

typedef struct RgShared
{
	LWLock *lock;
	Latch *launcher;
	uint64 generation;
	uint64 hosts_left; /* how often a worker left the host that it was connected to */
	RgDatabase databases[RG_MAX_DATABASES];
	RgRequestSlot requests[RG_MAX_REQUESTS];
	RgWorkerSlot workers[RG_MAX_POOL];
	RgLaidDown laid_down[RG_MAX_LAID_DOWN];
} RgShared;

/* NULL when the library was not preloaded. */
extern RgShared *rg_shared;

/* Settings and callbacks of the files of this room. */
extern void rg_pool_init(void);
extern void rg_bounds_init(void);
extern void rg_jobs_init(void);
extern void rg_claim_init(void);
extern void rg_wait_init(void);
extern void rg_held_init(void);
extern void rg_crowd_init(void);
extern void rg_retention_init(void);
extern void rg_health_init(void);
extern int rg_max_queued_per_organization;

/* Workers that one organization may keep busy at once. */
extern int rg_organization_limit(void);

static inline void
rg_lock(void)
{
	LWLockAcquire(rg_shared->lock, LW_EXCLUSIVE);
}

static inline void
rg_unlock(void)
{
	LWLockRelease(rg_shared->lock);
}

/* ---- with the lock held ---- */

extern void rg_wake_launcher(void);
extern void rg_database_keep_awake(Oid database);

/* The bound that a request meets (crowd.c): its setting, and the HTTP status of the refusal. */
typedef struct RgCrowd
{
	int status;
	int limit;
	const char *setting;
} RgCrowd;

extern bool rg_crowd_is_full(const RgRequest *request, RgCrowd *crowd);

/* Frees the slots of workers that never came up. */
extern void rg_pool_reap(TimestampTz now);

extern bool rg_requests_pending(Oid database);

/* Is it linked to a job that waits for a worker, as far as shared memory tells? */
extern bool rg_request_waits_for_claim(const RgRequestSlot *slot);

/* Could a worker that comes to its database serve it now? */
extern bool rg_request_wants_worker(const RgRequestSlot *slot, TimestampTz now);

/* Does a worker run a job that keeps others of this source from starting? */
extern bool rg_pool_runs_source(Oid database, int64 organization_id, int64 data_source_id);
extern bool rg_pool_runs_job(Oid database, int64 job_id);

/* How many workers are busy for this organization? */
extern int rg_pool_busy_for(Oid database, int64 organization_id);

/* The worker connects to no host any more: databases whose jobs waited for that are woken (bounds.c). */
extern void rg_pool_leave_hosts(RgWorkerSlot *worker);

/* Lays down what a worker holds that exits. */
extern void rg_held_lay_down_all(RgWorkerSlot *worker);

extern void rg_held_forget_database(Oid database);

/* The jobs of this database that are held or were laid down; returns how many. */
#define RG_MOST_HELD (RG_MAX_POOL * RG_MAX_HELD + RG_MAX_LAID_DOWN)
extern int rg_held_list(Datum *jobs);

/* The database that gets the next worker (share.c). InvalidOid: none wants one. */
extern Oid rg_share_next(TimestampTz now);
/* Refuses what this worker took and did not answer. */
extern void rg_requests_drop(int worker);

/* Copies the beginning of a text into a slot's room of RG_MESSAGE_BYTES: whole characters, empty for NULL. */
extern void rg_copy_message(char *to, const char *text);

/* ---- without it ---- */

extern int rg_pool_my_slot(void);

/* Tells workers to leave that have stopped moving; milliseconds until the next look (pulse.c). */
extern long rg_pulse_look(void);

/* Has the worker that the request waits for stopped moving, and does not leave either? */
extern bool rg_pulse_is_lost(const RgRequestSlot *request);

/* Does another session wait for a lock that this one holds without having asked for it (in_the_way.c)? */
extern bool rg_is_in_the_way(void);

/* Has no worker taken it, and may its organization have one more? */
extern bool rg_request_may_be_taken(const RgRequestSlot *slot);

/*
 * No worker is free for a caller of this database: asks one to put its job off, if there is one whose job
 * gives way. An organization that has as many workers as it may have gets one of its own.
 */
extern void rg_pool_make_room(Oid database, int64 organization_id);

/* The entry of a database, or NULL. The lock must be held. */
extern RgDatabase *rg_database_find(Oid database);

/* The same, made when there is none; NULL when the table is full. */
extern RgDatabase *rg_database_entry(Oid database);

#endif
