#include "refusal.h"

#include "lib/stringinfo.h"

#include "process/network.h"
#include "process/sandbox.h"

#define OPENED_BY "An operator may open it with rivergen.allowed_networks."

/* ---- addresses ---- */

bool
rg_refuse_address(RgFailure *failure, const char *host, const char *address, const char *reason)
{
	rg_failed(failure, "address_refused",
			  psprintf("host \"%s\" may not be dialed: address %s is refused", host, address),
			  psprintf("%s. " OPENED_BY, reason));
	failure->step = "resolve";
	return false;
}

/* The operator may have changed the rules since the supervisor applied them. */
static const char *
reason_of(const char *address)
{
	const char *reason;

	return rg_address_allowed(address, &reason) ? "the network rules refused it" : reason;
}

static char *
list_denied(const RgReport *report)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < report->denied_count; i++)
		appendStringInfo(&list, "%s%s",
						 i == 0                         ? ""
						 : i + 1 < report->denied_count ? ", "
														: " and ",
						 report->denied[i]);
	return list.data;
}

/* A connector may learn of further hosts from the first one: then an address belongs to no host of the list.
 */
static const char *
host_of(const RgHosts *hosts, const char *address)
{
	for (int i = 0; i < hosts->count; i++)
	{
		if (strcmp(hosts->hosts[i].name, address) == 0)
			return address;
	}
	return hosts->count == 1 ? hosts->hosts[0].name : NULL;
}

void
rg_refuse_dials(RgFailure *failure, const RgHosts *hosts, const RgReport *report)
{
	const char *host = host_of(hosts, report->denied[0]);

	if (report->denied_count == 1 && host != NULL)
	{
		rg_refuse_address(failure, host, report->denied[0], reason_of(report->denied[0]));
		return;
	}
	rg_failed(failure, "address_refused",
			  psprintf("hosts of the data source may not be dialed: %s refused",
					   report->denied_count == 1 ? psprintf("address %s is", report->denied[0])
												 : psprintf("addresses %s are", list_denied(report))),
			  psprintf("%s: %s. " OPENED_BY, report->denied[0], reason_of(report->denied[0])));
	failure->step = "resolve";
}

/* ---- the sandbox ---- */

/* Each missing feature with its reason and what mends it, as sentences; NULL: nothing is missing. */
static char *
remedies_of(const RgReport *report)
{
	StringInfoData text;
	char *rest = pstrdup(report->missing);
	char *word;

	initStringInfo(&text);
	while ((word = strsep(&rest, ",")) != NULL)
	{
		const char *feature = strsep(&word, "=");
		const char *reason = word != NULL ? word : "";

		if (*feature != '\0')
			appendStringInfo(&text, "%s%s is missing (%s). %s", text.len > 0 ? " " : "", feature, reason,
							 rg_sandbox_remedy(feature, reason));
	}
	return text.len > 0 ? text.data : NULL;
}

/* The operator has to mend it, and the log has it too. Returns false, for the caller to return. */
static bool
lacks(RgFailure *failure, const char *message, const RgReport *report)
{
	const char *detail = remedies_of(report);

	ereport(LOG, (errmsg("%s", message), detail ? errdetail("%s", detail) : 0));
	rg_failed(failure, "unavailable", message, detail);
	failure->elsewhere = true;
	return false;
}

bool
rg_confined_enough(const RgReport *report, RgFailure *failure)
{
	if (report->level[0] == '\0')
		return rg_failed_here(
			failure, "unavailable", "the connector could not be started",
			"rivergen-run did not report how it confined the connector; install the extension "
			"again and restart the server");
	if (rg_report_rank(report->level) >= (int) rg_sandbox_minimum())
		return true;
	return lacks(failure,
				 psprintf("connectors can be confined at level %s, and rivergen.sandbox_minimum demands %s",
						  report->level, rg_level_names[rg_sandbox_minimum()]),
				 report);
}

bool
rg_refuse_several_hosts(const char *type, const RgReport *report, RgFailure *failure)
{
	return lacks(
		failure,
		psprintf("data sources of type %s need the sandbox's dialer, which this server does not have", type),
		report);
}
