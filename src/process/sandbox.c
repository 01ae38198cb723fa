/*
 * sandbox.c — rivergen.sandbox_minimum, and what an operator can do about a feature that is missing.
 */
#include "process/sandbox.h"

#include "utils/guc.h"

static const struct config_enum_entry levels[] = {{"basic", RG_BASIC, false},
												  {"filtered", RG_FILTERED, false},
												  {"confined", RG_CONFINED, false},
												  {"full", RG_FULL, false},
												  {NULL, 0, false}};

static int minimum = RG_BASIC;

void
rg_sandbox_init(void)
{
	DefineCustomEnumVariable(
		"rivergen.sandbox_minimum", "The least confinement with which connectors may run.",
		"basic, filtered (also system calls), confined (also files) or full (also connections). check() "
		"shows the level that this server reaches.",
		&minimum, RG_BASIC, levels, PGC_SIGHUP, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
}

RgLevel
rg_sandbox_minimum(void)
{
	return (RgLevel) minimum;
}

typedef struct Remedy
{
	const char *feature;
	const char *reason; /* NULL: any other */
	const char *text;
} Remedy;

static const Remedy remedies[] = {
	{"landlock", "EOPNOTSUPP", "Add landlock to the list of the kernel's boot parameter lsm=."},
	{"landlock", NULL,
	 "Use Linux 5.13 or later with Landlock built in; in a container, a seccomp profile that allows "
	 "landlock_create_ruleset, landlock_add_rule and landlock_restrict_self."},
	{"filter", NULL,
	 "Use a kernel with CONFIG_SECCOMP_FILTER, and a container or service manager that lets the server's "
	 "processes install seccomp filters."},
	{"dialer", "kernel", "Use Linux 5.14 or later."},
	{"dialer", "yama", "Set kernel.yama.ptrace_scope to 0 or 1 (sysctl)."},
	{"dialer", "busy",
	 "Run the server's container with a seccomp profile that does not use SCMP_ACT_NOTIFY: the container manager "
	 "listens itself."},
	{"dialer", "filter",
	 "Let the server's processes install seccomp filters: the container's or the service manager's profile forbids the "
	 "call seccomp()."},
	{"dialer", "unreadable", "Let the server's user read the connectors (chmod a+r)."},
	{"dialer", "memory",
	 "Mount /proc, and let no security module forbid the server's processes to read /proc/PID/mem of their children."},
};

const char *
rg_sandbox_remedy(const char *feature, const char *reason)
{
	for (int i = 0; i < (int) lengthof(remedies); i++)
	{
		const Remedy *remedy = &remedies[i];

		if (strcmp(remedy->feature, feature) == 0 &&
			(remedy->reason == NULL || strcmp(remedy->reason, reason) == 0))
			return remedy->text;
	}
	return "See docs/troubleshooting.md.";
}
