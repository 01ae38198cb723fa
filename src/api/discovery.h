/*
 * discovery.h — discovery for other SQL functions.
 */
#ifndef RG_API_DISCOVERY_H
#define RG_API_DISCOVERY_H

#include "postgres.h"

#include "catalog/discovery.h"
#include "catalog/identity.h"

/* 404: the caller's organization has no such source. */
extern RgDiscoverySource rg_api_find_source(const RgIdentity *caller, int64 data_source_id);

/* 501: no connector for the type is installed. */
extern void rg_api_require_connector(const char *type);

/* Registers rivergen.http_wait_limit. */
extern void rg_api_discovery_init(void);

/*
 * Discovers the whole source again and waits for the end; fails as discover_schema does. Returns 0, or the id
 * of the running job if a gateway's caller has waited for rivergen.http_wait_limit.
 */
extern int64 rg_api_discover_again(const RgIdentity *caller, int64 data_source_id);

#endif
