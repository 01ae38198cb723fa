/*
 * blocking.h — does another session wait for a lock that this one holds? A caller who waits for a worker
 * does so where the deadlock detector cannot see it.
 */
#ifndef RG_QUEUE_BLOCKING_H
#define RG_QUEUE_BLOCKING_H

#include "postgres.h"

/* Does another session wait for a lock that this one holds without having asked for it (blocking.c)? */
extern bool rg_wait_blocks_another(void);

#endif
