/*
 * compat.h — the differences between PostgreSQL 15 and 18.
 */
#ifndef RG_COMPAT_H
#define RG_COMPAT_H

#include "postgres.h"

#include "catalog/pg_database.h"
#include "common/jsonapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#include "varatt.h"
#endif
#if PG_VERSION_NUM >= 180000
#include "commands/explain_format.h"
#include "commands/explain_state.h"
#include "storage/waiteventset.h"
#endif

#if PG_VERSION_NUM >= 170000
#define rg_create_wait_event_set(events) CreateWaitEventSet(NULL, events)
#else
#define rg_create_wait_event_set(events) CreateWaitEventSet(TopMemoryContext, events)
#endif

/* Callbacks of the JSON parser return a value since 16; the lexer is the caller's since 17. */
#if PG_VERSION_NUM >= 160000
#define RG_JSON_ACTION      static JsonParseErrorType
#define RG_JSON_ACTION_DONE return JSON_SUCCESS
#else
#define RG_JSON_ACTION      static void
#define RG_JSON_ACTION_DONE return
#endif

#if PG_VERSION_NUM >= 170000
#define rg_json_lex_context(text, length) makeJsonLexContextCstringLen(NULL, text, length, PG_UTF8, true)
#else
#define rg_json_lex_context(text, length) makeJsonLexContextCstringLen(text, length, PG_UTF8, true)
#endif

/* libpq/libpq.h declares it, but needs the headers of GSSAPI wherever the server was built with that. */
extern bool pq_check_connection(void);

/* The locks of this session in one partition of the lock table: 16 has typed lists. */
#if PG_VERSION_NUM >= 160000
#define RG_FOREACH_MY_LOCK(held, partition)                                                                  \
	dlist_iter rg_lock_position;                                                                             \
	PROCLOCK *held;                                                                                          \
	dlist_foreach (rg_lock_position, &MyProc->myProcLocks[partition])                                        \
		if ((held = dlist_container(PROCLOCK, procLink, rg_lock_position.cur)) != NULL)
#else
#define RG_FOREACH_MY_LOCK(held, partition)                                                                  \
	SHM_QUEUE *rg_lock_list = &MyProc->myProcLocks[partition];                                               \
	for (PROCLOCK *held =                                                                                    \
			 (PROCLOCK *) SHMQueueNext(rg_lock_list, rg_lock_list, offsetof(PROCLOCK, procLink));            \
		 held != NULL;                                                                                       \
		 held = (PROCLOCK *) SHMQueueNext(rg_lock_list, &held->procLink, offsetof(PROCLOCK, procLink)))
#endif

#if PG_VERSION_NUM >= 160000
#define rg_owns_database(database) object_ownercheck(DatabaseRelationId, database, GetUserId())
#else
#define rg_owns_database(database) pg_database_ownercheck(database, GetUserId())
#endif

/* The memory of a setting's `extra`: the server frees it with its own allocator from 16 on. */
#if PG_VERSION_NUM >= 160000
#define rg_guc_malloc(size)    guc_malloc(LOG, size)
#define rg_guc_free(allocated) guc_free(allocated)
#else
#define rg_guc_malloc(size)    malloc(size)
#define rg_guc_free(allocated) free(allocated)
#endif

/* Paths of foreign scans: the list of restrictions is new in 17, disabled nodes are counted since 18. */
#if PG_VERSION_NUM >= 180000
#define rg_foreign_path(root, relation, rows, startup, total, outer, private)                                \
	create_foreignscan_path(root, relation, NULL, rows, 0, startup, total, NIL, outer, NULL, NIL, private)
#define rg_foreign_upper_path(root, relation, target, rows, startup, total, private)                         \
	create_foreign_upper_path(root, relation, target, rows, 0, startup, total, NIL, NULL, NIL, private)
#elif PG_VERSION_NUM >= 170000
#define rg_foreign_path(root, relation, rows, startup, total, outer, private)                                \
	create_foreignscan_path(root, relation, NULL, rows, startup, total, NIL, outer, NULL, NIL, private)
#define rg_foreign_upper_path(root, relation, target, rows, startup, total, private)                         \
	create_foreign_upper_path(root, relation, target, rows, startup, total, NIL, NULL, NIL, private)
#else
#define rg_foreign_path(root, relation, rows, startup, total, outer, private)                                \
	create_foreignscan_path(root, relation, NULL, rows, startup, total, NIL, outer, NULL, private)
#define rg_foreign_upper_path(root, relation, target, rows, startup, total, private)                         \
	create_foreign_upper_path(root, relation, target, rows, startup, total, NIL, NULL, private)
#endif

/* Since 17 the planner knows the columns that are NOT NULL. */
#if PG_VERSION_NUM >= 170000
#define rg_relation_forget_not_null(relation) ((relation)->notnullattnums = NULL)
#else
#define rg_relation_forget_not_null(relation) ((void) (relation))
#endif

#if PG_VERSION_NUM >= 180000
#define rg_analyze_delay() vacuum_delay_point(true)
#else
#define rg_analyze_delay() vacuum_delay_point()
#endif

#endif
