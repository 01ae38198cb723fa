#include "check/hosts.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "check/field.h"
#include "check/text.h"
#include "json_value.h"

#define LONGEST_HOST 255
#define LONGEST_LIST 4096

PG_FUNCTION_INFO_V1(rg_sql_host_keys);

bool
rg_hosts_is_list(const char *text, int length)
{
	return memchr(text, ',', length) != NULL;
}

/* Returns 0 if the text is no port. Digits only. */
static int
port_number(const char *text, int length)
{
	int port = 0;

	for (int i = 0; i < length; i++)
	{
		if (text[i] < '0' || text[i] > '9' || port > PG_UINT16_MAX)
			return 0;
		port = port * 10 + text[i] - '0';
	}
	return port <= PG_UINT16_MAX ? port : 0;
}

/*
 * Returns the length of the host's name: up to the bracket of an IPv6 address, the colon of a port, or the
 * end.
 */
static int
name_length(const char *text, int length)
{
	const char *end = text[0] == '[' ? memchr(text, ']', length) : memchr(text, ':', length);

	if (end == NULL)
		return length;
	return end - text + (text[0] == '[' ? 1 : 0);
}

static const char *
parse_one(const char *text, int length, RgHost *host)
{
	rg_text_trim(&text, &length);
	if (length == 0)
		return "is empty";

	int end = name_length(text, length);
	const char *name = text;
	int size = end;
	const char *fault;

	if (end < length && text[0] != '[' && memchr(text + end + 1, ':', length - end - 1) != NULL)
		return "has several colons; in a list an IPv6 address stands in brackets";
	rg_text_trim_host(&name, &size);
	if (size == 0 || size > LONGEST_HOST)
		return psprintf("must be between 1 and %d bytes long", LONGEST_HOST);
	fault = rg_text_host_fault(name, size);
	if (fault != NULL)
		return fault;
	*host = (RgHost){.name = pnstrdup(name, size)};
	if (end == length)
		return NULL;
	host->port = text[end] == ':' ? port_number(text + end + 1, length - end - 1) : 0;
	return host->port != 0 ? NULL : "has a port that is not between 1 and 65535";
}

static bool
is_named_before(const RgHosts *hosts, const RgHost *host)
{
	for (int i = 0; i < hosts->count; i++)
	{
		if (pg_strcasecmp(hosts->hosts[i].name, host->name) == 0 && hosts->hosts[i].port == host->port)
			return true;
	}
	return false;
}

const char *
rg_hosts_parse(const char *text, int length, RgHosts *hosts)
{
	const char *end = text + length;

	hosts->count = 0;
	for (const char *at = text; at <= end;)
	{
		const char *comma = memchr(at, ',', end - at);
		const char *stop = comma != NULL ? comma : end;
		RgHost host;

		if (hosts->count == RG_MAX_HOSTS)
			return psprintf("must name at most %d hosts", RG_MAX_HOSTS);
		const char *fault = parse_one(at, stop - at, &host);
		if (fault == NULL && is_named_before(hosts, &host))
			fault = "is named before";
		if (fault != NULL)
			return psprintf("number %d of the list %s", hosts->count + 1, fault);
		hosts->hosts[hosts->count++] = host;
		at = stop + 1;
	}
	return NULL;
}

/* Writes an IPv6 address in brackets, since a port may follow. */
static JsonbValue *
list_text(const RgHosts *hosts)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < hosts->count; i++)
	{
		const RgHost *host = &hosts->hosts[i];

		appendStringInfo(&text, strchr(host->name, ':') != NULL ? "%s[%s]" : "%s%s", i > 0 ? "," : "",
						 host->name);
		if (host->port != 0)
			appendStringInfo(&text, ":%d", host->port);
	}
	return rg_json_string(text.data, text.len);
}

JsonbValue *
rg_hosts_check(RgFaults *faults, const char *label, const JsonbValue *value)
{
	RgHosts hosts;
	const char *fault = value->val.string.len > LONGEST_LIST
							? psprintf("must be at most %d bytes long", LONGEST_LIST)
							: rg_hosts_parse(value->val.string.val, value->val.string.len, &hosts);

	if (fault == NULL)
		return list_text(&hosts);
	rg_fault(faults, label, "%s", fault);
	rg_fault_hint(faults, "Several hosts are written as \"a.example.com:27017,b.example.com:27017\".");
	return NULL;
}

bool
rg_hosts_have_ports(const char *text)
{
	RgHosts hosts;
	bool all = true;

	if (!rg_hosts_is_list(text, strlen(text)) || rg_hosts_parse(text, strlen(text), &hosts) != NULL)
		return false;
	for (int i = 0; i < hosts.count; i++)
		all &= hosts.hosts[i].port != 0;
	return all;
}

RgHosts
rg_hosts_of(const char *host, int port)
{
	RgHosts hosts = {.count = 0};

	if (host == NULL)
		return hosts;
	if (!rg_hosts_is_list(host, strlen(host)))
		return (RgHosts){.count = 1, .hosts = {{pstrdup(host), port}}};
	if (rg_hosts_parse(host, strlen(host), &hosts) != NULL)
		hosts.count = 0;
	for (int i = 0; i < hosts.count; i++)
		hosts.hosts[i].port = hosts.hosts[i].port != 0 ? hosts.hosts[i].port : port;
	return hosts;
}

/* Returns a key that is the same in all databases of the cluster, whatever the case of the name. */
static int64
key_of(const RgHost *host)
{
	int length = strlen(host->name);

	while (length > 1 && host->name[length - 1] == '.')
		length--;

	char *key = psprintf("%.*s:%d", length, host->name, host->port);

	for (char *c = key; *c != '\0'; c++)
		*c = pg_ascii_tolower((unsigned char) *c);
	return DatumGetInt64(hash_any_extended((unsigned char *) key, strlen(key), 0));
}

Datum
rg_sql_host_keys(PG_FUNCTION_ARGS)
{
	RgHosts hosts;
	Datum keys[RG_MAX_HOSTS];

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	hosts = rg_hosts_of(text_to_cstring(PG_GETARG_TEXT_PP(0)), PG_ARGISNULL(1) ? 0 : PG_GETARG_INT32(1));
	for (int i = 0; i < hosts.count; i++)
		keys[i] = Int64GetDatum(key_of(&hosts.hosts[i]));
	PG_RETURN_ARRAYTYPE_P(
		construct_array(keys, hosts.count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}
