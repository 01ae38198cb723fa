/*
 * fair.h — which database gets the next worker, and which worker leaves its database for another. Pure
 * functions in plain C: the situation is passed in, and times are numbers in a unit of the caller's.
 *
 * A database with waiting callers comes first, in the order of their waiting; then the database with the
 * fewest workers; among those, the one served longest ago.
 */
#ifndef RG_FAIR_H
#define RG_FAIR_H

#include <stdbool.h>
#include <stdint.h>

typedef struct RgFairDatabase
{
	bool has_work;         /* has jobs, or a source is due */
	int64_t waiting_since; /* since when a caller waits for a worker; 0: no caller waits */
	int64_t served_at;     /* when a worker last started or ended */
	int workers;           /* present or promised */
	bool is_coming;        /* a worker was started, called or promised, and has not checked for work yet */
	bool is_idle;          /* a worker is present and idle */
} RgFairDatabase;

/* Returns the database that gets the next worker, or -1. `except` is left out (-1: none is). */
extern int rg_fair_next(const RgFairDatabase *databases, int count, int except);

/*
 * Returns the database for which a worker of `own`, between two jobs, leaves, or -1: it stays. The pool is
 * full; the worker has served `own` since `began_at`. It leaves at once for a caller. For queued jobs it
 * leaves if its database has more than its share, or, if there are more databases than workers, after
 * `turn`.
 */
extern int
rg_fair_way(const RgFairDatabase *databases, int count, int own, int64_t began_at, int64_t now, int64_t turn);

#endif
