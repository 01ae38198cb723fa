/*
 * members.h — the members of an organization. SPI is connected; callers have identified the caller and
 * checked the roles.
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

/* Adds an entry to the audit trail; before and after are roles, or NULL. */
extern void rg_member_record(const RgIdentity *identity, const char *action, int64 user_id,
							 const char *before, const char *after);

#endif
