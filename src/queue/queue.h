/*
 * queue.h — types that this room and its callers share: jobs, and the calls through which waiting callers,
 * the launcher and the workers meet. ../worker/README.md defines the terms and draws the states.
 */
#ifndef RG_QUEUE_H
#define RG_QUEUE_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "storage/dsm_impl.h"
#include "utils/array.h"
#include "utils/jsonb.h"

#include "catalog/host_keys.h"

/* A definition to test that is not stored. Its credentials are sealed for (organization, 0, 0). */
typedef struct RgDefinitionToTest
{
	Jsonb *columns;
	int64 key_id;
	bytea *sealed; /* NULL = none */
} RgDefinitionToTest;

/* Kinds of calls. An answer with a text is a JSON object. */
typedef enum RgCallKind
{
	RG_CALL_DISCOVER,
	RG_CALL_KEY_CREATE,
	RG_CALL_TEST,       /* text: the result */
	RG_CALL_KEY_LIST,   /* text: {"fault", "key_ids"}: the private keys that a worker can read */
	RG_CALL_KEY_ROTATE, /* id: the new key; text: {"resealed", "unreadable"} */
	RG_CALL_KEY_KNOWN,  /* id: 1 when the database knows the key, else 0 */
	RG_CALL_KEY_FORGET, /* text: {"private_key"}: removed, kept or absent */
	RG_CALL_INSPECT,    /* text: a description of the worker's surroundings; ../worker/inspect.c */
} RgCallKind;

#define RG_SCOPE_BYTES   1024
#define RG_MESSAGE_BYTES 4096

/* A call, copied out of shared memory. */
typedef struct RgCall
{
	int slot;
	uint64 generation;
	RgCallKind kind;
	Oid database;      /* InvalidOid: the caller's */
	bool gateway;      /* the caller's session belongs to a gateway */
	int64 key_id;      /* KEY_KNOWN, KEY_FORGET */
	bool keep_private; /* KEY_FORGET: other databases may need the private half */
	int64 organization_id;
	int64 data_source_id;
	int64 user_id;
	Oid login_role; /* TEST */
	bool refresh;
	bool full_read;
	dsm_handle definition; /* TEST of what is not stored: columns and sealed credentials */
	bool lists;            /* TEST: the server's databases are listed, too, into: */
	dsm_handle long_answer;
	TimestampTz until; /* DISCOVER: the caller waits until then; 0 = no limit */
	bool scoped;
	char schema[RG_SCOPE_BYTES];
} RgCall;

typedef struct RgAnswer
{
	int64 id;
	bool left;          /* the time ran out before the answer came */
	bool crowded;       /* refused because too many callers wait already */
	int status;         /* 0, or the HTTP status of the refusal */
	int seconds;        /* of a refusal: after how many seconds to try again; 0: unknown */
	const char *detail; /* of a refusal that no worker made, or NULL */
	char message[RG_MESSAGE_BYTES];
	char hint[RG_MESSAGE_BYTES];
} RgAnswer;

typedef enum RgStart
{
	RG_STARTED,
	RG_START_LATER, /* the pool is full, or the database is being evacuated */
	RG_NOT_STARTED, /* the server has no background worker left */
} RgStart;

/* What the workers of this database must not claim now, as arrays of bigint. */
typedef struct RgBounds
{
	Datum hosts;         /* at their limit of connections */
	Datum organizations; /* at their limit of workers */
	Datum pending;       /* jobs whose outcome is pending; they keep no worker busy */
	Datum awaited;       /* organizations whose callers wait for a job that no worker runs */
	bool has_awaited;
	bool has_hosts;
	uint64 hosts_left; /* how often workers have disconnected from hosts */
} RgBounds;

typedef struct RgProgress
{
	char phase[32];
	int64 relations_total;
	int64 relations;
	int64 columns;
	int64 bytes;
} RgProgress;

typedef enum RgNotice
{
	RG_NOTICE_CANCEL = 1,    /* the job is to be cancelled: check its row */
	RG_NOTICE_ABANDONED = 2, /* the last caller that waited for the job has left */
	RG_NOTICE_EVACUATE = 4,  /* leave this database */
	RG_NOTICE_YIELD = 8,     /* a caller needs a worker: put the job off */
} RgNotice;

typedef struct RgJob
{
	int64 organization_id;
	int64 job_id;
	int64 data_source_id;
	int32 attempt;  /* the fence: a worker commits only while this is the row's attempt */
	bool scans;     /* samples values */
	bool tests;     /* only connects; neither scans nor tests: it discovers */
	bool scheduled; /* queued by the schedule */
	char *schema;   /* NULL = the whole source */
	bool full_read;
	bool for_caller;  /* made for waiting callers; useless without them */
	bool awaited;     /* a caller waits for it */
	bool yields;      /* may be put off for a caller until its source has answered */
	RgHostKeys hosts; /* where it connects to */
} RgJob;

typedef enum RgJobStanding
{
	RG_JOB_MINE,
	RG_JOB_CANCEL_REQUESTED,
	RG_JOB_SOURCE_DELETED,
	RG_JOB_LOST,
} RgJobStanding;

#endif
