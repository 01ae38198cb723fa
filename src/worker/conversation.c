/*
 * conversation.c — the worker's side of the connector protocol (src/wire/README.md).
 *
 * The connector is not trusted: every line is bounded, validated and counted before it is used.
 */
#include "conversation.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "merge/server.h"
#include "queue/long_answer.h"
#include "queue/pool.h"
#include "refusal.h"
#include "words.h"

#define READ_BYTES       (256 * 1024)
#define ENVELOPE_BYTES   1024
#define GRACE_MS         2000 /* lets a connector report its own time-out before we do */
#define SILENCE_MS       1000
#define MAX_OTHER_FRAMES 100000
#define SERVER_BYTES     200

static int max_document_kb = 16 * 1024;
static int max_discovery_mb = 4096;

void
rg_conversation_init(void)
{
	DefineCustomIntVariable("rivergen.max_document_bytes", "Size of one relation's description.",
							"A connector that sends a longer line is stopped.", &max_document_kb, 16 * 1024,
							16, 1024 * 1024 - 2, PGC_SIGHUP, GUC_UNIT_KB, NULL, NULL, NULL);
	DefineCustomIntVariable("rivergen.max_discovery_size", "Size of everything that one discovery may bring.",
							"A connector that sends more is stopped.", &max_discovery_mb, 4096, 1,
							MAX_KILOBYTES / 1024, PGC_SIGHUP, GUC_UNIT_MB, NULL, NULL, NULL);
}

/* The source exceeds a limit of the server; the connector is not to blame. */
static bool
exceeds(RgFailure *failure, const char *message, const char *detail)
{
	rg_failed(failure, "too_large", message, detail);
	failure->step = "query";
	return false;
}

/* ---- the request ---- */

/* The pipe is made large enough for the whole line, if the system lets us, so that one write is enough. */
void
rg_conversation_ask(RgConversation *conversation, const char *request)
{
	RgChild *child = conversation->watch.child;
	size_t length = strlen(request);

	conversation->asked_at = GetCurrentTimestamp();
	(void) fcntl(child->input, F_SETPIPE_SZ, (int) length + 1);
	conversation->asked = rg_watch_write(&conversation->watch, request, length);
	close(child->input);
	ReleaseExternalFD();
	child->input = -1;
}

/* ---- frames ---- */

void
rg_conversation_set_deadline(RgConversation *conversation, int seconds)
{
	TimestampTz step =
		TimestampTzPlusMilliseconds(GetCurrentTimestamp(), seconds * INT64CONST(1000) + GRACE_MS);

	conversation->watch.deadline = Min(step, conversation->last_moment);
}

static bool
take_hello(RgConversation *conversation, const WireFrame *frame, RgFailure *failure)
{
	if (conversation->greeted)
		return rg_frame_breaks_protocol(failure, "a second hello was sent");
	conversation->greeted =
		rg_frame_hello(frame, conversation->connector, &conversation->capabilities, failure);
	return conversation->greeted;
}

static bool
take_progress(RgConversation *conversation, const WireFrame *frame)
{
	int64_t total;

	strlcpy(conversation->progress.phase,
			rg_frame_words(frame, "phase", conversation->secrets, sizeof(conversation->progress.phase) - 1),
			sizeof(conversation->progress.phase));
	if (wire_integer(wire_member(&frame->object, "relations_total"), &total))
		conversation->progress.relations_total = total;
	rg_pool_set_progress(&conversation->progress);
	return true;
}

static bool
take_connected(RgConversation *conversation, const WireFrame *frame, RgFailure *failure)
{
	if (conversation->server != NULL)
		return rg_frame_breaks_protocol(failure, "a second connected was sent");
	if (conversation->merge != NULL || conversation->samples != NULL)
		rg_pool_set_yields(
			false); /* the source is being read and does not hang; a test loses nothing when it is put off */
	conversation->server = rg_frame_words(frame, "server", conversation->secrets, SERVER_BYTES);
	if (conversation->merge != NULL)
		rg_merge_connected(conversation->merge, rg_frame_text(frame, "dialect"),
						   rg_frame_text(frame, "identity"));
	conversation->response_time_ms =
		TimestampDifferenceMilliseconds(conversation->asked_at, GetCurrentTimestamp());
	strlcpy(conversation->progress.phase, "read", sizeof(conversation->progress.phase));
	rg_pool_set_progress(&conversation->progress);
	return true;
}

static bool
take_sample(RgConversation *conversation, const WireFrame *frame, size_t length, RgFailure *failure)
{
	const char *fault;
	char *error;

	if (conversation->samples == NULL || conversation->server == NULL)
		return rg_frame_breaks_protocol(failure, "a sample was sent that was not asked for");
	error = rg_frame_words(frame, "error", conversation->secrets, RG_REASON_BYTES);
	fault = rg_samples_frame(conversation->samples, frame, length, error);
	return fault == NULL || rg_frame_breaks_protocol(failure, fault);
}

/* The name's JSON text has been validated, so it is kept as the connector wrote it. */
static bool
take_database(RgConversation *conversation, const WireFrame *frame, RgFailure *failure)
{
	StringInfo databases = conversation->databases;
	WireSpan name = wire_member(&frame->object, "name");

	if (databases == NULL || conversation->server == NULL)
		return rg_frame_breaks_protocol(failure, "a database was sent that was not asked for");
	if (databases->len + name.length > RG_LONG_ANSWER_BYTES - ENVELOPE_BYTES)
		return exceeds(failure, "the server has more databases than can be listed",
					   psprintf("Their names may have %d kB together.", RG_LONG_ANSWER_BYTES / 1024));
	appendStringInfoString(databases, databases->len == 0 ? "[" : ", ");
	appendBinaryStringInfo(databases, name.start, (int) name.length);
	return true;
}

static bool
take_content(RgConversation *conversation, const WireFrame *frame, RgFailure *failure)
{
	const char *fault;
	char *reason = NULL;

	if (conversation->merge == NULL || conversation->server == NULL)
		return rg_frame_breaks_protocol(failure, "a description was sent that was not asked for");
	if (rg_merge_is_full(conversation->merge, frame->kind))
		return exceeds(
			failure, "the data source has more relations than rivergen.max_relations allows",
			psprintf("The limit is %d. An operator may raise it; metadata.discovery.exclude leaves "
					 "relations out.",
					 rg_merge_max_relations()));
	if (frame->kind == WIRE_SKIPPED && rg_merge_wants_reason(conversation->merge))
		reason = rg_frame_words(frame, "reason", conversation->secrets, RG_REASON_BYTES);
	fault = rg_merge_frame(conversation->merge, frame, reason);
	return fault == NULL || rg_frame_breaks_protocol(failure, fault);
}

static bool
take_end(RgConversation *conversation, const WireFrame *frame, RgFailure *failure)
{
	const char *fault = NULL;

	if (conversation->server == NULL)
		fault = "the end came before a connection";
	else if (conversation->merge != NULL)
		fault = rg_merge_check_end(conversation->merge, frame);
	else if (conversation->samples != NULL)
		fault = rg_samples_check_end(conversation->samples);
	conversation->ended = true;
	return fault == NULL || rg_frame_breaks_protocol(failure, fault);
}

static bool
take_frame(RgConversation *conversation, const WireFrame *frame, size_t length, RgFailure *failure)
{
	if (!conversation->greeted && frame->kind != WIRE_HELLO)
		return rg_frame_breaks_protocol(failure, "the first frame is not hello");
	if (conversation->ended)
		return rg_frame_breaks_protocol(failure, "something was sent after the end");
	switch (frame->kind)
	{
		case WIRE_HELLO:
			return take_hello(conversation, frame, failure);
		case WIRE_LOG:
			rg_frame_log(frame, conversation->secrets, &conversation->log_frames);
			return true;
		case WIRE_PROGRESS:
			return take_progress(conversation, frame);
		case WIRE_CONNECTED:
			return take_connected(conversation, frame, failure);
		case WIRE_ERROR:
			return rg_frame_error(frame, conversation->secrets, failure);
		case WIRE_SAMPLE:
			return take_sample(conversation, frame, length, failure);
		case WIRE_DATABASE:
			return take_database(conversation, frame, failure);
		case WIRE_READING:
		case WIRE_ROWS:
			return rg_frame_breaks_protocol(failure, "rows were sent that were not asked for");
		case WIRE_END:
			return take_end(conversation, frame, failure);
		default:
			return take_content(conversation, frame, failure);
	}
}

/* Bounds frames that carry no relation: an honest answer has few, and no other limit applies to them. */
static const char *
count_frame(RgConversation *conversation, WireFrameKind kind)
{
	if (kind != WIRE_RELATION && kind != WIRE_UNCHANGED && ++conversation->other_frames > MAX_OTHER_FRAMES)
		return "too many frames without a relation were sent";
	return NULL;
}

static bool
take_line(RgConversation *conversation, const char *line, size_t length, RgFailure *failure)
{
	WireFrame frame;
	const char *fault = "a line is longer than rivergen.max_document_bytes allows";

	if (length <= (size_t) max_document_kb * 1024 + ENVELOPE_BYTES)
		fault = wire_frame_scan(line, length, &frame);
	if (fault == NULL)
		fault = count_frame(conversation, frame.kind);
	if (fault != NULL)
		return rg_frame_breaks_protocol(failure, fault);
	return take_frame(conversation, &frame, length, failure);
}

/* ---- lines ---- */

static bool
take_lines(RgConversation *conversation, RgFailure *failure)
{
	size_t start = 0;
	char *newline;
	bool going_on = true;

	while (going_on &&
		   (newline = memchr(conversation->line + start, '\n', conversation->length - start)) != NULL)
	{
		size_t length = newline - conversation->line - start;

		going_on = take_line(conversation, conversation->line + start, length, failure);
		start += length + 1;
	}
	memmove(conversation->line, conversation->line + start, conversation->length - start);
	conversation->length -= start;
	if (going_on && conversation->length > (size_t) max_document_kb * 1024 + ENVELOPE_BYTES)
		return rg_frame_breaks_protocol(failure, "a line is longer than rivergen.max_document_bytes allows");
	return going_on;
}

static void
make_room(RgConversation *conversation)
{
	if (conversation->capacity - conversation->length >= READ_BYTES)
		return;
	conversation->capacity = Max(2 * READ_BYTES, conversation->capacity * 2);
	if (conversation->line == NULL)
		conversation->line = MemoryContextAllocHuge(CurrentMemoryContext, conversation->capacity);
	else
		conversation->line = repalloc_huge(conversation->line, conversation->capacity);
}

static void
show_progress(RgConversation *conversation, ssize_t received)
{
	conversation->progress.bytes += received;
	if (conversation->merge != NULL)
		rg_merge_counts(conversation->merge, &conversation->progress.relations,
						&conversation->progress.columns);
	if (conversation->samples != NULL)
		conversation->progress.relations = rg_samples_count(conversation->samples);
	rg_pool_set_progress(&conversation->progress);
}

static bool
is_too_long(const RgConversation *conversation, RgFailure *failure)
{
	if (conversation->progress.bytes <= (int64) max_discovery_mb * 1024 * 1024)
		return false;
	return !exceeds(
		failure, "the data source's descriptions are longer than rivergen.max_discovery_size allows",
		psprintf("The limit is %d MB. An operator may raise it; metadata.discovery.exclude leaves "
				 "relations out.",
				 max_discovery_mb));
}

static bool
take_bytes(RgConversation *conversation, ssize_t received, RgFailure *failure)
{
	conversation->length += received;
	if (!take_lines(conversation, failure))
		return false;
	show_progress(conversation, received);
	if (is_too_long(conversation, failure))
		return false;
	if (conversation->server != NULL)
		rg_conversation_set_deadline(conversation, conversation->query_timeout);
	return true;
}

bool
rg_conversation_take(RgConversation *conversation, const char *lines, size_t length, RgFailure *failure)
{
	const char *end = lines + length;
	const char *newline;

	conversation->greeted = true;
	for (; (newline = memchr(lines, '\n', end - lines)) != NULL; lines = newline + 1)
		if (!take_line(conversation, lines, newline - lines, failure))
			return false;
	show_progress(conversation, (ssize_t) length);
	return !is_too_long(conversation, failure);
}

/* ---- the end ---- */

/* The step that failed, as far as the connector reported it. */
static const char *
step_reached(const RgConversation *conversation)
{
	const char *step = rg_frame_step(conversation->progress.phase);

	if (conversation->server != NULL)
		return "query";
	return step != NULL ? step : "connect";
}

static bool
explain_early_end(RgConversation *conversation, RgFailure *failure)
{
	RgEarlyEnd end = {.greeted = conversation->greeted,
					  .step = step_reached(conversation),
					  .secrets = conversation->secrets,
					  .diagnosis = &conversation->watch.diagnosis,
					  .report = conversation->watch.report};

	end.ended = rg_watch_end(&conversation->watch, &end.status);
	return rg_early_end_explain(&end, failure);
}

static bool
explain_interruption(RgConversation *conversation, RgFailure *failure)
{
	conversation->interruption = conversation->watch.interruption;
	if (conversation->interruption != RG_TIMED_OUT)
		return false;
	conversation->interruption = RG_UNDISTURBED;
	return rg_frame_timed_out(conversation->greeted, step_reached(conversation),
							  "See query_timeout of the data source and rivergen.discovery_timeout.",
							  failure);
}

/*
 * After the end frame no frame may follow. The worker does not wait for a connector that keeps its output
 * open.
 */
static bool
check_silence(RgConversation *conversation, RgFailure *failure)
{
	char byte;

	conversation->watch.deadline = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), SILENCE_MS);
	return (conversation->length == 0 && rg_watch_read(&conversation->watch, &byte, 1) <= 0) ||
		   rg_frame_breaks_protocol(failure, "something was sent after the end");
}

static bool
take_more(RgConversation *conversation, RgFailure *failure)
{
	ssize_t received;

	make_room(conversation);
	received = rg_watch_read(&conversation->watch, conversation->line + conversation->length, READ_BYTES);
	if (received < 0)
		return explain_interruption(conversation, failure);
	if (received == 0)
		return explain_early_end(conversation, failure);
	return take_bytes(conversation, received, failure);
}

static bool
converse(RgConversation *conversation, RgFailure *failure)
{
	while (!conversation->ended)
	{
		if (!take_more(conversation, failure))
			return false;
	}
	return check_silence(conversation, failure);
}

static bool
hear_hello(RgConversation *conversation, RgFailure *failure)
{
	while (!conversation->greeted)
	{
		if (!take_more(conversation, failure))
			return false;
	}
	return (conversation->server == NULL && !conversation->ended) ||
		   rg_frame_breaks_protocol(failure, "it answered before it was asked");
}

/* rivergen-run reports the sandbox before it executes the connector, so before hello. */
static bool
is_confined(RgConversation *conversation, RgFailure *failure)
{
	rg_watch_read_report(&conversation->watch);
	return rg_confined_enough(conversation->watch.report, failure);
}

bool
rg_conversation_greet(RgConversation *conversation, const char *operation, RgFailure *failure)
{
	if (hear_hello(conversation, failure) && is_confined(conversation, failure) &&
		rg_capability_offered(conversation->capabilities, operation, failure))
		return true;
	rg_watch_stop(&conversation->watch);
	return false;
}

bool
rg_converse(RgConversation *conversation, RgFailure *failure)
{
	bool complete;

	if (conversation->asked)
		complete = converse(conversation, failure);
	else if (conversation->watch.interruption != RG_UNDISTURBED)
		complete = explain_interruption(conversation, failure);
	else
		complete = explain_early_end(conversation, failure);

	if (conversation->watch.interruption == RG_UNDISTURBED)
		rg_watch_await_report(&conversation->watch);
	rg_watch_stop(&conversation->watch);
	return complete;
}

int64
rg_conversation_document_limit(void)
{
	return (int64) max_document_kb * 1024;
}
