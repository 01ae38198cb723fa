/* available.h — is everything there that a dialer needs? Plain C, no server code. */
#ifndef RG_AVAILABLE_H
#define RG_AVAILABLE_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Is everything there that a dialer needs? listener is that of a child whose filter is loaded; program is
 * what it will execute. Otherwise *reason is one of these words.
 */
#define RG_DIALER_FILTER     "filter"     /* the process may not load filters */
#define RG_DIALER_KERNEL     "kernel"     /* it cannot hand over a socket as an answer: before Linux 5.14 */
#define RG_DIALER_BUSY       "busy"       /* there is a listener already, of a container's manager say */
#define RG_DIALER_YAMA       "yama"       /* kernel.yama.ptrace_scope is above 1 */
#define RG_DIALER_MEMORY     "memory"     /* the memory of a child cannot be read, for another reason */
#define RG_DIALER_UNREADABLE "unreadable" /* so could not that of a program that may be executed only */

extern bool rg_dialer_available(int listener, pid_t child, const char *program, const char **reason);

/* The word for a filter with a listener that the kernel refused with this errno. */
extern const char *rg_dialer_listener_refused(int error);

#endif
