#include "worker/tunnel.h"

#include <poll.h>
#include <unistd.h>

#include "storage/fd.h"
#include "utils/timestamp.h"

#include "ssh_server_key.h"
#include "resolve.h"
#include "secret/seal.h"
#include "ssh_failure.h"
#include "ssh_key.h"
#include "words.h"

#define MOST_PORTS_TRIED 3

/* For the end of ssh, after a connector has said that its connection was lost. */
#define LOSS_MS 300

static bool
lacks_programs(RgOpening *opening)
{
	rg_opening_failed(opening, "unavailable",
					  "SSH tunnels need the program ssh, which this server does not have",
					  "An operator installs it: Debian's package openssh-client.");
	opening->failure->elsewhere = true;
	return false;
}

/* ---- what is needed ---- */

static bool
find_programs(RgOpening *opening)
{
	opening->ssh = rg_openssh_program("ssh");
	opening->keygen = rg_openssh_program("ssh-keygen");
	return (opening->ssh != NULL && opening->keygen != NULL) || lacks_programs(opening);
}

static bool
check_target(RgOpening *opening)
{
	const RgEndpoint *endpoint = opening->endpoint;

	opening->target = rg_hosts_of(endpoint->host, endpoint->port);
	if (opening->target.count > 1)
		return rg_opening_failed(opening, "configuration",
								 "an SSH tunnel leads to one host, and the data source has several",
								 "Give one host, or register the source without a tunnel.");
	if (opening->target.count == 0 || opening->target.hosts[0].port == 0)
		return rg_opening_failed(opening, "configuration",
								 "an SSH tunnel needs the host and the port that it leads to",
								 "Give host and port.");
	return true;
}

static bool
resolve_server(RgOpening *opening)
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
write_key(RgOpening *opening, const char *key, const char *passphrase)
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
end_keygen(RgOpening *opening, bool has_passphrase)
{
	RgWatch *watch = &opening->tunnel->watch;
	int status = -1;

	(void) rg_opening_read(opening, NULL);
	if (rg_opening_was_interrupted(opening))
		return rg_opening_interrupted(opening);
	(void) rg_watch_end(watch, &status);
	if (status != 0 && strstr(watch->diagnosis.data, "Failed to load key") == NULL)
		return rg_opening_could_not_run(opening);
	if (status != 0)
		rg_ssh_key_failed(opening->failure, watch->diagnosis.data, has_passphrase);
	return status == 0;
}

static bool
prepare_key(RgOpening *opening)
{
	RgTunnel *tunnel = opening->tunnel;
	char *key = rg_ssh_credential(opening->credentials, "ssh_private_key");
	char *passphrase = rg_ssh_credential(opening->credentials, "ssh_passphrase");

	if (key == NULL)
		return rg_opening_failed(opening, "configuration", "an SSH tunnel needs a private key",
								 "Give ssh_private_key with the credentials.");
	write_key(opening, rg_ssh_key_readable(key), passphrase);
	rg_opening_start(opening, rg_openssh_start_keygen(opening->keygen, tunnel->memory));
	if (!end_keygen(opening, passphrase != NULL))
		return false;
	rg_watch_stop(&tunnel->watch);
	opening->key_end = lseek(tunnel->memory, 0, SEEK_END);
	return true;
}

/* ---- the tunnel ---- */

static bool
is_ready(RgOpening *opening)
{
	RgTunnel *tunnel = opening->tunnel;

	if (!opening->logged_in && strstr(tunnel->ssh.log.data, "Authenticated to ") != NULL)
		opening->logged_in = true;
	return opening->logged_in && rg_openssh_is_listening(tunnel->port);
}

static void
write_known_hosts(RgOpening *opening)
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
used_key(RgOpening *opening)
{
	if (strstr(opening->tunnel->ssh.log.data, "using \"publickey\"") != NULL)
		return true;
	return rg_opening_failed(opening, "authentication",
							 "the SSH server let the user in without asking for the key",
							 "Let it demand public-key authentication of this user.");
}

static bool
begin_forwarding(RgOpening *opening, RgSshCause *cause)
{
	RgTunnel *tunnel = opening->tunnel;
	RgOpensshPlan plan;

	rg_openssh_release_port(&tunnel->reservation);
	tunnel->reservation = rg_openssh_reserve_port(&tunnel->port);
	plan = rg_opening_plan(opening);
	plan.use = RG_OPENSSH_FORWARD;
	write_known_hosts(opening);
	opening->logged_in = false;
	rg_opening_start(opening, rg_openssh_start_ssh(opening->ssh, &plan, tunnel->memory));
	*cause = RG_SSH_FAILED;
	if (rg_opening_read(opening, is_ready))
		return used_key(opening);
	if (rg_opening_was_interrupted(opening))
		(void) rg_opening_interrupted(opening);
	else if (tunnel->ssh.log.len == 0)
		(void) rg_opening_could_not_run(opening);
	else
		*cause = rg_ssh_failed(opening->failure, tunnel->ssh.log.data, opening->credentials);
	rg_watch_stop(&tunnel->watch);
	return false;
}

static bool
forward(RgOpening *opening)
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
				if (!rg_opening_next_address(opening))
					return false;
				break;
			case RG_SSH_HOST_KEY:
				if (!rg_ssh_server_key_mend(opening))
					return false;
				break;
			default:
				return false;
		}
	}
	return true;
}

static bool
open_tunnel(RgOpening *opening)
{
	RgTunnel *tunnel = opening->tunnel;

	if (!find_programs(opening) || !check_target(opening) || !rg_ssh_server_key_read_pins(opening) ||
		!resolve_server(opening) || !prepare_key(opening))
		return false;
	if (opening->known.count == 0 && !rg_ssh_server_key_learn(opening))
		return false;
	if (!forward(opening))
		return false;
	tunnel->host_key = rg_ssh_server_key_describe(opening);
	tunnel->established = true;
	rg_watch_leave(&tunnel->watch);
	return true;
}

bool
rg_tunnel_open(RgTunnel *tunnel, const RgEndpoint *endpoint, const char *credentials, RgContinueCheck check,
			   void *argument, RgReport *report, RgFailure *failure, RgInterruption *interruption)
{
	RgOpening opening = {.tunnel = tunnel,
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
