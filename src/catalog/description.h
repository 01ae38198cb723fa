/*
 * description.h — table descriptions: the rows of relation as people see and describe them.
 */
#ifndef RG_CATALOG_DESCRIPTION_H
#define RG_CATALOG_DESCRIPTION_H

#include "postgres.h"

#include "utils/array.h"
#include "utils/jsonb.h"

#include "catalog/bounded.h"
#include "catalog/identity.h"

/* Every description of a source; with what was committed last, whatever the caller's snapshot. */
extern RgLocated rg_descriptions_locate(int64 organization_id, int64 data_source_id);

/* Those that were located, as an array; likewise. */
extern Jsonb *rg_descriptions_located(int64 organization_id, const RgLocated *located);

/* A filter that selects nothing is 0 or NULL; page and page_size are within bounds. */
typedef struct RgDescriptionFilter
{
	int64 data_source_id;
	const char *status;
	const char *schema;
	const char *search;
} RgDescriptionFilter;

extern RgLocated rg_description_page_locate(int64 organization_id, const RgDescriptionFilter *filter,
											int32 page, int32 page_size);

/* {"items", "pagination"} of what was located. */
extern Jsonb *
rg_description_page(int64 organization_id, const RgLocated *located, int32 page, int32 page_size);

/* 413 when the description would be too large. */
extern void rg_description_require_readable(int64 organization_id, int64 relation_id);

/* 404. own_changes: what the running statement has done is seen too; not for STABLE functions. */
extern Jsonb *rg_description_read(int64 organization_id, int64 relation_id, bool own_changes);

/* Locks the description and returns the names of its table's columns, as an array. 404. */
extern Jsonb *rg_description_lock(int64 organization_id, int64 relation_id);

/* Writes what rg_check_description made to a locked description, and says so in the audit trail. */
extern void rg_description_change(const RgIdentity *identity, int64 relation_id, Jsonb *changes);

/* What is to be scanned of one source: an array of ids, ascending; NULL for all of it. */
typedef struct RgScanTarget
{
	int64 data_source_id;
	ArrayType *relation_ids;
} RgScanTarget;

/* Has the calling transaction changed descriptions of the source? Discovery would wait for it. */
extern bool rg_descriptions_uncommitted(int64 organization_id, int64 data_source_id);

#endif
