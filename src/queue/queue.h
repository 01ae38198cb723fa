/*
 * queue.h — jobs: enqueue, claim, finish, cancel; and the shared memory through which a waiting caller, the
 * launcher and the workers find each other. ../worker/README.md draws the states.
 */
#ifndef RG_QUEUE_H
#define RG_QUEUE_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "storage/dsm_impl.h"
#include "utils/array.h"
#include "utils/jsonb.h"

#include "catalog/host_keys.h"

extern void rg_queue_init(void);

/* ---- for the callers of the API (jobs.c) ---- */

/*
 * Puts a discovery into the queue as part of the caller's transaction, or finds the one of the same source
 * and scope that is already waiting; a worker is woken at commit. schema is NULL for the whole source.
 * Returns the job's id.
 */
extern int64 rg_queue_enqueue(int64 organization_id, int64 data_source_id, const char *schema, bool full_read,
							  int64 user_id);

/*
 * Same for a scan of relations (an array of their ids, ascending; NULL for all of the source). It never joins
 * a discovery.
 */
extern int64
rg_queue_enqueue_scan(int64 organization_id, int64 data_source_id, ArrayType *relation_ids, int64 user_id);

/*
 * The same for every source of the organization that is fit for a discovery, of one workspace (0 = any) and
 * type (NULL = any). Answers what discover_all() answers; fails with 429.
 */
extern Jsonb *rg_queue_discover_all(int64 organization_id, int64 workspace_id, const char *type,
									bool full_read, int64 user_id);

/* Fails with 503 during recovery. */
extern void rg_queue_require_primary(void);

/* Fails with 429 when the organization's queue is full. */
extern void rg_queue_require_room(int64 organization_id);

/* There may be work to do once the current transaction is committed. */
extern void rg_queue_wake_at_commit(void);

/* Cancels a queued job, or asks the worker of a running one to stop. Fails with 404 and 409. */
extern void rg_queue_cancel(int64 organization_id, int64 job_id);

/* Has the current transaction cancelled a job of this source? Until it ends, no worker can go on with it. */
extern bool rg_queue_has_cancelled(int64 organization_id, int64 data_source_id);

/* ---- waiting for a worker (wait.c) ---- */

/*
 * Hands a discovery to a worker and waits until its job has ended; returns the job's id. The job is committed
 * by the worker, so the caller's transaction need not be. Fails with 503 when no worker can serve, and with
 * the worker's own refusal when no job could be made. A cancelled wait ends a job that nobody else wanted.
 * 0 with *ended: no job was needed, the cache was filled meanwhile.
 *
 * until: how long to wait at most (0 = for ever). When it is over, *ended is false, and the job goes on once
 * the caller's transaction has committed; 0 instead of its id: no worker has come to it, and there is no job.
 * A session of a gateway that finds too many others waiting gets that at once; others fail with 429 or 503.
 */
extern int64
rg_queue_discover_and_wait(int64 organization_id, int64 data_source_id, const char *schema, bool refresh,
						   bool full_read, int64 user_id, TimestampTz until, bool *ended);

/* Has a worker make, or adopt from the key file, the sealing key; returns its id. Committed by the worker. */
extern int64 rg_queue_key_create(void);

/* A definition that is not stored, for testing; the credentials are sealed for (organization, 0, 0). */
typedef struct RgDefinitionToTest
{
	Jsonb *columns;
	int64 key_id;
	bytea *sealed; /* NULL = none */
} RgDefinitionToTest;

/*
 * Has a worker test a stored source (definition is NULL), or a definition; returns the JSON text of the
 * result. A cancelled wait ends the test.
 */
extern char *rg_queue_test_and_wait(int64 organization_id, int64 data_source_id,
									const RgDefinitionToTest *definition, int64 user_id);

/* ---- requests, seen from a worker (requests.c) ---- */

/* Answers with a text give a JSON object. */
typedef enum RgRequestKind
{
	RG_REQUEST_DISCOVER,
	RG_REQUEST_KEY_CREATE,
	RG_REQUEST_TEST,       /* text: the result */
	RG_REQUEST_KEY_LIST,   /* text: {"fault", "key_ids"}: which private keys a worker can read */
	RG_REQUEST_KEY_ROTATE, /* id: the new key; text: {"resealed", "unreadable"} */
	RG_REQUEST_KEY_KNOWN,  /* id: 1 when the database knows the key, else 0 */
	RG_REQUEST_KEY_FORGET, /* text: {"private_key"}: removed, kept or absent */
	RG_REQUEST_INSPECT,    /* text: what a worker finds around it; ../worker/inspect.c */
} RgRequestKind;

#define RG_SCOPE_BYTES   1024
#define RG_MESSAGE_BYTES 4096

/* What a waiting caller asks for, copied out of shared memory. */
typedef struct RgRequest
{
	int slot;
	uint64 generation;
	RgRequestKind kind;
	Oid database;      /* InvalidOid: the caller's */
	bool gateway;      /* the caller's session is one of a gateway's */
	int64 key_id;      /* KEY_KNOWN, KEY_FORGET */
	bool keep_private; /* KEY_FORGET: others may need the private half */
	int64 organization_id;
	int64 data_source_id;
	int64 user_id;
	bool refresh;
	bool full_read;
	dsm_handle definition; /* TEST of what is not stored: columns and sealed credentials */
	TimestampTz until;     /* DISCOVER: 0 = for ever */
	bool scoped;
	char schema[RG_SCOPE_BYTES];
} RgRequest;

typedef struct RgAnswer
{
	int64 id;
	bool left;          /* the time was over before the answer came */
	bool crowded;       /* it was refused because too many wait already */
	int status;         /* 0, or the HTTP status of the refusal */
	const char *detail; /* of a refusal that no worker made, or NULL */
	char message[RG_MESSAGE_BYTES];
	char hint[RG_MESSAGE_BYTES];
} RgAnswer;

/* Has a worker serve the request (wait.c). False when it was refused, or when no worker can serve at all. */
extern bool rg_queue_try(RgRequest *request, RgAnswer *answer);

/* Same, but fails when it was refused. */
extern void
rg_queue_ask(RgRequest *request, RgAnswer *answer); /* refused when the transaction is read-only */

/* Takes one new request of this database; false when there is none. */
extern bool rg_request_take(RgRequest *request);

/* From now on the request waits for the end of this job. */
extern void rg_request_link(const RgRequest *request, int64 job_id);

/* Answers a request: with an id and a text in the place of the message, or (status not 0) with a refusal. */
extern void
rg_request_answer(const RgRequest *request, int64 id, int status, const char *message, const char *hint);

/* The definition of a request, copied into the current context; false when its caller has gone. */
extern bool rg_request_definition(const RgRequest *request, RgDefinitionToTest *definition);

/* Does its caller still wait? */
extern bool rg_request_is_waited_for(const RgRequest *request);

/* Tells everyone who waits for this job that it has ended. */
extern void rg_request_job_ended(int64 job_id);

/* Lets go of everyone who waits for any job of this source, with a refusal; the jobs go on. */
extern void rg_request_refuse_source(int64 organization_id, int64 data_source_id, int status,
									 const char *message, const char *hint);

/* Lets go of everyone who waits for this job, with a refusal; the job goes on. */
extern void rg_request_refuse_waiting(int64 job_id, int status, const char *message, const char *hint);

/* Callers' jobs of this database were there, and none could be claimed: they bring no worker for a while. */
extern void rg_requests_pass_over(void);

/* Does anybody wait for this job? */
extern bool rg_request_waited_for(int64 job_id);

/* ---- workers (pool.c) ---- */

extern int rg_max_workers;

typedef enum RgStart
{
	RG_STARTED,
	RG_START_LATER, /* the pool is full, or the database is being evacuated */
	RG_NOT_STARTED, /* the server has no background worker left */
} RgStart;

/* Calls a resting worker of the database, or starts one if the pool has room; a resting one of another
 * database makes room, soon. */
extern RgStart rg_worker_start(Oid database);

/*
 * A worker that has nothing left to do can be called from rg_worker_rest on; then it must look for work
 * again. rg_worker_rise ends that, and tells whether it was called.
 */
extern void rg_worker_rest(void);
extern bool rg_worker_is_called(void);
extern bool rg_worker_rise(void);

/* Called first thing by a worker: is the slot that it was started for still its own? */
extern bool rg_worker_attach(int slot, uint64 generation, Oid *database);

/*
 * The job that this worker runs (NULL = none), visible to everyone; set it before the claim commits. One that
 * yields is put off when a caller finds every worker busy.
 */
struct RgJob;
extern void rg_worker_set_job(const struct RgJob *job);
extern void rg_worker_set_yields(bool yields);

/*
 * Says for which organization (0 = none) this worker makes a caller's test, and of which source (0 = a
 * definition); and asks whether any worker tests one.
 */
extern void rg_worker_set_test(int64 organization_id, int64 data_source_id);
extern bool rg_worker_tests(int64 data_source_id);

/*
 * From now on this worker connects to these hosts (none: to none). False: to one of them as many do already
 * as rivergen.max_connections_per_host allows, and no caller waits for it.
 */
extern bool rg_worker_take_hosts(const RgHostKeys *hosts, bool waited_for);

/* A worker between two jobs: does it leave its database, because another one wants a worker more? */
extern bool rg_worker_makes_way(void);

/* What the workers of this database must leave alone now, as arrays of bigint. */
typedef struct RgBounds
{
	Datum hosts;         /* that have as many connections as they may have */
	Datum organizations; /* that have as many workers as they may have */
	Datum held;          /* jobs that only wait to be stored, and keep no worker busy */
	Datum awaited;       /* organizations whose callers wait for a job that no worker runs */
	bool has_awaited;
	bool has_hosts;
	uint64 hosts_left; /* by workers, ever */
} RgBounds;

extern RgBounds rg_pool_bounds(void);

/* Jobs of this database were passed over because of their hosts: it is woken when one is left. */
extern void rg_pool_hold_back(const RgBounds *bounds);

/* Has the organization as many workers as it may have? Then one whose job gives way puts it off. */
extern void rg_pool_make_way_within(int64 organization_id);

/* Is some worker running this job? */
extern bool rg_worker_has_job(int64 job_id);

/* A sign of life, due once a second while this worker reads from a connector; false: it does not any more. */
extern void rg_worker_beat(bool reading);

/* ---- outcomes that cannot be stored now (held.c) ---- */

/*
 * The job of this worker is done, and is held aside until its outcome can be stored. False: too many are; the
 * job was laid down, and goes back to the queue once its row is free.
 */
extern bool rg_worker_hold(const struct RgJob *job);
extern void rg_worker_let_go(const struct RgJob *job);

/* Does a worker hold this job, or any job of this source? Of a source, also one that was laid down. */
extern bool rg_worker_holds_job(int64 job_id);
extern bool rg_queue_holds_source(int64 organization_id, int64 data_source_id);

/* Was this attempt laid down, and was any job of this database? */
extern bool rg_job_was_laid_down(int64 job_id, int32 attempt);
extern bool rg_queue_has_laid_down(void);

/* Part of a transaction that puts the job back: it is laid down no more when that is committed. */
extern void rg_job_pick_up(const struct RgJob *job);

/* Of this database only these jobs run: what else was laid down has ended, or is gone. */
extern void rg_held_forget_others(const int64 *running, int count);

typedef struct RgProgress
{
	char phase[32];
	int64 relations_total;
	int64 relations;
	int64 columns;
	int64 bytes;
} RgProgress;

extern void rg_worker_set_progress(const RgProgress *progress);
extern bool rg_worker_progress(int64 organization_id, int64 job_id, RgProgress *progress);

typedef enum RgNotice
{
	RG_NOTICE_CANCEL = 1,    /* someone asked for the job to be cancelled: look at its row */
	RG_NOTICE_ABANDONED = 2, /* the last caller who waited for it has gone */
	RG_NOTICE_EVACUATE = 4,  /* leave this database */
	RG_NOTICE_YIELD = 8,     /* a caller waits for a worker: put the job off */
} RgNotice;

/* What has been said to this worker since it last asked. */
extern int rg_worker_notices(void);

/* Wakes the worker that runs the job. */
extern void rg_worker_notify(int64 job_id, RgNotice notice);

/* Says that this database has (more) work; the launcher starts a worker as soon as there is room. */
extern void rg_queue_wake(Oid database);

/* Asks the workers of a database to leave and keeps new ones away, until rg_queue_readmit or rg_queue_forget.
 */
extern void rg_queue_evacuate(Oid database);
extern bool rg_queue_has_workers(Oid database);
extern void rg_queue_readmit(Oid database);
extern void rg_queue_forget(Oid database);

/* Was the library preloaded, so that there is shared memory? */
extern bool rg_queue_is_available(void);

/* Is this database one that rivergen.databases names, and is rivergen.enabled on? */
extern bool rg_queue_serves(const char *name);

/* ---- the launcher (shared.c) ---- */

extern void rg_launcher_attach(void);
extern bool rg_launcher_is_running(void);

/* Adds the database to those that are looked at, due at once. */
extern void rg_launcher_watch(Oid database);
extern void rg_launcher_unwatch(Oid database);

/* Starts workers where there is work and room; returns milliseconds until the next thing is due. */
extern long rg_launcher_schedule(void);

/*
 * A worker's finding: this database has the extension (or not) and wants to be looked at again then, or
 * earlier when another worker said so.
 */
extern void rg_database_next_due(bool has_extension, TimestampTz next);

/* ---- jobs, seen from a worker (claim.c): each is one statement or two of the caller's transaction ---- */

typedef struct RgJob
{
	int64 organization_id;
	int64 job_id;
	int64 data_source_id;
	int32 attempt;  /* the fence: a worker whose attempt is not the row's any more may not commit */
	bool scans;     /* looks at values */
	bool tests;     /* only connects; otherwise it discovers */
	bool scheduled; /* nobody asked for it */
	char *schema;   /* NULL = the whole source */
	bool full_read;
	bool for_caller;  /* made for a waiting caller, and of no use to anybody else */
	bool awaited;     /* a caller waits for it */
	bool yields;      /* gives way to callers, until its source has answered */
	RgHostKeys hosts; /* where it connects to */
} RgJob;

/*
 * The job for a waiting request: one that is queued, one that is running and will do, or a new one. 0: the
 * source is not there. RG_JOB_CACHED: the request would take what is cached, and something is.
 */
#define RG_JOB_CACHED (-1)
extern int64 rg_job_for_request(const RgRequest *request);

/*
 * Claims the next job, fairly among organizations; false when there is none. *more: others are left; after
 * false, that another worker is claiming, and that there may be something when it has done so.
 */
extern bool rg_job_claim(RgJob *job, bool *more);

/* Back to the queue, as if it had never been claimed. */
extern void rg_job_release(const RgJob *job);

/*
 * Back to the queue, to be begun at once because the source was changed meanwhile; that counts as an attempt.
 * False when it happened too often: nothing was changed.
 */
#define RG_CHANGED_CODE "changed"
extern bool rg_job_begin_again(const RgJob *job);

/* The same as rg_job_release, but not to be claimed before that time. */
extern void rg_job_put_off(const RgJob *job, TimestampTz until);

/* The same for the sake of callers, which is counted: a job gives way only a few times. */
extern void rg_job_give_way(const RgJob *job, TimestampTz until);

/* Forgets the tests of the source that the schedule made before this one, but for those that failed. */
extern void rg_job_supersede_tests(const RgJob *job);

/* Is the job still this worker's? Locks its row until the transaction ends when lock is true. */
typedef enum RgJobStanding
{
	RG_JOB_MINE,
	RG_JOB_CANCEL_REQUESTED,
	RG_JOB_SOURCE_DELETED,
	RG_JOB_LOST,
} RgJobStanding;

extern RgJobStanding rg_job_standing(const RgJob *job, bool lock);

/* Is it still of no use to anybody but those who wait for it? One who left may have asked for it to go on. */
extern bool rg_job_is_for_callers(const RgJob *job);

extern void rg_job_succeed(const RgJob *job, Datum result);
extern void rg_job_fail(const RgJob *job, const char *code, const char *message, const char *detail);

/*
 * Back to the queue after a failure that may pass, to be tried again later; the failure stays visible until
 * then. False when it was the last try, when somebody waits for the job, or in maintenance: nothing was
 * changed.
 */
extern bool rg_job_retry(const RgJob *job, const char *code, const char *message, const char *detail);

extern void rg_job_cancelled(const RgJob *job, const char *message);

/* Cancelled because those who wanted it have left. Who joined it at that very moment asks again. */
#define RG_ABANDONED_CODE "abandoned"
extern void rg_job_abandoned(const RgJob *job);

/* Puts back every running job that no worker runs any more, or holds. */
extern void rg_job_rescue(void);

/* ---- the schedule, seen from a worker (schedule.c) ---- */

/* Queues discoveries of sources that are due; false when there was none that could be taken up. */
extern bool rg_schedule_look(void);

/* The same for tests (health.c). */
extern bool rg_health_look(void);
extern TimestampTz rg_health_next_due(TimestampTz after);

/*
 * Milliseconds from a test or discovery to the next test of the schedule, after so many failures in a row;
 * false when health checks are off. chance: 0 up to but not including 1.
 */
extern bool rg_test_delay_of_failures(int failures, double chance, int64 *delay_ms);

/* When the first job or source that is due later than `after` is so; DT_NOEND when there is none. */
extern TimestampTz rg_queue_next_due(TimestampTz after);

/* ---- retention, seen from a worker (retention.c) ---- */

/* Removes a batch of the jobs that ended long ago; true when there may be more of them. */
extern bool rg_jobs_prune(void);

#endif
