/*
 * conversation.c — the worker's side of the connector protocol (src/wire/README.md).
 *
 * The connector is not trusted: every line is bounded, validated and counted before it is used.
 */
#include "conversation.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/wait.h>
#include <unistd.h>

#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "merge/server.h"
#include "queue/pool.h"
#include "refusal.h"
#include "words.h"

#define READ_BYTES       (256 * 1024)
#define ENVELOPE_BYTES   1024
#define GRACE_MS         2000 /* lets a connector report its own time-out before we do */
#define SILENCE_MS       1000
#define MAX_LOG_FRAMES   100
#define MAX_OTHER_FRAMES 100000
#define SERVER_BYTES     200

/* How much of the connector's standard error is reported. */
#define DIAGNOSIS_TOLD_BYTES 500

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

static bool
broke_protocol(RgFailure *failure, const char *fault)
{
	return rg_failed(failure, "protocol", "the connector does not follow the protocol", fault);
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

/* A member that is a text for people. */
static char *
words_of(const RgConversation *conversation, const WireFrame *frame, const char *name, size_t most)
{
	return rg_words_of(wire_member(&frame->object, name), conversation->secrets, most);
}

static char *
text_of(const WireFrame *frame, const char *name)
{
	WireSpan span = wire_member(&frame->object, name);

	if (span.start == NULL)
		return NULL;

	char *text = palloc_extended(span.length + 1, MCXT_ALLOC_HUGE);

	return wire_string(span, text, span.length + 1) >= 0 ? text : NULL;
}

void
rg_conversation_set_deadline(RgConversation *conversation, int seconds)
{
	TimestampTz step =
		TimestampTzPlusMilliseconds(GetCurrentTimestamp(), seconds * INT64CONST(1000) + GRACE_MS);

	conversation->watch.deadline = Min(step, conversation->last_moment);
}

static const struct
{
	const char *name;
	RgCapability capability;
	const char *what; /* of an operation */
} capabilities[] = {
	{"test", RG_OFFERS_TEST, "test connections"},
	{"discover", RG_OFFERS_DISCOVER, "discover schemas"},
	{"sample", RG_OFFERS_SAMPLE, "scan tables"},
	{"signatures", RG_OFFERS_SIGNATURES, NULL},
};

/* Unknown capabilities belong to later versions and are ignored. */
static bool
take_capabilities(RgConversation *conversation, WireSpan array)
{
	WireSpan element;

	while (wire_array_next(&array, &element))
	{
		char *name = wire_string_dup(element);

		if (name == NULL)
			return false;
		for (int i = 0; i < (int) lengthof(capabilities); i++)
		{
			if (strcmp(capabilities[i].name, name) == 0)
				conversation->capabilities |= capabilities[i].capability;
		}
		free(name);
	}
	return true;
}

/* The connector speaks another version of the protocol. */
static bool
speaks_another(const RgConversation *conversation, int64 protocol, RgFailure *failure)
{
	const char *message = psprintf("the connector speaks version " INT64_FORMAT " of the connector protocol, "
								   "and this server speaks version %d",
								   protocol, WIRE_PROTOCOL);

	return rg_failed_here(failure, "unavailable", message, conversation->connector);
}

static bool
take_hello(RgConversation *conversation, const WireFrame *frame, RgFailure *failure)
{
	int64_t protocol = 0;

	if (conversation->greeted)
		return broke_protocol(failure, "a second hello was sent");
	(void) wire_integer(wire_member(&frame->object, "protocol"), &protocol);
	if (protocol != WIRE_PROTOCOL)
		return speaks_another(conversation, protocol, failure);
	if (!take_capabilities(conversation, wire_member(&frame->object, "capabilities")))
		return broke_protocol(failure, "a capability of hello is no text");
	conversation->greeted = true;
	return true;
}

/* A connector that logs too much loses the rest of its messages, but does not fail. */
static bool
take_log(RgConversation *conversation, const WireFrame *frame)
{
	int elevel = strcmp(text_of(frame, "level"), "debug") == 0 ? DEBUG1 : LOG;

	if (++conversation->log_frames <= MAX_LOG_FRAMES)
		ereport(elevel, (errmsg("connector: %s", words_of(conversation, frame, "message", WIRE_MAX_WORDS))));
	else if (conversation->log_frames == MAX_LOG_FRAMES + 1)
		ereport(LOG, (errmsg("connector: more than %d messages; the rest is left out", MAX_LOG_FRAMES)));
	return true;
}

static bool
take_progress(RgConversation *conversation, const WireFrame *frame)
{
	int64_t total;

	strlcpy(conversation->progress.phase,
			words_of(conversation, frame, "phase", sizeof(conversation->progress.phase) - 1),
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
		return broke_protocol(failure, "a second connected was sent");
	if (conversation->merge != NULL || conversation->samples != NULL)
		rg_pool_set_yields(
			false); /* the source is being read and does not hang; a test loses nothing when it is put off */
	conversation->server = words_of(conversation, frame, "server", SERVER_BYTES);
	if (conversation->merge != NULL)
		rg_merge_connected(conversation->merge, text_of(frame, "dialect"), text_of(frame, "identity"));
	conversation->response_time_ms =
		TimestampDifferenceMilliseconds(conversation->asked_at, GetCurrentTimestamp());
	strlcpy(conversation->progress.phase, "read", sizeof(conversation->progress.phase));
	rg_pool_set_progress(&conversation->progress);
	return true;
}

static bool
ends_sentence(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && strchr(".!?", text[length - 1]) != NULL;
}

static bool
take_error(RgConversation *conversation, const WireFrame *frame, RgFailure *failure)
{
	char *detail = words_of(conversation, frame, "detail", WIRE_MAX_WORDS / 2);
	char *hint = words_of(conversation, frame, "hint", WIRE_MAX_WORDS / 2 - 2);
	bool transient = false;

	if (detail != NULL && hint != NULL)
		detail = psprintf("%s%s %s", detail, ends_sentence(detail) ? "" : ".", hint);
	rg_failed(failure, text_of(frame, "code"), words_of(conversation, frame, "message", WIRE_MAX_WORDS),
			  detail ? detail : hint);
	failure->step = text_of(frame, "step");
	(void) wire_boolean(wire_member(&frame->object, "transient"), &transient);
	failure->transient = transient;
	return false;
}

static bool
take_sample(RgConversation *conversation, const WireFrame *frame, size_t length, RgFailure *failure)
{
	const char *fault;
	char *error;

	if (conversation->samples == NULL || conversation->server == NULL)
		return broke_protocol(failure, "a sample was sent that was not asked for");
	error = words_of(conversation, frame, "error", RG_REASON_BYTES);
	fault = rg_samples_frame(conversation->samples, frame, length, error);
	return fault == NULL || broke_protocol(failure, fault);
}

static bool
take_content(RgConversation *conversation, const WireFrame *frame, RgFailure *failure)
{
	const char *fault;
	char *reason = NULL;

	if (conversation->merge == NULL || conversation->server == NULL)
		return broke_protocol(failure, "a description was sent that was not asked for");
	if (rg_merge_is_full(conversation->merge, frame->kind))
		return exceeds(
			failure, "the data source has more relations than rivergen.max_relations allows",
			psprintf("The limit is %d. An operator may raise it; metadata.discovery.exclude leaves "
					 "relations out.",
					 rg_merge_max_relations()));
	if (frame->kind == WIRE_SKIPPED && rg_merge_wants_reason(conversation->merge))
		reason = words_of(conversation, frame, "reason", RG_REASON_BYTES);
	fault = rg_merge_frame(conversation->merge, frame, reason);
	return fault == NULL || broke_protocol(failure, fault);
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
	return fault == NULL || broke_protocol(failure, fault);
}

static bool
take_frame(RgConversation *conversation, const WireFrame *frame, size_t length, RgFailure *failure)
{
	if (!conversation->greeted && frame->kind != WIRE_HELLO)
		return broke_protocol(failure, "the first frame is not hello");
	if (conversation->ended)
		return broke_protocol(failure, "something was sent after the end");
	switch (frame->kind)
	{
		case WIRE_HELLO:
			return take_hello(conversation, frame, failure);
		case WIRE_LOG:
			return take_log(conversation, frame);
		case WIRE_PROGRESS:
			return take_progress(conversation, frame);
		case WIRE_CONNECTED:
			return take_connected(conversation, frame, failure);
		case WIRE_ERROR:
			return take_error(conversation, frame, failure);
		case WIRE_SAMPLE:
			return take_sample(conversation, frame, length, failure);
		case WIRE_READING:
		case WIRE_ROWS:
			return broke_protocol(failure, "rows were sent that were not asked for");
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
		return broke_protocol(failure, fault);
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
		return broke_protocol(failure, "a line is longer than rivergen.max_document_bytes allows");
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
take_bytes(RgConversation *conversation, ssize_t received, RgFailure *failure)
{
	conversation->length += received;
	if (!take_lines(conversation, failure))
		return false;
	show_progress(conversation, received);
	if (conversation->progress.bytes > (int64) max_discovery_mb * 1024 * 1024)
		return exceeds(
			failure, "the data source's descriptions are longer than rivergen.max_discovery_size allows",
			psprintf("The limit is %d MB. An operator may raise it; metadata.discovery.exclude leaves "
					 "relations out.",
					 max_discovery_mb));
	if (conversation->server != NULL)
		rg_conversation_set_deadline(conversation, conversation->query_timeout);
	return true;
}

/* ---- the end ---- */

static const char *
describe_status(bool ended, int status)
{
	if (!ended)
		return "it closed its output and went on running";
	if (rg_process_signal(status) > 0)
		return psprintf("it was ended by signal %d (%s)", rg_process_signal(status),
						strsignal(rg_process_signal(status)));
	return psprintf("its exit status was %d", WEXITSTATUS(status));
}

/* The beginning of standard error, for the detail of the job. */
static char *
beginning_of_diagnosis(const RgConversation *conversation)
{
	const StringInfoData *said = &conversation->watch.diagnosis;

	return rg_words(said->data, said->len, conversation->secrets, DIAGNOSIS_TOLD_BYTES);
}

/* The step that failed, as far as the connector reported it. */
static const char *
step_reached(const RgConversation *conversation)
{
	static const char *const steps[] = {"resolve", "tls", "authenticate"};

	if (conversation->server != NULL)
		return "query";
	for (int i = 0; i < (int) lengthof(steps); i++)
	{
		if (strcmp(conversation->progress.phase, steps[i]) == 0)
			return steps[i];
	}
	return "connect";
}

/*
 * The exit statuses with which the trampoline (process/trampoline.c), the dynamic linker and shells report
 * that the program cannot be run.
 */
static bool
was_not_started(int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status) >= 124 && WEXITSTATUS(status) <= 127;
}

static bool
explain_early_end(RgConversation *conversation, RgFailure *failure)
{
	int status = 0;
	bool ended = rg_watch_end(&conversation->watch, &status);
	char *said = beginning_of_diagnosis(conversation);
	const char *detail = describe_status(ended, status);

	if (*said != '\0')
		detail = psprintf("%s; it said: %s", detail, said);
	if (ended && !conversation->greeted && was_not_started(status) &&
		conversation->watch.report->level[0] != '\0' &&
		!rg_confined_enough(conversation->watch.report, failure))
		return false;
	if (ended && !conversation->greeted && was_not_started(status))
		return rg_failed_here(failure, "unavailable", "the connector could not be started", detail);
	rg_failed(failure, "connector_crashed", "the connector ended before it had finished", detail);
	failure->step = step_reached(conversation);
	failure->transient = true;
	return false;
}

static bool
explain_interruption(RgConversation *conversation, RgFailure *failure)
{
	conversation->interruption = conversation->watch.interruption;
	if (conversation->interruption != RG_TIMED_OUT)
		return false;
	conversation->interruption = RG_UNDISTURBED;
	if (!conversation->greeted)
		rg_failed(failure, "timeout", "the connector did not say hello in time",
				  "A connector writes hello before it reads anything.");
	else if (strcmp(step_reached(conversation), "resolve") == 0)
		rg_failed(failure, "timeout", "the host of the data source could not be resolved in time",
				  "See connection_timeout of the data source.");
	else if (conversation->server == NULL)
		rg_failed(failure, "timeout", "the data source did not accept a connection in time",
				  "See connection_timeout of the data source.");
	else
		rg_failed(failure, "timeout", "the data source did not answer a query in time",
				  "See query_timeout of the data source and rivergen.discovery_timeout.");
	failure->step = step_reached(conversation);
	failure->transient = true;
	return false;
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
		   broke_protocol(failure, "something was sent after the end");
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

static char *
list_capabilities(int offered)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < (int) lengthof(capabilities); i++)
	{
		if (offered & capabilities[i].capability)
			appendStringInfo(&list, "%s%s", list.len > 0 ? ", " : "", capabilities[i].name);
	}
	return list.len > 0 ? list.data : "nothing";
}

static bool
offers(const RgConversation *conversation, const char *operation, RgFailure *failure)
{
	for (int i = 0; i < (int) lengthof(capabilities); i++)
	{
		if (strcmp(capabilities[i].name, operation) != 0)
			continue;
		if (conversation->capabilities & capabilities[i].capability)
			return true;
		rg_failed(failure, "unsupported",
				  psprintf("the connector of this data source cannot %s", capabilities[i].what),
				  psprintf("It offers: %s.", list_capabilities(conversation->capabilities)));
	}
	failure->elsewhere = true;
	return false;
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
		   broke_protocol(failure, "it answered before it was asked");
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
		offers(conversation, operation, failure))
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
