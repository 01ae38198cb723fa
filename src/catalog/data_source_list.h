/*
 * data_source_list.h — pages of an organization's sources, by number or from a cursor on.
 */
#ifndef RG_CATALOG_DATA_SOURCE_LIST_H
#define RG_CATALOG_DATA_SOURCE_LIST_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "settings.h"

/* {"items": […], "pagination": {…}}; page and page_size are within bounds. */
extern Jsonb *rg_data_source_list(int64 organization_id, const RgListFilter *filter, const RgListOrder *order,
								  int64 page, int64 page_size);

/* {"items": […], "next_cursor": text or null}; after is NULL for the beginning. Nothing is counted. */
extern Jsonb *rg_data_source_list_after(int64 organization_id, const RgListFilter *filter,
										const RgListOrder *order, const RgListCursor *after, int64 page_size);

#endif
