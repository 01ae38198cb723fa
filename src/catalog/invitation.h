/*
 * invitation.h — invitations to an organization.
 */
#ifndef RG_CATALOG_INVITATION_H
#define RG_CATALOG_INVITATION_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "identity.h"

/* Invites the subject, or changes the role of its invitation. 409: the subject is a member. */
extern Jsonb *rg_invitation_send(const RgIdentity *identity, const char *subject, const char *role);

/* 404: the subject is not invited. */
extern Jsonb *rg_invitation_withdraw(const RgIdentity *identity, const char *subject);

extern Jsonb *rg_invitation_list(const RgCaller *caller);

/* 404: the caller is not invited. Accepting makes the caller a user if it is none. */
extern Jsonb *rg_invitation_accept(const RgCaller *caller, int64 organization_id);
extern void rg_invitation_decline(const RgCaller *caller, int64 organization_id);

#endif
