/*
 * document.h — what turns an organization's sources into a document and back
 * (sql/objects/160_catalog_document.sql).
 */
#ifndef RG_CATALOG_DOCUMENT_H
#define RG_CATALOG_DOCUMENT_H

#include "postgres.h"

#include "utils/jsonb.h"

/* {"version": 1, "sources": […]}, without credentials. */
extern Jsonb *rg_catalog_document(int64 organization_id);

/* Makes the rest of the transaction the only one that applies a document to the organization. */
extern void rg_catalog_document_lock(int64 organization_id);

/* Locks the undeleted sources of these names, in the order of their ids. */
extern void rg_catalog_document_lock_sources(int64 organization_id, Jsonb *names);

/* The undeleted source of this name, or 0. */
extern int64 rg_data_source_find(int64 organization_id, const char *name);

/* The workspace of this name, or 0. */
extern int64 rg_workspace_find(int64 organization_id, const char *name);

/* {column: {"from", "to"}} of what differs; both are column name → value. */
extern Jsonb *rg_column_changes(Jsonb *columns, Jsonb *current);

/* The names of the undeleted sources that are not among these, as an array. */
extern Jsonb *rg_data_source_names_without(int64 organization_id, Jsonb *names);

#endif
