/*
 * deltas.h — numbers as their differences: the encoding DELTA_BINARY_PACKED.
 */
#ifndef RG_PARQUET_DELTAS_H
#define RG_PARQUET_DELTAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Deltas
{
	const unsigned char *next;
	const unsigned char *end;
	uint64_t parts;     /* of a block */
	uint64_t part_size; /* numbers */
	uint64_t left;      /* numbers that come yet */
	bool is_first;      /* the next one is `last` itself */
	uint64_t last;
	uint64_t least; /* difference of the block */
	const unsigned char *widths;
	uint64_t part;      /* the next one of the block */
	uint64_t part_left; /* numbers of the present part */
	uint64_t position;  /* in bits from `packed` on */
	const unsigned char *packed;
	size_t packed_length;
	int width;
	bool has_failed;
} Deltas;

extern void deltas_begin(Deltas *deltas, const char *bytes, size_t length);

/* Returns false at the end, and after a failure. */
extern bool deltas_next(Deltas *deltas, int64_t *number);

/* What comes behind the numbers. To be called before the first of them is read; NULL after a failure. */
extern const char *deltas_end(const Deltas *deltas);

#endif
