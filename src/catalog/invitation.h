/*
 * invitation.h — how an admin brings people in.
 */
#ifndef RG_CATALOG_INVITATION_H
#define RG_CATALOG_INVITATION_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "identity.h"

/* Invites, or changes the role of an invitation. 409: the subject is a member. */
extern Jsonb *rg_invitation_send(const RgIdentity *identity, const char *subject, const char *role);

/* 404: nobody is invited by that subject. */
extern Jsonb *rg_invitation_withdraw(const RgIdentity *identity, const char *subject);

extern Jsonb *rg_invitation_list(const RgCaller *caller);

/* 404: not invited. Makes the caller a user if need be. */
extern Jsonb *rg_invitation_accept(const RgCaller *caller, int64 organization_id);
extern void rg_invitation_decline(const RgCaller *caller, int64 organization_id);

#endif
