/*
 * bounded.h — the limit of answers. An answer longer than rivergen.max_answer_bytes is refused before it is
 * made.
 */
#ifndef RG_ANSWER_H
#define RG_ANSWER_H

#include "postgres.h"

#include "sql.h"

/* The rows that an answer will be made of. */
typedef struct RgLocated
{
	RgArgument ids; /* bigint[] */
	int count;      /* of the ids */
	int64 bytes;    /* about the length of the answer */
	int64 total;    /* rows on all pages */
} RgLocated;

extern void rg_bounded_init(void);

/* 413 if an answer of about this size is too large. narrowing is the hint: how to get the same in parts. */
extern void rg_bounded_require(int64 bytes, const char *narrowing);

/* Reads the row (ids, bytes, total) of the current result; the ids are copied into the caller's context. */
extern RgLocated rg_located(void);

#endif
