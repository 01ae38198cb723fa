/*
 * lifecycle.h — restoring, maintenance and health of a source.
 */
#ifndef RG_CATALOG_LIFECYCLE_H
#define RG_CATALOG_LIFECYCLE_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "identity.h"

/* Restores a deleted source. 404: no such source; 409: it is not deleted, or its name is taken. */
extern void rg_data_source_restore(const RgIdentity *identity, int64 data_source_id);

/* Starts or ends maintenance. inactive: also resets the status of the last test. 404. */
extern void rg_data_source_set_maintenance(const RgIdentity *identity, int64 data_source_id, bool maintenance,
										   bool inactive);

/*
 * Forgets the host key that the tunnel's SSH server has shown: the next connection takes the key that it is
 * shown. Returns what was forgotten, as an object. 404; 409: none is known.
 */
extern Jsonb *rg_data_source_forget_host_key(const RgIdentity *identity, int64 data_source_id);

/* Statistics of the tests and discoveries of the last day, and the newest of them. 404. */
extern Jsonb *rg_data_source_health(int64 organization_id, int64 data_source_id, int32 history_limit);

#endif
