/*
 * process.c — starting and ending children.
 *
 * Uses posix_spawn rather than fork, so a worker's memory is never copied and no server code runs in the
 * child. The child becomes a session leader, so one kill reaches every process that it starts.
 */
#include "process.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "storage/ipc.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "network.h"
#include "odbc_drivers.h"
#include "sandbox.h"

/* How long a supervisor may take to end its program. */
#define END_GRACE_MS 2000

/* Input, output, standard error, report: in the child they are the descriptors 0 to 3. */
#define PIPES 4

/* Which end of each is the child's, and which is ours: 0 reads, 1 writes. */
static const int theirs[PIPES] = {0, 1, 1, 1};
static const int ours[PIPES] = {1, 0, 0, 0};

static char *connector_directory = NULL;
static int connector_memory_limit = 0;
static RgChild *children = NULL;

void
rg_process_init(void)
{
	DefineCustomStringVariable("rivergen.connector_directory", "Directory of the connector executables.",
							   "Empty: the folder rivergen in the server's package library directory.",
							   &connector_directory, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
	DefineCustomIntVariable("rivergen.connector_memory_limit", "Address space that a connector may use.",
							"0 means no limit.", &connector_memory_limit, 1024, 0, MAX_KILOBYTES / 1024,
							PGC_SIGHUP, GUC_UNIT_MB, NULL, NULL, NULL);
	rg_network_init();
	rg_sandbox_init();
	rg_odbc_drivers_init();
}

static char *
own_directory(void)
{
	return psprintf("%s/rivergen", pkglib_path);
}

static char *
trampoline_path(void)
{
	return psprintf("%s/rivergen-run", own_directory());
}

static char *
if_executable(char *path)
{
	return access(path, X_OK) == 0 ? path : NULL;
}

char *
rg_process_trampoline(void)
{
	return if_executable(trampoline_path());
}

char *
rg_process_broker(void)
{
	return if_executable(psprintf("%s/storage_broker", own_directory()));
}

/* The name comes from the type table, and becomes part of a path: letters and _ only. */
char *
rg_process_connector_path(const char *executable, const char **fault)
{
	const char *directory = *connector_directory ? connector_directory : own_directory();

	if (fault != NULL)
		*fault = NULL;
	if (executable[strspn(executable, "abcdefghijklmnopqrstuvwxyz0123456789_")] != '\0' ||
		*executable == '\0')
		return NULL;

	char *path = psprintf("%s/%s", directory, executable);

	if (access(path, X_OK) == 0)
		return path;
	if (fault != NULL && errno != ENOENT)
		*fault = psprintf("could not execute \"%s\": %s", path, strerror(errno));
	else if (fault != NULL && access(directory, X_OK) != 0)
		*fault = psprintf("could not search directory \"%s\": %s", directory, strerror(errno));
	return NULL;
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

static void
kill_at_exit(int code, Datum argument)
{
	while (children != NULL)
		rg_process_kill(children);
}

/* ends[i][0] is the reading end, ends[i][1] the writing end; all close on exec, the child gets copies. */
static void
open_pipes(int ends[PIPES][2])
{
	for (int i = 0; i < PIPES; i++)
	{
		if (pipe2(ends[i], O_CLOEXEC) != 0)
		{
			int saved = errno;

			for (int j = 0; j < i; j++)
			{
				close(ends[j][0]);
				close(ends[j][1]);
			}
			errno = saved;
			ereport(ERROR, (errcode_for_file_access(), errmsg("could not create a pipe: %m")));
		}
	}
}

/* The child reads a file instead of a pipe, with an offset that it shares with this process. */
static void
replace_input(int ends[PIPES][2], int input)
{
	close(ends[0][0]);
	close(ends[0][1]);
	ends[0][theirs[0]] = fcntl(input, F_DUPFD_CLOEXEC, PIPES);
	ends[0][ours[0]] = -1;
}

static void
close_ends(int ends[PIPES][2], const int which[PIPES])
{
	for (int i = 0; i < PIPES; i++)
		close(ends[i][which[i]]);
}

static int
spawn(pid_t *pid, char *const argv[], int ends[PIPES][2], int stored)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	char *environment[] = {NULL};
	sigset_t none;
	sigset_t all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setflags(&attributes,
							 POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
	posix_spawn_file_actions_init(&actions);
	for (int i = 0; i < PIPES; i++)
		posix_spawn_file_actions_adddup2(&actions, ends[i][theirs[i]], i);
	if (stored != 0)
		posix_spawn_file_actions_adddup2(&actions, stored, RG_STORED_DESCRIPTOR);
	posix_spawn_file_actions_addclosefrom_np(&actions, stored != 0 ? RG_STORED_DESCRIPTOR + 1 : PIPES);

	int fault = posix_spawn(pid, argv[0], &actions, &attributes, argv, environment);

	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return fault;
}

static int
keep(int descriptor)
{
	ReserveExternalFD();
	fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
	return descriptor;
}

static RgChild *
adopt(pid_t pid, int ends[PIPES][2])
{
	RgChild *child = MemoryContextAllocZero(TopMemoryContext, sizeof(RgChild));

	child->pid = pid;
	child->input = ends[0][ours[0]] >= 0 ? keep(ends[0][ours[0]]) : -1;
	child->output = keep(ends[1][ours[1]]);
	child->diagnosis = keep(ends[2][ours[2]]);
	child->report = keep(ends[3][ours[3]]);
	child->pidfd = syscall(SYS_pidfd_open, pid, 0);
	if (child->pidfd >= 0)
	{
		ReserveExternalFD();
		fcntl(child->pidfd, F_SETFD, FD_CLOEXEC);
	}
	child->next = children;
	children = child;
	return child;
}

static char *
memory_argument(uint64 wanted)
{
	uint64 allowed = (uint64) connector_memory_limit * 1024 * 1024;

	return psprintf(UINT64_FORMAT, allowed == 0 ? 0 : Max(allowed, wanted));
}

static char *
number_argument(uint64 wanted, uint64 usual)
{
	return psprintf(UINT64_FORMAT, wanted != 0 ? wanted : usual);
}

static List *
file_arguments(List *arguments, const char *const *paths)
{
	for (; paths != NULL && *paths != NULL; paths++)
		arguments = lappend(arguments, psprintf(RG_RULE "file:%s", *paths));
	return arguments;
}

/* An address is a network without a prefix. */
static List *
proxy_arguments(List *arguments, const char *addresses)
{
	char *rest = pstrdup(addresses);
	char *address;

	while ((address = strsep(&rest, "\n")) != NULL)
		if (*address != '\0')
			arguments = lappend(arguments, psprintf(RG_RULE "allow:%s", address));
	return arguments;
}

static List *
rule_arguments(List *arguments, const RgConfinement *confinement)
{
	arguments = lappend(arguments, psprintf(RG_RULE "minimum:%s", rg_level_names[confinement->minimum]));
	arguments = lappend(arguments, psprintf(RG_RULE "profile:%s", rg_profile_names[confinement->profile]));
	arguments =
		lappend(arguments, psprintf(RG_RULE "network:%s", rg_network_mode_names[confinement->network]));
	if (confinement->local_port != 0)
		arguments = lappend(arguments, psprintf(RG_RULE "port:%u", confinement->local_port));
	arguments = lappend(arguments, psprintf(RG_RULE "timeout:%d", confinement->timeout));
	arguments = file_arguments(arguments, confinement->files);
	if (confinement->stored != 0)
		arguments = lappend(arguments, pstrdup(RG_RULE "stored:given"));
	if (confinement->network == RG_NETWORK_PROXY)
		return proxy_arguments(arguments, confinement->proxies);
	return confinement->network == RG_NETWORK_DIAL ? rg_network_arguments(arguments) : arguments;
}

static List *
limit_arguments(List *arguments, const RgLimits *limits)
{
	static const RgLimits usual = {0};

	if (limits == NULL)
		limits = &usual;
	arguments = lappend(arguments, memory_argument(limits->memory));
	arguments = lappend(arguments, number_argument(limits->file_size, RG_USUAL_FILE_SIZE));
	arguments = lappend(arguments, number_argument(limits->descriptors, RG_USUAL_DESCRIPTORS));
	for (int i = 0; limits->environment != NULL && i < RG_MOST_VARIABLES && limits->environment[i] != NULL;
		 i++)
		arguments = lappend(arguments, pstrdup(limits->environment[i]));
	return lappend(arguments, RG_LIMITS_END);
}

static char **
array_of(const List *arguments)
{
	char **array = palloc((list_length(arguments) + 1) * sizeof(char *));
	int count = 0;
	ListCell *cell;

	foreach (cell, arguments)
		array[count++] = lfirst(cell);
	array[count] = NULL;
	return array;
}

/* The trampoline's arguments. */
static char **
arguments_of(const RgProgram *program)
{
	List *arguments = list_make2(trampoline_path(), psprintf("%d", MyProcPid));

	arguments = rule_arguments(arguments, program->confinement);
	arguments = limit_arguments(arguments, program->limits);
	arguments = lappend(arguments, pstrdup(program->path));
	for (int i = 0; program->arguments[i] != NULL; i++)
		arguments = lappend(arguments, pstrdup(program->arguments[i]));
	return array_of(arguments);
}

RgChild *
rg_process_start_program(const RgProgram *program)
{
	static bool registered = false;
	char **argv = arguments_of(program);
	int ends[PIPES][2];
	pid_t pid;

	if (!registered)
		before_shmem_exit(kill_at_exit, 0);
	registered = true;

	open_pipes(ends);
	if (program->input >= 0)
		replace_input(ends, program->input);

	int fault = spawn(&pid, argv, ends, program->confinement->stored);

	close_ends(ends, theirs);
	if (fault != 0)
	{
		close_ends(ends, ours);
		errno = fault;
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not execute \"%s\": %m", argv[0])));
	}
	return adopt(pid, ends);
}

/* A package that is upgraded puts another file into its place. */
static void
append_file(StringInfo text, const char *path)
{
	struct stat file;

	if (stat(path, &file) == 0)
		appendStringInfo(text, UINT64_FORMAT " " UINT64_FORMAT " " INT64_FORMAT " " INT64_FORMAT ".%ld\n",
						 (uint64) file.st_dev, (uint64) file.st_ino, (int64) file.st_size,
						 (int64) file.st_ctim.tv_sec, (long) file.st_ctim.tv_nsec);
}

char *
rg_process_likeness(const char *program, const RgLimits *limits, const RgConfinement *confinement)
{
	const char *const no_arguments[] = {NULL};
	char **argv = arguments_of(&(RgProgram){
		.path = program, .arguments = no_arguments, .limits = limits, .confinement = confinement});
	StringInfoData text;

	initStringInfo(&text);
	for (char **argument = argv; *argument != NULL; argument++)
		appendStringInfo(&text, "%s\n", *argument);
	append_file(&text, argv[0]);
	append_file(&text, program);
	append_file(&text, psprintf("%s%s", program, RG_FILES_SUFFIX));
	return text.data;
}

RgChild *
rg_process_start(const char *program, const char *argument, const RgLimits *limits,
				 const RgConfinement *confinement)
{
	const char *const arguments[] = {argument, NULL};

	return rg_process_start_program(&(RgProgram){
		.path = program, .arguments = arguments, .input = -1, .limits = limits, .confinement = confinement});
}

bool
rg_process_ended(RgChild *child, int *status)
{
	if (child->pid == 0 || waitpid(child->pid, status, WNOHANG) != child->pid)
		return false;
	child->pid = 0;
	return true;
}

/* The trampoline ends with 128 and the number of the signal that ended the program. */
int
rg_process_signal(int status)
{
	if (WIFSIGNALED(status))
		return WTERMSIG(status);
	return WEXITSTATUS(status) > 128 ? WEXITSTATUS(status) - 128 : 0;
}

static void
forget(RgChild *child)
{
	RgChild **place = &children;

	while (*place != child)
		place = &(*place)->next;
	*place = child->next;
	pfree(child);
}

/*
 * The supervisor ends the program, reaps it and ends. A program that it cannot end must be stuck in the
 * kernel; then it is killed itself, and the kernel kills the program.
 */
static void
end_supervisor(const RgChild *child)
{
	struct pollfd ended = {.fd = child->pidfd, .events = POLLIN};
	int status;

	kill(child->pid, SIGTERM);
	for (int waited = 0; waited < END_GRACE_MS; waited++)
	{
		if (waitpid(child->pid, &status, WNOHANG) == child->pid)
			return;
		if (child->pidfd < 0)
			pg_usleep(1000);
		else if (poll(&ended, 1, END_GRACE_MS) == 0)
			break;
	}
	kill(child->pid, SIGKILL);
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
}

/* A companion that ended by itself while it was needed has said why. */
static void
tell_end_of_companion(RgChild *companion)
{
	char words[256];
	int status;
	ssize_t length;

	if (!rg_process_ended(companion, &status) || status == 0)
		return;
	length = read(companion->diagnosis, words, sizeof(words) - 1);
	words[Max(length, 0)] = '\0';
	ereport(LOG, (errmsg("the storage broker has ended with status %d", status),
				  words[0] != '\0' ? errdetail_internal("%s", words) : 0));
}

void
rg_process_kill(RgChild *child)
{
	RgChild *companion = child->companion;

	if (companion != NULL)
		tell_end_of_companion(companion);
	if (child->pid > 0)
		end_supervisor(child);
	close_descriptor(&child->input);
	close_descriptor(&child->output);
	close_descriptor(&child->diagnosis);
	close_descriptor(&child->report);
	close_descriptor(&child->pidfd);
	forget(child);
	if (companion != NULL)
		rg_process_kill(companion);
}
