/*
 * document.h — reading and locking for catalog_export and catalog_apply
 * (sql/objects/160_catalog_document.sql).
 */
#ifndef RG_CATALOG_DOCUMENT_H
#define RG_CATALOG_DOCUMENT_H

#include "postgres.h"

#include "utils/jsonb.h"

/* {"version": 1, "sources": […]}, without credentials. */
extern Jsonb *rg_catalog_document(int64 organization_id);

/* Locks the organization against other documents until the transaction ends. */
extern void rg_catalog_document_lock(int64 organization_id);

/* Locks the undeleted sources of these names, in the order of their ids. */
extern void rg_catalog_document_lock_sources(int64 organization_id, Jsonb *names);

/* The undeleted source of this name, or 0. */
extern int64 rg_data_source_find(int64 organization_id, const char *name);

/* The workspace of this name, or 0. */
extern int64 rg_workspace_find(int64 organization_id, const char *name);

/* {column: {"from", "to"}} of the columns that differ; both arguments are column name → value. */
extern Jsonb *rg_column_changes(Jsonb *columns, Jsonb *current);

/* The names of the undeleted sources that are not in names, as an array. */
extern Jsonb *rg_data_source_names_without(int64 organization_id, Jsonb *names);

#endif
