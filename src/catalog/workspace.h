/* workspace.h — the workspaces of an organization. */
#ifndef RG_CATALOG_WORKSPACE_H
#define RG_CATALOG_WORKSPACE_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "identity.h"

extern Jsonb *rg_workspace_page(int64 organization_id, int32 page, int32 page_size);

/* 409: the name is taken. */
extern Jsonb *rg_workspace_add(const RgIdentity *identity, const char *name);

/* Locks it until the transaction ends. 404. */
extern void rg_workspace_lock(int64 organization_id, int64 workspace_id);

/* For a locked workspace. 409: the name is taken; the workspace contains sources. */
extern Jsonb *rg_workspace_rename(const RgIdentity *identity, int64 workspace_id, const char *name);
extern void rg_workspace_delete(const RgIdentity *identity, int64 workspace_id);

/* Adds an entry to the audit trail; before may be NULL. */
extern void rg_workspace_record(const RgIdentity *identity, const char *action, int64 workspace_id,
								const char *before, const char *name);

#endif
