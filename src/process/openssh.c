#include "process/openssh.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/stringinfo.h"
#include "storage/fd.h"

#include "process/sandbox.h"

/* Host keys are stored under this name, so that neither name nor port of the server need quoting. */
#define ALIAS "tunnel"

#define MOST_ARGUMENTS 100

/* Of /proc/net/tcp. */
#define STATE_LISTEN 0x0A

char *
rg_openssh_program(const char *name)
{
	const char *path = getenv("PATH");
	char *rest = pstrdup(path != NULL ? path : "/usr/bin:/bin");
	char *directory;

	while ((directory = strsep(&rest, ":")) != NULL)
	{
		char *program = psprintf("%s/%s", directory, name);

		if (*directory == '/' && access(program, X_OK) == 0)
			return program;
	}
	return NULL;
}

bool
rg_openssh_installed(void)
{
	return rg_openssh_program("ssh") != NULL && rg_openssh_program("ssh-keygen") != NULL;
}

/* ---- memory ---- */

int
rg_openssh_memory_open(void)
{
	int memory = memfd_create("rivergen-tunnel", MFD_CLOEXEC);

	if (memory < 0 || fchmod(memory, 0600) != 0)
	{
		int saved = errno;

		if (memory >= 0)
			close(memory);
		errno = saved;
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not make a file in memory: %m")));
	}
	ReserveExternalFD();
	return memory;
}

void
rg_openssh_memory_write(int memory, const char *bytes, size_t length)
{
	while (length > 0)
	{
		ssize_t written = write(memory, bytes, length);

		if (written < 0)
			ereport(ERROR, (errcode_for_file_access(), errmsg("could not write to a file in memory: %m")));
		bytes += written;
		length -= written;
	}
}

/* What follows is written behind the cut. */
void
rg_openssh_memory_cut(int memory, off_t length)
{
	if (ftruncate(memory, length) != 0 || lseek(memory, length, SEEK_SET) < 0)
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not cut a file in memory: %m")));
}

static void
close_descriptor(int *descriptor)
{
	if (*descriptor >= 0)
	{
		close(*descriptor);
		ReleaseExternalFD();
		*descriptor = -1;
	}
}

void
rg_openssh_memory_close(int *memory)
{
	close_descriptor(memory);
}

char *
rg_openssh_known_host(const char *type, const char *key)
{
	return psprintf("%s %s %s\n", ALIAS, type, key);
}

char *
rg_openssh_learned(int memory)
{
	char line[8192];
	ssize_t length = pread(memory, line, sizeof(line) - 1, 0);

	if (length <= (ssize_t) strlen(ALIAS) || memchr(line, '\n', length) == NULL)
		return NULL;
	line[strcspn(line, "\n")] = '\0';
	return strncmp(line, ALIAS " ", strlen(ALIAS " ")) == 0 ? pstrdup(line + strlen(ALIAS " ")) : NULL;
}

/* ---- arguments ---- */

typedef struct Arguments
{
	int count;
	const char *words[MOST_ARGUMENTS];
} Arguments;

static void
add(Arguments *arguments, const char *word)
{
	Assert(arguments->count < MOST_ARGUMENTS - 1);
	arguments->words[arguments->count++] = word;
}

static void
add_option(Arguments *arguments, const char *option)
{
	add(arguments, "-o");
	add(arguments, option);
}

/* What holds for every run: no file, no agent, no other program, nothing that asks a person. */
static const char *const usual_options[] = {
	"HostKeyAlias=tunnel",
	"UserKnownHostsFile=/dev/stdin",
	"GlobalKnownHostsFile=none",
	"UpdateHostKeys=no",
	"CheckHostIP=no",
	"HashKnownHosts=no",
	"VerifyHostKeyDNS=no",
	"CanonicalizeHostname=no",
	"BatchMode=yes",
	"IdentitiesOnly=yes",
	"IdentityAgent=none",
	"AddKeysToAgent=no",
	"PKCS11Provider=none",
	"PasswordAuthentication=no",
	"KbdInteractiveAuthentication=no",
	"HostbasedAuthentication=no",
	"GSSAPIAuthentication=no",
	"ProxyCommand=none",
	"ControlPath=none",
	"ControlMaster=no",
	"PermitLocalCommand=no",
	"ForwardAgent=no",
	"ForwardX11=no",
	"Tunnel=no",
	"GatewayPorts=no",
	"Compression=no",
	"EscapeChar=none",
	"RequestTTY=no",
	"ConnectionAttempts=1",
	"TCPKeepAlive=yes",
	"ServerAliveInterval=15",
	"ServerAliveCountMax=3",
	"LogLevel=DEBUG1",
};

static const char *const learn_options[] = {
	"StrictHostKeyChecking=accept-new",
	"IdentityFile=none",
	"PubkeyAuthentication=no",
	"PreferredAuthentications=none",
};

static const char *const forward_options[] = {
	"StrictHostKeyChecking=yes",          "IdentityFile=/dev/stdin",  "PubkeyAuthentication=yes",
	"PreferredAuthentications=publickey", "ExitOnForwardFailure=yes",
};

static void
add_options(Arguments *arguments, const char *const *options, int count)
{
	for (int i = 0; i < count; i++)
		add_option(arguments, options[i]);
}

/* The log goes to standard output, apart from banners, which the server writes and ssh shows on standard
 * error. */
static void
fill_arguments(Arguments *arguments, const RgOpensshPlan *plan)
{
	static const char *const first[] = {"-F", "none", "-E", "/dev/stdout", "-N", "-T"};

	for (int i = 0; i < (int) lengthof(first); i++)
		add(arguments, first[i]);
	add_options(arguments, usual_options, lengthof(usual_options));
	if (plan->use == RG_OPENSSH_LEARN)
		add_options(arguments, learn_options, lengthof(learn_options));
	else
		add_options(arguments, forward_options, lengthof(forward_options));
	if (plan->key_types != NULL)
		add_option(arguments, psprintf("HostKeyAlgorithms=%s", plan->key_types));
	add_option(arguments, psprintf("ConnectTimeout=%d", plan->connection_timeout));
	if (plan->use == RG_OPENSSH_FORWARD)
	{
		add(arguments, "-L");
		add(arguments,
			psprintf("127.0.0.1:%d:[%s]:%d", plan->local_port, plan->target_host, plan->target_port));
	}
	add(arguments, "-p");
	add(arguments, psprintf("%d", plan->port));
	add(arguments, "-l");
	add(arguments, plan->username);
	add(arguments, "--");
	add(arguments, plan->address);
}

/* ssh and ssh-keygen want to know the name of the user that runs them. */
static const char *const readable[] = {"/etc/passwd", NULL};

RgChild *
rg_openssh_start_keygen(const char *program, int memory)
{
	static const char *const arguments[] = {"-p", "-N", "", "-f", "/dev/stdin", NULL};
	RgConfinement confinement = {.minimum = rg_sandbox_minimum(),
								 .profile = RG_PROFILE_TUNNEL,
								 .network = RG_NETWORK_NONE,
								 .files = readable};

	return rg_process_start_program(
		&(RgProgram){.path = program, .arguments = arguments, .input = memory, .confinement = &confinement});
}

RgChild *
rg_openssh_start_ssh(const char *program, const RgOpensshPlan *plan, int memory)
{
	Arguments arguments = {0};
	RgConfinement confinement = {.minimum = rg_sandbox_minimum(),
								 .profile = RG_PROFILE_TUNNEL,
								 .network = RG_NETWORK_DIAL,
								 .timeout = plan->connection_timeout,
								 .local_port = plan->local_port,
								 .files = readable};

	fill_arguments(&arguments, plan);
	return rg_process_start_program(&(RgProgram){
		.path = program, .arguments = arguments.words, .input = memory, .confinement = &confinement});
}

/* ---- the local port ---- */

/*
 * Bound, and never listened to. SO_REUSEADDR is set after bind: the kernel then gives the port to no other
 * socket that asks for any port, but ssh, which sets SO_REUSEADDR and names the port, may listen on it.
 */
int
rg_openssh_reserve_port(int *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int on = 1;
	int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (descriptor < 0 || bind(descriptor, (struct sockaddr *) &address, size) != 0 ||
		setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
		getsockname(descriptor, (struct sockaddr *) &address, &size) != 0)
	{
		int saved = errno;

		if (descriptor >= 0)
			close(descriptor);
		errno = saved;
		ereport(ERROR, (errcode_for_socket_access(), errmsg("could not reserve a local port: %m")));
	}
	ReserveExternalFD();
	*port = ntohs(address.sin_port);
	return descriptor;
}

void
rg_openssh_release_port(int *descriptor)
{
	close_descriptor(descriptor);
}

/* The kernel lists the listening sockets first. */
bool
rg_openssh_is_listening(int port)
{
	FILE *table = AllocateFile("/proc/net/tcp", "r");
	char line[512];
	bool found = false;

	if (table == NULL)
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not open \"/proc/net/tcp\": %m")));
	while (!found && fgets(line, sizeof(line), table) != NULL)
	{
		unsigned int address;
		unsigned int local;
		unsigned int state;
		unsigned int user;

		if (sscanf(line, " %*d: %8X:%4X %*8X:%*4X %2X %*X:%*X %*X:%*X %*X %u", &address, &local, &state,
				   &user) != 4)
			continue;
		if (state != STATE_LISTEN)
			break;
		found = address == htonl(INADDR_LOOPBACK) && local == (unsigned int) port && user == geteuid();
	}
	FreeFile(table);
	return found;
}
