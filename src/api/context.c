/*
 * context.c — rivergen.schema_context.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "api/api.h"
#include "api/discovery.h"
#include "catalog/context.h"
#include "catalog/identity.h"
#include "check/context.h"
#include "check/fault.h"

#define DEFAULT_FORMAT "mschema"
#define DEFAULT_BUDGET 8000

PG_FUNCTION_INFO_V1(rg_sql_schema_context);

static RgContext
arguments(FunctionCallInfo fcinfo)
{
	const char *format = rg_api_optional_text(fcinfo, 4);

	return (RgContext){
		.question = rg_api_optional_text(fcinfo, 0),
		.data_source_id = PG_ARGISNULL(1) ? 0 : PG_GETARG_INT64(1),
		.schemas = rg_api_filter(fcinfo, 2),
		.tables = rg_api_filter(fcinfo, 3),
		.format = format != NULL ? format : DEFAULT_FORMAT,
		.budget = PG_ARGISNULL(5) ? DEFAULT_BUDGET : PG_GETARG_INT32(5),
		.max_tables = PG_ARGISNULL(6) ? 0 : PG_GETARG_INT32(6),
		.examples = PG_ARGISNULL(7) || PG_GETARG_BOOL(7),
		.hints = PG_ARGISNULL(8) || PG_GETARG_BOOL(8),
		.descriptions = PG_ARGISNULL(9) || PG_GETARG_BOOL(9),
	};
}

Datum
rg_sql_schema_context(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity caller = rg_identify(RG_VIEWER);
	RgContext context = arguments(fcinfo);
	RgFaults faults;

	if (!PG_ARGISNULL(1))
		(void) rg_api_find_source(&caller, context.data_source_id);
	rg_faults_begin(&faults);
	rg_check_context_texts(&faults, context.question, context.schemas, context.tables, context.format);
	rg_check_context_bounds(&faults, context.budget, !PG_ARGISNULL(6), context.max_tables);
	rg_faults_raise(&faults);
	return rg_api_answer(rg_context(caller.organization_id, &context), "Schema context made successfully");
}
