/*
 * data_source.h — the rows of data_source, and the document that the API shows of one.
 */
#ifndef RG_CATALOG_DATA_SOURCE_H
#define RG_CATALOG_DATA_SOURCE_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/jsonb.h"

#include "catalog.h"
#include "identity.h"
#include "sql.h"

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

/* Runs a statement that gives a source its name: 409 when another one has it (data_source.c). */
extern void rg_data_source_run_named(RgStatement *statement, const RgArgument *arguments, int count);

#endif
