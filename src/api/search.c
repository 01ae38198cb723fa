/*
 * search.c — rivergen.search.
 */
#include "postgres.h"

#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "api/api.h"
#include "api/discovery.h"
#include "catalog/finding.h"
#include "catalog/identity.h"
#include "check/fault.h"
#include "check/search.h"

#define DEFAULT_LIMIT 20

PG_FUNCTION_INFO_V1(rg_sql_search);

static RgSearch
arguments(FunctionCallInfo fcinfo)
{
	return (RgSearch){
		.query = rg_api_optional_text(fcinfo, 0),
		.kinds = rg_api_filter(fcinfo, 1),
		.data_source_id = PG_ARGISNULL(2) ? 0 : PG_GETARG_INT64(2),
		.schema = rg_api_text_filter(fcinfo, 3),
		.tags = rg_api_filter(fcinfo, 4),
		.limit = PG_ARGISNULL(5) ? DEFAULT_LIMIT : PG_GETARG_INT32(5),
		.facets = !PG_ARGISNULL(7) && PG_GETARG_BOOL(7),
	};
}

Datum
rg_sql_search(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity caller = rg_identify(RG_VIEWER);
	RgSearch search = arguments(fcinfo);
	const char *after = rg_api_optional_text(fcinfo, 6);
	Jsonb *place = NULL;
	RgFaults faults;

	if (!PG_ARGISNULL(2))
		(void) rg_api_find_source(&caller, search.data_source_id);
	rg_faults_begin(&faults);
	rg_check_search(&faults, search.query, search.kinds, search.tags, search.limit);
	if (after != NULL && (place = rg_search_place(after)) == NULL)
		rg_fault(&faults, "after", "is not a cursor of a search");
	rg_faults_raise(&faults);

	RgSearchWords words = rg_search_words(search.query);

	rg_faults_begin(&faults);
	rg_check_search_words(&faults, words.has_words || words.has_tags || search.tags != NULL, words.count,
						  words.kinds_are_known);
	rg_faults_raise(&faults);
	return rg_api_answer(rg_search(caller.organization_id, &search, place), "Search completed successfully");
}
