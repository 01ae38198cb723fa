/*
 * organization.h — what an operator sets up: organizations, workspaces, users, memberships.
 */
#ifndef RG_CATALOG_ORGANIZATION_H
#define RG_CATALOG_ORGANIZATION_H

#include "postgres.h"

#include "identity.h"

extern int64 rg_organization_create(const char *name);

/* 404: no such organization; 409: it has a workspace of this name. */
extern int64 rg_workspace_create(const RgIdentity *identity, const char *name);

/* Either may be NULL. 409: another user has this subject or role. */
extern int64 rg_user_create(const char *subject, const char *role_name);

/* 404: no such organization or user; 409: already a member. */
extern void rg_membership_add(const RgIdentity *identity, int64 user_id, const char *role);

/* Is there such an organization? Keeps it so until the transaction ends. Comes before a lock on its
 * workspaces and invitations. */
extern bool rg_organization_hold(int64 organization_id);

/* Does the organization have it? Keeps it from being deleted until the transaction ends. */
extern bool rg_workspace_hold(int64 organization_id, int64 workspace_id);

/* Makes the rest of the transaction the only one that sets up. */
extern void rg_setup_lock(void);

/* What quick_start finds or makes; call rg_setup_lock first. */
extern int64 rg_user_ensure(const char *role_name);
extern int64 rg_organization_ensure(const char *name, int64 admin_user_id);
extern int64 rg_workspace_ensure(int64 organization_id, const char *name);

#endif
