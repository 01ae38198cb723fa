/*
 * filter.c — the filter of system calls: what is not in these lists answers ENOSYS, as from a kernel that has
 * not got the call, so that client libraries use what they would use there. README.md beside this file says
 * what each rule is for.
 */
#include "process/filter.h"

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LENGTHOF(array) (sizeof(array) / sizeof((array)[0]))

/* The kernel reads the lower half of an int argument, whatever the upper half is. */
#define LOW UINT64_C(0xffffffff)

/* With any arguments. Those that this architecture or this libseccomp does not know are passed over. */
static const char *const always_allowed[] = {
	/* memory */
	"brk", "mmap", "munmap", "mremap", "mprotect", "madvise", "mincore", "msync", "mlock", "mlock2",
	"munlock", "memfd_create", "membarrier", "get_mempolicy", "arch_prctl", "map_shadow_stack", "mseal",
	"riscv_flush_icache",
	/* threads and time */
	"futex", "futex_wait", "futex_wake", "futex_requeue", "futex_waitv", "set_robust_list", "get_robust_list",
	"set_tid_address", "rseq", "sched_yield", "sched_getaffinity", "sched_getparam", "sched_getscheduler",
	"sched_get_priority_max", "sched_get_priority_min", "getcpu", "clock_gettime", "clock_getres",
	"clock_nanosleep", "nanosleep", "gettimeofday", "time", "times", "getitimer", "setitimer", "alarm",
	"pause", "timer_create", "timer_settime", "timer_gettime", "timer_getoverrun", "timer_delete",
	"restart_syscall", "exit", "exit_group",
	/* signals, within this process */
	"rt_sigaction", "rt_sigprocmask", "rt_sigpending", "rt_sigsuspend", "rt_sigtimedwait", "rt_sigreturn",
	"sigaltstack", "signalfd", "signalfd4", "wait4", "waitid",
	/* what this process is */
	"getpid", "getppid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid",
	"getgroups", "getpgrp", "getpgid", "getsid", "capget", "getrusage", "getrlimit", "getpriority", "uname",
	"sysinfo", "umask", "getrandom",
	/* descriptors */
	"read", "readv", "pread64", "preadv", "preadv2", "write", "writev", "pwrite64", "pwritev", "pwritev2",
	"lseek", "close", "dup", "dup2", "dup3", "pipe", "pipe2", "eventfd", "eventfd2", "poll", "ppoll",
	"select", "pselect6", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait",
	"epoll_pwait2", "timerfd_create", "timerfd_settime", "timerfd_gettime", "fsync", "fdatasync", "ftruncate",
	"fallocate", "fadvise64", "readahead", "flock", "sendfile", "copy_file_range",
	/* files, whose contents Landlock guards */
	"stat", "lstat", "fstat", "newfstatat", "statx", "statfs", "fstatfs", "access", "faccessat", "faccessat2",
	"readlink", "readlinkat", "getdents", "getdents64", "getcwd",
	/* sockets that are there */
	"getsockname", "getpeername", "getsockopt", "recvfrom", "recvmsg", "recvmmsg", "shutdown"};

/* Of OpenSSH's client, which listens, and of ssh-keygen, which writes the key back. */
static const char *const tunnel_allowed[] = {"open", "openat", "bind", "listen", "accept", "accept4"};

static const int fcntl_commands[] = {F_DUPFD,     F_DUPFD_CLOEXEC, F_GETFD,      F_SETFD,
									 F_GETFL,     F_SETFL,         F_GETLK,      F_SETLK,
									 F_SETLKW,    F_OFD_GETLK,     F_OFD_SETLK,  F_OFD_SETLKW,
									 F_ADD_SEALS, F_GET_SEALS,     F_GETPIPE_SZ, F_SETPIPE_SZ};

static const unsigned ioctl_requests[] = {FIONREAD, FIONBIO, FIOCLEX, FIONCLEX, TCGETS, TIOCGWINSZ};

static const int prctl_options[] = {PR_SET_NAME,        PR_GET_NAME,       PR_GET_DUMPABLE,
									PR_GET_PDEATHSIG,   PR_CAPBSET_READ,   PR_GET_NO_NEW_PRIVS,
									PR_GET_SECCOMP,     PR_SET_TIMERSLACK, PR_GET_TIMERSLACK,
									PR_GET_TID_ADDRESS, 0x53564d41 /* PR_SET_VMA */};

/* A socket may go another way than to its vetted address by other options: routing headers, devices, fast
 * open. */
static const struct
{
	int level;
	int option;
} socket_options[] = {{SOL_SOCKET, SO_KEEPALIVE},
					  {SOL_SOCKET, SO_REUSEADDR},
					  {SOL_SOCKET, SO_RCVTIMEO},
					  {SOL_SOCKET, SO_SNDTIMEO},
					  {SOL_SOCKET, SO_RCVBUF},
					  {SOL_SOCKET, SO_SNDBUF},
					  {SOL_SOCKET, SO_LINGER},
					  {SOL_SOCKET, SO_OOBINLINE},
					  {SOL_SOCKET, 66 /* SO_RCVTIMEO_NEW */},
					  {SOL_SOCKET, 67 /* SO_SNDTIMEO_NEW */},
					  {IPPROTO_TCP, TCP_NODELAY},
					  {IPPROTO_TCP, TCP_KEEPIDLE},
					  {IPPROTO_TCP, TCP_KEEPINTVL},
					  {IPPROTO_TCP, TCP_KEEPCNT},
					  {IPPROTO_TCP, TCP_USER_TIMEOUT},
					  {IPPROTO_TCP, TCP_CORK},
					  {IPPROTO_TCP, TCP_QUICKACK},
					  {IPPROTO_TCP, TCP_SYNCNT},
					  {IPPROTO_TCP, TCP_NOTSENT_LOWAT},
					  {IPPROTO_IP, IP_TOS},
					  {IPPROTO_IP, IP_RECVERR},
					  {IPPROTO_IPV6, IPV6_TCLASS},
					  {IPPROTO_IPV6, IPV6_V6ONLY},
					  {IPPROTO_IPV6, IPV6_RECVERR}};

#define CLONE_NAMESPACES                                                                                     \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |            \
	 CLONE_NEWNET)

/* For writing, making, emptying. */
#define OPEN_TO_CHANGE ((O_ACCMODE | O_CREAT | O_TRUNC | O_TMPFILE) & ~O_DIRECTORY)

static bool
allow(scmp_filter_ctx filter, const char *name, unsigned count, const struct scmp_arg_cmp *arguments)
{
	int call = seccomp_syscall_resolve_name(name);

	return call < 0 || seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, count, arguments) == 0;
}

#define ALLOW(filter, name, ...)                                                                             \
	allow(filter, name, LENGTHOF(((struct scmp_arg_cmp[]){__VA_ARGS__})),                                    \
		  (struct scmp_arg_cmp[]){__VA_ARGS__})

/* The argument is this, and its upper half whatever it may be; of the bits in mask only these. */
#define IS(number, value)             SCMP_CMP(number, SCMP_CMP_MASKED_EQ, LOW, (scmp_datum_t) (value) &LOW)
#define HAS_BITS(number, mask, value) SCMP_CMP(number, SCMP_CMP_MASKED_EQ, mask, value)

static bool
allow_names(scmp_filter_ctx filter, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!allow(filter, names[i], 0, NULL))
			return false;
	return true;
}

/* The process may signal itself: abort() does. A group, or what it traces, it may not. */
static bool
allow_own_signals(scmp_filter_ctx filter)
{
	pid_t own = getpid();

	return ALLOW(filter, "kill", IS(0, own)) && ALLOW(filter, "tgkill", IS(0, own)) &&
		   ALLOW(filter, "rt_sigqueueinfo", IS(0, own)) && ALLOW(filter, "rt_tgsigqueueinfo", IS(0, own));
}

/* fcntl() and ioctl() could also let the kernel send signals to other processes. */
static bool
allow_requests(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < LENGTHOF(fcntl_commands); i++)
		if (!ALLOW(filter, "fcntl", IS(1, fcntl_commands[i])))
			return false;
	for (size_t i = 0; i < LENGTHOF(ioctl_requests); i++)
		if (!ALLOW(filter, "ioctl", IS(1, ioctl_requests[i])))
			return false;
	if (!ALLOW(filter, "close_range", HAS_BITS(2, CLOSE_RANGE_UNSHARE, 0)))
		return false;
	for (size_t i = 0; i < LENGTHOF(prctl_options); i++)
		if (!ALLOW(filter, "prctl", IS(0, prctl_options[i])))
			return false;
	for (size_t i = 0; i < LENGTHOF(socket_options); i++)
		if (!ALLOW(filter, "setsockopt", IS(1, socket_options[i].level), IS(2, socket_options[i].option)))
			return false;
	return true;
}

static bool
allow_files(scmp_filter_ctx filter)
{
	return ALLOW(filter, "open", HAS_BITS(1, OPEN_TO_CHANGE, 0)) &&
		   ALLOW(filter, "openat", HAS_BITS(2, OPEN_TO_CHANGE, 0)) &&
		   ALLOW(filter, "fchmod", IS(1, S_IRUSR | S_IWUSR)) && /* memory files of keys */
		   ALLOW(filter, "personality", IS(0, -1));
}

/*
 * Threads that share the descriptors: a table of its own would give each thread the limit again. The
 * supervisor counts them where it has a listener. Limits are asked for, not set.
 */
static bool
allow_threads(scmp_filter_ctx filter, const RgRules *rules)
{
	uint32_t action = rg_rules_listen(rules) ? SCMP_ACT_NOTIFY : SCMP_ACT_ALLOW;
	struct scmp_arg_cmp shared =
		HAS_BITS(0, CLONE_THREAD | CLONE_FILES | CLONE_NAMESPACES, CLONE_THREAD | CLONE_FILES);

	return seccomp_rule_add(filter, action, SCMP_SYS(clone), 1, shared) == 0 &&
		   ALLOW(filter, "prlimit64", IS(0, 0), SCMP_CMP(2, SCMP_CMP_EQ, 0));
}

/* A pair is connected to itself; pairs of datagram sockets could still send to other Unix sockets. */
static bool
allow_sending(scmp_filter_ctx filter)
{
	return ALLOW(filter, "socketpair", IS(0, AF_UNIX), HAS_BITS(1, 0xf, SOCK_STREAM), IS(2, 0)) &&
		   ALLOW(filter, "sendto", HAS_BITS(3, MSG_FASTOPEN, 0), SCMP_CMP(4, SCMP_CMP_EQ, 0)) &&
		   ALLOW(filter, "sendmsg", HAS_BITS(2, MSG_FASTOPEN, 0)) &&
		   ALLOW(filter, "sendmmsg", HAS_BITS(3, MSG_FASTOPEN, 0));
}

static bool
allow_tcp(scmp_filter_ctx filter, int family)
{
	return ALLOW(filter, "socket", IS(0, family), HAS_BITS(1, 0xf, SOCK_STREAM), IS(2, 0)) &&
		   ALLOW(filter, "socket", IS(0, family), HAS_BITS(1, 0xf, SOCK_STREAM), IS(2, IPPROTO_TCP));
}

static bool
notify(scmp_filter_ctx filter, int call)
{
	return seccomp_rule_add(filter, SCMP_ACT_NOTIFY, call, 0) == 0;
}

static bool
allow_network(scmp_filter_ctx filter, RgNetworkMode mode)
{
	if (mode == RG_NETWORK_NONE)
		return true;
	if (mode != RG_NETWORK_PLAIN)
		return notify(filter, SCMP_SYS(socket)) && notify(filter, SCMP_SYS(connect));
	return allow_tcp(filter, AF_INET) && allow_tcp(filter, AF_INET6) && allow(filter, "connect", 0, NULL);
}

/* glibc asks name servers over UDP first. This process has only its own code when it resolves. */
static bool
allow_resolving(scmp_filter_ctx filter)
{
	return ALLOW(filter, "socket", IS(0, AF_INET), HAS_BITS(1, 0xf, SOCK_DGRAM)) &&
		   ALLOW(filter, "socket", IS(0, AF_INET6), HAS_BITS(1, 0xf, SOCK_DGRAM));
}

static bool
allow_execution(scmp_filter_ctx filter, const RgExecution *execution)
{
	return ALLOW(filter, "execve", SCMP_CMP(0, SCMP_CMP_EQ, (scmp_datum_t) execution->path),
				 SCMP_CMP(1, SCMP_CMP_EQ, (scmp_datum_t) execution->arguments),
				 SCMP_CMP(2, SCMP_CMP_EQ, (scmp_datum_t) execution->environment));
}

static bool
allow_profile(scmp_filter_ctx filter, const RgRules *rules, const RgExecution *execution)
{
	bool allowed = rules->profile == RG_PROFILE_TUNNEL
					   ? allow_names(filter, tunnel_allowed, LENGTHOF(tunnel_allowed))
					   : allow_files(filter);

	return allowed && allow_own_signals(filter) && allow_threads(filter, rules) &&
		   (execution != NULL ? allow_execution(filter, execution) : allow_resolving(filter));
}

static bool
add_rules(scmp_filter_ctx filter, const RgRules *rules, const RgExecution *execution)
{
	return seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS)) == 0 &&
		   seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0 &&
		   allow_names(filter, always_allowed, LENGTHOF(always_allowed)) && allow_requests(filter) &&
		   allow_sending(filter) && allow_network(filter, rules->network) &&
		   allow_profile(filter, rules, execution);
}

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
build(const RgRules *rules, const RgExecution *execution, struct sock_fprog *program)
{
	scmp_filter_ctx filter;
	bool built;

	/* libseccomp asks the running kernel what it has; the program is loaded without it, and tells better. */
	seccomp_api_set(5);
	filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	built = filter != NULL && add_rules(filter, rules, execution) && export(filter, program);
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
rg_filter_load(const RgRules *rules, const RgExecution *execution, RgMeans *means, int *listener)
{
	RgRules unserved = *rules;
	struct sock_fprog program;

	*listener = -1;
	if (rg_rules_listen(rules) && build(rules, execution, &program))
	{
		*listener = install_with_listener(&program);
		if (*listener >= 0)
			return;
		means->listener = errno;
	}
	rg_rules_forgo_listener(&unserved);
	if (!build(&unserved, execution, &program))
		means->filter = ENOMEM;
	else if (install(0, &program) < 0)
		means->filter = errno;
}
