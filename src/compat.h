/*
 * compat.h — where PostgreSQL 15 to 18 differ.
 */
#ifndef RG_COMPAT_H
#define RG_COMPAT_H

#include "postgres.h"

#include "storage/latch.h"
#include "utils/memutils.h"

#if PG_VERSION_NUM >= 170000
#include "storage/waiteventset.h"
#define rg_create_wait_event_set(events) CreateWaitEventSet(NULL, events)
#else
#define rg_create_wait_event_set(events) CreateWaitEventSet(TopMemoryContext, events)
#endif

#endif
