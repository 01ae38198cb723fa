/*
 * stream.h — the backend's side of reading in place: one answer of a source, as it arrives from a reader
 * (src/reader/README.md).
 *
 *   RgStream *stream = rg_stream_open(&request);
 *   do { rg_stream_next(stream, &part); … } while (part.kind != RG_STREAM_END);
 *   rg_stream_close(stream);
 *
 * The parts are one head, any number of rows, one end. The functions are exported because a module of the
 * tests calls them (test/lib/streams.c).
 */
#ifndef RG_STREAM_H
#define RG_STREAM_H

#include "postgres.h"

typedef struct RgStream RgStream;

/* Texts are copied. */
typedef struct RgStreamRequest
{
	const char *operation; /* "read" or "query" */
	const char *question;  /* JSON text of the request's member of that name (src/wire/README.md) */
	const char *server;    /* name of the foreign server; NULL: the three ids say who reads what */
	int64 organization_id; /* with a server, too: its share of the streams is bounded */
	int64 data_source_id;
	int64 user_id;
	const char *schema; /* of the relation, for the audit trail; or NULL */
	const char *relation;
	int timeout;       /* seconds for all of it; 0: none */
	int64 limit;       /* so many rows are wanted at most; 0: all. Few need little memory */
	bool takes_a_part; /* the backend itself takes no more rows than it may, and closes then */
} RgStreamRequest;

typedef enum RgStreamPartKind
{
	RG_STREAM_HEAD,
	RG_STREAM_ROWS,
	RG_STREAM_END
} RgStreamPartKind;

/* Memory of a part is valid until the next call for the same stream. */
typedef struct RgStreamPart
{
	RgStreamPartKind kind;
	const char *json; /* HEAD: the frame `reading` as the connector sent it, a checked JSON object */
	bool masked;      /* HEAD: values of a read are to be masked before anything else sees them */
	int64 rows;       /* ROWS: as many as the connector says are in bytes; END: in all */
	char *bytes;      /* ROWS: lines of COPY text, each ended by a newline; not checked; may be changed */
	size_t length;    /* ROWS: 0 when no column was asked for */
	bool truncated;   /* END: a query had more rows than its limit */
} RgStreamPart;

/* For EXPLAIN ANALYZE. */
typedef struct RgStreamCounts
{
	int64 rows;
	int64 bytes;
	int64 waited_ms;       /* how long rg_stream_next slept */
	const char *connector; /* its name; NULL before the head */
} RgStreamCounts;

/*
 * Submits the request and returns; memory is of CurrentMemoryContext, shared memory of CurrentResourceOwner.
 * Fails with 503 when there is no reader and none can be started, or when too many streams are open.
 */
extern PGDLLEXPORT RgStream *rg_stream_open(const RgStreamRequest *request);

/*
 * Waits for the next part; can be cancelled. Fails with the status that fits when the source, the connector
 * or the reader fails. After the end or a failure it must not be called again.
 */
extern PGDLLEXPORT void rg_stream_next(RgStream *stream, RgStreamPart *part);

/* Ends the stream, at any time; the source stops sending. An abort that releases the resource owner does too.
 */
extern PGDLLEXPORT void rg_stream_close(RgStream *stream);

extern PGDLLEXPORT RgStreamCounts rg_stream_counts(const RgStream *stream);

/* Settings and shared memory of this room. */
extern void rg_stream_init(void);

#endif
