/*
 * pattern.h — a relation stands for the keys of one pattern: user:*:cart. Its name is the pattern, and the
 * type if keys of several types have it: user:* (hash). A star is one whole segment. In a name a backslash
 * stands before what a key has of * ? [ and \, and before a round bracket behind a space; \xff is a byte that
 * is not UTF-8.
 */
#ifndef RG_REDIS_PATTERN_H
#define RG_REDIS_PATTERN_H

#include "connectors/redis/segments.h"
#include "connectors/redis/type.h"
#include "wire/wire.h"

typedef struct Pattern
{
	Segment segments[MOST_SEGMENTS]; /* bytes NULL: a star */
	int count;
	KeyType type; /* KEY_GONE: the name does not say */
	char *memory; /* of the segments' bytes, if they belong to the pattern */
} Pattern;

extern bool pattern_has_star(const Pattern *pattern);

/* The caller frees the name. */
extern char *pattern_name(const Pattern *pattern, const char *delimiter);

/* Reads a name. */
extern void pattern_read(Pattern *pattern, const char *name, const char *delimiter);
extern void pattern_free(Pattern *pattern);

/* Is the key one of the pattern's? */
extern bool pattern_matches(const Pattern *pattern, const char *key, size_t length, const char *delimiter);

/* What MATCH is given: all keys of the pattern match it, and others may. */
extern void pattern_append_glob(WireBuffer *out, const Pattern *pattern, const char *delimiter);

#endif
