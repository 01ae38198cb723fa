/*
 * attachment.h — the foreign tables of a source (sql/objects/247_attachments.sql).
 */
#ifndef RG_CATALOG_ATTACHMENT_H
#define RG_CATALOG_ATTACHMENT_H

#include "postgres.h"

#include "utils/array.h"
#include "utils/jsonb.h"

#include "identity.h"

typedef struct RgAttaching
{
	int64 data_source_id;
	char *local_schema; /* or NULL */
	ArrayType *schemas; /* or NULL */
	ArrayType *tables;  /* or NULL */
	bool dry_run;
} RgAttaching;

/*
 * The role that is to own foreign tables: that of the session, or the one that an operator has named for the
 * organization when the session is a gateway's. 403.
 */
extern Oid rg_attachment_role(const RgIdentity *identity);

/* 404 unless the organization has the source, or has deleted it. */
extern void rg_attachment_require_source(const RgIdentity *identity, int64 data_source_id);

/* 501 when the connector of the source has said that it cannot do this. */
extern void
rg_attachment_require_capability(const RgIdentity *identity, int64 data_source_id, const char *capability);

/* Makes or plans them, with an entry in the audit trail; returns the answer. 403, 404, 409, 413. */
extern Jsonb *rg_attachment_make(const RgIdentity *identity, Oid role, const RgAttaching *attaching);

/* data_source_id 0, or local_schema NULL: not given. force: with what depends on them. 403, 404, 409. */
extern Jsonb *rg_attachment_remove(const RgIdentity *identity, Oid role, int64 data_source_id,
								   const char *local_schema, bool force);

/* For operators. role_name NULL: none. 400, 404. */
extern Jsonb *rg_attachment_set_role(int64 organization_id, const char *role_name);

#endif
