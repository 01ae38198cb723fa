/*
 * spelling.h — inside the worker room: the ways in which one character can be written. Plain C, libc only.
 */
#ifndef RG_SPELLING_H
#define RG_SPELLING_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/wire.h"

/* Where the spellings of a character may end: few, since most exclude one another. */
#define RG_MOST_ENDS 8

typedef struct RgEnds
{
	int count;
	size_t at[RG_MOST_ENDS];
} RgEnds;

/*
 * Adds every place at which a spelling of the character, which is UTF-8, ends, when it begins at `at`. lossy:
 * what is not ASCII may also be replaced or in Latin-1.
 */
extern void rg_spellings(WireSpan text, size_t at, WireSpan character, bool lossy, RgEnds *ends);

#endif
