/*
 * audit.h — the trail of who changed what, written by the transaction that makes the change.
 */
#ifndef RG_AUDIT_H
#define RG_AUDIT_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "catalog/identity.h"

/* The organization_id under which operators' acts are kept that belong to no organization. */
#define RG_INSTALLATION 0

/* An operator as the doer: no user, whoever is logged in. */
extern RgIdentity rg_operator(int64 organization_id);

/*
 * Adds one entry. data_source_id 0: it is about no source. detail: an object without any secret value; NULL
 * is {}.
 */
extern void
rg_audit_record(const RgIdentity *identity, const char *action, int64 data_source_id, Jsonb *detail);

/* What an operator did to no organization, or to one as a whole: {name: id}. */
extern void rg_audit_installation(const char *action, const char *name, int64 id);

typedef enum RgSourceAct
{
	RG_SOURCE_CREATED,
	RG_SOURCE_UPDATED,
	RG_SOURCE_CREDENTIALS_UPDATED,
	RG_SOURCE_DELETED,
	RG_SOURCE_PURGED,
	RG_SOURCE_RESTORED,
	RG_SOURCE_STATUS_SET,
} RgSourceAct;

/*
 * Records what was done to a source and tells listeners. Call it while the row is there: after a change,
 * before a purge. before is what rg_data_source_lock returned ahead of the change, or NULL where no field
 * changes; credentials_changed says that credentials were given or taken away. Without such a row it does
 * nothing.
 */
extern void rg_audit_source(const RgIdentity *identity, RgSourceAct act, int64 data_source_id, Jsonb *before,
							bool credentials_changed);

#endif
