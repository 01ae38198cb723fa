/*
 * execution.h — a program that this process is about to execute, and the only one that its filter lets it.
 * Plain C.
 */
#ifndef RG_EXECUTION_H
#define RG_EXECUTION_H

#include <stdbool.h>

/*
 * The three arguments of execve(), at addresses that are random and so known to this process alone: the
 * filter allows execve() with these addresses only, and when the program runs its memory is another one.
 */
typedef struct RgExecution
{
	char *path;
	char **arguments;
	char **environment;
} RgExecution;

/* program and environment end with NULL. False: there is no memory. */
extern bool rg_execution_prepare(char *const *program, char *const *environment, RgExecution *execution);

#endif
