/*
 * catalog.h — organizations, sources, credentials, relation documents: every table of rivergen_catalog but
 * job.
 *
 * Everything here runs with SPI connected and with the rights of the extension's owner: whoever calls has
 * found out first who is asking (identity.h), or is an operator's function that only its grants protect.
 */
#ifndef RG_CATALOG_H
#define RG_CATALOG_H

#include "postgres.h"

#include "utils/array.h"
#include "utils/jsonb.h"

#include "catalog/identity.h"

/* Settings of this room: rivergen.gateway_roles, rivergen.organization_id, rivergen.storage_root. */
extern void rg_catalog_init(void);

/* The directory below which organizations/<id>/… lies; '' when there is no storage. */
extern char *rg_storage_root;

/*
 * ---- set-up (organization.c); names are checked and trimmed by the caller; identity says in which
 * organization, and who the audit trail names: rg_operator, or a user ----
 */

extern int64 rg_organization_create(const char *name);

/* 404: no such organization; 409: it has a workspace of this name. */
extern int64 rg_workspace_create(const RgIdentity *identity, const char *name);

/* Either may be NULL. 409: another user has this subject or role. */
extern int64 rg_user_create(const char *subject, const char *role_name);

/* 404: no such organization or user; 409: already a member. */
extern void rg_membership_add(const RgIdentity *identity, int64 user_id, const char *role);

/* Does the organization have it? Keeps it from being deleted until the transaction ends. */
extern bool rg_workspace_hold(int64 organization_id, int64 workspace_id);

/* Makes the rest of the transaction the only one that sets up. */
extern void rg_setup_lock(void);

/* What quick_start finds or makes; call rg_setup_lock first. */
extern int64 rg_user_ensure(const char *role_name);
extern int64 rg_organization_ensure(const char *name, int64 admin_user_id);
extern int64 rg_workspace_ensure(int64 organization_id, const char *name);

/* Grants everything that tenants use to the role (access.c). */
extern void rg_access_grant(Oid role);

/* ---- data sources (data_source.c) ---- */

/*
 * columns: column name → value, for every column that people set. Returns the new id. 409: the name is taken.
 */
extern int64 rg_data_source_insert(const RgIdentity *identity, Jsonb *columns);

/*
 * Locks the source against other changes and returns its columns as they are now, with credential_keys (an
 * array of names, or null). 404 when the organization has no such source.
 */
extern Jsonb *rg_data_source_lock(int64 organization_id, int64 data_source_id);

/*
 * Sets the given columns of a locked source. When that moves it to another destination, credentials that
 * somebody else gave are dropped, unless an admin asks or has_credentials says that new ones follow. 409: the
 * name is taken.
 */
extern void
rg_data_source_change(const RgIdentity *identity, int64 data_source_id, Jsonb *columns, bool has_credentials);

/* Notes who changed a locked source just now. */
extern void rg_data_source_touch(const RgIdentity *identity, int64 data_source_id);

/*
 * The source as the create page shows it; 404 when the organization has no such source. With own_changes,
 * what the running statement has done is seen too; leave it out in STABLE functions.
 */
extern Jsonb *rg_data_source_read(int64 organization_id, int64 data_source_id, bool own_changes);

/* Marks it as deleted. 404. */
extern void rg_data_source_delete(const RgIdentity *identity, int64 data_source_id);

/* Really deletes it, also when it was marked before. 404. */
extern void rg_data_source_purge(const RgIdentity *identity, int64 data_source_id);

/* ---- the list (data_source_list.c) ---- */

typedef struct RgListFilter
{
	const int64 *workspace_id; /* NULL: all; as are the other NULLs */
	const char *type;
	const char *status;
	const char *search;
} RgListFilter;

extern const char *const rg_sort_fields[];
extern const int rg_sort_field_count;

/* {"items": […], "pagination": {…}}; sort_by is one of rg_sort_fields, page and page_size are within bounds.
 */
extern Jsonb *rg_data_source_list(int64 organization_id, const RgListFilter *filter, const char *sort_by,
								  bool descending, int64 page, int64 page_size);

/* ---- credentials (credential.c) ---- */

/* Seals the plain text for a locked source in place of what it had. 503: there is no sealing key. */
extern void rg_credential_replace(const RgIdentity *identity, int64 data_source_id, const char *plain,
								  size_t size, ArrayType *key_names);

/* Takes the credentials of a locked source away. */
extern void rg_credential_remove(int64 organization_id, int64 data_source_id);

/* Takes them away because the destination changed; whoever gave them keeps them. */
extern void rg_credential_drop_moved(const RgIdentity *identity, int64 data_source_id);

#endif
