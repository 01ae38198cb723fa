/*
 * identity.h — who is asking, for which organization, in which role (docs/design.md, "Who is asking").
 */
#ifndef RG_IDENTITY_H
#define RG_IDENTITY_H

#include "postgres.h"

typedef enum RgRole
{
	RG_VIEWER,
	RG_EDITOR,
	RG_ADMIN
} RgRole;

typedef struct RgIdentity
{
	int64 user_id;
	int64 organization_id;
	RgRole role;
} RgIdentity;

/* Was this session opened by a role of rivergen.gateway_roles? Never so in a worker, or outside transactions.
 */
extern bool rg_session_is_gateway(void);

/* Is it PostgREST, rather than a gateway of another kind, that such a session serves right now? */
extern bool rg_session_is_postgrest(void);

/* Somebody who need not be a member of anything, nor, through a gateway, a user yet. */
typedef struct RgCaller
{
	const char *subject; /* NULL: a user whom only a login role names */
	int64 user_id;       /* 0: not yet a user */
} RgCaller;

/* Fails with 401: no subject, a role that is no user, a disabled user. Must be called with SPI connected. */
extern RgCaller rg_caller(void);

/*
 * Finds the caller and requires at least the given role. Fails with 401 (unknown or disabled user), 403 (no
 * membership, or not enough role). Must be called with SPI connected.
 */
extern RgIdentity rg_identify(RgRole least);

#endif
