/*
 * memory.h — allocation that cannot fail: a connector without memory reports that and ends.
 */
#ifndef RG_CONNECTOR_MEMORY_H
#define RG_CONNECTOR_MEMORY_H

#include <stddef.h>

extern void *allocate(size_t size);
extern void *reallocate(void *memory, size_t size);
extern char *copy_text(const char *text);

/* Zeroes a text before freeing it; NULL is allowed. */
extern void forget_text(char *text);

#endif
