/*
 * segments.h — the parts of a key between delimiters, and which of them are data, not names: numbers, uuids,
 * dates, digests, addresses.
 */
#ifndef RG_REDIS_SEGMENTS_H
#define RG_REDIS_SEGMENTS_H

#include <stdbool.h>
#include <stddef.h>

/* What follows the last of them is one segment, delimiters included. */
#define MOST_SEGMENTS 16

typedef struct Segment
{
	const char *bytes;
	size_t length;
} Segment;

/* Returns the number of segments, at least 1. */
extern int
segments_of(const char *key, size_t length, const char *delimiter, Segment segments[MOST_SEGMENTS]);

extern bool segment_is_data(const Segment *segment, const char *delimiter);

#endif
