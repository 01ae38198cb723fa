/* blocking.h — does another session wait for a lock that this session holds? */
#ifndef RG_QUEUE_BLOCKING_H
#define RG_QUEUE_BLOCKING_H

#include "postgres.h"

/* Does another session wait for a lock that this session holds without having asked for it? */
extern bool rg_wait_blocks_another(void);

#endif
