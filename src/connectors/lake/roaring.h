/*
 * roaring.h — sets of numbers of 64 bits as lakes store them: an array of roaring bitmaps in their portable
 * form. The library of Debian 12 (CRoaring 0.2) does not check what it reads, so it is read here.
 */
#ifndef RG_LAKE_ROARING_H
#define RG_LAKE_ROARING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers that have all but their last 16 bits in common. */
typedef struct RoaringContainer
{
	uint64_t base; /* the number with these bits 0 */
	enum
	{
		CONTAINER_ARRAY,
		CONTAINER_BITMAP,
		CONTAINER_RUNS
	} kind;
	const unsigned char *bytes;
	uint32_t count; /* of numbers, or of runs */
} RoaringContainer;

typedef struct Roaring
{
	RoaringContainer *containers; /* in the order of their numbers */
	size_t container_count;
	int64_t count; /* of numbers */
	size_t at;     /* container that was asked of last */
	uint32_t next; /* in it: number or run that is not below what was asked */
} Roaring;

/* Reads the bytes, which must stay. Returns NULL, or what is wrong with them. */
extern const char *roaring_read(Roaring *roaring, const char *bytes, size_t length);

/* Is the number in the set? To be asked of greater and greater numbers. */
extern bool roaring_has(Roaring *roaring, uint64_t number);

extern void roaring_free(Roaring *roaring);

#endif
