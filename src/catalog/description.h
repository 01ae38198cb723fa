/*
 * description.h — table descriptions: the rows of relation as the API shows them and users describe them.
 */
#ifndef RG_CATALOG_DESCRIPTION_H
#define RG_CATALOG_DESCRIPTION_H

#include "postgres.h"

#include "utils/array.h"
#include "utils/jsonb.h"

#include "catalog/bounded.h"
#include "catalog/identity.h"

/* Every description of a source, with a new snapshot. */
extern RgLocated rg_descriptions_locate(int64 organization_id, int64 data_source_id);

/* The located descriptions as an array, with a new snapshot. */
extern Jsonb *rg_descriptions_located(int64 organization_id, const RgLocated *located);

/* 0 or NULL: no filter. page and page_size are within bounds. */
typedef struct RgDescriptionFilter
{
	int64 data_source_id;
	const char *status;
	const char *schema;
	const char *search;
	ArrayType *tags;
} RgDescriptionFilter;

extern RgLocated rg_description_page_locate(int64 organization_id, const RgDescriptionFilter *filter,
											int32 page, int32 page_size);

/* {"items", "pagination"} of the located descriptions. */
extern Jsonb *
rg_description_page(int64 organization_id, const RgLocated *located, int32 page, int32 page_size);

/* How much of a source is described, or of all sources when data_source_id is 0: an array. */
extern Jsonb *rg_description_coverage(int64 organization_id, int64 data_source_id);

/* 413: the description would be too large. */
extern void rg_description_require_readable(int64 organization_id, int64 relation_id);

/* 404. own_changes: changes of the running statement are visible; not in STABLE functions. */
extern Jsonb *rg_description_read(int64 organization_id, int64 relation_id, bool own_changes);

/* Locks the description and returns the names of its table's columns, as an array. 404. */
extern Jsonb *rg_description_lock(int64 organization_id, int64 relation_id);

/* 409 if a locked description has another version: users changed it since that was read. */
#define RG_DESCRIPTION_CHANGED_SINCE "Table description was changed since it was read"
extern void rg_description_require_version(int64 organization_id, int64 relation_id, const char *version);

/*
 * Writes the changes that rg_check_description returned to a locked description, and adds an entry to the
 * audit trail. Returns false, and writes nothing, if the description is so already.
 */
extern bool rg_description_change(const RgIdentity *identity, int64 relation_id, Jsonb *changes);

/* The relations of a source to scan: ids in ascending order; NULL for all. */
typedef struct RgScanTarget
{
	int64 data_source_id;
	ArrayType *relation_ids;
} RgScanTarget;

/* Has the calling transaction changed descriptions of the source? Discovery would wait for it. */
extern bool rg_descriptions_uncommitted(int64 organization_id, int64 data_source_id);

#endif
