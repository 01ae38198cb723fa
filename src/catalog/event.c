#include "catalog/event.h"

#include "commands/async.h"
#include "lib/stringinfo.h"
#include "utils/guc.h"

#define CHANNEL "rivergen"

static bool events = true;

/* Superusers only: listeners rely on the events of every session. */
void
rg_event_init(void)
{
	DefineCustomBoolVariable(
		"rivergen.events", "Notify listeners on channel rivergen of changes.",
		"A transaction that sends a notification cannot be prepared for two-phase commit.", &events, true,
		PGC_SUSET, 0, NULL, NULL, NULL);
}

static const char *
name_of(RgEvent event)
{
	static const char *const names[] = {
		[RG_EVENT_CREATED] = "created",
		[RG_EVENT_UPDATED] = "updated",
		[RG_EVENT_DELETED] = "deleted",
		[RG_EVENT_RESTORED] = "restored",
		[RG_EVENT_STATUS_CHANGED] = "status_changed",
		[RG_EVENT_DISCOVERY_FINISHED] = "discovery_finished",
		[RG_EVENT_SCHEMA_CHANGED] = "schema_changed",
		[RG_EVENT_ORGANIZATION_CLOSED] = "organization_closed",
	};

	return names[event];
}

static void
append_id(StringInfo payload, const char *name, int64 id)
{
	if (id != 0)
		appendStringInfo(payload, ", \"%s\": " INT64_FORMAT, name, id);
}

void
rg_event(RgEvent event, int64 organization_id, int64 data_source_id, int64 job_id)
{
	StringInfoData payload;

	if (!events)
		return;
	initStringInfo(&payload);
	appendStringInfo(&payload, "{\"event\": \"%s\"", name_of(event));
	append_id(&payload, "organization_id", organization_id);
	append_id(&payload, "data_source_id", data_source_id);
	append_id(&payload, "job_id", job_id);
	appendStringInfoChar(&payload, '}');
	Async_Notify(CHANNEL, payload.data);
	pfree(payload.data);
}
