#include "reader/reading.h"

#include <sched.h>

#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "error.h"
#include "reader/answer.h"
#include "reader/explanation.h"
#include "reader/reader.h"
#include "reader/record.h"
#include "reader/rest.h"
#include "reader/spare.h"
#include "worker/transaction.h"

/* Lets a connector report its own time-out before we do. */
#define GRACE_MS 2000

/* How long a connector may take to end, after its output or when the backend has left: then it has a query to
 * cancel at the source. */
#define END_MS 3000

/* ---- deadlines ---- */

void
rg_reads_set_deadline(RgReading *reading, int seconds)
{
	TimestampTz step =
		TimestampTzPlusMilliseconds(GetCurrentTimestamp(), seconds * INT64CONST(1000) + GRACE_MS);

	reading->deadline = Min(step, reading->last_moment);
}

void
rg_reads_set_state(RgReading *reading, RgReadingState state)
{
	reading->state = state;
	if (state == RG_READS_HEAD)
		rg_reads_set_deadline(reading, reading->feed->attempt.endpoint.query_timeout);
}

/* ---- the queue ---- */

static void
leave_queue(RgReading *reading)
{
	if (reading->segment == NULL)
		return;
	reading->unsent.waits = false;
	dsm_detach(reading->segment);
	reading->segment = NULL;
	rg_stream_reader_end(&reading->ticket);
}

/* The backend has left. A connector that can be told so ends its query at the source. */
static void
drop(RgReading *reading)
{
	bool ended = reading->state == RG_READS_LAST || reading->state == RG_READS_OVER;
	bool is_told = reading->state >= RG_READS_CONNECTED && !ended && !reading->has_ended &&
				   (reading->feed->capabilities & RG_OFFERS_REPEAT) != 0;

	reading->outcome = "closed";
	if (!ended)
		rg_record_end(reading);
	leave_queue(reading);
	reading->state = is_told ? RG_READS_DROPPED : RG_READS_OVER;
	if (!is_told)
		return;
	rg_feed_close_input(reading->feed);
	rg_feed_watch(reading->feed, RG_PIPE_OUTPUT, true);
	reading->deadline = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), END_MS);
}

static shm_mq_result
offer(RgReading *reading)
{
	const RgUnsent *unsent = &reading->unsent;
	shm_mq_iovec parts[] = {{(const char *) &unsent->head, sizeof(unsent->head)},
							{unsent->body, unsent->length}};

	return shm_mq_sendv(reading->queue, parts, unsent->length > 0 ? 2 : 1, true, true);
}

/* While the backend is slow, no time counts but that of all. */
static bool
deliver(RgReading *reading)
{
	shm_mq_result result = offer(reading);

	reading->unsent.waits = result == SHM_MQ_WOULD_BLOCK;
	if (result == SHM_MQ_DETACHED)
		drop(reading);
	else if (reading->unsent.waits)
		reading->deadline = reading->state == RG_READS_LAST ? DT_NOEND : reading->last_moment;
	if (reading->unsent.waits && reading->feed != NULL)
		rg_feed_watch(reading->feed, RG_PIPE_OUTPUT, false);
	return result == SHM_MQ_SUCCESS;
}

bool
rg_reads_send(RgReading *reading, const RgStreamMessage *head, const char *body, size_t length)
{
	reading->unsent = (RgUnsent){.head = *head, .body = body, .length = length};
	return deliver(reading);
}

/* ---- the end ---- */

static void
send_last(RgReading *reading, const RgStreamMessage *head, const char *body, size_t length)
{
	reading->state = RG_READS_LAST;
	reading->deadline = DT_NOEND;
	if (reading->unsent.waits)
	{
		reading->last = (RgUnsent){.waits = true, .head = *head, .body = body, .length = length};
		return;
	}
	if (!rg_reads_send(reading, head, body, length))
		return;
	leave_queue(reading);
	reading->state = RG_READS_OVER;
}

/* The queue may have taken a part of the unsent message, and must get the rest. Its body goes with the feed.
 */
static void
keep_unsent(RgReading *reading)
{
	RgUnsent *unsent = &reading->unsent;

	if (!unsent->waits || unsent->length == 0)
		return;
	unsent->body = memcpy(MemoryContextAlloc(reading->memory, unsent->length), unsent->body, unsent->length);
}

/* The feed rests if it can take another request, and is killed otherwise. */
static void
dismiss_feed(RgReading *reading, bool may_rest)
{
	RgFeed *feed = reading->feed;

	reading->feed = NULL;
	feed->reading = NULL;
	if (may_rest && (feed->capabilities & RG_OFFERS_REPEAT) != 0 && feed->child->input >= 0)
		rg_rest_begin(feed);
	else
		rg_feed_free(feed);
}

void
rg_reads_complete(RgReading *reading)
{
	RgStreamMessage head = {.kind = RG_MESSAGE_END, .rows = reading->rows, .truncated = reading->truncated};

	reading->outcome = "complete";
	/* The rows have been sent. On a processor that it shares with this process, the backend goes on first. */
	(void) sched_yield();
	rg_record_end(reading);
	dismiss_feed(reading, true);
	send_last(reading, &head, NULL, 0);
}

/* A connector that has rested may have lost its connection meanwhile; nothing was read yet. */
static bool
begin_again(RgReading *reading)
{
	RgFeed *feed = reading->feed;

	if (feed == NULL || !feed->is_reused || reading->state >= RG_READS_HEAD)
		return false;
	dismiss_feed(reading, false);
	reading->failure = (RgFailure){0};
	reading->has_ended = false;
	reading->state = RG_READS_NOTHING;
	return true;
}

void
rg_reads_failed(RgReading *reading)
{
	if (reading->state >= RG_READS_LAST || begin_again(reading))
		return;
	if (reading->feed != NULL && reading->feed->child != NULL)
		rg_explanation_of_way(reading);
	reading->outcome = "failed";
	rg_record_end(reading);

	RgStreamMessage head = {.kind = RG_MESSAGE_ERROR, .status = rg_explanation_status(reading)};
	StringInfoData body = rg_explanation_body(reading); /* some of its texts go with the feed */

	keep_unsent(reading);
	if (reading->feed != NULL)
		dismiss_feed(reading, false);
	send_last(reading, &head, body.data, body.len);
}

void
rg_reads_fail(RgReading *reading, const char *message, const char *hint)
{
	if (reading->state >= RG_READS_LAST)
		return;
	reading->status = RG_UNAVAILABLE;
	reading->hint = hint;
	rg_failed(&reading->failure, "unavailable", message, NULL);
	if (reading->feed != NULL)
		reading->feed->is_reused = false;
	rg_reads_failed(reading);
}

static void
fail_by_end(RgReading *reading, bool ended, int status)
{
	rg_explanation_of_end(reading, ended, status);
	rg_reads_failed(reading);
}

/* The connector has closed its output: why, its exit status says. */
static void
await_end(RgReading *reading)
{
	int status;

	reading->has_ended = true;
	if (rg_process_ended(reading->feed->child, &status))
	{
		fail_by_end(reading, true, status);
		return;
	}
	rg_feed_watch(reading->feed, RG_PIPE_PROCESS, true);
	reading->deadline = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), END_MS);
}

static void
check_clock(RgReading *reading, TimestampTz now)
{
	int status = 0;

	if (now < reading->deadline || reading->state == RG_READS_LAST || reading->state == RG_READS_OVER)
		return;
	if (reading->state == RG_READS_DROPPED)
	{
		reading->state = RG_READS_OVER;
		return;
	}
	if (reading->has_ended)
	{
		bool ended = rg_process_ended(reading->feed->child, &status);

		fail_by_end(reading, ended, status);
		return;
	}
	if (now >= reading->last_moment)
		rg_failed(&reading->failure, "timeout", "the answer took longer than it may",
				  "See timeout of the call, and of metadata.query.");
	else
		rg_frame_timed_out(reading->feed->greeted, rg_explanation_step(reading),
						   "See query_timeout of the data source.", &reading->failure);
	reading->feed->is_reused = false;
	rg_reads_failed(reading);
}

/* ---- the beginning ---- */

RgReading *
rg_reads_begin(const RgStreamTicket *ticket, dsm_handle handle)
{
	MemoryContext memory =
		AllocSetContextCreate(TopMemoryContext, "rivergen reading", ALLOCSET_DEFAULT_SIZES);
	MemoryContext previous = MemoryContextSwitchTo(memory);
	RgReading *reading = palloc0(sizeof(RgReading));

	reading->memory = memory;
	reading->ticket = *ticket;
	reading->started_at = GetCurrentTimestamp();
	reading->deadline = DT_NOEND;
	reading->last_moment = DT_NOEND;
	reading->segment = dsm_attach(handle);
	if (reading->segment == NULL)
	{
		MemoryContextSwitchTo(previous);
		MemoryContextDelete(memory);
		rg_stream_reader_end(ticket);
		return NULL;
	}
	dsm_pin_mapping(reading->segment);
	rg_stream_segment_read(reading->segment, &reading->asked);

	shm_mq *queue = rg_stream_segment_queue(reading->segment);

	shm_mq_set_sender(queue, MyProc);
	reading->queue = shm_mq_attach(queue, reading->segment, NULL);
	MemoryContextSwitchTo(previous);
	return reading;
}

/* While a tunnel is made, or a name is resolved. */
static RgInterruption
check(void *argument)
{
	const RgReading *reading = argument;

	if (rg_reader_must_leave())
		return RG_SHUTTING_DOWN;
	return rg_stream_reader_is_left(&reading->ticket) ? RG_ABANDONED : RG_UNDISTURBED;
}

static void
fail_interrupted(RgReading *reading, RgInterruption interruption)
{
	if (interruption == RG_UNDISTURBED)
		rg_reads_failed(reading);
	else if (interruption == RG_ABANDONED)
		drop(reading);
	else
		rg_reads_fail(reading, "the reader of this stream is asked to end", "Try again.");
}

static void
prepare_and_start(RgReading *reading)
{
	RgFeed *feed = reading->feed;
	RgAttempt *attempt = &feed->attempt;

	attempt->check = check;
	attempt->argument = reading;
	MemoryContextSwitchTo(feed->memory);

	bool started = rg_attempt_prepare(attempt) && (rg_spare_take(feed) || rg_feed_start(feed));

	MemoryContextSwitchTo(reading->memory);
	if (!started)
	{
		reading->failure = attempt->failure;
		fail_interrupted(reading, attempt->interruption);
		return;
	}
	reading->state = RG_READS_HELLO;
	rg_reads_set_deadline(reading, attempt->endpoint.connection_timeout);
	rg_reads_take_answer(reading); /* what a spare has said already */
}

static void
begin(RgReading *reading)
{
	RgFeed *feed = rg_record_begin(reading);

	if (feed == NULL)
	{
		rg_reads_failed(reading);
		return;
	}
	reading->feed = feed;
	feed->reading = reading;
	if (!feed->is_reused)
	{
		prepare_and_start(reading);
		return;
	}
	reading->state = RG_READS_GREETED;
	rg_reads_set_deadline(reading, feed->attempt.endpoint.connection_timeout);
}

static void
ask(RgReading *reading)
{
	RgFeed *feed = reading->feed;
	RgResolved resolved;
	RgQuestion question = {.operation = reading->asked.request.operation,
						   .member = reading->asked.request.question,
						   .row_bytes = rg_reader_max_row_bytes()};

	if (!rg_attempt_find_addresses(&feed->attempt, reading->deadline, &resolved))
	{
		reading->failure = feed->attempt.failure;
		fail_interrupted(reading, feed->attempt.conversation.interruption);
		return;
	}

	MemoryContext memory = AllocSetContextCreate(feed->memory, "rivergen request", ALLOCSET_DEFAULT_SIZES);

	MemoryContextSwitchTo(memory);

	const char *line = rg_conversation_request_line(&feed->attempt.endpoint, &question, &resolved, NULL,
													feed->attempt.credentials);

	MemoryContextSwitchTo(reading->memory);
	reading->state = RG_READS_CONNECTED;
	rg_feed_ask(feed, line, memory);
}

static void
advance(RgReading *reading)
{
	if (reading->state == RG_READS_NOTHING)
		begin(reading);
	if (reading->state == RG_READS_GREETED)
		ask(reading);
}

/* An error of this server, such as a process that cannot be started. */
static void
fail_by_error(RgReading *reading)
{
	MemoryContextSwitchTo(reading->memory);

	ErrorData *error = CopyErrorData();

	FlushErrorState();
	rg_failed_by_error(&reading->failure, "the data source could not be read", error);
	FreeErrorData(error);
	if (reading->feed != NULL)
		reading->feed->is_reused = false;
	rg_reads_failed(reading);
}

void
rg_reads_advance(RgReading *reading)
{
	MemoryContext previous = CurrentMemoryContext;

	if (reading->state != RG_READS_NOTHING && reading->state != RG_READS_GREETED)
		return;
	MemoryContextSwitchTo(reading->memory);
	PG_TRY();
	{
		if (rg_stream_reader_is_left(&reading->ticket))
			drop(reading);
		else
			advance(reading);
	}
	PG_CATCH();
	{
		fail_by_error(reading);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(previous);
}

/* ---- while it runs ---- */

static void
take_output(RgReading *reading)
{
	RgFeed *feed = reading->feed;
	bool is_dropped = reading->state == RG_READS_DROPPED;
	ssize_t received = rg_feed_read(feed);

	if (received < 0)
		return;
	if (is_dropped && received > 0)
		feed->start = feed->end = 0;
	else if (is_dropped)
		reading->state = RG_READS_OVER;
	else if (received == 0)
		await_end(reading);
	else
	{
		if (reading->state >= RG_READS_HEAD)
			rg_reads_set_deadline(reading, feed->attempt.endpoint.query_timeout);
		rg_reads_take_answer(reading);
	}
}

static void
take_ssh(RgReading *reading, RgPipe pipe)
{
	RgAttempt *attempt = &reading->feed->attempt;

	if (rg_feed_read_ssh(reading->feed, pipe) || reading->state >= RG_READS_LAST)
		return;
	rg_failed(&reading->failure, "internal", "the SSH tunnel has ended", NULL);
	attempt->interruption = RG_LEFT_ALONE;
	rg_reads_failed(reading);
}

static void
serve(RgReading *reading, RgPipe pipe)
{
	int status = 0;

	switch (pipe)
	{
		case RG_PIPE_INPUT:
			rg_feed_write(reading->feed);
			break;
		case RG_PIPE_OUTPUT:
			take_output(reading);
			break;
		case RG_PIPE_DIAGNOSIS:
			rg_feed_read_diagnosis(reading->feed);
			break;
		case RG_PIPE_REPORT:
			rg_feed_read_report(reading->feed);
			break;
		case RG_PIPE_PROCESS:
			rg_feed_watch(reading->feed, pipe, false);
			if (rg_process_ended(reading->feed->child, &status))
				fail_by_end(reading, true, status);
			break;
		default:
			take_ssh(reading, pipe);
	}
}

void
rg_reads_serve(RgReading *reading, RgPipe pipe)
{
	MemoryContext previous = MemoryContextSwitchTo(reading->memory);

	PG_TRY();
	{
		serve(reading, pipe);
	}
	PG_CATCH();
	{
		fail_by_error(reading);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(previous);
}

static void
send_again(RgReading *reading)
{
	if (!deliver(reading))
		return;
	if (reading->last.waits)
	{
		reading->unsent = reading->last;
		reading->last.waits = false;
		if (!deliver(reading))
			return;
	}
	if (reading->state == RG_READS_LAST)
	{
		leave_queue(reading);
		reading->state = RG_READS_OVER;
		return;
	}
	rg_feed_watch(reading->feed, RG_PIPE_OUTPUT, true);
	rg_reads_set_deadline(reading, reading->feed->attempt.endpoint.query_timeout);
	rg_reads_take_answer(reading);
}

/* In the states NOTHING and GREETED rg_reads_advance sees that the backend has left. */
static void
check_queue(RgReading *reading)
{
	if (reading->segment != NULL && reading->state != RG_READS_NOTHING &&
		reading->state != RG_READS_GREETED && rg_stream_reader_is_left(&reading->ticket))
		drop(reading);
	else if (reading->unsent.waits)
		send_again(reading);
}

void
rg_reads_tick(RgReading *reading, TimestampTz now)
{
	MemoryContext previous = MemoryContextSwitchTo(reading->memory);

	PG_TRY();
	{
		check_queue(reading);
		check_clock(reading, now);
	}
	PG_CATCH();
	{
		fail_by_error(reading);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(previous);
}

void
rg_reads_free(RgReading *reading)
{
	leave_queue(reading);
	if (reading->feed != NULL)
		dismiss_feed(reading, false);
	MemoryContextDelete(reading->memory);
}
