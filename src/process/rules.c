#include "process/rules.h"

#include <stdlib.h>
#include <string.h>

#include "process/limits.h"

#define MOST_SECONDS UINT64_C(86400)

const char *const rg_level_names[RG_LEVELS] = {"basic", "filtered", "confined", "full"};
const char *const rg_network_mode_names[RG_NETWORK_MODES] = {"none", "dial", "local", "proxy", "plain"};
const char *const rg_profile_names[RG_PROFILES] = {"connector", "tunnel"};

/* The place of a word in a list of names; -1: it is not there. */
static int
find_word(const char *word, const char *const *names, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(word, names[i]) == 0)
			return i;
	return -1;
}

static bool
read_minimum(const char *value, RgRules *rules)
{
	int level = find_word(value, rg_level_names, RG_LEVELS);

	rules->minimum = (RgLevel) level;
	return level >= 0;
}

static bool
read_profile(const char *value, RgRules *rules)
{
	int profile = find_word(value, rg_profile_names, RG_PROFILES);

	rules->profile = (RgProfile) profile;
	return profile >= 0;
}

static bool
read_network(const char *value, RgRules *rules)
{
	int mode = find_word(value, rg_network_mode_names, RG_NETWORK_MODES);

	rules->network = (RgNetworkMode) mode;
	return mode >= 0;
}

static bool
read_port(const char *value, RgRules *rules)
{
	uint64_t port;

	if (!rg_number_read(value, 1, UINT16_MAX, &port))
		return false;
	rules->local_port = (uint16_t) port;
	return true;
}

static bool
read_timeout(const char *value, RgRules *rules)
{
	uint64_t seconds;

	if (!rg_number_read(value, 0, MOST_SECONDS, &seconds))
		return false;
	rules->timeout = (int) seconds;
	return true;
}

static bool
add_network(const char *value, RgNetworks *list)
{
	RgNetwork *networks = realloc((void *) list->networks, ((size_t) list->count + 1) * sizeof(RgNetwork));

	if (networks == NULL)
		return false;
	list->networks = networks;
	return rg_network_parse(value, &networks[list->count++]);
}

static bool
read_allowed(const char *value, RgRules *rules)
{
	return add_network(value, &rules->allowed);
}

static bool
read_denied(const char *value, RgRules *rules)
{
	return add_network(value, &rules->denied);
}

static bool
read_file(const char *value, RgRules *rules)
{
	if (*value != '/' || rules->file_count == RG_MOST_FILES)
		return false;
	rules->files[rules->file_count++] = value;
	return true;
}

static bool
read_stored(const char *value, RgRules *rules)
{
	rules->stored = strcmp(value, "given") == 0;
	return rules->stored;
}

static const struct
{
	const char *name;
	bool (*read)(const char *value, RgRules *rules);
} known[] = {{"minimum", read_minimum}, {"profile", read_profile}, {"network", read_network},
			 {"port", read_port},       {"timeout", read_timeout}, {"allow", read_allowed},
			 {"deny", read_denied},     {"file", read_file},       {"stored", read_stored}};

static bool
read_rule(const char *rule, RgRules *rules)
{
	const char *colon = strchr(rule, ':');

	for (size_t i = 0; colon != NULL && i < sizeof(known) / sizeof(known[0]); i++)
	{
		if (strlen(known[i].name) == (size_t) (colon - rule) &&
			memcmp(known[i].name, rule, (size_t) (colon - rule)) == 0)
			return known[i].read(colon + 1, rules);
	}
	return false;
}

char **
rg_rules_read(char **arguments, RgRules *rules)
{
	memset(rules, 0, sizeof(*rules));
	for (; *arguments != NULL && strncmp(*arguments, RG_RULE, strlen(RG_RULE)) == 0; arguments++)
		if (!read_rule(*arguments + strlen(RG_RULE), rules))
			return NULL;
	if ((rules->network == RG_NETWORK_LOCAL || rules->network == RG_NETWORK_PROXY) && rules->local_port == 0)
		return NULL;
	return arguments;
}

bool
rg_rules_listen(const RgRules *rules)
{
	return rules->network != RG_NETWORK_PLAIN && !rules->unserved;
}

void
rg_rules_forgo_listener(RgRules *rules)
{
	rules->unserved = true;
	if (rules->network != RG_NETWORK_NONE)
		rules->network = RG_NETWORK_PLAIN;
}
