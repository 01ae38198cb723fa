/*
 * fair.h — which database gets the next worker, and which worker makes way. Pure functions in plain C: what
 * is there is handed in, and times are numbers of whatever unit the caller counts in.
 *
 * A database whose callers wait comes first, the one whose caller has waited longest; then the one that has
 * the fewest workers; of those, the one that was served longest ago.
 */
#ifndef RG_FAIR_H
#define RG_FAIR_H

#include <stdbool.h>
#include <stdint.h>

typedef struct RgFairDatabase
{
	bool has_work;         /* jobs, or something is due */
	int64_t waiting_since; /* since when a caller has waited for a worker; 0: no caller waits */
	int64_t served_at;     /* when a worker last came or left */
	int workers;           /* that are there, or have been promised */
	bool is_coming;        /* a worker starts, was called or has been promised, and has not looked yet */
	bool is_idle;          /* a worker is there that has nothing to do */
} RgFairDatabase;

/* The one that gets the next worker; -1: none wants one. `except` is left out (-1: none is). */
extern int rg_fair_next(const RgFairDatabase *databases, int count, int except);

/*
 * The pool is full, and a worker of `own`, there since `began_at`, is between two jobs. The database for
 * which it makes way, or -1: it stays. For a caller it leaves at once; for what is only queued when its
 * database has more than its share, or, where databases are more than workers, after a turn of `turn`.
 */
extern int
rg_fair_way(const RgFairDatabase *databases, int count, int own, int64_t began_at, int64_t now, int64_t turn);

#endif
