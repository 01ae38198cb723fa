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
#include "catalog/settings.h"
#include "data_source_types.h"
#include "process/odbc_drivers.h"
#include "process/openssh.h"
#include "process/process.h"
#include "process/sandbox.h"
#include "proxy.h"
#include "queue/calls.h"
#include "storage.h"

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
		bool found = rg_has_connector(type);

		if (found != installed)
			continue;
		appendStringInfo(answer, "%s\"%s\"", separator, type->name);
		separator = ", ";
	}
	appendStringInfoChar(answer, ']');
}

typedef struct Findings
{
	RgReport lowest;       /* of the least confined connector; level is '' before the first */
	StringInfoData faults; /* JSON texts, separated by commas */
} Findings;

static void
add_fault(Findings *found, const char *fault)
{
	if (found->faults.len > 0)
		appendStringInfoString(&found->faults, ", ");
	escape_json(&found->faults, fault);
}

/* Starts the program only to learn how it is confined and what it says first, and kills it. */
static bool
probe(const char *program, const RgLimits *limits, const RgConfinement *confinement, RgReport *report,
	  RgFailure *failure)
{
	RgConversation conversation = {.connector = program, .last_moment = DT_NOEND};

	rg_watch_start(&conversation.watch, rg_process_start(program, NULL, limits, confinement), report,
				   TimestampTzPlusMilliseconds(GetCurrentTimestamp(), PROBE_MS), NULL, NULL);
	if (!rg_conversation_greet(&conversation, "test", failure))
		return false;
	rg_watch_stop(&conversation.watch);
	return true;
}

/* A connector that lacks the operation has said hello, and how it is confined is a finding of its own. */
static void
add_greeting_fault(Findings *found, const char *connector, const RgReport *report, const RgFailure *failure)
{
	if (strcmp(failure->code, "unsupported") == 0 ||
		rg_report_rank(report->level) < (int) rg_sandbox_minimum())
		return;
	add_fault(found, psprintf("%s: %s", connector, failure->message));
}

static void
probe_connector(const RgSourceType *type, const char *connector, Findings *found)
{
	RgLimits limits = rg_attempt_limits(type);
	RgConfinement confinement = rg_attempt_confinement(type, 0);
	RgReport report = {0};
	RgFailure failure = {0};

	if (!probe(connector, &limits, &confinement, &report, &failure))
		add_greeting_fault(found, connector, &report, &failure);
	if (type->connector.is_offline)
		return; /* it needs no dialer */
	if (found->lowest.level[0] == '\0' || rg_report_rank(report.level) < rg_report_rank(found->lowest.level))
		found->lowest = report;
}

/* Types may share a connector. */
static bool
is_first_with(const RgSourceType *type)
{
	for (const RgSourceType *other = rg_source_types; other < type; other++)
	{
		if (strcmp(rg_source_type_executable(other), rg_source_type_executable(type)) == 0)
			return false;
	}
	return true;
}

static void
add_driver_fault(void *found, const char *fault)
{
	add_fault(found, fault);
}

static void
inspect_connector(const RgSourceType *type, const char *executable, bool can_start, Findings *found)
{
	const char *fault;
	char *connector = rg_process_connector_path(executable, &fault);

	if (fault != NULL)
		add_fault(found, fault);
	else if (connector != NULL && can_start)
		probe_connector(type, connector, found);
}

/* Where no connector is installed, the trampoline takes the place of one. */
static void
inspect_connectors(const char *trampoline, Findings *found)
{
	static const RgConfinement usual = {.network = RG_NETWORK_DIAL};
	RgFailure failure = {0};

	initStringInfo(&found->faults);
	for (int i = 0; i < RG_SOURCE_TYPES; i++)
	{
		const RgSourceType *type = &rg_source_types[i];

		if (is_first_with(type))
			inspect_connector(type, rg_source_type_executable(type), trampoline != NULL, found);
		if (type->with_driver != NULL && strcmp(type->with_driver, rg_source_type_executable(type)) != 0)
			inspect_connector(type, type->with_driver, trampoline != NULL, found);
	}
	rg_odbc_drivers_inspect(add_driver_fault, found);
	if (trampoline != NULL && found->lowest.level[0] == '\0')
		(void) probe(trampoline, NULL, &usual, &found->lowest, &failure);
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
append_sandbox(StringInfo answer, const RgReport *report)
{
	appendStringInfo(answer, ", \"sandbox\": {\"level\": \"%s\", \"suffices\": %s, \"missing\": [",
					 report->level, boolean(rg_report_rank(report->level) >= (int) rg_sandbox_minimum()));
	append_missing(answer, report);
	appendStringInfoString(answer, "]}");
}

/* "proxy": what is wrong with it, or null; absent if none is set. */
static void
append_proxy(StringInfo answer)
{
	const char *fault;

	if (!rg_proxy_is_set())
		return;
	fault = rg_proxy_fault();
	appendStringInfoString(answer, ", \"proxy\": ");
	if (fault != NULL)
		escape_json(answer, fault);
	else
		appendStringInfoString(answer, "null");
}

/* "storage": what is wrong with it, or null; absent if none is set. */
static void
append_storage(StringInfo answer)
{
	const char *fault = rg_storage_fault();

	if (*rg_storage_root == '\0')
		return;
	appendStringInfoString(answer, ", \"storage\": ");
	if (fault == NULL)
		appendStringInfoString(answer, "null");
	else
		escape_json(answer, fault);
}

/*
 * Answers {"trampoline", "sandbox", "installed": types with a connector, "missing": types whose connector
 * should be installed, "faults": connectors that cannot be executed or do not say hello as they should,
 * "ssh": is OpenSSH's client installed, "storage", "proxy"}. "sandbox" is absent without the trampoline.
 */
void
rg_inspect_serve(const RgCall *request)
{
	char *trampoline = rg_process_trampoline();
	Findings found = {0};
	StringInfoData answer;

	inspect_connectors(trampoline, &found);
	initStringInfo(&answer);
	appendStringInfo(&answer, "{\"trampoline\": %s", boolean(trampoline != NULL));
	if (trampoline != NULL)
		append_sandbox(&answer, &found.lowest);
	append_types(&answer, "installed", true);
	append_types(&answer, "missing", false);
	appendStringInfo(&answer, ", \"faults\": [%s], \"ssh\": %s", found.faults.data,
					 boolean(rg_openssh_installed()));
	append_storage(&answer);
	append_proxy(&answer);
	appendStringInfoChar(&answer, '}');
	rg_call_answer(request, 0, 0, answer.data, NULL);
	pfree(answer.data);
}
