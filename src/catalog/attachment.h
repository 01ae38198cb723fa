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

typedef struct RgDetaching
{
	int64 data_source_id; /* 0: not given */
	char *local_schema;   /* or NULL */
	bool force;           /* with what depends on the foreign tables */
} RgDetaching;

/*
 * The role that is to own foreign tables, and whose foreign servers count: that of the session, or the one
 * that an operator has named for the organization when the session is a gateway's. 403.
 */
extern Oid rg_attachment_role(const RgIdentity *identity);

/* A source of the organization, or 404. */
extern void rg_attachment_require_source(const RgIdentity *identity, int64 data_source_id);

/* 501 when the connector of the source has said that it cannot do this. */
extern void
rg_attachment_require_capability(const RgIdentity *identity, int64 data_source_id, const char *capability);

/* Makes or plans them, with an entry in the audit trail; returns the answer. 403, 404, 409, 413. */
extern Jsonb *rg_attachment_make(const RgIdentity *identity, Oid role, const RgAttaching *attaching);

/* Does the role own foreign tables of this source or schema, of whatever organization? */
extern bool rg_attachment_is_own(Oid role, const RgDetaching *detaching);

/* The identity may be no member: then only what the role owns is removed. 403, 404, 409, 503. */
extern Jsonb *rg_attachment_remove(const RgIdentity *identity, Oid role, const RgDetaching *detaching);

/* For operators. role_name NULL: none. 400, 404. */
extern Jsonb *rg_attachment_set_role(int64 organization_id, const char *role_name);

#endif
