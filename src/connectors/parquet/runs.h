/*
 * runs.h — numbers as levels and dictionaries have them: runs of one number, and groups of packed ones.
 */
#ifndef RG_PARQUET_RUNS_H
#define RG_PARQUET_RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Runs
{
	const unsigned char *next;
	const unsigned char *end;
	int width;         /* bits of a number, 32 at most */
	bool is_backwards; /* the older form: no runs, and the most significant bit first */
	uint64_t repeated; /* how often `value` comes yet */
	uint32_t value;
	uint64_t packed;   /* how many numbers of the group come yet */
	uint64_t position; /* of the next one, in bits from `group` on */
	const unsigned char *group;
	size_t group_length;
	bool has_failed;
} Runs;

/* A width of 0: all numbers are 0, and there are no bytes. */
extern void runs_begin(Runs *runs, const char *bytes, size_t length, int width);

/* The older form of levels. */
extern void runs_begin_backwards(Runs *runs, const char *bytes, size_t length, int width);

/* Begins the next run, or ends in has_failed. */
extern void runs_turn(Runs *runs);

extern uint32_t runs_next_backwards(Runs *runs);
extern uint32_t runs_next_packed(Runs *runs);

/* The next number; 0 after a failure. */
static inline uint32_t
runs_next(Runs *runs)
{
	if (runs->width == 0)
		return 0;
	if (runs->is_backwards)
		return runs_next_backwards(runs);
	if (runs->repeated == 0 && runs->packed == 0)
		runs_turn(runs);
	if (runs->repeated > 0)
	{
		runs->repeated--;
		return runs->value;
	}
	return runs_next_packed(runs);
}

#endif
