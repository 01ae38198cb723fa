/*
 * access.h — what a tenant's role is granted.
 */
#ifndef RG_CATALOG_ACCESS_H
#define RG_CATALOG_ACCESS_H

#include "postgres.h"

/* Grants everything that tenants use to the role (access.c). */
extern void rg_access_grant(Oid role);

/* What of that the role may not use, as one list; NULL: nothing. */
extern char *rg_access_missing(Oid role);

#endif
