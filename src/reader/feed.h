/*
 * feed.h — inside the reader room: a running connector with its pipes, and its tunnel if it has one. A feed
 * serves one stream, and may rest afterwards until another stream of the same source uses it.
 *
 * All descriptors of all feeds are in one epoll instance, which the reader's loop waits for as for a single
 * descriptor: pausing a feed costs one system call, and nothing is rebuilt.
 */
#ifndef RG_READER_FEED_H
#define RG_READER_FEED_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "lib/ilist.h"
#include "lib/stringinfo.h"

#include "worker/attempt.h"

struct RgReading;
struct RgFeed;

typedef enum RgPipe
{
	RG_PIPE_INPUT,
	RG_PIPE_OUTPUT,
	RG_PIPE_DIAGNOSIS,
	RG_PIPE_REPORT,
	RG_PIPE_PROCESS, /* not a pipe: readable when the connector has ended */
	RG_PIPE_SSH_OUTPUT,
	RG_PIPE_SSH_DIAGNOSIS,
	RG_PIPES
} RgPipe;

/* A descriptor in the epoll instance. */
typedef struct RgWatched
{
	struct RgFeed *feed;
	RgPipe pipe;
	bool is_watched;
} RgWatched;

typedef struct RgFeed
{
	dlist_node node;
	MemoryContext memory;      /* of the feed and all that it points to */
	struct RgReading *reading; /* that it serves; NULL: it rests, or is a spare */
	bool is_spare;             /* it was started for no stream yet */
	RgAttempt attempt;         /* endpoint, credentials, tunnel, report, failure */
	RgChild *child;            /* NULL: not started, or killed */
	RgWatched watched[RG_PIPES];
	StringInfoData diagnosis;     /* the beginning of its standard error */
	MemoryContext request_memory; /* NULL: the request is written */
	const char *request;
	size_t request_length; /* what is left to write */
	char *buffer;          /* bytes received and not taken yet: those from start to end */
	size_t start;
	size_t end;
	size_t capacity;
	bool greeted;
	bool is_reused; /* it has rested before this stream */
	char *name;     /* of the connector, from hello */
	int capabilities;
	const char *step; /* that it has reached: of the protocol's */
	int log_frames;
	int other_frames;
	TimestampTz rests_until;
	char *asked;   /* what the last stream asked for, other than the question: operation, source, user */
	uint64 epoch;  /* in which the following was found */
	char *version; /* of the rows that the endpoint and the rest come from; NULL: some were missing */
	int64 user_id;
	int64 max_rows;
	int timeout;
	bool masked;
} RgFeed;

/* The descriptor that is readable when one of the watched ones is. */
extern int rg_feed_descriptor(void);

/* A watched descriptor that is ready; NULL: none is. */
extern RgWatched *rg_feed_ready(void);

/* A feed that is not started yet. */
extern RgFeed *rg_feed_create(void);

/* Starts the connector of feed->attempt, which is prepared. False: attempt->failure says why not. */
extern bool rg_feed_start(RgFeed *feed);

/* Takes over the connector of a spare (spare.h), with what it has said so far, in place of starting one. */
extern void rg_feed_adopt(RgFeed *feed, RgFeed *spare);

/* Writes the request as far as the pipe takes it, and the rest when it can. Then its memory is deleted. */
extern void rg_feed_ask(RgFeed *feed, const char *request, MemoryContext memory);
extern void rg_feed_write(RgFeed *feed);
extern void rg_feed_close_input(RgFeed *feed);

/* Reads into the buffer. Returns 0 at the end of the output, -1 when nothing is there now. */
extern ssize_t rg_feed_read(RgFeed *feed);

/* Takes what is in these pipes, whose content belongs to no stream. */
extern void rg_feed_read_diagnosis(RgFeed *feed);
extern void rg_feed_read_report(RgFeed *feed);

/* False: ssh has ended. */
extern bool rg_feed_read_ssh(RgFeed *feed, RgPipe pipe);

/* Is the descriptor watched from now on? */
extern void rg_feed_watch(RgFeed *feed, RgPipe pipe, bool is_watched);

/* Kills the connector and its tunnel. The feed stays. */
extern void rg_feed_kill(RgFeed *feed);

/* Kills and frees it. */
extern void rg_feed_free(RgFeed *feed);

#endif
