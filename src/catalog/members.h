/*
 * members.h — the people and workspaces of an organization, and what operators do with users and
 * organizations. SPI is connected; callers have found out who asks, and checked and trimmed names and roles.
 */
#ifndef RG_MEMBERS_H
#define RG_MEMBERS_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "catalog/identity.h"

/* ---- members (members.c) ---- */

extern Jsonb *rg_member_page(int64 organization_id, int32 page, int32 page_size);

/* The member as member_list shows it. */
extern Jsonb *rg_member_body(int64 organization_id, int64 user_id);

/* Locks the members until the transaction ends. 404: no such member. */
extern void rg_member_require(int64 organization_id, int64 user_id);

/* 404: no such member; 409: the last admin. */
extern Jsonb *rg_member_change_role(const RgIdentity *identity, int64 user_id, const char *role);
extern void rg_member_remove(const RgIdentity *identity, int64 user_id);

/* Puts it into the audit trail; before and after are roles, or NULL. */
extern void rg_member_record(const RgIdentity *identity, const char *action, int64 user_id,
							 const char *before, const char *after);

/* ---- invitations (invitation.c) ---- */

/* Invites, or changes the role of an invitation. 409: the subject is a member. */
extern Jsonb *rg_invitation_send(const RgIdentity *identity, const char *subject, const char *role);

/* 404: nobody is invited by that subject. */
extern Jsonb *rg_invitation_withdraw(const RgIdentity *identity, const char *subject);

extern Jsonb *rg_invitation_list(const RgCaller *caller);

/* 404: not invited. Makes the caller a user if need be. */
extern Jsonb *rg_invitation_accept(const RgCaller *caller, int64 organization_id);
extern void rg_invitation_decline(const RgCaller *caller, int64 organization_id);

/* ---- workspaces (workspace.c) ---- */

extern Jsonb *rg_workspace_page(int64 organization_id, int32 page, int32 page_size);

/* 409: the name is taken. */
extern Jsonb *rg_workspace_add(const RgIdentity *identity, const char *name);

/* Locks it until the transaction ends. 404. */
extern void rg_workspace_lock(int64 organization_id, int64 workspace_id);

/* Of a locked workspace. 409: the name is taken; sources are in it. */
extern Jsonb *rg_workspace_rename(const RgIdentity *identity, int64 workspace_id, const char *name);
extern void rg_workspace_delete(const RgIdentity *identity, int64 workspace_id);

/* Puts it into the audit trail; before may be NULL. */
extern void rg_workspace_record(const RgIdentity *identity, const char *action, int64 workspace_id,
								const char *before, const char *name);

/* ---- for operators (operator.c) ---- */

extern Jsonb *rg_user_page(int32 page, int32 page_size);
extern Jsonb *rg_organization_page(int32 page, int32 page_size);
extern Jsonb *rg_audit_page(int64 organization_id, int32 page, int32 page_size);

/* Returns the user. 404. */
extern Jsonb *rg_user_set_disabled(int64 user_id, bool disabled);

/* Removes everything; returns how much that was. 404. */
extern Jsonb *rg_organization_close(int64 organization_id);

#endif
