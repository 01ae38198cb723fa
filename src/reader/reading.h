/*
 * reading.h — inside the reader room: one stream in service. README.md has its states.
 */
#ifndef RG_READER_READING_H
#define RG_READER_READING_H

#include "postgres.h"

#include "lib/ilist.h"

#include "reader/feed.h"
#include "stream/segment.h"
#include "stream/slots.h"
#include "worker/failure.h"

typedef enum RgReadingState
{
	RG_READS_NOTHING,   /* no connector was started yet */
	RG_READS_HELLO,     /* waits for the connector's hello */
	RG_READS_GREETED,   /* hello has come; the request is not written yet */
	RG_READS_CONNECTED, /* waits for the frame connected */
	RG_READS_HEAD,      /* waits for the frame reading */
	RG_READS_ROWS,
	RG_READS_LAST,    /* its last message waits for room in the queue */
	RG_READS_DROPPED, /* the backend has left; what still comes is dropped */
	RG_READS_OVER,
} RgReadingState;

/* A message that the queue had no room for. */
typedef struct RgUnsent
{
	bool waits;
	RgStreamMessage head;
	const char *body; /* in the feed's buffer or the reading's memory */
	size_t length;
} RgUnsent;

typedef struct RgReading
{
	dlist_node node;
	MemoryContext memory;
	RgReadingState state;
	RgStreamTicket ticket;
	dsm_segment *segment;
	shm_mq_handle *queue;
	RgStreamAsked asked;
	RgFeed *feed; /* NULL before it is started, and in the states LAST and OVER */

	int64 organization_id; /* these six are the answers of reading_target() */
	int64 data_source_id;
	int64 user_id;
	int64 max_rows; /* 0: no limit */
	int timeout;    /* seconds; 0: none */
	bool masked;    /* the backend masks values */

	TimestampTz started_at;
	TimestampTz deadline;    /* of this state; DT_NOEND while the backend is slow */
	TimestampTz last_moment; /* of all */
	bool has_ended;          /* the connector has closed its output: waits for its exit status */
	RgUnsent unsent;
	RgUnsent last; /* what follows the unsent message, if anything waits: why the stream has failed */

	uint64 frame_left; /* bytes of the frame of rows that have not been sent */
	int64 frame_rows;
	uint64 frame_bytes;
	bool frame_begun; /* its first message was sent */

	int64 rows;
	int64 bytes;
	bool truncated;
	RgFailure failure;   /* code NULL: none */
	int status;          /* of the failure, when its code does not say it; or 0 */
	const char *hint;    /* of the failure, or NULL */
	const char *outcome; /* for the audit trail: complete, closed or failed */
} RgReading;

/* Takes the stream of this ticket. NULL: its backend has left already. */
extern RgReading *rg_reads_begin(const RgStreamTicket *ticket, dsm_handle segment);

/* Does the steps that may take time: NOTHING and GREETED. Returns at once in other states. */
extern void rg_reads_advance(RgReading *reading);

/* Something of its feed is ready. */
extern void rg_reads_serve(RgReading *reading, RgPipe pipe);

/* The latch was set, or time has passed: the queue may have room again, the backend may have left. */
extern void rg_reads_tick(RgReading *reading, TimestampTz now);

/* Fails it for a reason that lies in this server: 503. */
extern void rg_reads_fail(RgReading *reading, const char *message, const char *hint);

/* Frees it; its feed is killed, or rests. */
extern void rg_reads_free(RgReading *reading);

/* ---- for answer.c ---- */

/*
 * Sends a message. False: the queue is full, the message is kept, and the feed is not read until it is sent;
 * or the backend has left.
 */
extern bool rg_reads_send(RgReading *reading, const RgStreamMessage *head, const char *body, size_t length);

/* Ends it: completely, or with reading->failure. */
extern void rg_reads_complete(RgReading *reading);
extern void rg_reads_failed(RgReading *reading);
extern void rg_reads_set_state(RgReading *reading, RgReadingState state);
extern void rg_reads_set_deadline(RgReading *reading, int seconds);

#endif
