/*
 * rules.h — how a child is confined, on its way from the server to rivergen-run. Plain C, no server code:
 * both sides are built from it.
 */
#ifndef RG_RULES_H
#define RG_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "process/address.h"

/* How far a child is confined; each level has all that the ones before it have. */
typedef enum RgLevel
{
	RG_BASIC,    /* limits, no new privileges, closed descriptors */
	RG_FILTERED, /* a filter of system calls */
	RG_CONFINED, /* Landlock */
	RG_FULL,     /* every connection is made by the dialer, or there are none */
	RG_LEVELS
} RgLevel;

typedef enum RgNetworkMode
{
	RG_NETWORK_NONE,  /* no socket */
	RG_NETWORK_DIAL,  /* what the dialer allows by the network rules */
	RG_NETWORK_LOCAL, /* the dialer allows 127.0.0.1 at one port only, where a tunnel begins */
	RG_NETWORK_PROXY, /* the dialer allows the addresses of the operator's proxy at its port only */
	RG_NETWORK_PLAIN, /* TCP to any address: the worker has vetted the addresses that it gives */
	RG_NETWORK_MODES
} RgNetworkMode;

typedef enum RgProfile
{
	RG_PROFILE_CONNECTOR,
	RG_PROFILE_TUNNEL, /* OpenSSH's client */
	RG_PROFILES
} RgProfile;

extern const char *const rg_level_names[RG_LEVELS];
extern const char *const rg_network_mode_names[RG_NETWORK_MODES];
extern const char *const rg_profile_names[RG_PROFILES];

/* Each rule is an argument of rivergen-run: this, the rule's name, : and its value. */
#define RG_RULE "--rule="

/* The stored file or directory, here; the program that is executed has it as RG_PROGRAM_STORED_DESCRIPTOR. */
#define RG_STORED_DESCRIPTOR         4
#define RG_PROGRAM_STORED_DESCRIPTOR 3

/* Files that the child may read, beside what every child may. */
#define RG_MOST_FILES 64

/* Behind a program's path: the file beside it that lists more files, absolute paths, one a line. */
#define RG_FILES_SUFFIX ".files"

/* The usual rules are all zero but for the network: without a rule a child has none. */
typedef struct RgRules
{
	RgLevel minimum; /* below it the program is not executed */
	RgProfile profile;
	RgNetworkMode network;
	bool unserved;       /* the supervisor cannot listen to the filter's notifications */
	uint16_t local_port; /* of RG_NETWORK_LOCAL and _PROXY, to dial; of RG_PROFILE_TUNNEL, to listen */
	int timeout;         /* of one connection, in seconds; 0: the kernel's */
	RgNetworks allowed;  /* the operator's; of RG_NETWORK_PROXY its addresses */
	RgNetworks denied;
	bool stored; /* it is given a file or a directory: RG_STORED_DESCRIPTOR */
	int file_count;
	const char *files[RG_MOST_FILES]; /* absolute paths; of a directory everything below it */
} RgRules;

/*
 * Reads the rules at the beginning of arguments, which end with NULL. Returns the argument behind them, or
 * NULL when one of them is unknown or has a wrong value. The rules point into arguments and into memory that
 * is never freed.
 */
extern char **rg_rules_read(char **arguments, RgRules *rules);

/* Does the supervisor listen to notifications of the filter? It dials for the child, and counts its threads.
 */
extern bool rg_rules_listen(const RgRules *rules);

/* Rules for a child whose notifications cannot be served. */
extern void rg_rules_forgo_listener(RgRules *rules);

#endif
