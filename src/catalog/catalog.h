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

#include "datatype/timestamp.h"
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

/* Is there such an organization? Keeps it so until the transaction ends. Comes before a lock on its
 * workspaces and invitations. */
extern bool rg_organization_hold(int64 organization_id);

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

/* What of that the role may not use, as one list; NULL: nothing. */
extern char *rg_access_missing(Oid role);

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

/* The lock alone; deleted_too: 404 only when the row is really gone. */
extern void rg_data_source_hold(int64 organization_id, int64 data_source_id, bool deleted_too);

/* 409, with this message, when a locked source was changed at another time than the given one. */
#define RG_CHANGED_SINCE "Data source was changed since it was read"
extern void
rg_data_source_require_unchanged(int64 organization_id, int64 data_source_id, TimestampTz updated_at);

/* Fields and members of metadata, separated by spaces, that say beside host, port, TLS and tunnel where a
 * source's credentials go. "*" as members: any that is not ours. */
typedef struct RgDestinationNames
{
	const char *fields;
	const char *members;
} RgDestinationNames;

/*
 * Sets the given columns of a locked source. When that moves it to another destination, credentials that
 * somebody else gave are dropped, unless an admin asks or has_credentials says that new ones follow. 409: the
 * name is taken. True when it changes how soon the source is to be discovered: its destination or its
 * schedule.
 */
extern bool rg_data_source_change(const RgIdentity *identity, int64 data_source_id,
								  const RgDestinationNames *names, Jsonb *columns, bool has_credentials);

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

/* ---- life cycle (lifecycle.c) ---- */

/* Undeletes. 404: no such source; 409: it is not deleted, or its name is taken. */
extern void rg_data_source_restore(const RgIdentity *identity, int64 data_source_id);

/* maintenance begins or ends; ending it as inactive also forgets what the last test found. 404. */
extern void rg_data_source_set_maintenance(const RgIdentity *identity, int64 data_source_id, bool maintenance,
										   bool inactive);

/* Tests and discoveries of the last day, and the newest of them. 404. */
extern Jsonb *rg_data_source_health(int64 organization_id, int64 data_source_id, int32 history_limit);

/* ---- the list (data_source_list.c, list_order.c) ---- */

typedef struct RgListFilter
{
	const int64 *workspace_id; /* NULL: all; as are the other NULLs */
	const char *type;
	const char *status;
	const char *search;
	ArrayType *tags; /* text[]: the source has all of them */
} RgListFilter;

extern const char *const rg_sort_fields[]; /* ended by NULL */
extern const int rg_sort_field_count;

typedef struct RgListOrder
{
	int field; /* index of rg_sort_fields */
	bool descending;
} RgListOrder;

/* The last row of the page before: its id, and its value of the sort field. */
typedef struct RgListCursor
{
	int64 id;
	bool is_null;
	Datum value;
} RgListCursor;

/* The index of the name in rg_sort_fields, or -1. */
extern int rg_sort_field_find(const char *name);

/* Reads what an earlier answer gave as next_cursor; false when it is none, or one of another order. */
extern bool rg_list_cursor_read(const char *digits, const RgListOrder *order, RgListCursor *cursor);

/* {"items": […], "pagination": {…}}; page and page_size are within bounds. */
extern Jsonb *rg_data_source_list(int64 organization_id, const RgListFilter *filter, const RgListOrder *order,
								  int64 page, int64 page_size);

/* {"items": […], "next_cursor": text or null}; after is NULL for the beginning. Nothing is counted. */
extern Jsonb *rg_data_source_list_after(int64 organization_id, const RgListFilter *filter,
										const RgListOrder *order, const RgListCursor *after, int64 page_size);

/* ---- credentials (credential.c) ---- */

/* Seals the plain text for a locked source in place of what it had. 503: there is no sealing key. */
extern void rg_credential_replace(const RgIdentity *identity, int64 data_source_id, const char *plain,
								  size_t size, ArrayType *key_names);

/* Same, of what a client sealed for the present key. 409: key_id is another one. */
extern void rg_credential_replace_box(const RgIdentity *identity, int64 data_source_id, int64 key_id,
									  const char *box, size_t size, ArrayType *key_names);

/* The same two for nobody's row: to be tested, and forgotten. */
extern bytea *rg_credential_seal(int64 organization_id, const char *plain, size_t size, int64 *key_id);
extern bytea *rg_credential_seal_box(int64 organization_id, int64 key_id, const char *box, size_t size);

/* Takes the credentials of a locked source away. */
extern void rg_credential_remove(int64 organization_id, int64 data_source_id);

/* Takes them away because the destination changed; whoever gave them keeps them. */
extern void rg_credential_drop_moved(const RgIdentity *identity, int64 data_source_id);

/* Notes that a new source was made without credentials and waits for them. */
extern void rg_credential_await(int64 organization_id, int64 data_source_id);

/* text[]: what failure_reason says of sources that wait for credentials. */
extern ArrayType *rg_credential_reminders(void);

/* ---- the catalog as a document (document.c) ---- */

/* {"version": 1, "sources": […]}, without credentials. */
extern Jsonb *rg_catalog_document(int64 organization_id);

/* Makes the rest of the transaction the only one that applies a document to the organization. */
extern void rg_catalog_document_lock(int64 organization_id);

/* Locks the undeleted sources of these names, in the order of their ids. */
extern void rg_catalog_document_lock_sources(int64 organization_id, Jsonb *names);

/* The undeleted source of this name, or 0. */
extern int64 rg_data_source_find(int64 organization_id, const char *name);

/* The workspace of this name, or 0. */
extern int64 rg_workspace_find(int64 organization_id, const char *name);

/* {column: {"from", "to"}} of what differs; both are column name → value. */
extern Jsonb *rg_column_changes(Jsonb *columns, Jsonb *current);

/* The names of the undeleted sources that are not among these, as an array. */
extern Jsonb *rg_data_source_names_without(int64 organization_id, Jsonb *names);

#endif
