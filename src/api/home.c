/* home.c — acknowledge_copy(), for operators. Only grants protect it. */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "api/api.h"
#include "catalog/home.h"
#include "queue/jobs.h"

PG_FUNCTION_INFO_V1(rg_sql_acknowledge_copy);

Datum
rg_sql_acknowledge_copy(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	rg_api_begin();

	bool was_copy = rg_home_acknowledge();
	const char *body = was_copy ? "{\"was_copy\": true}" : "{\"was_copy\": false}";

	rg_queue_wake_at_commit();
	return rg_api_answer(DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(body))),
						 was_copy ? "Workers begin when this is committed" : "This database is no copy");
}
