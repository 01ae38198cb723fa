#include "ssh_server_key.h"

#include "ssh_failure.h"

/* The kinds of host keys, as algorithms: an SSH server has at most one key of each kind. */
static const char *const kinds[] = {
	"ssh-ed25519",
	"ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521",
	"rsa-sha2-512,rsa-sha2-256",
};

bool
rg_ssh_server_key_read_pins(RgOpening *opening)
{
	const RgEndpoint *endpoint = opening->endpoint;
	RgPins seen = {0};
	const char *fault = endpoint->host_key ? rg_pins_read(&opening->pins, endpoint->host_key) : NULL;

	if (fault != NULL)
		return rg_opening_failed(opening, "configuration", "metadata.ssh.host_key cannot be read", fault);
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
has_learned(RgOpening *opening)
{
	return rg_openssh_learned(opening->tunnel->learned) != NULL;
}

/*
 * Asks the server for its host key, of these algorithms (NULL: any), and breaks off before the login. False:
 * it was interrupted, or *cause says why there is no key.
 */
static bool
ask_host_key(RgOpening *opening, const char *key_types, RgPins *shown, RgSshCause *cause)
{
	RgTunnel *tunnel = opening->tunnel;
	RgOpensshPlan plan = rg_opening_plan(opening);

	plan.use = RG_OPENSSH_LEARN;
	plan.key_types = key_types;
	tunnel->learned = rg_openssh_memory_open();
	rg_opening_start(opening, rg_openssh_start_ssh(opening->ssh, &plan, tunnel->learned));
	(void) rg_opening_read(opening, has_learned);

	char *learned = rg_openssh_learned(tunnel->learned);

	rg_watch_stop(&tunnel->watch);
	rg_openssh_memory_close(&tunnel->learned);
	if (learned != NULL && rg_pins_read(shown, learned) == NULL && shown->count == 1)
		return true;
	*cause = RG_SSH_FAILED;
	if (rg_opening_was_interrupted(opening))
		return rg_opening_interrupted(opening);
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
fail_host_key(RgOpening *opening, const char *shown)
{
	bool demanded = opening->pins.count > 0;
	const char *expected = list_fingerprints(demanded ? &opening->pins : &opening->known);

	return rg_opening_failed(
		opening, "ssh_host_key", "the SSH server has another host key than the one that is known",
		psprintf("It has %s; known: %s (%s). %s", shown != NULL ? shown : "a key of another kind", expected,
				 demanded ? "metadata.ssh.host_key" : "seen at an earlier connection",
				 demanded ? "If the key was changed on purpose, change metadata.ssh.host_key."
						  : "If the key was changed on purpose, an admin calls "
							"rivergen.data_source_forget_host_key."));
}

/* Asks one address of the server after the other. */
static bool
ask_addresses(RgOpening *opening, const char *key_types, RgPins *shown)
{
	RgSshCause cause;

	while (!ask_host_key(opening, key_types, shown, &cause))
	{
		if (cause != RG_SSH_UNREACHED || !rg_opening_next_address(opening))
			return false;
	}
	return true;
}

static bool
is_wanted(const RgOpening *opening, const RgPins *shown)
{
	return opening->pins.count == 0 || rg_pins_find(&opening->pins, shown->pins[0].fingerprint) != NULL;
}

bool
rg_ssh_server_key_learn(RgOpening *opening)
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
		if (!ask_addresses(opening, kinds[kind], &shown) && rg_opening_was_interrupted(opening))
			return false;
	}
	opening->known = shown;
	return true;
}

bool
rg_ssh_server_key_mend(RgOpening *opening)
{
	const char *shown = rg_ssh_shown_fingerprint(opening->tunnel->ssh.log.data);

	if (!opening->learned && shown != NULL && rg_pins_find(&opening->pins, shown) != NULL)
		return rg_ssh_server_key_learn(opening);
	return fail_host_key(opening, shown);
}

char *
rg_ssh_server_key_describe(const RgOpening *opening)
{
	const RgEndpoint *endpoint = opening->endpoint;
	const char *shown = rg_ssh_shown_fingerprint(opening->tunnel->ssh.log.data);
	const RgPin *pin = shown != NULL ? rg_pins_find(&opening->known, shown) : NULL;

	if (pin == NULL)
		pin = &opening->known.pins[0];
	return psprintf("%s %s %s %s", endpoint->ssh_place, pin->type, pin->key, pin->fingerprint);
}
