/*
 * hosts.c — the list of hosts of a source.
 *
 * Sources: src/check/hosts.c src/check/text.c src/check/fault.c src/json_value.c
 * Uses: server
 */
#include "check/hosts.h"

#include "mb/pg_wchar.h"

#include "check/text.h"
#include "fuzz.h"

/* What is stored is read again as the same hosts. */
static void
check_stored(const RgHosts *hosts, const char *bytes, size_t length)
{
	RgFaults faults;
	JsonbValue given = {.type = jbvString, .val.string = {.val = (char *) bytes, .len = (int) length}};
	JsonbValue *stored;
	RgHosts again;

	rg_faults_begin(&faults);
	stored = rg_hosts_check(&faults, "host", &given);
	if (stored == NULL)
		return;
	fuzz_must(rg_hosts_parse(stored->val.string.val, stored->val.string.len, &again) == NULL,
			  "the stored list is one");
	fuzz_must(again.count == hosts->count, "the stored list has the same number of hosts");
	for (int i = 0; i < again.count; i++)
		fuzz_must(strcmp(again.hosts[i].name, hosts->hosts[i].name) == 0 &&
					  again.hosts[i].port == hosts->hosts[i].port,
				  "the stored list has the same hosts");
}

static void
check_host(const RgHost *host)
{
	fuzz_must(host->name[0] != '\0' && host->port >= 0 && host->port <= PG_UINT16_MAX, "a host has its form");
	fuzz_must(strpbrk(host->name, ",/@%") == NULL, "a host is one host and no path");
	fuzz_must(rg_text_host_fault(host->name, strlen(host->name)) == NULL, "the host may be given by itself");
}

void
fuzz(const char *bytes, size_t length)
{
	RgHosts hosts;

	if (memchr(bytes, '\0', length) != NULL ||
		pg_encoding_verifymbstr(PG_UTF8, bytes, (int) length) != (int) length ||
		rg_hosts_parse(bytes, (int) length, &hosts) != NULL)
		return;
	fuzz_must(hosts.count >= 1 && hosts.count <= RG_MAX_HOSTS, "there is a host");
	for (int i = 0; i < hosts.count; i++)
		check_host(&hosts.hosts[i]);
	check_stored(&hosts, bytes, length);
}
