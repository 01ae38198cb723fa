#include "opening.h"

#include "utils/timestamp.h"

#include "refusal.h"
#include "ssh_failure.h"
#include "words.h"

bool
rg_opening_failed(RgOpening *opening, const char *code, const char *message, const char *detail)
{
	rg_failed(opening->failure, code, message, detail);
	opening->failure->step = "ssh";
	return false;
}

bool
rg_opening_could_not_run(RgOpening *opening)
{
	const StringInfoData *said = &opening->tunnel->watch.diagnosis;

	if (opening->report->level[0] != '\0' && !rg_confined_enough(opening->report, opening->failure))
		return false;
	if (strstr(said->data, "No user exists for uid") == NULL)
		return rg_failed_here(opening->failure, "unavailable", "ssh could not be started",
							  rg_words(said->data, said->len, opening->credentials, RG_REASON_BYTES));
	rg_opening_failed(
		opening, "unavailable", "ssh does not run for an operating-system user without a name",
		"An operator adds the server's user id to /etc/passwd; ssh refuses to run without an entry.");
	opening->failure->elsewhere = true;
	return false;
}

static bool
timed_out(RgOpening *opening, bool reached)
{
	rg_opening_failed(opening, "timeout",
					  reached ? "the SSH server did not finish the login in time"
							  : "the SSH server did not answer in time",
					  "See connection_timeout of the data source.");
	opening->failure->transient = true;
	return false;
}

void
rg_opening_start(RgOpening *opening, RgChild *child)
{
	RgTunnel *tunnel = opening->tunnel;

	rg_report_begin(opening->report);
	rg_watch_start(&tunnel->watch, child, opening->report, opening->deadline, opening->check,
				   opening->argument);
	rg_companion_init(&tunnel->ssh, child);
}

bool
rg_opening_read(RgOpening *opening, RgOpeningEnough enough)
{
	RgTunnel *tunnel = opening->tunnel;
	char bytes[4096];
	ssize_t length;

	while ((length = rg_watch_read(&tunnel->watch, bytes, sizeof(bytes))) > 0)
	{
		rg_companion_append(&tunnel->ssh, bytes, length);
		if (enough != NULL && enough(opening))
			return true;
	}
	if (length == 0)
		rg_watch_await_report(&tunnel->watch);
	if (tunnel->watch.interruption != RG_TIMED_OUT)
		opening->interruption = tunnel->watch.interruption;
	return false;
}

bool
rg_opening_was_interrupted(RgOpening *opening)
{
	return opening->tunnel->watch.interruption != RG_UNDISTURBED;
}

bool
rg_opening_interrupted(RgOpening *opening)
{
	if (opening->interruption == RG_UNDISTURBED)
		timed_out(opening, strstr(opening->tunnel->ssh.log.data, "Connection established") != NULL);
	return false;
}

/* Those that are left. */
static int
count_addresses(const RgOpening *opening)
{
	int count = 1;

	for (const char *at = strchr(opening->addresses, '\n'); at != NULL && at[1] != '\0';
		 at = strchr(at + 1, '\n'))
		count++;
	return count;
}

RgOpensshPlan
rg_opening_plan(const RgOpening *opening)
{
	const RgEndpoint *endpoint = opening->endpoint;
	int timeout = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), opening->deadline) / 1000 /
				  count_addresses(opening);

	return (RgOpensshPlan){.address = pnstrdup(opening->addresses, strcspn(opening->addresses, "\n")),
						   .port = endpoint->ssh_port,
						   .username = endpoint->ssh_username,
						   .connection_timeout = Max(timeout, 1),
						   .local_port = opening->tunnel->port,
						   .target_host = opening->target.hosts[0].name,
						   .target_port = opening->target.hosts[0].port};
}

bool
rg_opening_next_address(RgOpening *opening)
{
	char *next = strchr(opening->addresses, '\n');

	if (next == NULL || next[1] == '\0')
		return false;
	opening->addresses = next + 1;
	return true;
}
