/*
 * compat.h — where PostgreSQL 15 to 18 differ.
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
#include "utils/memutils.h"

#if PG_VERSION_NUM >= 180000
#include "storage/waiteventset.h"
#endif

#if PG_VERSION_NUM >= 170000
#define rg_create_wait_event_set(events) CreateWaitEventSet(NULL, events)
#else
#define rg_create_wait_event_set(events) CreateWaitEventSet(TopMemoryContext, events)
#endif

/* What the JSON parser calls: its result came with 16, the caller's own lexer with 17. */
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

#if PG_VERSION_NUM >= 160000
#define rg_owns_database(database) object_ownercheck(DatabaseRelationId, database, GetUserId())
#else
#define rg_owns_database(database) pg_database_ownercheck(database, GetUserId())
#endif

#endif
