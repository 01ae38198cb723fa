/*
 * description.c — rivergen.table_description_*.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"

#include "api/api.h"
#include "api/discovery.h"
#include "api/page.h"
#include "catalog/bounded.h"
#include "catalog/description.h"
#include "catalog/identity.h"
#include "check/description.h"

#define DEFAULT_PAGE_SIZE 100

PG_FUNCTION_INFO_V1(rg_sql_table_description_refresh);
PG_FUNCTION_INFO_V1(rg_sql_table_description_list);
PG_FUNCTION_INFO_V1(rg_sql_table_description_coverage);
PG_FUNCTION_INFO_V1(rg_sql_table_description_get);
PG_FUNCTION_INFO_V1(rg_sql_table_description_update);

/* Every description of the source. 413: they would be too large. */
static RgLocated
locate_all(const RgIdentity *caller, int64 data_source_id)
{
	RgLocated located = rg_descriptions_locate(caller->organization_id, data_source_id);

	rg_bounded_require(located.bytes,
					   "Discover the data source with refresh, then list its table descriptions in pages "
					   "(page, page_size), or those of a schema (table_schema).\n"
					   "rivergen.discover_schema(…, refresh => true) discovers, and "
					   "rivergen.table_description_list lists.");
	return located;
}

/*
 * The answer is a bare array without an envelope. Its size is checked before the discovery and again after
 * it.
 */
Datum
rg_sql_table_description_refresh(PG_FUNCTION_ARGS)
{
	Datum answer;

	rg_api_begin();

	RgIdentity caller = rg_identify(RG_EDITOR);
	int64 data_source_id = rg_api_required_id(fcinfo, 0, "db_connection_id");

	(void) rg_api_find_source(&caller, data_source_id);
	(void) locate_all(&caller, data_source_id);

	int64 job_id = rg_api_discover_again(&caller, data_source_id);

	if (job_id != 0)
		answer = rg_api_copy_out(rg_api_queued(job_id));
	else
	{
		RgLocated located = locate_all(&caller, data_source_id);

		answer = rg_api_copy_out(JsonbPGetDatum(rg_descriptions_located(caller.organization_id, &located)));
	}
	rg_api_end();
	return answer;
}

Datum
rg_sql_table_description_list(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity caller = rg_identify(RG_VIEWER);
	RgDescriptionFilter filter = {.data_source_id = PG_ARGISNULL(0) ? 0 : PG_GETARG_INT64(0),
								  .status = rg_api_optional_text(fcinfo, 1),
								  .schema = rg_api_text_filter(fcinfo, 2),
								  .search = rg_api_optional_text(fcinfo, 3),
								  .tags = rg_api_filter(fcinfo, 6)};
	RgFaults faults;

	if (!PG_ARGISNULL(0))
		(void) rg_api_find_source(&caller, filter.data_source_id);
	rg_faults_begin(&faults);
	rg_check_description_list(&faults, filter.status, filter.tags);

	RgPage page = rg_api_page_beside(fcinfo, 4, DEFAULT_PAGE_SIZE, &faults);

	rg_faults_raise(&faults);

	RgLocated located = rg_description_page_locate(caller.organization_id, &filter, page.number, page.size);

	rg_bounded_require(located.bytes, "Ask for a smaller page (page_size).");
	return rg_api_answer(rg_description_page(caller.organization_id, &located, page.number, page.size),
						 "Table descriptions retrieved successfully");
}

Datum
rg_sql_table_description_coverage(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity caller = rg_identify(RG_VIEWER);
	int64 data_source_id = PG_ARGISNULL(0) ? 0 : PG_GETARG_INT64(0);

	if (!PG_ARGISNULL(0))
		(void) rg_api_find_source(&caller, data_source_id);
	return rg_api_answer(rg_description_coverage(caller.organization_id, data_source_id),
						 "Description coverage retrieved successfully");
}

Datum
rg_sql_table_description_get(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity caller = rg_identify(RG_VIEWER);
	int64 id = rg_api_required_id(fcinfo, 0, "id");

	rg_description_require_readable(caller.organization_id, id);
	return rg_api_answer(rg_description_read(caller.organization_id, id, false),
						 "Table description retrieved successfully");
}

Datum
rg_sql_table_description_update(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity caller = rg_identify(RG_EDITOR);
	int64 id = rg_api_required_id(fcinfo, 0, "id");
	Jsonb *columns = rg_description_lock(caller.organization_id, id);
	char *version = rg_api_optional_text(fcinfo, 2);
	RgFaults faults;
	Jsonb *changes;

	rg_description_require_readable(caller.organization_id, id);
	rg_faults_begin(&faults);
	changes = rg_check_description(&faults, rg_api_optional_jsonb(fcinfo, 1), columns);
	rg_faults_raise(&faults);
	if (version != NULL)
		rg_description_require_version(caller.organization_id, id, version);
	if (JB_ROOT_COUNT(changes) > 0)
		(void) rg_description_change(&caller, id, changes);
	return rg_api_answer(rg_description_read(caller.organization_id, id, true),
						 "Table description updated successfully");
}
