/*
 * data_source.h — rivergen.data_source_*.
 */
#ifndef RG_API_DATA_SOURCE_H
#define RG_API_DATA_SOURCE_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/jsonb.h"

#include "catalog/identity.h"
#include "check/check.h"
#include "check/fault.h"

/* Creates the source of a request, which may be NULL; returns it as the functions answer it. */
extern Jsonb *rg_create_source(const RgIdentity *identity, Jsonb *request);

/* Raises the faults of a new source's definition, including those that only the catalog can find. */
extern void rg_raise_faults(const RgIdentity *identity, RgDefinition *definition);

/*
 * Raises the faults, including that of the argument if_updated_at. Then, if it is given: 409 unless
 * updated_at of the locked source is that time.
 */
extern void rg_require_version(FunctionCallInfo fcinfo, int argument, const RgIdentity *identity,
							   int64 data_source_id, RgFaults *faults);

/* Stores the credentials of the definition for a locked source; an empty object deletes them. */
extern void
rg_store_credentials(const RgIdentity *identity, int64 data_source_id, const RgDefinition *definition);

/*
 * Stores the checked changes of a locked source, and deletes credentials that would go to another destination
 * (rg_data_source_change), and values that are no longer to be seen. current: the source before;
 * has_credentials: new credentials follow. True if the time of the next discovery changes.
 */
extern bool rg_change_source(const RgIdentity *identity, int64 data_source_id, const RgDefinition *definition,
							 Jsonb *current, bool has_credentials);

/* Would the checked changes give the locked source another destination? */
extern bool rg_change_moves(const RgIdentity *identity, int64 data_source_id, const RgDefinition *definition);

/*
 * Enqueues the first discovery if the source is refreshed automatically, its window is open and its connector
 * is installed.
 */
extern void
rg_enqueue_discovery(const RgIdentity *identity, int64 data_source_id, const RgDefinition *definition);

/* Computes the next discovery again after a change of the source or its credentials. */
extern void rg_reschedule(const RgIdentity *identity, int64 data_source_id);

#endif
