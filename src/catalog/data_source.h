/*
 * data_source.h — the rows of data_source, and the document of a row that the API returns.
 */
#ifndef RG_CATALOG_DATA_SOURCE_H
#define RG_CATALOG_DATA_SOURCE_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/jsonb.h"

#include "settings.h"
#include "identity.h"
#include "sql.h"

/*
 * columns: column name → value, for every column that a definition sets. Returns the new id. 409: the name is
 * taken.
 */
extern int64 rg_data_source_insert(const RgIdentity *identity, Jsonb *columns);

/*
 * Locks the source against other changes and returns its current columns, with credential_keys (an array of
 * names, or null). 404: the organization has no such source.
 */
extern Jsonb *rg_data_source_lock(int64 organization_id, int64 data_source_id);

/* The lock alone. deleted_too: a source that is marked as deleted is found too. */
extern void rg_data_source_hold(int64 organization_id, int64 data_source_id, bool deleted_too);

/* 409, with this message, if updated_at of the locked source is not the given one. */
#define RG_CHANGED_SINCE "Data source was changed since it was read"
extern void
rg_data_source_require_unchanged(int64 organization_id, int64 data_source_id, TimestampTz updated_at);

/*
 * Sets the given columns of a locked source. If its destination changes, credentials that another user gave
 * are deleted, unless the caller is an admin or new credentials follow (has_credentials). 409: the name is
 * taken. True if the change affects the time of the next discovery: the destination or the schedule changed.
 */
extern bool rg_data_source_change(const RgIdentity *identity, int64 data_source_id,
								  const RgDestinationNames *names, Jsonb *columns, bool has_credentials);

/* Would these columns change the destination of the locked source? */
extern bool rg_data_source_moves(int64 organization_id, int64 data_source_id, const RgDestinationNames *names,
								 Jsonb *columns);

/* Sets updated_at, and the user who changed the locked source. */
extern void rg_data_source_touch(const RgIdentity *identity, int64 data_source_id);

/*
 * The source as the API returns it. 404: the organization has no such source. own_changes: changes of the
 * running statement are visible; not in STABLE functions.
 */
extern Jsonb *rg_data_source_read(int64 organization_id, int64 data_source_id, bool own_changes);

/* Marks it as deleted. 404. */
extern void rg_data_source_delete(const RgIdentity *identity, int64 data_source_id);

/* Deletes the row, whether or not it was marked as deleted. 404. */
extern void rg_data_source_purge(const RgIdentity *identity, int64 data_source_id);

/* Runs a statement that names a source. 409: another source has the name. */
extern void rg_data_source_run_named(RgStatement *statement, const RgArgument *arguments, int count);

#endif
