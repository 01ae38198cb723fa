/*
 * limits.h — limits and environment of a child, on their way from the server to the trampoline. Plain C, no
 * server code: both sides are built from it.
 */
#ifndef RG_LIMITS_H
#define RG_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

/* A connector writes nothing but small scratch files (a CA certificate for its TLS library, say). */
#define RG_USUAL_FILE_SIZE   (UINT64_C(1) << 20)
#define RG_USUAL_DESCRIPTORS UINT64_C(256)

#define RG_MOST_FILE_SIZE    (UINT64_C(1) << 30)
#define RG_LEAST_DESCRIPTORS UINT64_C(16)
#define RG_MOST_DESCRIPTORS  UINT64_C(4096)
#define RG_MOST_VARIABLES    8
#define RG_MOST_THREADS      256
#define RG_LONGEST_VARIABLE  1024

/* Ends the variables in the trampoline's arguments. */
#define RG_LIMITS_END "--"

typedef struct RgLimits
{
	uint64_t memory;                /* address space in bytes; 0: no limit */
	uint64_t file_size;             /* of a file that it writes, in bytes */
	uint64_t descriptors;           /* open at once */
	const char *const *environment; /* NAME=value, ends with NULL; NULL: nothing beside the usual */
} RgLimits;

/* Reads a decimal number from least to most. */
extern bool rg_number_read(const char *text, uint64_t least, uint64_t most, uint64_t *number);

/*
 * May this variable be given to a child? NAME=value with a name in capitals. Not allowed: variables that the
 * dynamic linker reads (LD_…), and those of every child (HOME, LC_ALL, RES_OPTIONS).
 */
extern bool rg_variable_allowed(const char *variable);

/*
 * Reads memory, file size, descriptors, variables and RG_LIMITS_END from arguments, which end with NULL.
 * limits->environment points into them, with RG_LIMITS_END replaced by NULL. Returns the argument behind, or
 * NULL when something is missing, is no number or is beyond the bounds.
 */
extern char **rg_limits_read(char **arguments, RgLimits *limits);

#endif
