/*
 * discovery.h — discovering on behalf of other entry points.
 */
#ifndef RG_API_DISCOVERY_H
#define RG_API_DISCOVERY_H

#include "postgres.h"

#include "catalog/discovery.h"
#include "catalog/identity.h"

/* 404 when the caller's organization has no such source. */
extern RgDiscoverySource rg_api_find_source(const RgIdentity *caller, int64 data_source_id);

/* 501 when no connector for sources of the type is installed. */
extern void rg_api_require_connector(const char *type);

/* Registers rivergen.http_wait_limit. */
extern void rg_api_discovery_init(void);

/*
 * Discovers the whole source again and waits for it; fails as discover_schema does. The id of the job that
 * goes on when a gateway's caller has waited as long as he may, else 0.
 */
extern int64 rg_api_discover_again(const RgIdentity *caller, int64 data_source_id);

#endif
