/*
 * process.h — child processes: which addresses may be dialed, starting a confined child with pipes, ending
 * it. Knows nothing of jobs or SQL.
 */
#ifndef RG_PROCESS_H
#define RG_PROCESS_H

#include "postgres.h"

#include <sys/socket.h>

#include "process/limits.h"
#include "process/rules.h"

extern void rg_process_init(void);

/*
 * The path of an executable of this name, or NULL when none is installed. If an executable exists but cannot
 * be found or started, *fault says why, with its path; otherwise it is NULL. fault may be NULL.
 */
extern char *rg_process_connector_path(const char *executable, const char **fault);

/* The path of the trampoline, or NULL when it is not where it belongs. */
extern char *rg_process_trampoline(void);

/* The path of the storage broker, or NULL when it is not installed. */
extern char *rg_process_broker(void);

/* A running child: a session and process group of its own, killed with everything it started. */
typedef struct RgChild
{
	pid_t pid;                 /* 0 after it was reaped */
	int input;                 /* we write; -1 when closed; non-blocking, like the others */
	int output;                /* we read */
	int diagnosis;             /* its standard error, we read */
	int report;                /* what its supervisor reports, we read (trampoline.c) */
	int pidfd;                 /* readable when the child has ended; -1 where the kernel has none */
	struct RgChild *companion; /* killed with it; NULL: none */
	struct RgChild *next;
} RgChild;

/* How a child is confined. */
typedef struct RgConfinement
{
	RgLevel minimum; /* below it the program is not executed */
	RgProfile profile;
	RgNetworkMode network;    /* RG_NETWORK_DIAL goes by the operator's network rules */
	uint16_t local_port;      /* RgRules.local_port */
	const char *proxies;      /* of RG_NETWORK_PROXY: its addresses, one a line */
	int timeout;              /* of one connection, in seconds; 0: the kernel's */
	const char *const *files; /* that it may read beside the usual ones; ends with NULL; may be NULL */
	int stored;               /* a descriptor of a file or directory that it gets; 0: none */
} RgConfinement;

/*
 * Starts program with one argument (or NULL) through the trampoline: with the three pipes as only
 * descriptors, nothing of this process's environment, resource limits, confined, and killed with this
 * process. limits may be NULL; a member that is 0 means the usual limit; memory counts only below
 * rivergen.connector_memory_limit. Fails with ERROR. The child is also killed when this process exits.
 */
extern RgChild *rg_process_start(const char *program, const char *argument, const RgLimits *limits,
								 const RgConfinement *confinement);

typedef struct RgProgram
{
	const char *path;
	const char *const *arguments; /* without its own name; ends with NULL */
	int input;                    /* a descriptor that becomes its standard input; -1: a pipe */
	const RgLimits *limits;
	const RgConfinement *confinement;
} RgProgram;

/* The same, with any number of arguments. */
extern RgChild *rg_process_start_program(const RgProgram *program);

/*
 * A text that is the same for two children that would be confined alike and run the same files, as they are
 * now: its command line, and which files it would execute.
 */
extern char *
rg_process_likeness(const char *program, const RgLimits *limits, const RgConfinement *confinement);

/* Has it ended? If so, *status is that of waitpid, and the child is reaped. */
extern bool rg_process_ended(RgChild *child, int *status);

/* The signal that ended it, by its status; 0: none. */
extern int rg_process_signal(int status);

/* Kills its whole group, reaps it, closes every descriptor and frees it; then its companion. */
extern void rg_process_kill(RgChild *child);

/* The program argument that makes the trampoline resolve a host name (its argument) and print addresses. */
#define RG_RESOLVER "--resolve"

#endif
