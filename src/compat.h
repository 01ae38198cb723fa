/*
 * compat.h — where PostgreSQL 15 to 18 differ.
 */
#ifndef RG_COMPAT_H
#define RG_COMPAT_H

#include "postgres.h"

#include "catalog/pg_database.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/acl.h"
#include "utils/memutils.h"

#if PG_VERSION_NUM >= 170000
#include "storage/waiteventset.h"
#define rg_create_wait_event_set(events) CreateWaitEventSet(NULL, events)
#else
#define rg_create_wait_event_set(events) CreateWaitEventSet(TopMemoryContext, events)
#endif

#if PG_VERSION_NUM >= 160000
#define rg_owns_database(database) object_ownercheck(DatabaseRelationId, database, GetUserId())
#else
#define rg_owns_database(database) pg_database_ownercheck(database, GetUserId())
#endif

#endif
