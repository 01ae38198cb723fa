#include "worker/tunnel.h"

#include <poll.h>
#include <unistd.h>

#include "storage/fd.h"
#include "utils/timestamp.h"

#include "check/hosts.h"
#include "check/pins.h"
#include "process/openssh.h"
#include "refusal.h"
#include "resolve.h"
#include "secret/seal.h"
#include "ssh_failure.h"
#include "ssh_key.h"
#include "words.h"

#define MOST_PORTS_TRIED 3

/* For the end of ssh, after a connector has said that its connection was lost. */
#define LOSS_MS 300

/* The kinds of host keys, as algorithms: an SSH server has at most one key of each kind. */
static const char *const kinds[] = {
	"ssh-ed25519",
	"ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521",
	"rsa-sha2-512,rsa-sha2-256",
};

typedef struct Opening
{
	RgTunnel *tunnel;
	const RgEndpoint *endpoint;
	const char *credentials;
	RgContinueCheck check;
	void *argument;
	TimestampTz deadline;
	RgReport *report;
	RgFailure *failure;
	RgInterruption interruption;
	const char *ssh;
	const char *keygen;
	char *addresses; /* of the SSH server, one a line; the first is dialed */
	RgHosts target;
	RgPins pins;  /* what the source's owner demands */
	RgPins known; /* complete keys, one of which the server must have */
	bool learned; /* the known key was read from the server in this attempt */
	bool logged_in;
	off_t key_end;
} Opening;

/* ---- failures ---- */

static bool
failed(Opening *opening, const char *code, const char *message, const char *detail)
{
	rg_failed(opening->failure, code, message, detail);
	opening->failure->step = "ssh";
	return false;
}

static bool
lacks_programs(Opening *opening)
{
	failed(opening, "unavailable", "SSH tunnels need the program ssh, which this server does not have",
		   "An operator installs it: Debian's package openssh-client.");
	opening->failure->elsewhere = true;
	return false;
}

/* A message of the program on standard error, before it did anything. */
static bool
could_not_run(Opening *opening)
{
	const StringInfoData *said = &opening->tunnel->watch.diagnosis;

	if (opening->report->level[0] != '\0' && !rg_confined_enough(opening->report, opening->failure))
		return false;
	if (strstr(said->data, "No user exists for uid") == NULL)
		return rg_failed_here(opening->failure, "unavailable", "ssh could not be started",
							  rg_words(said->data, said->len, opening->credentials, RG_REASON_BYTES));
	failed(opening, "unavailable", "ssh does not run for an operating-system user without a name",
		   "An operator adds the server's user id to /etc/passwd; ssh refuses to run without an entry.");
	opening->failure->elsewhere = true;
	return false;
}

static bool
timed_out(Opening *opening, bool reached)
{
	failed(opening, "timeout",
		   reached ? "the SSH server did not finish the login in time"
				   : "the SSH server did not answer in time",
		   "See connection_timeout of the data source.");
	opening->failure->transient = true;
	return false;
}

/* ---- children ---- */

static void
start(Opening *opening, RgChild *child)
{
	RgTunnel *tunnel = opening->tunnel;

	rg_report_begin(opening->report);
	rg_watch_start(&tunnel->watch, child, opening->report, opening->deadline, opening->check,
				   opening->argument);
	rg_companion_init(&tunnel->ssh, child);
}

typedef bool (*Enough)(Opening *opening);

/* Reads what the child says until it is enough. False: the child has ended, or reading was interrupted. */
static bool
hear(Opening *opening, Enough enough)
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

/* The child was interrupted: by the clock, or for a reason that is no failure. */
static bool
was_interrupted(Opening *opening)
{
	return opening->tunnel->watch.interruption != RG_UNDISTURBED;
}

static bool
give_up_interrupted(Opening *opening)
{
	if (opening->interruption == RG_UNDISTURBED)
		timed_out(opening, strstr(opening->tunnel->ssh.log.data, "Connection established") != NULL);
	return false;
}

/* ---- what is needed ---- */

static bool
find_programs(Opening *opening)
{
	opening->ssh = rg_openssh_program("ssh");
	opening->keygen = rg_openssh_program("ssh-keygen");
	return (opening->ssh != NULL && opening->keygen != NULL) || lacks_programs(opening);
}

static bool
check_target(Opening *opening)
{
	const RgEndpoint *endpoint = opening->endpoint;

	opening->target = rg_hosts_of(endpoint->host, endpoint->port);
	if (opening->target.count > 1)
		return failed(opening, "configuration",
					  "an SSH tunnel leads to one host, and the data source has several",
					  "Give one host, or register the source without a tunnel.");
	if (opening->target.count == 0 || opening->target.hosts[0].port == 0)
		return failed(opening, "configuration", "an SSH tunnel needs the host and the port that it leads to",
					  "Give host and port.");
	return true;
}

static bool
read_pins(Opening *opening)
{
	const RgEndpoint *endpoint = opening->endpoint;
	RgPins seen = {0};
	const char *fault = endpoint->host_key ? rg_pins_read(&opening->pins, endpoint->host_key) : NULL;

	if (fault != NULL)
		return failed(opening, "configuration", "metadata.ssh.host_key cannot be read", fault);
	for (int i = 0; i < opening->pins.count; i++)
	{
		if (opening->pins.pins[i].key != NULL)
			opening->known.pins[opening->known.count++] = opening->pins.pins[i];
	}
	if (endpoint->host_key_seen == NULL || rg_pins_read(&seen, endpoint->host_key_seen) != NULL ||
		opening->known.count > 0 || seen.count == 0)
		return true;
	if (opening->pins.count == 0 || rg_pins_find(&opening->pins, seen.pins[0].fingerprint) != NULL)
		opening->known = seen;
	return true;
}

static bool
resolve_server(Opening *opening)
{
	opening->addresses =
		rg_resolve_name(opening->endpoint->ssh_host, opening->endpoint->connection_timeout, opening->check,
						opening->argument, opening->failure, &opening->interruption);
	if (opening->addresses == NULL)
		opening->failure->step = "ssh";
	return opening->addresses != NULL;
}

/* ---- the key ---- */

/* Behind the key lies its passphrase, where ssh-keygen reads standard input: its reading of the key, by name,
 * is another. */
static void
write_key(Opening *opening, const char *key, const char *passphrase)
{
	RgTunnel *tunnel = opening->tunnel;

	tunnel->memory = rg_openssh_memory_open();
	rg_openssh_memory_write(tunnel->memory, key, strlen(key));
	rg_openssh_memory_write(tunnel->memory, "\n", 1);

	off_t begin = lseek(tunnel->memory, 0, SEEK_CUR);

	if (passphrase != NULL)
		rg_openssh_memory_write(tunnel->memory, passphrase, strlen(passphrase));
	rg_openssh_memory_write(tunnel->memory, "\n", 1);
	lseek(tunnel->memory, begin, SEEK_SET);
}

static bool
end_keygen(Opening *opening, bool has_passphrase)
{
	RgWatch *watch = &opening->tunnel->watch;
	int status = -1;

	(void) hear(opening, NULL);
	if (was_interrupted(opening))
		return give_up_interrupted(opening);
	(void) rg_watch_end(watch, &status);
	if (status != 0 && strstr(watch->diagnosis.data, "Failed to load key") == NULL)
		return could_not_run(opening);
	if (status != 0)
		rg_ssh_key_failed(opening->failure, watch->diagnosis.data, has_passphrase);
	return status == 0;
}

static bool
prepare_key(Opening *opening)
{
	RgTunnel *tunnel = opening->tunnel;
	char *key = rg_ssh_credential(opening->credentials, "ssh_private_key");
	char *passphrase = rg_ssh_credential(opening->credentials, "ssh_passphrase");

	if (key == NULL)
		return failed(opening, "configuration", "an SSH tunnel needs a private key",
					  "Give ssh_private_key with the credentials.");
	write_key(opening, rg_ssh_key_readable(key), passphrase);
	start(opening, rg_openssh_start_keygen(opening->keygen, tunnel->memory));
	if (!end_keygen(opening, passphrase != NULL))
		return false;
	rg_watch_stop(&tunnel->watch);
	opening->key_end = lseek(tunnel->memory, 0, SEEK_END);
	return true;
}

/* ---- the host key ---- */

/* Those that are left. */
static int
count_addresses(const Opening *opening)
{
	int count = 1;

	for (const char *at = strchr(opening->addresses, '\n'); at != NULL && at[1] != '\0';
		 at = strchr(at + 1, '\n'))
		count++;
	return count;
}

static RgOpensshPlan
plan_of(const Opening *opening)
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

/* Turns to the next address of the SSH server; false: there is none. */
static bool
next_address(Opening *opening)
{
	char *next = strchr(opening->addresses, '\n');

	if (next == NULL || next[1] == '\0')
		return false;
	opening->addresses = next + 1;
	return true;
}

static bool
has_learned(Opening *opening)
{
	return rg_openssh_learned(opening->tunnel->learned) != NULL;
}

/*
 * Asks the server for its host key, of these algorithms (NULL: any), and breaks off before the login. False:
 * it was interrupted, or *cause says why there is no key.
 */
static bool
ask_host_key(Opening *opening, const char *key_types, RgPins *shown, RgSshCause *cause)
{
	RgTunnel *tunnel = opening->tunnel;
	RgOpensshPlan plan = plan_of(opening);

	plan.use = RG_OPENSSH_LEARN;
	plan.key_types = key_types;
	tunnel->learned = rg_openssh_memory_open();
	start(opening, rg_openssh_start_ssh(opening->ssh, &plan, tunnel->learned));
	(void) hear(opening, has_learned);

	char *learned = rg_openssh_learned(tunnel->learned);

	rg_watch_stop(&tunnel->watch);
	rg_openssh_memory_close(&tunnel->learned);
	if (learned != NULL && rg_pins_read(shown, learned) == NULL && shown->count == 1)
		return true;
	*cause = RG_SSH_FAILED;
	if (was_interrupted(opening))
		return give_up_interrupted(opening);
	*cause = rg_ssh_failed(opening->failure, tunnel->ssh.log.data, opening->credentials);
	return false;
}

static char *
list_fingerprints(const RgPins *pins)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < pins->count; i++)
		appendStringInfo(&list, "%s%s", i > 0 ? ", " : "", pins->pins[i].fingerprint);
	return list.data;
}

static bool
fail_host_key(Opening *opening, const char *shown)
{
	bool demanded = opening->pins.count > 0;
	const char *expected = list_fingerprints(demanded ? &opening->pins : &opening->known);

	return failed(opening, "ssh_host_key", "the SSH server has another host key than the one that is known",
				  psprintf("It has %s; known: %s (%s). %s", shown != NULL ? shown : "a key of another kind",
						   expected, demanded ? "metadata.ssh.host_key" : "seen at an earlier connection",
						   demanded ? "If the key was changed on purpose, change metadata.ssh.host_key."
									: "If the key was changed on purpose, an admin calls "
									  "rivergen.data_source_forget_host_key."));
}

/* Asks one address of the server after the other. */
static bool
ask_addresses(Opening *opening, const char *key_types, RgPins *shown)
{
	RgSshCause cause;

	while (!ask_host_key(opening, key_types, shown, &cause))
	{
		if (cause != RG_SSH_UNREACHED || !next_address(opening))
			return false;
	}
	return true;
}

static bool
is_wanted(const Opening *opening, const RgPins *shown)
{
	return opening->pins.count == 0 || rg_pins_find(&opening->pins, shown->pins[0].fingerprint) != NULL;
}

/* The kind of key that both sides prefer may be another than the pinned one: then each kind is asked for. */
static bool
learn(Opening *opening)
{
	RgPins preferred;
	RgPins shown;

	opening->learned = true;
	if (!ask_addresses(opening, NULL, &preferred))
		return false;
	shown = preferred;
	for (int kind = 0; !is_wanted(opening, &shown); kind++)
	{
		if (kind == (int) lengthof(kinds))
			return fail_host_key(opening, preferred.pins[0].fingerprint);
		if (!ask_addresses(opening, kinds[kind], &shown) && was_interrupted(opening))
			return false;
	}
	opening->known = shown;
	return true;
}

/* ---- the tunnel ---- */

static bool
is_ready(Opening *opening)
{
	RgTunnel *tunnel = opening->tunnel;

	if (!opening->logged_in && strstr(tunnel->ssh.log.data, "Authenticated to ") != NULL)
		opening->logged_in = true;
	return opening->logged_in && rg_openssh_is_listening(tunnel->port);
}

static void
write_known_hosts(Opening *opening)
{
	int memory = opening->tunnel->memory;

	rg_openssh_memory_cut(memory, opening->key_end);
	for (int i = 0; i < opening->known.count; i++)
	{
		const char *line = rg_openssh_known_host(opening->known.pins[i].type, opening->known.pins[i].key);

		rg_openssh_memory_write(memory, line, strlen(line));
	}
}

/* A server that asks for no key gives access to every organization that can have it dialed. */
static bool
used_key(Opening *opening)
{
	if (strstr(opening->tunnel->ssh.log.data, "using \"publickey\"") != NULL)
		return true;
	return failed(opening, "authentication", "the SSH server let the user in without asking for the key",
				  "Let it demand public-key authentication of this user.");
}

static bool
begin_forwarding(Opening *opening, RgSshCause *cause)
{
	RgTunnel *tunnel = opening->tunnel;
	RgOpensshPlan plan;

	rg_openssh_release_port(&tunnel->reservation);
	tunnel->reservation = rg_openssh_reserve_port(&tunnel->port);
	plan = plan_of(opening);
	plan.use = RG_OPENSSH_FORWARD;
	write_known_hosts(opening);
	opening->logged_in = false;
	start(opening, rg_openssh_start_ssh(opening->ssh, &plan, tunnel->memory));
	*cause = RG_SSH_FAILED;
	if (hear(opening, is_ready))
		return used_key(opening);
	if (was_interrupted(opening))
		(void) give_up_interrupted(opening);
	else if (tunnel->ssh.log.len == 0)
		(void) could_not_run(opening);
	else
		*cause = rg_ssh_failed(opening->failure, tunnel->ssh.log.data, opening->credentials);
	rg_watch_stop(&tunnel->watch);
	return false;
}

static bool
mend_host_key(Opening *opening)
{
	const char *shown = rg_ssh_shown_fingerprint(opening->tunnel->ssh.log.data);

	if (!opening->learned && shown != NULL && rg_pins_find(&opening->pins, shown) != NULL)
		return learn(opening);
	return fail_host_key(opening, shown);
}

static bool
forward(Opening *opening)
{
	RgSshCause cause;
	int tried = 0;

	while (!begin_forwarding(opening, &cause))
	{
		switch (cause)
		{
			case RG_SSH_PORT_TAKEN:
				if (++tried == MOST_PORTS_TRIED)
					return false;
				break;
			case RG_SSH_UNREACHED:
				if (!next_address(opening))
					return false;
				break;
			case RG_SSH_HOST_KEY:
				if (!mend_host_key(opening))
					return false;
				break;
			default:
				return false;
		}
	}
	return true;
}

/* The key that the server has shown, as people see it. */
static char *
describe_host_key(const Opening *opening)
{
	const RgEndpoint *endpoint = opening->endpoint;
	const char *shown = rg_ssh_shown_fingerprint(opening->tunnel->ssh.log.data);
	const RgPin *pin = shown != NULL ? rg_pins_find(&opening->known, shown) : NULL;

	if (pin == NULL)
		pin = &opening->known.pins[0];
	return psprintf("%s %s %s %s", endpoint->ssh_place, pin->type, pin->key, pin->fingerprint);
}

static bool
open_tunnel(Opening *opening)
{
	RgTunnel *tunnel = opening->tunnel;

	if (!find_programs(opening) || !check_target(opening) || !read_pins(opening) ||
		!resolve_server(opening) || !prepare_key(opening))
		return false;
	if (opening->known.count == 0 && !learn(opening))
		return false;
	if (!forward(opening))
		return false;
	tunnel->host_key = describe_host_key(opening);
	tunnel->established = true;
	rg_watch_leave(&tunnel->watch);
	return true;
}

bool
rg_tunnel_open(RgTunnel *tunnel, const RgEndpoint *endpoint, const char *credentials, RgContinueCheck check,
			   void *argument, RgReport *report, RgFailure *failure, RgInterruption *interruption)
{
	Opening opening = {.tunnel = tunnel,
					   .endpoint = endpoint,
					   .credentials = credentials,
					   .check = check,
					   .argument = argument,
					   .deadline = TimestampTzPlusMilliseconds(
						   GetCurrentTimestamp(), endpoint->connection_timeout * INT64CONST(1000)),
					   .report = report,
					   .failure = failure,
					   .interruption = RG_UNDISTURBED};

	*tunnel =
		(RgTunnel){.begun = true, .memory = -1, .learned = -1, .reservation = -1, .secrets = credentials};

	bool opened = open_tunnel(&opening);

	*interruption = opening.interruption;
	return opened;
}

void
rg_tunnel_close(RgTunnel *tunnel)
{
	if (!tunnel->begun)
		return;
	rg_watch_stop(&tunnel->watch);
	rg_openssh_memory_close(&tunnel->memory);
	rg_openssh_memory_close(&tunnel->learned);
	rg_openssh_release_port(&tunnel->reservation);
}

/* ---- while it is used ---- */

void
rg_tunnel_lost(RgTunnel *tunnel, RgFailure *failure)
{
	rg_ssh_lost(failure, tunnel->ssh.log.data, tunnel->secrets);
}

/* A lost connection may be a lost tunnel, which ends a moment later. */
static bool
ends_now(RgTunnel *tunnel)
{
	TimestampTz give_up = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LOSS_MS);
	struct pollfd output = {.fd = tunnel->watch.child->output, .events = POLLIN};

	while (rg_companion_read(&tunnel->ssh))
	{
		long left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), give_up);

		if (left <= 0 || poll(&output, 1, (int) left) <= 0)
			return false;
	}
	return true;
}

void
rg_tunnel_explain(RgTunnel *tunnel, bool connected, RgFailure *failure)
{
	bool lost_connection = failure->transient && strcmp(failure->code, "timeout") != 0;

	(void) rg_companion_read(&tunnel->ssh);
	if (!connected && rg_ssh_refused_target(failure, tunnel->ssh.log.data))
		return;
	if (lost_connection && ends_now(tunnel))
		rg_tunnel_lost(tunnel, failure);
	else if (!connected && strcmp(failure->code, "timeout") == 0)
		failure->detail =
			"The SSH tunnel is there; perhaps the SSH server has no way to the data source's host and port.";
}
