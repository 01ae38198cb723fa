#include <errno.h>
#include <stdio.h>

#include "connectors/common/emit.h"
#include "connectors/common/resolve.h"
#include "connectors/guard/dial.h"
#include "connectors/guard/guard.h"

static const DialMeaning refused = {0,
									"connect",
									"refused",
									true,
									true,
									"Nothing accepts connections at this address and port.",
									"Check host and port, and that the server listens on this address."};
static const DialMeaning forbidden = {
	0, "connect", "refused", false, true, "Connecting to this address is not allowed here.", NULL};
static const DialMeaning unreachable = {0,
										"connect",
										"unreachable",
										true,
										true,
										"There is no way to this address.",
										"Check the host, and the network between here and there."};
static const DialMeaning late = {
	0,
	"connect",
	"timeout",
	true,
	true,
	"The server did not answer in time.",
	"Check host and port, where something else may listen, and that no firewall is in the way; "
	"connection_timeout bounds the wait."};

void
dial_failure_set(DialFailure *failure, const DialMeaning *meaning)
{
	*failure = (DialFailure){.step = meaning->step,
							 .code = meaning->code,
							 .transient = meaning->transient,
							 .another_address_may_help = meaning->another_address_may_help,
							 .message = meaning->message,
							 .hint = meaning->hint};
}

void
dial_failure_set_number(DialFailure *failure, const DialMeaning *meanings, unsigned error)
{
	while (meanings->error != 0 && meanings->error != error)
		meanings++;
	dial_failure_set(failure, meanings);
	snprintf(failure->detail, sizeof(failure->detail), "The error's number is %u.", error);
}

void
dial_failure_set_way(DialFailure *failure, const char *lost_hint)
{
	int system = guard_dialing_error();

	if (system == ECONNREFUSED)
		dial_failure_set(failure, &refused);
	else if (system == EACCES || system == EPERM)
		dial_failure_set(failure, &forbidden);
	else if (system == ENETUNREACH || system == EHOSTUNREACH)
		dial_failure_set(failure, &unreachable);
	else
		dial_failure_set(failure,
						 &(DialMeaning){0, "connect", "unreachable", true, true,
										"The connection was closed before it was ready.", lost_hint});
}

void
dial_failure_set_late(DialFailure *failure)
{
	dial_failure_set(failure, &late);
}

void
dial_failure_report(const DialFailure *failure)
{
	give_up(&(Failure){.step = failure->step,
					   .code = failure->code,
					   .transient = failure->transient,
					   .message = failure->message,
					   .detail = failure->detail[0] == '\0' ? NULL : failure->detail,
					   .hint = failure->hint});
}

bool
dial_addresses(Request *request, Deadline deadline, DialFailure *failure,
			   bool (*attempt)(void *argument, const char *address, DialFailure *failure), void *argument)
{
	if (request->addresses == NULL)
		request->addresses = resolve_host(request->host, &request->address_count);
	for (int i = 0; i < request->address_count; i++)
	{
		guard_dial(request->addresses[i]);
		guard_until(deadline_share(deadline, request->address_count - i));
		if (attempt(argument, request->addresses[i], failure))
			return true;
		if (!failure->another_address_may_help)
			return false;
		emit_log("info", failure->message);
	}
	return false;
}
