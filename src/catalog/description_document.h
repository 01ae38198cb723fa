/*
 * description_document.h — reading and locking for table_description_export and table_description_apply
 * (sql/objects/206_description_document.sql).
 */
#ifndef RG_CATALOG_DESCRIPTION_DOCUMENT_H
#define RG_CATALOG_DESCRIPTION_DOCUMENT_H

#include "postgres.h"

#include "utils/array.h"
#include "utils/jsonb.h"

/* 0 or NULL: no filter. */
typedef struct RgDescriptionSelection
{
	int64 data_source_id;
	const char *schema;
	ArrayType *tags;
	bool only_described;
} RgDescriptionSelection;

/* {"version": 1, "descriptions": […]}. 413: it would be too large. */
extern Jsonb *rg_description_document(int64 organization_id, const RgDescriptionSelection *selection);

/* Locks the relations that the entries name; returns the id of each entry's, 0 where there is none. */
extern int64 *rg_description_document_lock(int64 organization_id, Jsonb *entries, int count);

/* Would the changes change the locked description? *version is its version now. */
extern bool rg_description_differs(int64 organization_id, int64 relation_id, Jsonb *changes, char **version);

#endif
