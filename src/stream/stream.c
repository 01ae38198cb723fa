/*
 * stream.c — a backend's stream: it submits a request, receives messages and waits for them in short turns.
 * After a turn in which nothing came it looks whether its reader moves, its client is there, and no session
 * waits for its locks.
 */
#include "stream/stream.h"

#include "access/xlog.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "portability/instr_time.h"
#include "storage/latch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "error.h"
#include "queue/databases.h"
#include "queue/wait.h"
#include "stream/segment.h"
#include "stream/slots.h"

#define TURN_MS 1000

/* A connector takes a request of 9 MB, with all that belongs to it. */
#define QUESTION_BYTES (8 * 1024 * 1024)

/* How often a stream without a reader looks for one, and for how long. */
#define LOOK_MS    20
#define NO_ROOM_MS 10000

struct RgStream
{
	dsm_segment *segment; /* NULL: closed */
	shm_mq_handle *queue;
	RgStreamTicket ticket;
	TimestampTz opened_at;
	bool is_assigned;
	char *connector;
	char *long_frame; /* a frame that comes in several messages, or NULL */
	uint64 received;  /* of it */
	int64 waited_us;
	RgStreamCounts counts;
};

void
rg_stream_init(void)
{
	rg_stream_slots_init();
}

/* ---- opening ---- */

static void
require_readers(void)
{
	if (!rg_stream_slots_available())
		rg_fail(RG_UNAVAILABLE, "rivergen's readers are not running",
				"The library is not in shared_preload_libraries.",
				"Add shared_preload_libraries = 'rivergen' to postgresql.conf and restart the server.");
	if (RecoveryInProgress())
		rg_fail_on_standby("a standby reads no data source");
	if (!rg_database_is_served(get_database_name(MyDatabaseId)))
		rg_fail(RG_UNAVAILABLE, "rivergen is switched off for this database", NULL,
				"See the settings rivergen.enabled and rivergen.databases.");
}

/* Runs when the segment is detached: by rg_stream_close, by an abort, or when the backend exits. */
static void
leave(dsm_segment *segment, Datum argument)
{
	RgStreamTicket *ticket = (RgStreamTicket *) DatumGetPointer(argument);

	rg_stream_slot_leave(ticket);
	pfree(ticket);
}

static void
submit(RgStream *stream, int64 organization_id)
{
	RgStreamTicket *ticket = MemoryContextAlloc(TopMemoryContext, sizeof(*ticket));

	if (!rg_stream_slot_submit(dsm_segment_handle(stream->segment), organization_id, ticket))
	{
		pfree(ticket);
		rg_fail(RG_UNAVAILABLE, "too many streams from data sources are open",
				psprintf("%d are open, in all sessions together.", RG_MOST_STREAMS), "Try again later.");
	}
	stream->ticket = *ticket;
	on_dsm_detach(stream->segment, leave, PointerGetDatum(ticket));
}

static void
fail_without_place(RgStreamAssignment assignment)
{
	if (assignment == RG_STREAM_NO_SHARE)
		rg_fail(RG_UNAVAILABLE, "too many streams of the organization are open",
				psprintf("It may have %d at once, three quarters of those that the readers can serve "
						 "(rivergen.max_readers).",
						 rg_stream_slots_share()),
				"Close cursors that stay open, or try again later.");
	rg_fail(RG_UNAVAILABLE, "all readers are busy",
			psprintf("%d may run at once (rivergen.max_readers), and each serves one database and at most "
					 "%d streams.",
					 rg_stream_max_readers, RG_STREAMS_PER_READER),
			"Try again later.");
}

static void
assign(RgStream *stream)
{
	RgStreamAssignment assignment = rg_stream_slot_assign(&stream->ticket);

	stream->is_assigned = assignment == RG_STREAM_HAS_READER;
	if (assignment == RG_STREAM_NO_PROCESS)
		rg_fail(RG_UNAVAILABLE, "no reader could be started", "All background worker slots are in use.",
				"Raise max_worker_processes and restart the server.");
	if (!stream->is_assigned &&
		TimestampDifferenceExceeds(stream->opened_at, GetCurrentTimestamp(), NO_ROOM_MS))
		fail_without_place(assignment);
}

static void
require_short(const RgStreamRequest *request)
{
	bool is_query = strcmp(request->operation, "query") == 0;

	if (strlen(request->question) > QUESTION_BYTES)
		rg_fail(RG_PAYLOAD_TOO_LARGE,
				is_query ? "the query is too long" : "the values of the conditions are too long",
				psprintf("At most %d bytes can be sent to a data source.", QUESTION_BYTES),
				is_query ? NULL : "Write the condition so that it stays here, as column || '' = value.");
}

RgStream *
rg_stream_open(const RgStreamRequest *request)
{
	RgStream *stream = palloc0(sizeof(RgStream));

	require_short(request);
	require_readers();
	stream->opened_at = GetCurrentTimestamp();
	stream->segment = rg_stream_segment_create(request);
	submit(stream, request->organization_id);
	stream->queue = shm_mq_attach(rg_stream_segment_queue(stream->segment), stream->segment, NULL);
	assign(stream);
	return stream;
}

void
rg_stream_close(RgStream *stream)
{
	if (stream->segment != NULL)
		dsm_detach(stream->segment);
	stream->segment = NULL;
}

/* ---- waiting ---- */

static void
sleep_turn(RgStream *stream)
{
	instr_time begun;
	instr_time slept;

	INSTR_TIME_SET_CURRENT(begun);

	int events = WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						   stream->is_assigned ? TURN_MS : LOOK_MS, PG_WAIT_EXTENSION);

	ResetLatch(MyLatch);
	INSTR_TIME_SET_CURRENT(slept);
	INSTR_TIME_SUBTRACT(slept, begun);
	stream->waited_us += INSTR_TIME_GET_MICROSEC(slept);
	CHECK_FOR_INTERRUPTS();
	if (events & WL_TIMEOUT)
		rg_wait_check();
}

static void
fail_without_reader(void)
{
	rg_fail(RG_UNAVAILABLE, "the reader of this stream has ended", NULL,
			"The server's log may say why. Try again.");
}

/* Returns whether the reader has left, so that nothing comes that is not in the queue already. */
static bool
has_reader_left(RgStream *stream)
{
	switch (rg_stream_slot_standing(&stream->ticket))
	{
		case RG_STREAM_WAITING:
			assign(stream);
			return false;
		case RG_STREAM_STALLED:
			rg_fail(RG_UNAVAILABLE, "the reader of this stream does not move any more", NULL,
					"The server's log may say why. Its process is called \"rivergen reader\".");
		case RG_STREAM_LEFT:
			return true;
		default:
			return false;
	}
}

static const RgStreamMessage *
receive(RgStream *stream, Size *length)
{
	bool has_left = false;
	void *data;

	for (;;)
	{
		shm_mq_result result = shm_mq_receive(stream->queue, length, &data, true);

		if (result == SHM_MQ_SUCCESS)
			return data;
		if (result == SHM_MQ_DETACHED || has_left)
			fail_without_reader();
		has_left = has_reader_left(stream);
		if (!has_left)
			sleep_turn(stream);
	}
}

/* ---- messages ---- */

static void
take_head(RgStream *stream, const char *text, RgStreamPart *part)
{
	if (stream->connector == NULL)
		stream->connector = MemoryContextStrdup(GetMemoryChunkContext(stream), text);
	part->kind = RG_STREAM_HEAD;
	part->json = text + strlen(text) + 1;
}

static void
take_error(const RgStreamMessage *message)
{
	const char *text = (const char *) (message + 1);
	const char *detail = text + strlen(text) + 1;
	const char *hint = detail + strlen(detail) + 1;

	rg_fail(message->status, pstrdup(text), *detail ? pstrdup(detail) : NULL, *hint ? pstrdup(hint) : NULL);
}

/* Returns whether the frame is complete. */
static bool
take_rows(RgStream *stream, const RgStreamMessage *message, Size length, RgStreamPart *part)
{
	char *bytes = (char *) (message + 1);
	bool begins = message->kind == RG_MESSAGE_ROWS;

	if (begins)
		*part = (RgStreamPart){.kind = RG_STREAM_ROWS, .rows = message->rows, .length = message->length};
	if (begins && length == message->length)
		part->bytes = bytes;
	else
	{
		if (begins)
			stream->long_frame = MemoryContextAllocHuge(GetMemoryChunkContext(stream), message->length);
		if (begins)
			stream->received = 0;
		memcpy(stream->long_frame + stream->received, bytes, length);
		stream->received += length;
		part->bytes = stream->long_frame;
		if (stream->received < part->length)
			return false;
	}
	stream->counts.rows += part->rows;
	stream->counts.bytes += part->length;
	return true;
}

/* Returns whether the part is complete. */
static bool
take(RgStream *stream, const RgStreamMessage *message, Size length, RgStreamPart *part)
{
	switch (message->kind)
	{
		case RG_MESSAGE_HEAD:
			take_head(stream, (const char *) (message + 1), part);
			part->masked = message->masked;
			return true;
		case RG_MESSAGE_ROWS:
		case RG_MESSAGE_MORE:
			return take_rows(stream, message, length - sizeof(*message), part);
		case RG_MESSAGE_ERROR:
			take_error(message);
			return false;
		case RG_MESSAGE_END:
			*part =
				(RgStreamPart){.kind = RG_STREAM_END, .rows = message->rows, .truncated = message->truncated};
			return true;
	}
	elog(ERROR, "unknown message %d from a reader", (int) message->kind);
}

void
rg_stream_next(RgStream *stream, RgStreamPart *part)
{
	const RgStreamMessage *message;
	Size length;

	*part = (RgStreamPart){0};
	if (stream->long_frame != NULL)
		pfree(stream->long_frame);
	stream->long_frame = NULL;
	do
		message = receive(stream, &length);
	while (!take(stream, message, length, part));
}

RgStreamCounts
rg_stream_counts(const RgStream *stream)
{
	RgStreamCounts counts = stream->counts;

	counts.waited_ms = stream->waited_us / 1000;
	counts.connector = stream->connector;
	return counts;
}
