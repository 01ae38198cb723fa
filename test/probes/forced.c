/* forced WHAT PROGRAM [ARGUMENT…]: executes the program where something is missing that a dialer needs.
 *   busy    this process has a filter with a listener already
 *   kernel  no socket can be handed over as an answer
 *   memory  nothing of processes below /proc can be read
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
load(struct sock_filter *code, unsigned short length, unsigned long flags)
{
	struct sock_fprog program = {length, code};
	int result = (int) syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);

	if (result < 0)
		err(1, "seccomp");
	return result;
}

/* The listener is there as long as a process holds it. */
static void
force_busy(void)
{
	struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	int listener = load(code, 1, SECCOMP_FILTER_FLAG_NEW_LISTENER);

	if (fork() == 0)
	{
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (int i = 0; i < 16; i++)
		{
			if (i != listener)
				close(i);
		}
		pause();
	}
	close(listener);
}

static void
force_kernel(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned) SECCOMP_IOCTL_NOTIF_ADDFD, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 22),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	load(code, sizeof(code) / sizeof(*code), 0);
}

static void
allow_below(int ruleset, const char *path)
{
	struct landlock_path_beneath_attr rule = {LANDLOCK_ACCESS_FS_READ_FILE, open(path, O_PATH | O_CLOEXEC)};

	if (rule.parent_fd >= 0 &&
		syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
		warn("%s", path);
	close(rule.parent_fd);
}

static void
force_memory(void)
{
	struct landlock_ruleset_attr attributes = {.handled_access_fs = LANDLOCK_ACCESS_FS_READ_FILE};
	int ruleset = (int) syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
	DIR *root = opendir("/");

	if (ruleset < 0 || root == NULL)
		err(1, "Landlock");
	for (struct dirent *entry = readdir(root); entry != NULL; entry = readdir(root))
	{
		char path[300];

		snprintf(path, sizeof(path), "/%s", entry->d_name);
		if (entry->d_name[0] != '.' && entry->d_type == DT_DIR && strcmp(entry->d_name, "proc") != 0)
			allow_below(ruleset, path);
	}
	closedir(root);
	allow_below(ruleset, "/proc/sys");
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		err(1, "Landlock");
	close(ruleset);
}

int
main(int argc, char **argv)
{
	if (argc < 3 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return 64;
	if (strcmp(argv[1], "busy") == 0)
		force_busy();
	else if (strcmp(argv[1], "kernel") == 0)
		force_kernel();
	else if (strcmp(argv[1], "memory") == 0)
		force_memory();
	else
		return 64;
	execv(argv[2], argv + 2);
	err(1, "%s", argv[2]);
}
