/*
 * landlock.c — which files a child may open: those in the lists below, for reading; its own program, for
 * executing. The headers of older distributions lack most of what is used here; the numbers are the same on
 * every architecture.
 */
#include "process/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LENGTHOF(array) (sizeof(array) / sizeof((array)[0]))

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule       445
#define SYS_landlock_restrict_self  446
#endif

#define VERSION_FLAG 1
#define RULE_PATH    1
#define RULE_PORT    2

/* Rights to files. */
#define EXECUTE    (UINT64_C(1) << 0)
#define WRITE_FILE (UINT64_C(1) << 1)
#define READ_FILE  (UINT64_C(1) << 2)
#define READ_DIR   (UINT64_C(1) << 3)
#define READ       (READ_FILE | READ_DIR)
#define OF_FILES   (EXECUTE | WRITE_FILE | READ_FILE)

/* Rights to the network, and what may not leave the domain. */
#define BIND_TCP       (UINT64_C(1) << 0)
#define CONNECT_TCP    (UINT64_C(1) << 1)
#define SCOPE_ABSTRACT (UINT64_C(1) << 0)
#define SCOPE_SIGNAL   (UINT64_C(1) << 1)

/* All rights to files that a version of the interface knows: writing, making, removing, renaming … */
static const uint64_t rights_by_version[] = {
	0,      0x1fff, 0x3fff /* moving between directories */, 0x7fff /* truncating */,
	0x7fff, 0xffff /* ioctl of devices */};

typedef struct Ruleset
{
	uint64_t files;
	uint64_t network;
	uint64_t scopes;
} Ruleset;

typedef struct __attribute__((packed)) PathRule
{
	uint64_t rights;
	int32_t parent;
} PathRule;

typedef struct PortRule
{
	uint64_t rights;
	uint64_t port;
} PortRule;

/* Shared libraries, and the modules that they load: character sets, engines, name services. */
static const char *const libraries[] = {"/lib",       "/lib64",         "/lib32",          "/usr/lib",
										"/usr/lib64", "/usr/local/lib", "/usr/local/lib64"};

/* The libraries of a script's language. */
static const char *const language[] = {"/usr/share", "/usr/local/share", "/etc/perl", "/etc/python3"};

/* What client libraries read. A link counts as its target: resolv.conf is often one into /run. */
static const char *const readable[] = {
	"/etc/ld.so.cache",
	/* names */
	"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf",
	/* certificate authorities and OpenSSL's settings: Debian, Red Hat, SUSE, Alpine, Arch; never
	   /etc/ssl/private */
	"/etc/ssl/certs", "/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem", "/etc/ssl/openssl.cnf",
	"/etc/pki/tls/certs", "/etc/pki/tls/cert.pem", "/etc/pki/tls/openssl.cnf", "/etc/pki/tls/ct_log_list.cnf",
	"/etc/pki/ca-trust/extracted", "/etc/ca-certificates/extracted", "/var/lib/ca-certificates",
	"/usr/share/ca-certificates", "/usr/local/share/ca-certificates", "/usr/share/pki",
	"/etc/crypto-policies", "/usr/share/crypto-policies",
	/* time zones, languages */
	"/etc/localtime", "/usr/share/zoneinfo", "/usr/share/locale", "/etc/locale.alias", "/dev/urandom",
	"/dev/random", "/dev/zero"};

/* Rights that only directories have are left out for files; a path that is not there needs no rule. */
static void
allow(int ruleset, const char *path, uint64_t rights)
{
	PathRule rule = {.rights = rights, .parent = open(path, O_PATH | O_CLOEXEC)};
	struct stat status;

	if (rule.parent < 0)
		return;
	if (fstat(rule.parent, &status) == 0 && !S_ISDIR(status.st_mode))
		rule.rights &= OF_FILES;
	(void) syscall(SYS_landlock_add_rule, ruleset, RULE_PATH, &rule, 0);
	close(rule.parent);
}

static void
allow_all(int ruleset, const char *const *paths, size_t count, uint64_t rights)
{
	for (size_t i = 0; i < count; i++)
		allow(ruleset, paths[i], rights);
}

/* Each line that is a path. */
static void
allow_lines(int ruleset, const char *path)
{
	char line[4096];
	FILE *file = fopen(path, "re");

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
	{
		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] == '/')
			allow(ruleset, line, READ);
	}
	if (file != NULL)
		fclose(file);
}

/* The directories that the machine's administrator gave to the dynamic linker. */
static void
allow_linker_directories(int ruleset)
{
	glob_t found;

	allow_lines(ruleset, "/etc/ld.so.conf");
	if (glob("/etc/ld.so.conf.d/*.conf", 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		allow_lines(ruleset, found.gl_pathv[i]);
	globfree(&found);
}

/* What the operator lists beside the program, one path a line. */
static void
allow_listed(int ruleset, const char *program)
{
	char path[4096];

	if (snprintf(path, sizeof(path), "%s" RG_FILES_SUFFIX, program) < (int) sizeof(path))
		allow_lines(ruleset, path);
}

static void
allow_program(int ruleset, const char *program, const RgImage *image)
{
	allow(ruleset, program, EXECUTE | READ_FILE);
	allow(ruleset, image->linker, EXECUTE | READ_FILE);
	if (*image->interpreter != '\0')
	{
		allow(ruleset, image->interpreter, EXECUTE | READ_FILE);
		allow_all(ruleset, language, LENGTHOF(language), READ);
	}
	allow_listed(ruleset, program);
}

static void
allow_port(int ruleset, uint64_t rights, uint16_t port)
{
	PortRule rule = {.rights = rights, .port = port};

	(void) syscall(SYS_landlock_add_rule, ruleset, RULE_PORT, &rule, 0);
}

/* Landlock knows ports, not addresses: what is vetted by address is not its affair. */
static uint64_t
network_rights(const RgRules *rules)
{
	bool by_address = rules->network == RG_NETWORK_DIAL || rules->network == RG_NETWORK_PLAIN;

	return by_address ? BIND_TCP : BIND_TCP | CONNECT_TCP;
}

static int
create(const RgRules *rules, int version)
{
	size_t last = LENGTHOF(rights_by_version) - 1;
	Ruleset ruleset = {.files = rights_by_version[(size_t) version < last ? (size_t) version : last],
					   .network = version >= 4 ? network_rights(rules) : 0,
					   .scopes = version >= 6 ? SCOPE_ABSTRACT | SCOPE_SIGNAL : 0};

	return (int) syscall(SYS_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0);
}

/* Everything below a directory that the program is given. A file that is open needs no rule. */
static void
allow_stored(int ruleset)
{
	PathRule rule = {.rights = READ, .parent = RG_PROGRAM_STORED_DESCRIPTOR};
	struct stat status;

	if (fstat(rule.parent, &status) == 0 && S_ISDIR(status.st_mode))
		(void) syscall(SYS_landlock_add_rule, ruleset, RULE_PATH, &rule, 0);
}

static void
fill(int ruleset, const RgRules *rules, const char *program, const RgImage *image)
{
	allow_all(ruleset, libraries, LENGTHOF(libraries), READ);
	allow_linker_directories(ruleset);
	allow_all(ruleset, readable, LENGTHOF(readable), READ);
	allow(ruleset, "/dev/null", READ_FILE | WRITE_FILE);
	for (int i = 0; i < rules->file_count; i++)
		allow(ruleset, rules->files[i], READ);
	if (rules->stored)
		allow_stored(ruleset);
	if (image != NULL)
		allow_program(ruleset, program, image);
	if (rules->local_port != 0)
		allow_port(ruleset, rules->profile == RG_PROFILE_TUNNEL ? BIND_TCP : CONNECT_TCP, rules->local_port);
}

int
rg_landlock_confine(const RgRules *rules, const char *program, const RgImage *image)
{
	int version = (int) syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION_FLAG);
	int ruleset = version < 0 ? -1 : create(rules, version);
	int error = 0;

	if (ruleset < 0)
		return errno;
	fill(ruleset, rules, program, image);
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		error = errno;
	close(ruleset);
	return error;
}
