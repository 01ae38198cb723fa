/*
 * escape.c — a connector that tries to get out of its sandbox, and tells as the names of relations what came
 * of each attempt: a name and the errno, or WORKED. The source's metadata (endpoint.options) names what it is
 * after: data_directory, hidden (the key file), victim (a process of the same user), catalog_port (of a
 * server on 127.0.0.1).
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <linux/sched.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <linux/close_range.h>
#include <pthread.h>
#include <stdarg.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static char data_directory[1024];
static char key_file[1024];
static pid_t victim;
static int port;
static int relations;

static void
tell(const char *name, long result)
{
	const char *outcome = result >= 0 ? "WORKED" : strerrorname_np(errno);

	printf(
		"{\"frame\":\"relation\",\"schema\":\"escapes\",\"name\":\"%s %s\",\"kind\":\"attempt\",\"columns\":0,"
		"\"document\":{\"columns\":[]}}\n",
		name, outcome);
	fflush(stdout);
	relations++;
}

#define TRY(name, ...)  (errno = 0, tell(name, (long) (__VA_ARGS__)))
#define CALL(name, ...) TRY(#name, syscall(SYS_##name, __VA_ARGS__))

/* A path below the data directory, of a process, of a descriptor; the last one that was made. */
static const char *
path(const char *format, ...)
{
	static char made[2048];
	va_list values;

	va_start(values, format);
	vsnprintf(made, sizeof(made), format, values);
	va_end(values);
	return made;
}

static const char *
data(const char *name)
{
	return path("%s/%s", data_directory, name);
}

static void
read_files(void)
{
	TRY("read the data directory", open(data("PG_VERSION"), O_RDONLY));
	TRY("list the data directory", open(data_directory, O_RDONLY | O_DIRECTORY));
	TRY("read the data directory by another way",
		open(path("/proc/self/root%s/PG_VERSION", data_directory), O_RDONLY));
	TRY("read the data directory from it", openat(open(data_directory, O_PATH), "PG_VERSION", O_RDONLY));
	TRY("read the key file", open(key_file, O_RDONLY));
	TRY("read the users", open("/etc/passwd", O_RDONLY));
	TRY("read the supervisor's memory", open(path("/proc/%d/mem", getppid()), O_RDONLY));
	TRY("read the supervisor's environment", open(path("/proc/%d/environ", getppid()), O_RDONLY));
	TRY("read another process's memory", open(path("/proc/%d/mem", victim), O_RDONLY));
	TRY("read another process's environment", open(path("/proc/%d/environ", victim), O_RDONLY));
	TRY("list processes", open("/proc", O_RDONLY | O_DIRECTORY));
}

static void
change_files(void)
{
	struct open_how
	{
		uint64_t flags, mode, resolve;
	} how = {O_CREAT | O_WRONLY, 0600, 0};
	const char *file = strdup(data("postgresql.auto.conf"));
	const char *made = strdup(data("escaped"));
	struct stat status;

	TRY("create in the data directory", open(made, O_CREAT | O_WRONLY, 0600));
	TRY("create in /tmp", open("/tmp/rivergen-escaped", O_CREAT | O_RDONLY, 0600));
	TRY("create in /dev/shm", open("/dev/shm/rivergen-escaped", O_CREAT | O_RDWR, 0600));
	TRY("create without a name", open("/tmp", O_TMPFILE | O_RDWR, 0600));
	TRY("write a file", open(file, O_WRONLY));
	TRY("write and read a file", open(file, O_RDWR));
	TRY("empty a file", open(file, O_RDONLY | O_TRUNC));
#ifdef SYS_open
	TRY("the call open", syscall(SYS_open, file, O_RDWR, 0));
#endif
	TRY("open2", syscall(437 /* openat2 */, AT_FDCWD, made, &how, sizeof(how)));
	CALL(truncate, file, 0);
	CALL(unlinkat, AT_FDCWD, made, 0);
	CALL(renameat2, AT_FDCWD, made, AT_FDCWD, data("moved"), 0);
	CALL(mkdirat, AT_FDCWD, made, 0700);
	CALL(mknodat, AT_FDCWD, made, S_IFIFO | 0600, 0);
	CALL(symlinkat, "/", AT_FDCWD, made);
	CALL(linkat, AT_FDCWD, file, AT_FDCWD, made, 0);
	CALL(fchmodat, AT_FDCWD, data_directory, 0700);
	CALL(fchownat, AT_FDCWD, data_directory, getuid(), getgid(), 0);
	CALL(utimensat, AT_FDCWD, data_directory, NULL, 0);
	CALL(setxattr, data_directory, "user.a", "b", 1, 0);
	TRY("change a mode but to 0600", fchmod(memfd_create("a", 0), 0700));
	CALL(chdir, data_directory);
	CALL(inotify_init1, 0);
	CALL(name_to_handle_at, AT_FDCWD, data_directory, &status, &status, 0);
}

/* A program in memory: the file that runs this one, or one of its own. */
static int
program_in_memory(void)
{
	int file = memfd_create("program", 0);
	int self = open("/proc/self/exe", O_RDONLY);
	char bytes[4096];
	ssize_t length;

	while ((length = read(self, bytes, sizeof(bytes))) > 0)
		if (write(file, bytes, (size_t) length) != length)
			break;
	close(self);
	return file;
}

static void
execute(void)
{
	char *shell[] = {"/bin/sh", "-c", "exit 9", NULL};
	char *linker[] = {"/lib64/ld-linux-x86-64.so.2", "/bin/true", NULL};
	char self[1024] = {0};
	int file = program_in_memory();

	TRY("execute a shell", execve("/bin/sh", shell, environ));
	TRY("execute by the dynamic linker", execve(linker[0], linker, environ));
	TRY("execute itself",
		readlink("/proc/self/exe", self, sizeof(self) - 1) > 0 ? execve(self, shell, environ) : 0);
	TRY("execute from memory", execve(path("/proc/self/fd/%d", file), shell, environ));
	TRY("execute a descriptor", syscall(SYS_execveat, file, "", shell, environ, AT_EMPTY_PATH));
	TRY("execute a shell from a directory", syscall(SYS_execveat, AT_FDCWD, "/bin/sh", shell, environ, 0));
}

/* A child that was made goes away. */
static long
and_end(long pid)
{
	if (pid == 0)
		_exit(0);
	return pid;
}

static void
start_processes(void)
{
	struct clone_args arguments = {.exit_signal = SIGCHLD};

	TRY("fork", and_end(syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL)));
	TRY("fork as a brother", and_end(syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL)));
	TRY("clone3", and_end(syscall(SYS_clone3, &arguments, sizeof(arguments))));
#ifdef SYS_fork
	TRY("the call fork", and_end(syscall(SYS_fork)));
#endif
	TRY("a process in a user namespace",
		and_end(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL)));
	TRY("a thread in a namespace",
		syscall(SYS_clone, CLONE_THREAD | CLONE_SIGHAND | CLONE_VM | CLONE_NEWUSER, NULL, NULL, NULL, NULL));
	TRY("a thread with descriptors of its own",
		syscall(SYS_clone, CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, NULL, NULL, NULL, NULL));
	TRY("descriptors of its own", syscall(SYS_close_range, 900, 900, CLOSE_RANGE_UNSHARE));
	CALL(unshare, CLONE_NEWUSER);
	CALL(setns, 0, 0);
	TRY("setsid", setsid());
	CALL(setpgid, 0, getppid());
}

static void
reach_processes(void)
{
	struct f_owner
	{
		int type;
		pid_t pid;
	} owner = {1 /* F_OWNER_PID */, victim};
	siginfo_t info = {.si_code = SI_QUEUE};
	int pair[2];
	int own = victim;

	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	TRY("signal the supervisor", kill(getppid(), SIGCONT));
	TRY("signal another process", kill(victim, SIGCONT));
	TRY("signal every process", kill(-1, 0));
	TRY("signal the group", kill(0, SIGCONT));
	CALL(tkill, victim, SIGCONT);
	CALL(tgkill, victim, victim, SIGCONT);
	CALL(rt_sigqueueinfo, victim, SIGCONT, &info);
	CALL(rt_tgsigqueueinfo, victim, victim, SIGCONT, &info);
	CALL(pidfd_open, victim, 0);
	CALL(pidfd_send_signal, 0, SIGCONT, NULL, 0);
	CALL(pidfd_getfd, 0, 0, 0);
	TRY("signal by a descriptor", fcntl(pair[0], F_SETOWN, victim));
	TRY("signal by a descriptor of another kind", fcntl(pair[0], F_SETOWN_EX, &owner));
	TRY("choose a descriptor's signal", fcntl(pair[0], F_SETSIG, SIGCONT));
	TRY("signal by an ioctl", ioctl(pair[0], FIOSETOWN, &own));
	TRY("trace another process", ptrace(PTRACE_SEIZE, victim, NULL, NULL));
	TRY("trace the supervisor", ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
	TRY("be traced", ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	CALL(process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
	CALL(process_vm_writev, getppid(), NULL, 0, NULL, 0, 0);
	CALL(kcmp, getpid(), getppid(), 0, 0, 0);
	CALL(setpriority, PRIO_PROCESS, 0, 1);
	CALL(sched_setaffinity, victim, 0, NULL);
}

static void
undo_confinement(void)
{
	struct rlimit limit = {1, 1};

	TRY("outlive the supervisor", prctl(PR_SET_PDEATHSIG, 0));
	TRY("hide from the supervisor", prctl(PR_SET_DUMPABLE, 0));
	TRY("choose a tracer", prctl(PR_SET_PTRACER, victim));
	TRY("move the heap", prctl(PR_SET_MM, PR_SET_MM_BRK, 0, 0, 0));
	TRY("adopt orphans", prctl(PR_SET_CHILD_SUBREAPER, 1));
	TRY("an own filter", prctl(PR_SET_SECCOMP, 2, NULL));
	CALL(seccomp, 2 /* SECCOMP_GET_ACTION_AVAIL */, 0, &(uint32_t){0});
	TRY("limits of another process", syscall(SYS_prlimit64, getppid(), RLIMIT_CPU, NULL, &limit));
	TRY("limits of its own", syscall(SYS_prlimit64, 0, RLIMIT_CORE, &limit, NULL));
	TRY("addresses that can be foretold", syscall(SYS_personality, 0x40000));
	CALL(landlock_create_ruleset, NULL, 0, 1);
}

static void
reach_the_kernel(void)
{
	char bytes[256] = {0};

	CALL(io_uring_setup, 1, bytes);
	CALL(io_setup, 1, bytes);
	CALL(bpf, 0, bytes, sizeof(bytes));
	CALL(perf_event_open, bytes, 0, -1, -1, 0);
	CALL(userfaultfd, 1 /* UFFD_USER_MODE_ONLY */);
	CALL(keyctl, 0, -3, 0);
	CALL(add_key, "user", "a", "b", 1, -3);
	CALL(request_key, "user", "a", NULL, 0);
	CALL(fanotify_init, 0x200, O_RDONLY);
	CALL(mount, "none", "/tmp", "tmpfs", 0, NULL);
	CALL(fsopen, "tmpfs", 0);
	CALL(open_tree, AT_FDCWD, "/", 1);
	CALL(chroot, "/tmp");
	CALL(shmget, 0x7267, 4096, 01000 | 0600);
	CALL(semget, 0x7267, 1, 01000 | 0600);
	CALL(msgget, 0x7267, 01000 | 0600);
	CALL(mq_open, "/rivergen", O_CREAT | O_RDWR, 0600, NULL);
	CALL(syslog, 3, bytes, sizeof(bytes));
	CALL(vmsplice, 1, NULL, 0, 0);
	CALL(splice, 0, NULL, 1, NULL, 0, 0);
	TRY("put a character into a terminal", ioctl(0, TIOCSTI, "x"));
#ifdef __x86_64__
	CALL(modify_ldt, 0, bytes, 0);
	TRY("a call of the architecture x32", syscall(0x40000000 | SYS_getpid));
#endif
}

#ifdef __x86_64__
/* In one that is not emulated the instruction is a fault. */
static void
end_of_emulation(int number)
{
	errno = ENOSYS;
	tell("a call of the architecture i386", -1);
	_exit(0);
}

static void
call_i386(void)
{
	long result;

	signal(SIGSEGV, end_of_emulation);
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(20 /* getpid */) : "memory", "r8", "r9", "r10", "r11");
	errno = result < 0 ? (int) -result : 0;
	tell("a call of the architecture i386", result < 0 ? -1 : 0);
	signal(SIGSEGV, SIG_DFL);
}
#else
static void
call_i386(void)
{
}
#endif

static void
make_sockets(void)
{
	int pair[2];

	TRY("a Unix socket", socket(AF_UNIX, SOCK_STREAM, 0));
	TRY("a pair of Unix datagram sockets", socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	TRY("a netlink socket", socket(AF_NETLINK, SOCK_RAW, 0));
	TRY("a raw socket", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
	TRY("a ping socket", socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
	TRY("a packet socket", socket(AF_PACKET, SOCK_RAW, 0));
	TRY("a socket between virtual machines", socket(AF_VSOCK, SOCK_STREAM, 0));
	TRY("a socket of the kernel's ciphers", socket(AF_ALG, SOCK_SEQPACKET, 0));
	TRY("a multipath socket", socket(AF_INET, SOCK_STREAM, 262));
	TRY("an SCTP socket", socket(AF_INET, SOCK_STREAM, 132));
	TRY("a UDP socket", socket(AF_INET, SOCK_DGRAM, 0));
	TRY("a UDP socket over IPv6", socket(AF_INET6, SOCK_DGRAM, 0));
	TRY("a TCP socket", socket(AF_INET, SOCK_STREAM, 0));
}

static void
go_other_ways(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t) port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in anywhere = {.sin_family = AF_INET};
	struct iovec vector = {"x", 1};
	struct mmsghdr message = {
		.msg_hdr = {
			.msg_name = &address, .msg_namelen = sizeof(address), .msg_iov = &vector, .msg_iovlen = 1}};
	unsigned char header[24] = {0, 2, 2, 1};
	struct
	{
		uint16_t length;
		void *program;
	} program = {0, NULL};
	int tcp = socket(AF_INET, SOCK_STREAM, 0);
	int tcp6 = socket(AF_INET6, SOCK_STREAM, 0);
	int on = 1;

	TRY("bind to a port", bind(tcp, (struct sockaddr *) &anywhere, sizeof(anywhere)));
	TRY("listen", listen(tcp, 1));
	CALL(accept4, tcp, NULL, NULL, 0);
	TRY("send to an address", sendto(tcp, "x", 1, 0, (struct sockaddr *) &address, sizeof(address)));
	TRY("fast open by sendto",
		sendto(tcp, "x", 1, MSG_FASTOPEN, (struct sockaddr *) &address, sizeof(address)));
	TRY("fast open by sendmsg", sendmsg(tcp, &message.msg_hdr, MSG_FASTOPEN));
	TRY("fast open by sendmmsg", sendmmsg(tcp, &message, 1, MSG_FASTOPEN));
	TRY("fast open by connect", setsockopt(tcp, IPPROTO_TCP, 30 /* TCP_FASTOPEN_CONNECT */, &on, sizeof(on)));
	TRY("a source route",
		setsockopt(tcp, IPPROTO_IP, 4 /* IP_OPTIONS */, "\x83\x07\x04\x7f\x00\x00\x01\x00", 8));
	TRY("a routing header", setsockopt(tcp6, IPPROTO_IPV6, 57 /* IPV6_RTHDR */, header, sizeof(header)));
	TRY("another family", setsockopt(tcp6, IPPROTO_IPV6, 1 /* IPV6_ADDRFORM */, &on, sizeof(on)));
	TRY("a device", setsockopt(tcp, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	TRY("a filter of packets", setsockopt(tcp, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)));
	TRY("another protocol above", setsockopt(tcp, IPPROTO_TCP, 31 /* TCP_ULP */, "tls", 3));
	TRY("connect to this machine", connect(tcp, (struct sockaddr *) &address, sizeof(address)));
}

static void *
nothing(void *argument)
{
	return argument;
}

static long
run_thread(void)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, nothing, NULL);
	return errno != 0 ? -1 : pthread_join(thread, NULL);
}

/* A key as client libraries read it: from a file that only this user may read. */
static long
keep_key(void)
{
	int file = memfd_create("key", MFD_CLOEXEC);

	return write(file, "x", 1) == 1 && fchmod(file, 0600) == 0
			   ? open(path("/proc/self/fd/%d", file), O_RDONLY)
			   : -1;
}

static long
convert(void)
{
	iconv_t converter = iconv_open("UTF-8", "EUC-JP");

	return converter == (iconv_t) -1 ? -1 : iconv_close(converter);
}

/* What client libraries do must work. */
static void
work(void)
{
	int pair[2];

	TRY("work: a thread", run_thread());
	TRY("work: a key in memory", keep_key());
	TRY("work: a character set", convert());
	TRY("work: a module", dlopen("libseccomp.so.2", RTLD_NOW) != NULL ? 0 : -1);
	TRY("work: /dev/null", open("/dev/null", O_RDONLY));
	TRY("work: random bytes", open("/dev/urandom", O_RDONLY));
	TRY("work: certificate authorities", open("/etc/ssl/certs", O_RDONLY | O_DIRECTORY));
	TRY("work: time zones", open("/usr/share/zoneinfo/UTC", O_RDONLY));
	TRY("work: hosts", open("/etc/hosts", O_RDONLY));
	TRY("work: name servers", open("/etc/resolv.conf", O_RDONLY));
	TRY("work: a pair of sockets", socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	TRY("work: signal itself", kill(getpid(), SIGCONT));
	TRY("work: its limits", getrlimit(RLIMIT_NOFILE, &(struct rlimit){0, 0}));
	TRY("work: poll", poll(NULL, 0, 0));
}

/* The value of a member of the request, as text without escapes. */
static void
member(const char *request, const char *name, char *value, size_t size)
{
	const char *place = strstr(request, path("\"%s\"", name));

	*value = '\0';
	if (place == NULL)
		return;
	place += strlen(name) + 2;
	place += strspn(place, ": \"");
	snprintf(value, size, "%.*s", (int) strcspn(place, "\",}"), place);
}

static void
read_request(void)
{
	static char request[65536];
	char number[32];

	printf("{\"frame\":\"hello\",\"protocol\":2,\"connector\":\"escape\",\"version\":\"1\","
		   "\"capabilities\":[\"test\",\"discover\"]}\n");
	fflush(stdout);
	if (fgets(request, sizeof(request), stdin) == NULL)
		exit(1);
	member(request, "data_directory", data_directory, sizeof(data_directory));
	member(request, "hidden", key_file, sizeof(key_file));
	member(request, "victim", number, sizeof(number));
	victim = atoi(number);
	member(request, "catalog_port", number, sizeof(number));
	port = atoi(number);
	printf("{\"frame\":\"connected\",\"server\":\"escape\"}\n{\"frame\":\"schema\",\"name\":\"escapes\"}\n");
}

int
main(void)
{
	read_request();
	work();
	read_files();
	change_files();
	execute();
	start_processes();
	reach_processes();
	undo_confinement();
	reach_the_kernel();
	make_sockets();
	go_other_ways();
	call_i386();
	printf("{\"frame\":\"end\",\"schemas\":1,\"relations\":%d,\"columns\":0}\n", relations);
	return 0;
}
