/*
 * reading_policy.h — which users may decide that a source is read in place.
 */
#ifndef RG_CATALOG_READING_POLICY_H
#define RG_CATALOG_READING_POLICY_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "identity.h"

/*
 * 403: the request would switch reading on, or change how a source that is read may be read, and the caller
 * is no admin. current is the locked source, or NULL for a new source.
 */
extern void rg_reading_require_admin(const RgIdentity *identity, Jsonb *request, Jsonb *current);

#endif
