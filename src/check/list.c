/*
 * list.c — checks the arguments of data_source_list.
 */
#include "list.h"

#include "check/check.h"
#include "wordlist.h"

#define MOST_PER_PAGE 1000
#define MOST_TAGS     100

static bool
is_one_of(const char *text, const char *const *names, int count)
{
	for (int i = 0; i < count; i++)
	{
		if (strcmp(text, names[i]) == 0)
			return true;
	}
	return false;
}

static void
check_sort(RgFaults *faults, const RgListRequest *request, const char *const *sort_fields, int count)
{
	StringInfoData names;

	if (rg_wordlist_index(rg_wordlist_orders, request->sort_order) < 0)
		rg_fault(faults, "sort_order", "must be asc or desc");
	if (is_one_of(request->sort_by, sort_fields, count))
		return;
	initStringInfo(&names);
	for (int i = 0; i < count; i++)
		appendStringInfo(&names, "%s%s", i > 0 ? ", " : "", sort_fields[i]);
	rg_fault(faults, "sort_by", "must be one of %s", names.data);
}

void
rg_check_page(RgFaults *faults, int64 page, int64 page_size)
{
	if (page < 1)
		rg_fault(faults, "page", "must be at least 1");
	if (page_size < 1 || page_size > MOST_PER_PAGE)
		rg_fault(faults, "page_size", "must be between 1 and %d", MOST_PER_PAGE);
}

void
rg_check_sought_tags(RgFaults *faults, ArrayType *tags)
{
	if (tags == NULL)
		return;
	if (array_contains_nulls(tags))
		rg_fault(faults, "tags", "must not hold null");
	if (ArrayGetNItems(ARR_NDIM(tags), ARR_DIMS(tags)) > MOST_TAGS)
		rg_fault(faults, "tags", "must be at most %d tags", MOST_TAGS);
}

void
rg_check_list(RgFaults *faults, const RgListRequest *request, const char *const *sort_fields,
			  int sort_field_count)
{
	if (request->type != NULL && rg_source_type_find(request->type, strlen(request->type)) == NULL)
		rg_fault(faults, "type", "must be one of %s", rg_source_type_names());
	if (request->status != NULL && rg_wordlist_index(rg_wordlist_source_statuses, request->status) < 0)
		rg_fault(faults, "status_filter", "must be one of %s", rg_wordlist_text(rg_wordlist_source_statuses));
	rg_check_sought_tags(faults, request->tags);
	if (request->after != NULL && request->page > 1)
		rg_fault(faults, "page", "must not be given beside after");
	rg_check_page(faults, request->page, request->page_size);
	check_sort(faults, request, sort_fields, sort_field_count);
}
