/*
 * audit.h — the audit trail. The transaction that makes a change writes its entry.
 */
#ifndef RG_AUDIT_H
#define RG_AUDIT_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "catalog/identity.h"

/* The organization_id of entries about operators' acts that concern no organization. */
#define RG_INSTALLATION 0

/* The identity of an operator: no user id, whichever role is logged in. */
extern RgIdentity rg_operator(int64 organization_id);

/*
 * Adds an entry. data_source_id 0: the entry concerns no source. detail: an object without secret values;
 * NULL means {}.
 */
extern void
rg_audit_record(const RgIdentity *identity, const char *action, int64 data_source_id, Jsonb *detail);

/*
 * Adds an entry that a worker writes. user_id and login_role are those of the caller it worked for;
 * data_source_id 0: none, such as a test of a definition. detail: JSON text.
 */
extern void rg_audit_by_worker(const char *action, int64 organization_id, int64 user_id, Oid login_role,
							   int64 data_source_id, const char *detail);

/* Records an operator's act on the installation or on a whole organization; the detail is {name: id}. */
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
 * Records a change of a source and notifies listeners. Call it while the row exists: after a change, before a
 * purge. before is the result of rg_data_source_lock before the change, or NULL if no field changes.
 * credentials_changed: credentials were stored or deleted. Does nothing if the row does not exist.
 */
extern void rg_audit_source(const RgIdentity *identity, RgSourceAct act, int64 data_source_id, Jsonb *before,
							bool credentials_changed);

#endif
