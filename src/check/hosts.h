/*
 * hosts.h — the hosts of a source whose type may have several: "a.example.com:27017,[2001:db8::7]:27018".
 */
#ifndef RG_HOSTS_H
#define RG_HOSTS_H

#include "postgres.h"

#include "check/fault.h"
#include "utils/jsonb.h"

#define RG_MAX_HOSTS 16

typedef struct RgHost
{
	char *name;
	int port; /* 0: none is given for this host */
} RgHost;

typedef struct RgHosts
{
	int count;
	RgHost hosts[RG_MAX_HOSTS];
} RgHosts;

/*
 * Does the text name several hosts, or try to? For a single host, whose port is a field of its own, it is
 * false.
 */
extern bool rg_hosts_is_list(const char *text, int length);

/* Parses the text of a definition. Returns NULL, or what is wrong with it. */
extern const char *rg_hosts_parse(const char *text, int length, RgHosts *hosts);

/* Returns the list as it is stored, as a string, or NULL after adding faults. */
extern JsonbValue *rg_hosts_check(RgFaults *faults, const char *label, const JsonbValue *value);

/* Is it a list in which every host has its own port? */
extern bool rg_hosts_have_ports(const char *text);

/* Returns the hosts of a stored source with their ports, 0 for none. host may be NULL. */
extern RgHosts rg_hosts_of(const char *host, int port);

#endif
