/*
 * ranges.h — a file that is read by ranges of its bytes, each of which costs a request. They become larger
 * while it is read from its beginning to its end, and are as small as what is asked for where the reader
 * jumps.
 */
#ifndef RG_FILES_RANGES_H
#define RG_FILES_RANGES_H

#include <stddef.h>
#include <stdint.h>

#define MOST_RANGE_BYTES (INT64_C(8) << 20)

/*
 * Reads `length` bytes of the file, which has them, at the offset. Returns them, allocated; what goes wrong
 * ends the process.
 */
typedef char *(*RangeFetch)(const void *file, int64_t offset, int64_t length);

/* Begins as zeros, but for the first three members. */
typedef struct Ranges
{
	RangeFetch fetch;
	const void *file;
	int64_t size; /* of the file */
	char *bytes;  /* of the last range */
	int64_t start;
	int64_t length;
	int64_t next; /* how much to ask for when it is read on */
} Ranges;

/* Reads up to `size` bytes at the offset. Returns how many there are: fewer only at the end of the file. */
extern size_t ranges_read(Ranges *ranges, void *bytes, size_t size, int64_t offset);
extern void ranges_end(Ranges *ranges);

#endif
