/*
 * data_source.h — rivergen.data_source_*.
 */
#ifndef RG_API_DATA_SOURCE_H
#define RG_API_DATA_SOURCE_H

#include "postgres.h"

#include "fmgr.h"

#include "catalog/identity.h"
#include "check/check.h"
#include "check/fault.h"

/* Raises the faults of a new source's definition, after adding what only the catalog knows. */
extern void rg_raise_faults(const RgIdentity *identity, RgDefinition *definition);

/*
 * Raises the faults, that of the argument if_updated_at too. Then, when that argument is given: 409 unless
 * the locked source was last changed at that time.
 */
extern void rg_require_version(FunctionCallInfo fcinfo, int argument, const RgIdentity *identity,
							   int64 data_source_id, RgFaults *faults);

/* Seals the credentials of the definition for a locked source; none given takes away what it had. */
extern void
rg_store_credentials(const RgIdentity *identity, int64 data_source_id, const RgDefinition *definition);

/*
 * Stores the checked changes of a locked source, and drops credentials that they would send elsewhere;
 * has_credentials: new ones come with them. True when they change how soon it is to be discovered.
 */
extern bool rg_change_source(const RgIdentity *identity, int64 data_source_id, const RgDefinition *definition,
							 bool has_credentials);

/* The first discovery; a type that no connector serves is not asked for one. */
extern void
rg_enqueue_discovery(const RgIdentity *identity, int64 data_source_id, const RgDefinition *definition);

/* People changed how soon the source is to be discovered, or its credentials. */
extern void rg_reschedule(const RgIdentity *identity, int64 data_source_id);

#endif
