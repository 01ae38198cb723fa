/*
 * space.h — what people take for a space, or do not see when they copy a text.
 */
#ifndef RG_SPACE_H
#define RG_SPACE_H

#include "postgres.h"

#include "mb/pg_wchar.h"

/*
 * Unicode's White_Space except control characters, and invisible characters that people copy along: the
 * zero-width space, the word joiner, the byte order mark.
 */
static inline bool
rg_is_wide_space(pg_wchar c)
{
	return c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
		   c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000 || c == 0x200b || c == 0x2060 ||
		   c == 0xfeff;
}

#endif
