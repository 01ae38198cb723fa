/*
 * list.h — checks the arguments of data_source_list.
 */
#ifndef RG_CHECK_LIST_H
#define RG_CHECK_LIST_H

#include "postgres.h"

#include "check.h"
#include "fault.h"

/* Checks the arguments page and page_size of any list. */
extern void rg_check_page(RgFaults *faults, int64 page, int64 page_size);

/* Checks the tags that a list or search asks for, which may be NULL. */
extern void rg_check_sought_tags(RgFaults *faults, ArrayType *tags);

/* Adds the faults of all arguments but the cursor. sort_fields are the names that sort_by may have. */
extern void rg_check_list(RgFaults *faults, const RgListRequest *request, const char *const *sort_fields,
						  int sort_field_count);

#endif
