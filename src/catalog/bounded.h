/*
 * bounded.h — answers are bounded: what would be longer than rivergen.max_answer_bytes is refused before it
 * is made.
 */
#ifndef RG_ANSWER_H
#define RG_ANSWER_H

#include "postgres.h"

#include "sql.h"

/* What an answer will be made of, found before it is made. */
typedef struct RgLocated
{
	RgArgument ids; /* bigint[] */
	int count;      /* of the ids */
	int64 bytes;    /* about the length of the answer */
	int64 total;    /* rows on all pages */
} RgLocated;

extern void rg_bounded_init(void);

/* 413 when about so many bytes are too many; narrowing says how the same is had in parts. */
extern void rg_bounded_require(int64 bytes, const char *narrowing);

/* The row (ids, bytes, total) of the current result; the ids are in the caller's context. */
extern RgLocated rg_located(void);

#endif
