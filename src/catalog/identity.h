/*
 * identity.h — the caller: user, organization and role (docs/design.md, "Identity").
 */
#ifndef RG_IDENTITY_H
#define RG_IDENTITY_H

#include "postgres.h"

/* In the order of rg_wordlist_roles. */
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

/* Is the session's login role one of rivergen.gateway_roles? False in workers and outside of transactions. */
extern bool rg_session_is_gateway(void);

/* Does this session of a gateway serve a request of PostgREST right now? */
extern bool rg_session_is_postgrest(void);

/* A caller that may belong to no organization and, through a gateway, may not be a user yet. */
typedef struct RgCaller
{
	const char *subject; /* NULL: a user known by a login role only */
	int64 user_id;       /* 0: not yet a user */
} RgCaller;

/*
 * Identifies the caller. Fails with 401: no subject, a role that is no user, a disabled user. SPI is
 * connected.
 */
extern RgCaller rg_caller(void);

/*
 * Fails with 403 in the maintenance of a table: it runs functions of the table's owner, such as those of an
 * index or a materialized view, while the session is another role's, whose user has not called them.
 */
extern void rg_identity_require_own_call(void);

/*
 * Identifies the caller and requires at least the given role. Fails with 401 (unknown or disabled user) or
 * 403 (no membership, or a lower role; for more than a viewer also in the maintenance of a table). SPI is
 * connected.
 */
extern RgIdentity rg_identify(RgRole least);

/*
 * The same, but false where rg_identify would fail for want of a user, membership or role. The identity has
 * what is known then; else 0. SPI is connected.
 */
extern bool rg_identify_quietly(RgRole least, RgIdentity *identity);

#endif
