/*
 * lifecycle.h — what people do to a source beside changing it.
 */
#ifndef RG_CATALOG_LIFECYCLE_H
#define RG_CATALOG_LIFECYCLE_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "identity.h"

/* Undeletes. 404: no such source; 409: it is not deleted, or its name is taken. */
extern void rg_data_source_restore(const RgIdentity *identity, int64 data_source_id);

/* maintenance begins or ends; ending it as inactive also forgets what the last test found. 404. */
extern void rg_data_source_set_maintenance(const RgIdentity *identity, int64 data_source_id, bool maintenance,
										   bool inactive);

/* Tests and discoveries of the last day, and the newest of them. 404. */
extern Jsonb *rg_data_source_health(int64 organization_id, int64 data_source_id, int32 history_limit);

#endif
