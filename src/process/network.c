/*
 * network.c — the operator's network rules: rivergen.allowed_networks, rivergen.denied_networks, and the
 * addresses of this machine.
 */
#include "network.h"

#include <arpa/inet.h>

#include "storage/fd.h"
#include "utils/builtins.h"
#include "utils/varlena.h"

#include "compat.h"
#include "process/own.h"
#include "process/rules.h"
#include "process/vet.h"

typedef struct NetworkList
{
	int count;
	RgNetwork networks[FLEXIBLE_ARRAY_MEMBER];
} NetworkList;

static char *allowed_networks = NULL;
static char *denied_networks = NULL;
static NetworkList *allowed = NULL;
static NetworkList *denied = NULL;

static bool
check_networks(char **value, void **extra, GucSource source)
{
	char *copy = pstrdup(*value);
	List *elements;

	if (!SplitIdentifierString(copy, ',', &elements))
	{
		GUC_check_errdetail("It is not a comma-separated list.");
		return false;
	}

	NetworkList *list =
		rg_guc_malloc(offsetof(NetworkList, networks) + list_length(elements) * sizeof(RgNetwork));
	ListCell *cell;

	if (list == NULL)
		return false;
	list->count = 0;
	foreach (cell, elements)
	{
		if (!rg_network_parse(lfirst(cell), &list->networks[list->count++]))
		{
			GUC_check_errdetail("\"%s\" is not a network such as 10.0.0.0/8 or fd00::/8.",
								(char *) lfirst(cell));
			rg_guc_free(list);
			return false;
		}
	}
	*extra = list;
	return true;
}

static void
assign_allowed(const char *value, void *extra)
{
	allowed = extra;
}

static void
assign_denied(const char *value, void *extra)
{
	denied = extra;
}

void
rg_network_init(void)
{
	DefineCustomStringVariable(
		"rivergen.allowed_networks", "Networks that may be dialed although they are denied otherwise.",
		"A comma-separated list in CIDR notation. Loopback, link-local, multicast and cloud metadata "
		"addresses, and this machine's own, are denied unless listed here; the longest matching prefix decides.",
		&allowed_networks, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, check_networks, assign_allowed, NULL);
	DefineCustomStringVariable(
		"rivergen.denied_networks", "Networks that may not be dialed.",
		"A comma-separated list in CIDR notation; the longest matching prefix decides.", &denied_networks, "",
		PGC_SIGHUP, GUC_SUPERUSER_ONLY, check_networks, assign_denied, NULL);
}

static RgNetworks
as_networks(const NetworkList *list)
{
	if (list == NULL)
		return (RgNetworks){0, NULL};
	return (RgNetworks){list->count, list->networks};
}

/* Read each time: interfaces come and go while the server runs. */
bool
rg_address_allowed(const char *text, const char **reason)
{
	RgOwnAddresses own;

	if (!rg_own_addresses_read(&own))
		ereport(ERROR,
				(errcode_for_socket_access(), errmsg("could not list the addresses of this machine: %m")));

	RgNetworkRules rules = {as_networks(allowed), as_networks(denied), {own.count, own.networks}};
	const RgRefusal *refusal = rg_network_refusal(&rules, text);

	rg_own_addresses_free(&own);
	*reason = refusal ? refusal->text : NULL;
	return refusal == NULL;
}

static List *
add_arguments(List *arguments, const char *rule, const NetworkList *list)
{
	char address[INET6_ADDRSTRLEN];

	for (int i = 0; list != NULL && i < list->count; i++)
	{
		const RgNetwork *network = &list->networks[i];

		if (inet_ntop(network->family, network->bytes, address, sizeof(address)) != NULL)
			arguments = lappend(arguments, psprintf(RG_RULE "%s:%s/%d", rule, address, network->prefix));
	}
	return arguments;
}

List *
rg_network_arguments(List *arguments)
{
	return add_arguments(add_arguments(arguments, "allow", allowed), "deny", denied);
}

bool
rg_address_is_resolver(const char *address, int port)
{
	char text[4096] = "";
	RgNetwork resolvers[RG_MOST_RESOLVERS];
	RgDialRules rules = {.resolvers = {0, resolvers}};
	RgDial dial = {.port = (uint16_t) port};
	FILE *file;

	if (port != RG_RESOLVER_PORT)
		return false;
	file = AllocateFile("/etc/resolv.conf", "r");
	if (file != NULL)
	{
		text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
		FreeFile(file);
	}
	strlcpy(dial.address, address, sizeof(dial.address));
	rules.resolvers.count = rg_resolvers_read(text, resolvers);
	return rg_dial_is_resolver(&rules, &dial);
}
