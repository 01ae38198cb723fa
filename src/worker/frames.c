#include "worker/frames.h"

#include <sys/wait.h>

#include "process/process.h"
#include "refusal.h"
#include "words.h"

#define MAX_LOG_FRAMES 100

/* How much of the connector's standard error is reported. */
#define DIAGNOSIS_TOLD_BYTES 500

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
	{"read", RG_OFFERS_READ, "read tables in place"},
	{"exact", RG_OFFERS_EXACT, NULL},
	{"query", RG_OFFERS_QUERY, "run queries"},
	{"repeat", RG_OFFERS_REPEAT, NULL},
	{"databases", RG_OFFERS_DATABASES, "list databases"},
};

bool
rg_frame_breaks_protocol(RgFailure *failure, const char *fault)
{
	return rg_failed(failure, "protocol", "the connector does not follow the protocol", fault);
}

char *
rg_frame_words(const WireFrame *frame, const char *name, const char *secrets, size_t most)
{
	return rg_words_of(wire_member(&frame->object, name), secrets, most);
}

char *
rg_frame_text(const WireFrame *frame, const char *name)
{
	WireSpan span = wire_member(&frame->object, name);

	if (span.start == NULL)
		return NULL;

	char *text = palloc_extended(span.length + 1, MCXT_ALLOC_HUGE);

	return wire_string(span, text, span.length + 1) >= 0 ? text : NULL;
}

/* ---- hello ---- */

/* Unknown capabilities belong to later versions and are ignored. */
static bool
take_capabilities(WireSpan array, int *offered)
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
				*offered |= capabilities[i].capability;
		}
		free(name);
	}
	return true;
}

/* The connector speaks another version of the protocol. */
static bool
speaks_another(const char *connector, int64 protocol, RgFailure *failure)
{
	const char *message = psprintf("the connector speaks version " INT64_FORMAT " of the connector protocol, "
								   "and this server speaks version %d",
								   protocol, WIRE_PROTOCOL);

	return rg_failed_here(failure, "unavailable", message, connector);
}

bool
rg_frame_hello(const WireFrame *frame, const char *connector, int *offered, RgFailure *failure)
{
	int64_t protocol = 0;

	(void) wire_integer(wire_member(&frame->object, "protocol"), &protocol);
	if (protocol != WIRE_PROTOCOL)
		return speaks_another(connector, protocol, failure);
	if (!take_capabilities(wire_member(&frame->object, "capabilities"), offered))
		return rg_frame_breaks_protocol(failure, "a capability of hello is no text");
	return true;
}

char *
rg_capability_names(int offered, const char *separator)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < (int) lengthof(capabilities); i++)
	{
		if (offered & capabilities[i].capability)
			appendStringInfo(&list, "%s%s", list.len > 0 ? separator : "", capabilities[i].name);
	}
	return list.data;
}

bool
rg_capability_offered(int offered, const char *operation, RgFailure *failure)
{
	for (int i = 0; i < (int) lengthof(capabilities); i++)
	{
		const char *names;

		if (strcmp(capabilities[i].name, operation) != 0)
			continue;
		if (offered & capabilities[i].capability)
			return true;
		names = rg_capability_names(offered, ", ");
		rg_failed(failure, "unsupported",
				  psprintf("the connector of this data source cannot %s", capabilities[i].what),
				  psprintf("It offers: %s.", *names ? names : "nothing"));
	}
	failure->elsewhere = true;
	return false;
}

/* ---- log and error ---- */

/* A connector that logs too much loses the rest of its messages, but does not fail. */
void
rg_frame_log(const WireFrame *frame, const char *secrets, int *logged)
{
	int elevel = strcmp(rg_frame_text(frame, "level"), "debug") == 0 ? DEBUG1 : LOG;

	if (++*logged <= MAX_LOG_FRAMES)
		ereport(elevel, (errmsg("connector: %s", rg_frame_words(frame, "message", secrets, WIRE_MAX_WORDS))));
	else if (*logged == MAX_LOG_FRAMES + 1)
		ereport(LOG, (errmsg("connector: more than %d messages; the rest is left out", MAX_LOG_FRAMES)));
}

static bool
ends_sentence(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && strchr(".!?", text[length - 1]) != NULL;
}

bool
rg_frame_error(const WireFrame *frame, const char *secrets, RgFailure *failure)
{
	char *detail = rg_frame_words(frame, "detail", secrets, WIRE_MAX_WORDS / 2);
	char *hint = rg_frame_words(frame, "hint", secrets, WIRE_MAX_WORDS / 2 - 2);
	bool transient = false;

	if (detail != NULL && hint != NULL)
		detail = psprintf("%s%s %s", detail, ends_sentence(detail) ? "" : ".", hint);
	rg_failed(failure, rg_frame_text(frame, "code"),
			  rg_frame_words(frame, "message", secrets, WIRE_MAX_WORDS), detail ? detail : hint);
	failure->step = rg_frame_text(frame, "step");
	(void) wire_boolean(wire_member(&frame->object, "transient"), &transient);
	failure->transient = transient;
	failure->elsewhere = strcmp(failure->code, "unavailable") == 0;
	return false;
}

/* ---- progress ---- */

const char *
rg_frame_step(const char *phase)
{
	static const char *const steps[] = {"resolve", "tls", "authenticate"};

	for (int i = 0; i < (int) lengthof(steps); i++)
	{
		if (strcmp(phase, steps[i]) == 0)
			return steps[i];
	}
	return NULL;
}

bool
rg_frame_timed_out(bool greeted, const char *step, const char *limits, RgFailure *failure)
{
	if (!greeted)
		rg_failed(failure, "timeout", "the connector did not say hello in time",
				  "A connector writes hello before it reads anything.");
	else if (strcmp(step, "resolve") == 0)
		rg_failed(failure, "timeout", "the host of the data source could not be resolved in time",
				  "See connection_timeout of the data source.");
	else if (strcmp(step, "query") != 0)
		rg_failed(failure, "timeout", "the data source did not accept a connection in time",
				  "See connection_timeout of the data source.");
	else
		rg_failed(failure, "timeout", "the data source did not answer a query in time", limits);
	failure->step = step;
	failure->transient = true;
	return false;
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

/*
 * The exit statuses with which the trampoline (process/trampoline.c), the dynamic linker and shells report
 * that the program cannot be run.
 */
static bool
was_not_started(int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status) >= 124 && WEXITSTATUS(status) <= 127;
}

bool
rg_early_end_explain(const RgEarlyEnd *end, RgFailure *failure)
{
	bool was_started = !end->ended || end->greeted || !was_not_started(end->status);
	char *said = rg_words(end->diagnosis->data, end->diagnosis->len, end->secrets, DIAGNOSIS_TOLD_BYTES);
	const char *detail = describe_status(end->ended, end->status);

	if (*said != '\0')
		detail = psprintf("%s; it said: %s", detail, said);
	if (!was_started && end->report->level[0] != '\0' && !rg_confined_enough(end->report, failure))
		return false;
	if (!was_started)
		return rg_failed_here(failure, "unavailable", "the connector could not be started", detail);
	rg_failed(failure, "connector_crashed", "the connector ended before it had finished", detail);
	failure->step = end->step;
	failure->transient = true;
	return false;
}
