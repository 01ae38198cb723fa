/*
 * catalog.h — organizations, sources, credentials, relation documents: every table of rivergen_catalog but job.
 */
#ifndef RG_CATALOG_H
#define RG_CATALOG_H

#include "postgres.h"

/* Settings of this room: rivergen.gateway_roles, rivergen.organization_id, rivergen.storage_root. */
extern void rg_catalog_init(void);

#endif
