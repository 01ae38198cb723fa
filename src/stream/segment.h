/*
 * segment.h — inside the rooms stream and reader: the shared memory of one stream. It holds the request, and
 * a queue from the reader to the backend.
 *
 * Each message begins with an RgStreamMessage. A frame of rows is one message, or several when it is long:
 * the first has their kind, the others are MORE.
 */
#ifndef RG_STREAM_SEGMENT_H
#define RG_STREAM_SEGMENT_H

#include "postgres.h"

#include "storage/dsm.h"
#include "storage/shm_mq.h"

#include "stream/stream.h"

/*
 * 128 streams use 32 MB; a larger queue is hardly faster. The server fills the segment with zeros, which for
 * a few rows takes as long as they do, so these have a smaller one.
 */
#define RG_STREAM_QUEUE_BYTES       (256 * 1024)
#define RG_STREAM_SHORT_QUEUE_BYTES (16 * 1024)
#define RG_STREAM_SHORT_ROWS        100

typedef enum RgStreamMessageKind
{
	RG_MESSAGE_HEAD,  /* then the connector's name with its NUL, then the frame `reading` with its NUL */
	RG_MESSAGE_ROWS,  /* then the beginning of the frame's bytes, or all */
	RG_MESSAGE_MORE,  /* then further bytes of the same frame */
	RG_MESSAGE_ERROR, /* then message, detail and hint, each with its NUL; empty: none */
	RG_MESSAGE_END,
} RgStreamMessageKind;

typedef struct RgStreamMessage
{
	RgStreamMessageKind kind;
	int32 status;   /* ERROR: the HTTP status */
	bool truncated; /* END */
	bool masked;    /* HEAD */
	int64 rows;     /* ROWS: of the frame; END: in all */
	uint64 length;  /* ROWS: bytes of the whole frame */
} RgStreamMessage;

/* A stream's request as a reader gets it; the texts lie in the segment. */
typedef struct RgStreamAsked
{
	RgStreamRequest request;
	Oid login_role; /* of the backend's session */
} RgStreamAsked;

/* The backend: makes the segment with the request and an empty queue. */
extern dsm_segment *rg_stream_segment_create(const RgStreamRequest *request);

/* The reader: what was asked. */
extern void rg_stream_segment_read(dsm_segment *segment, RgStreamAsked *asked);

extern shm_mq *rg_stream_segment_queue(dsm_segment *segment);

#endif
