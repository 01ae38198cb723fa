/* spelling.h — inside the worker room: the spellings of one character. Plain C, libc only. */
#ifndef RG_SPELLING_H
#define RG_SPELLING_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/wire.h"

/* Places at which spellings of a character may end: few, since most spellings exclude each other. */
#define RG_MOST_ENDS 8

typedef struct RgEnds
{
	int count;
	size_t at[RG_MOST_ENDS];
} RgEnds;

/*
 * Adds every place at which a spelling of the character (UTF-8) ends that starts at `at`. lossy: characters
 * outside of ASCII may also be replaced or in Latin-1.
 */
extern void rg_spellings(WireSpan text, size_t at, WireSpan character, bool lossy, RgEnds *ends);

#endif
