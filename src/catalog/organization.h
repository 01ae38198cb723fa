/*
 * organization.h — creating organizations, workspaces, users and memberships.
 */
#ifndef RG_CATALOG_ORGANIZATION_H
#define RG_CATALOG_ORGANIZATION_H

#include "postgres.h"

#include "identity.h"

extern int64 rg_organization_create(const char *name);

/* 404: no such organization; 409: it has a workspace of this name. */
extern int64 rg_workspace_create(const RgIdentity *identity, const char *name);

/* One of the two may be NULL. 409: another user has this subject or role. */
extern int64 rg_user_create(const char *subject, const char *role_name);

/* 404: no such organization or user; 409: already a member. */
extern void rg_membership_add(const RgIdentity *identity, int64 user_id, const char *role);

/*
 * Does the organization exist? Keeps it until the transaction ends. Call it before locking its workspaces or
 * invitations.
 */
extern bool rg_organization_hold(int64 organization_id);

/* Does the organization have the workspace? Keeps it until the transaction ends. */
extern bool rg_workspace_hold(int64 organization_id, int64 workspace_id);

/* Serializes the creation of organizations and the grants until the transaction ends. */
extern void rg_setup_lock(void);

/* Find or create, for quick_start; call rg_setup_lock first. */
extern int64 rg_user_ensure(const char *role_name);
extern int64 rg_organization_ensure(const char *name, int64 admin_user_id);
extern int64 rg_workspace_ensure(int64 organization_id, const char *name);

#endif
