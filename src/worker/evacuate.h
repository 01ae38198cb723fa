/*
 * evacuate.h — DROP DATABASE and its kin need a database to themselves.
 */
#ifndef RG_WORKER_EVACUATE_H
#define RG_WORKER_EVACUATE_H

#include "postgres.h"

/* Workers leave a database before it is dropped, renamed, moved or copied. */
extern void rg_evacuate_init(void);

#endif
