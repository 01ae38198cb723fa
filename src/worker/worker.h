/*
 * worker.h — the launcher and the workers. README.md beside this file has the state diagram.
 */
#ifndef RG_WORKER_H
#define RG_WORKER_H

#include "postgres.h"

/* Settings, and the launcher when the library is preloaded. */
extern void rg_worker_init(void);

#endif
