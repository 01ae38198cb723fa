/*
 * in_the_way.h — does another session wait for a lock that this one holds? A caller who waits for a worker
 * does so where the deadlock detector cannot see it.
 */
#ifndef RG_QUEUE_IN_THE_WAY_H
#define RG_QUEUE_IN_THE_WAY_H

#include "postgres.h"

/* Does another session wait for a lock that this one holds without having asked for it (in_the_way.c)? */
extern bool rg_wait_is_in_the_way(void);

#endif
