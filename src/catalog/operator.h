/*
 * operator.h — operators' lists of users and organizations; disabling users and closing organizations.
 */
#ifndef RG_CATALOG_OPERATOR_H
#define RG_CATALOG_OPERATOR_H

#include "postgres.h"

#include "utils/jsonb.h"

extern Jsonb *rg_user_page(int32 page, int32 page_size);
extern Jsonb *rg_organization_page(int32 page, int32 page_size);
extern Jsonb *rg_audit_page(int64 organization_id, int32 page, int32 page_size);

/* Returns the user. 404. */
extern Jsonb *rg_user_set_disabled(int64 user_id, bool disabled);

/* Deletes the organization and all it contains; returns the numbers of deleted rows. 404. */
extern Jsonb *rg_organization_close(int64 organization_id);

#endif
