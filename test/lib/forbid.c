/*
 * forbid.c — runs a program where the kernel lacks something, or a container manager forbids it.
 *
 *   forbid [<call>[:<argument>:<bits>]=<errno> …] [listener] [adopt] -- <program> [argument …]
 *
 * A call answers the errno, with an argument only if all of these bits are set in it. listener: the program
 * is under a filter whose listener another process holds, as some container managers do.
 */
#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static void
die(const char *what)
{
	fprintf(stderr, "forbid: %s\n", what);
	exit(64);
}

static int
number_of(const char *name)
{
	for (int i = 1; i < 200; i++)
		if (strerrorname_np(i) != NULL && strcmp(strerrorname_np(i), name) == 0)
			return i;
	die(name);
	return 0;
}

static void
forbid(scmp_filter_ctx filter, char *word)
{
	char *error = strchr(word, '=');
	char *argument = strchr(word, ':');
	char *bits = argument != NULL ? strchr(argument + 1, ':') : NULL;
	struct scmp_arg_cmp when = {0};

	if (error == NULL)
		die(word);
	*error++ = '\0';
	if (bits != NULL)
	{
		scmp_datum_t mask = strtoull(bits + 1, NULL, 0);

		*argument = '\0';
		when = SCMP_CMP((unsigned) atoi(argument + 1), SCMP_CMP_MASKED_EQ, mask, mask);
	}
	if (seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(number_of(error)), seccomp_syscall_resolve_name(word),
							   bits != NULL, &when) != 0)
		die(word);
}

/* Another process holds the listener, as long as this one lives. */
static void
give_away(int listener)
{
	pid_t pid = fork();

	if (pid == 0)
	{
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (int i = 0; i <= 2; i++)
			close(i);
		for (;;)
			pause();
	}
	close(listener);
}

static void
hold_listener(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW);
	if (seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(acct), 0) != 0 || seccomp_load(filter) != 0)
		die("listener");
	give_away(seccomp_notify_fd(filter));
}

int
main(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
	{
		if (strcmp(argv[i], "listener") == 0)
			hold_listener();
		else if (strcmp(argv[i], "adopt") == 0)
			prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
		else
			forbid(filter, argv[i]);
	}
	/* What the program does in other architectures is not this filter's affair. */
	seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW);
	if (i + 1 >= argc)
		die("no program");
	if (seccomp_load(filter) != 0)
		die("the filter cannot be loaded");
	execvp(argv[i + 1], argv + i + 1);
	die(argv[i + 1]);
}
