/* child.h — the side of rivergen-run that confines itself and becomes the connector. Plain C. */
#ifndef RG_CHILD_H
#define RG_CHILD_H

#include <sys/types.h>

#include "process/limits.h"
#include "process/rules.h"

/* The exit statuses of rivergen-run that are not the program's. */
enum
{
	RG_EXIT_ORDERED = 1,
	RG_EXIT_UNRESOLVED = 2,
	RG_EXIT_USAGE = 64,
	RG_EXIT_BELOW_MINIMUM = 124,
	RG_EXIT_ORPHAN = 125,
	RG_EXIT_UNCONFINED = 126,
	RG_EXIT_NOT_EXECUTED = 127
};

typedef struct RgTask
{
	RgRules rules;
	RgLimits limits;
	char **program; /* with its arguments, ends with NULL */
} RgTask;

/*
 * Runs in the child of the supervisor: confines this process, agrees with the supervisor over `end`, and
 * executes the program. Returns the exit status when it does not.
 */
extern int rg_child_run(const RgTask *task, pid_t supervisor, int end);

#endif
