/*
 * access.h — the rights that tenants' roles are granted.
 */
#ifndef RG_CATALOG_ACCESS_H
#define RG_CATALOG_ACCESS_H

#include "postgres.h"

/* Grants everything that tenants use to the role (access.c). */
extern void rg_access_grant(Oid role);

/* The objects of that list that the role may not use, separated by commas; NULL if it may use all. */
extern char *rg_access_missing(Oid role);

#endif
