#include "process/filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The program of a filter, as the kernel takes it. It is never freed: the process soon executes another. */
static bool export(scmp_filter_ctx filter, struct sock_fprog *program)
{
	int file = memfd_create("filter", MFD_CLOEXEC);
	off_t length;

	if (file < 0 || seccomp_export_bpf(filter, file) != 0 || (length = lseek(file, 0, SEEK_END)) <= 0)
		return false;
	program->len = (unsigned short) ((size_t) length / sizeof(struct sock_filter));
	program->filter = malloc((size_t) length);
	if (program->filter == NULL || pread(file, program->filter, (size_t) length, 0) != length)
		return false;
	close(file);
	return true;
}

static bool
add_rules(scmp_filter_ctx filter, const RgRules *rules)
{
	if (rules->network != RG_NETWORK_DIAL && rules->network != RG_NETWORK_LOCAL)
		return true;
	return seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(socket), 0) == 0 &&
		   seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(connect), 0) == 0;
}

static bool
build(const RgRules *rules, struct sock_fprog *program)
{
	scmp_filter_ctx filter;
	bool built;

	/* libseccomp asks the running kernel what it has; the program is loaded without it, and tells better. */
	seccomp_api_set(5);
	filter = seccomp_init(SCMP_ACT_ALLOW);
	built = filter != NULL && add_rules(filter, rules) && export(filter, program);
	seccomp_release(filter);
	return built;
}

static int
install(unsigned flags, const struct sock_fprog *program)
{
	return (int) syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);
}

/* Without the second flag (Linux 5.19), a signal handler of a client library restarts a connect under way. */
static int
install_with_listener(const struct sock_fprog *program)
{
	int listener =
		install(SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, program);

	if (listener < 0 && errno == EINVAL)
		listener = install(SECCOMP_FILTER_FLAG_NEW_LISTENER, program);
	return listener;
}

void
rg_filter_load(const RgRules *rules, RgMeans *means, int *listener)
{
	bool dials = rules->network == RG_NETWORK_DIAL || rules->network == RG_NETWORK_LOCAL;
	RgRules plain = *rules;
	struct sock_fprog program;

	*listener = -1;
	if (dials && build(rules, &program))
	{
		*listener = install_with_listener(&program);
		if (*listener >= 0)
			return;
		means->listener = errno;
	}
	plain.network = dials ? RG_NETWORK_PLAIN : rules->network;
	if (!build(&plain, &program))
		means->filter = ENOMEM;
	else if (install(0, &program) < 0)
		means->filter = errno;
}
