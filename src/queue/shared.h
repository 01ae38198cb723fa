/* shared.h — inside the queue room: the layout of its shared memory. Every field is guarded by `lock`. */
#ifndef RG_SHARED_H
#define RG_SHARED_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "storage/condition_variable.h"
#include "storage/latch.h"
#include "storage/lwlock.h"

#include "queue.h"

#define RG_MAX_DATABASES   1024
#define RG_MAX_CALLS       256
#define RG_MAX_POOL        64
#define RG_MAX_PENDING     16 /* outcomes that one worker keeps */
#define RG_MAX_DROPPED     256
#define RG_MAX_TEST_COUNTS 1024

/* The last ended job that was checked; zeros: none. */
typedef struct RgRetentionPosition
{
	TimestampTz finished_at;
	int64 job_id;
} RgRetentionPosition;

typedef struct RgDatabase
{
	Oid database; /* InvalidOid = free */
	bool has_extension;
	bool wake;           /* work was committed since a worker last started to check */
	bool evacuating;     /* no worker may connect */
	bool passing;        /* the entry exists only for the evacuation */
	bool waits_for_host; /* jobs wait for a host with fewer connections */
	uint32 met_version;  /* a hash of the last version that did not fit; 0: none */
	TimestampTz next_due;
	TimestampTz served_at; /* when a worker last started or ended */
	RgRetentionPosition retention;
} RgDatabase;

typedef enum RgCallState
{
	RG_CALL_FREE,   /* → NEW */
	RG_CALL_NEW,    /* → TAKEN by a worker, → FREE when its caller leaves */
	RG_CALL_TAKEN,  /* → LINKED, → DONE */
	RG_CALL_LINKED, /* waits for job_id; → DONE */
	RG_CALL_DONE,   /* answered; → FREE by its caller */
} RgCallState;

typedef struct RgCallSlot
{
	RgCallState state;
	Oid database;
	TimestampTz since;        /* when it was submitted */
	TimestampTz passed_until; /* LINKED: its job could not be claimed; no worker is started for it before */
	int taker;                /* worker slot, while TAKEN */
	RgCall request;
	int64 id;   /* LINKED and DONE: the job, or the id that the kind of call defines */
	int status; /* DONE: 0, or the refusal's HTTP status */
	char message[RG_MESSAGE_BYTES];
	char hint[RG_MESSAGE_BYTES];
	ConditionVariable done;
} RgCallSlot;

/* A job whose outcome cannot be stored yet (pending.c). */
typedef struct RgPending
{
	int64 organization_id;
	int64 data_source_id;
	int64 job_id;
	int32 attempt;
} RgPending;

typedef struct RgDropped
{
	Oid database; /* InvalidOid = free */
	RgPending job;
} RgDropped;

typedef struct RgWorkerSlot
{
	bool used;
	uint64 generation;
	Oid database;
	pid_t pid; /* 0 until the worker has attached */
	TimestampTz started_at;
	Latch *latch;
	bool idle;                /* can be called */
	TimestampTz heartbeat_at; /* its last report; 0: it does not read from a connector */
	bool asked_to_leave;      /* because it stopped reporting */
	bool called;              /* it was idle, and has not checked for work yet */
	Oid promised;             /* it leaves so that this database gets a worker */
	int64 organization_id;    /* of the job, or of a caller's test */
	int64 job_id;
	int64 data_source_id; /* of a job that keeps others of its source from starting */
	int64 tested_source;
	RgHostKeys hosts; /* the hosts that it connects to */
	bool yields;      /* its job is put off if a caller finds no worker */
	int notices;
	RgProgress progress;
	int pending_count;
	RgPending pending[RG_MAX_PENDING];
} RgWorkerSlot;

/* The tests of an organization within a minute (test_limits.c); 0 tests: free. */
typedef struct RgTestCount
{
	Oid database;
	int64 organization_id;
	TimestampTz since;
	int tests;
} RgTestCount;

typedef struct RgShared
{
	LWLock *lock;
	Latch *launcher;
	uint64 generation;
	uint64 hosts_left; /* how often a worker disconnected from its hosts */
	RgDatabase databases[RG_MAX_DATABASES];
	RgCallSlot requests[RG_MAX_CALLS];
	RgWorkerSlot workers[RG_MAX_POOL];
	RgDropped dropped[RG_MAX_DROPPED];
	RgTestCount tests[RG_MAX_TEST_COUNTS];
} RgShared;

/* NULL when the library was not preloaded. */
extern RgShared *rg_shared;

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

/* Settings and shared memory of this room. */
extern void rg_queue_init(void);

/* Was the library preloaded, so that there is shared memory? */
extern bool rg_queue_is_available(void);

/*
 * The limit that a call exceeds (wait_limits.c, test_limits.c): its setting, the HTTP status of the refusal,
 * and after how many seconds the call would be accepted (0: unknown).
 */
typedef struct RgWaitLimit
{
	int status;
	int limit;
	const char *setting;
	int seconds;
} RgWaitLimit;

/* Copies a text into a slot's buffer of RG_MESSAGE_BYTES, cut at a whole character; empty for NULL. */
extern void rg_copy_message(char *to, const char *text);

#endif
