#include "resolve.h"

#include <arpa/inet.h>

#include "utils/json.h"
#include "utils/timestamp.h"

#include "process/network.h"
#include "refusal.h"
#include "words.h"

#define RESOLVED_MAX_BYTES 16384

typedef struct Search
{
	TimestampTz deadline;
	RgContinueCheck check;
	void *argument;
	RgFailure *failure;
	RgInterruption interruption;
} Search;

static bool
is_numeric(const char *host)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

/* All output of the resolver; NULL when it was interrupted or failed. */
static char *
read_printed(RgWatch *watch, int *status)
{
	StringInfoData printed;
	char bytes[1024];
	ssize_t length;

	initStringInfo(&printed);
	*status = -1;
	while ((length = rg_watch_read(watch, bytes, sizeof(bytes))) > 0 && printed.len < RESOLVED_MAX_BYTES)
		appendBinaryStringInfo(&printed, bytes, length);
	if (length < 0 || !rg_watch_end(watch, status))
		return NULL;
	return printed.data;
}

static void
fail_unresolved(const char *host, RgWatch *watch, RgFailure *failure)
{
	if (watch->interruption == RG_TIMED_OUT)
		rg_failed(failure, "timeout", psprintf("host \"%s\" could not be resolved in time", host),
				  "See connection_timeout of the data source.");
	else
		rg_failed(failure, "unknown_host", psprintf("host \"%s\" is not known", host),
				  watch->diagnosis.len > 0
					  ? rg_words(watch->diagnosis.data, watch->diagnosis.len, NULL, RG_REASON_BYTES)
					  : NULL);
	failure->step = "resolve";
	failure->transient = true;
}

/* The numeric addresses of a name, one a line, or NULL: search->failure or search->interruption says why. */
static char *
ask_resolver(const char *host, Search *search)
{
	static const RgConfinement confinement = {.network = RG_NETWORK_PLAIN};
	RgWatch watch;
	int status = -1;
	char *volatile printed = NULL;

	rg_watch_start(&watch, rg_process_start(RG_RESOLVER, host, NULL, &confinement), NULL, search->deadline,
				   search->check, search->argument);
	PG_TRY();
	{
		printed = read_printed(&watch, &status);
	}
	PG_FINALLY();
	{
		rg_watch_stop(&watch);
	}
	PG_END_TRY();

	if (watch.interruption != RG_UNDISTURBED && watch.interruption != RG_TIMED_OUT)
		search->interruption = watch.interruption;
	else if (printed == NULL || status != 0)
		fail_unresolved(host, &watch, search->failure);
	else
		return printed;
	return NULL;
}

/* One refused address refuses the host: a name that points inside and outside at once is an attack. */
static bool
vet(const char *host, const char *printed, RgFailure *failure)
{
	char *rest = pstrdup(printed);
	char *address;
	const char *reason;

	while ((address = strsep(&rest, "\n")) != NULL)
	{
		if (*address != '\0' && !rg_address_allowed(address, &reason))
			return rg_refuse_address(failure, host, address, reason);
	}
	return true;
}

static Search
search_within(int seconds, RgContinueCheck check, void *argument, RgFailure *failure)
{
	return (Search){.deadline =
						TimestampTzPlusMilliseconds(GetCurrentTimestamp(), seconds * INT64CONST(1000)),
					.check = check,
					.argument = argument,
					.failure = failure,
					.interruption = RG_UNDISTURBED};
}

static char *
look_up(const char *host, Search *search)
{
	return is_numeric(host) ? pstrdup(host) : ask_resolver(host, search);
}

char *
rg_resolve_name(const char *host, int seconds, RgContinueCheck check, void *argument, RgFailure *failure,
				RgInterruption *interruption)
{
	Search search = search_within(seconds, check, argument, failure);
	char *printed = look_up(host, &search);

	*interruption = search.interruption;
	return printed != NULL && vet(host, printed, failure) ? printed : NULL;
}

char *
rg_resolve_array(const char *printed, int port, RgReport *report)
{
	StringInfoData array;
	char *rest = pstrdup(printed);
	char *address;

	initStringInfo(&array);
	while ((address = strsep(&rest, "\n")) != NULL)
	{
		if (*address == '\0')
			continue;
		appendStringInfoString(&array, array.len == 0 ? "[" : ", ");
		escape_json(&array, address);
		if (report != NULL)
			rg_report_given(report, address, port);
	}
	appendStringInfoString(&array, array.len == 0 ? "[]" : "]");
	return array.data;
}

bool
rg_resolve(RgResolved *resolved, TimestampTz deadline, RgContinueCheck check, void *argument,
		   RgReport *report, RgFailure *failure, RgInterruption *interruption)
{
	Search search = {.deadline = deadline,
					 .check = check,
					 .argument = argument,
					 .failure = failure,
					 .interruption = RG_UNDISTURBED};
	const RgHost *host = &resolved->hosts.hosts[0];
	char *printed = look_up(host->name, &search);

	*interruption = search.interruption;
	if (printed == NULL || !vet(host->name, printed, failure))
		return false;
	resolved->addresses = rg_resolve_array(printed, host->port, report);
	return true;
}
