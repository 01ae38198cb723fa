/*
 * seen.h — a set of texts, for the files that newer actions have settled.
 */
#ifndef RG_DELTA_SEEN_H
#define RG_DELTA_SEEN_H

#include <stdbool.h>
#include <stddef.h>

#define MOST_DELTA_FILES 10000000

typedef struct DeltaSeen
{
	char **places; /* NULL: free */
	size_t size;   /* 0, or a power of two, at least twice the count */
	size_t count;
} DeltaSeen;

/* Returns false if the text is in the set. */
extern bool delta_seen_add(DeltaSeen *seen, const char *text);
extern bool delta_seen_has(const DeltaSeen *seen, const char *text);
extern void delta_seen_free(DeltaSeen *seen);

#endif
