/*
 * inspect.c — describes a worker's surroundings for check(): the programs that it would start, and the means
 * of confinement.
 */
#include "inspect.h"

#include "postgres.h"

#include "lib/stringinfo.h"

#include "check/source_type.h"
#include "process/features.h"
#include "process/process.h"
#include "queue/calls.h"

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

/*
 * Answers {"trampoline", "pidfd", "close_range", "seccomp", "landlock", "installed": types with a connector,
 * "missing": types whose connector should be installed}.
 */
void
rg_inspect_serve(const RgCall *request)
{
	RgFeatures features = rg_process_features();
	StringInfoData answer;

	initStringInfo(&answer);
	appendStringInfo(&answer,
					 "{\"trampoline\": %s, \"pidfd\": %s, \"close_range\": %s, \"seccomp\": %s, "
					 "\"landlock\": %d",
					 boolean(rg_process_has_trampoline()), boolean(features.pidfd),
					 boolean(features.close_range), boolean(features.seccomp), features.landlock);
	append_types(&answer, "installed", true);
	append_types(&answer, "missing", false);
	appendStringInfoChar(&answer, '}');
	rg_call_answer(request, 0, 0, answer.data, NULL);
	pfree(answer.data);
}
