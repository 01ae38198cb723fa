/*
 * inspect.c — describes a worker's surroundings for check(): the programs that it would start, and how they
 * are confined. Only starting a connector shows that: the kernel, the container, Yama and the rights of its
 * file decide together.
 */
#include "inspect.h"

#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/json.h"
#include "utils/timestamp.h"

#include "check/source_type.h"
#include "attempt.h"
#include "process/openssh.h"
#include "process/process.h"
#include "process/sandbox.h"
#include "queue/calls.h"

/* Confining takes a few milliseconds. */
#define PROBE_MS 2000

static const char *
boolean(bool value)
{
	return value ? "true" : "false";
}

/* Names of types consist of letters and _, so nothing needs escaping. */
static void
append_types(StringInfo answer, const char *member, bool installed)
{
	const char *separator = "";

	appendStringInfo(answer, ", \"%s\": [", member);
	for (int i = 0; i < RG_SOURCE_TYPES; i++)
	{
		const RgSourceType *type = &rg_source_types[i];
		bool found = rg_process_connector_path(rg_source_type_executable(type), NULL) != NULL;

		if (found != installed || (!found && !type->is_shipped))
			continue;
		appendStringInfo(answer, "%s\"%s\"", separator, type->name);
		separator = ", ";
	}
	appendStringInfoChar(answer, ']');
}

/* Connectors that are there and cannot be started, with their paths. */
static void
append_faults(StringInfo answer)
{
	const char *separator = "";

	appendStringInfoString(answer, ", \"faults\": [");
	for (int i = 0; i < RG_SOURCE_TYPES; i++)
	{
		const char *fault;

		(void) rg_process_connector_path(rg_source_type_executable(&rg_source_types[i]), &fault);
		if (fault == NULL)
			continue;
		appendStringInfoString(answer, separator);
		escape_json(answer, fault);
		separator = ", ";
	}
	appendStringInfoChar(answer, ']');
}

/* Starts the program only to learn how it is confined, and kills it. */
static void
probe(const char *program, const RgLimits *limits, const RgConfinement *confinement, RgReport *report)
{
	RgWatch watch;

	rg_watch_start(&watch, rg_process_start(program, NULL, limits, confinement), report,
				   TimestampTzPlusMilliseconds(GetCurrentTimestamp(), PROBE_MS), NULL, NULL);
	rg_watch_await_sandbox(&watch);
	rg_watch_stop(&watch);
}

/* Types with a network only: the others need no dialer. */
static void
probe_type(const RgSourceType *type, RgReport *lowest)
{
	char *connector = rg_process_connector_path(rg_source_type_executable(type), NULL);
	RgLimits limits = rg_attempt_limits(type);
	RgConfinement confinement = rg_attempt_confinement(type, 0);
	RgReport report = {0};

	if (connector == NULL || type->connector.is_offline)
		return;
	probe(connector, &limits, &confinement, &report);
	if (lowest->level[0] == '\0' || rg_report_rank(report.level) < rg_report_rank(lowest->level))
		*lowest = report;
}

/* The least confined connector; where none is installed, the trampoline in the place of one. */
static RgReport
probe_all(char *trampoline)
{
	static const RgConfinement usual = {.network = RG_NETWORK_DIAL};
	RgReport lowest = {0};

	for (int i = 0; i < RG_SOURCE_TYPES; i++)
		probe_type(&rg_source_types[i], &lowest);
	if (lowest.level[0] == '\0')
		probe(trampoline, NULL, &usual, &lowest);
	return lowest;
}

/* The words of a report hold nothing that JSON would escape. */
static void
append_missing(StringInfo answer, const RgReport *report)
{
	char *rest = pstrdup(report->missing);
	const char *separator = "";
	char *word;

	while ((word = strsep(&rest, ",")) != NULL)
	{
		const char *feature = strsep(&word, "=");
		const char *reason = word != NULL ? word : "";

		if (*feature == '\0')
			continue;
		appendStringInfo(answer, "%s{\"feature\": \"%s\", \"reason\": \"%s\", \"remedy\": ", separator,
						 feature, reason);
		escape_json(answer, rg_sandbox_remedy(feature, reason));
		appendStringInfoChar(answer, '}');
		separator = ", ";
	}
}

/* "sandbox": {"level", "suffices", "missing": [{"feature", "reason", "remedy"}]}; level is '' if nothing was
 * reported. */
static void
append_sandbox(StringInfo answer, char *trampoline)
{
	RgReport report = probe_all(trampoline);

	appendStringInfo(answer, ", \"sandbox\": {\"level\": \"%s\", \"suffices\": %s, \"missing\": [",
					 report.level, boolean(rg_report_rank(report.level) >= (int) rg_sandbox_minimum()));
	append_missing(answer, &report);
	appendStringInfoString(answer, "]}");
}

/*
 * Answers {"trampoline", "sandbox", "installed": types with a connector, "missing": types whose connector
 * should be installed, "faults": connectors that cannot be executed, "ssh": is OpenSSH's client installed}.
 * "sandbox" is absent without the trampoline.
 */
void
rg_inspect_serve(const RgCall *request)
{
	char *trampoline = rg_process_trampoline();
	StringInfoData answer;

	initStringInfo(&answer);
	appendStringInfo(&answer, "{\"trampoline\": %s", boolean(trampoline != NULL));
	if (trampoline != NULL)
		append_sandbox(&answer, trampoline);
	append_types(&answer, "installed", true);
	append_types(&answer, "missing", false);
	append_faults(&answer);
	appendStringInfo(&answer, ", \"ssh\": %s", boolean(rg_openssh_installed()));
	appendStringInfoChar(&answer, '}');
	rg_call_answer(request, 0, 0, answer.data, NULL);
	pfree(answer.data);
}
