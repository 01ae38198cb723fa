/* schedule.c — SQL functions that the statements of the schedule call. */
#include "postgres.h"

#include "common/pg_prng.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "api/api.h"
#include "check/window_option.h"
#include "queue/delay.h"
#include "queue/health.h"

PG_FUNCTION_INFO_V1(rg_sql_refresh_delay);
PG_FUNCTION_INFO_V1(rg_sql_test_delay);
PG_FUNCTION_INFO_V1(rg_sql_within_window);

Datum
rg_sql_refresh_delay(PG_FUNCTION_ARGS)
{
	Interval *delay = palloc0(sizeof(Interval));

	delay->time =
		rg_refresh_delay_ms(PG_GETARG_INT32(0), PG_GETARG_INT32(1), pg_prng_double(&pg_global_prng_state)) *
		1000;
	PG_RETURN_INTERVAL_P(delay);
}

Datum
rg_sql_test_delay(PG_FUNCTION_ARGS)
{
	Interval *delay = palloc0(sizeof(Interval));
	int64 delay_ms;

	if (!rg_health_delay_of_failures(PG_GETARG_INT32(0), pg_prng_double(&pg_global_prng_state), &delay_ms))
		PG_RETURN_NULL();
	delay->time = delay_ms * 1000;
	PG_RETURN_INTERVAL_P(delay);
}

Datum
rg_sql_within_window(PG_FUNCTION_ARGS)
{
	double chance = pg_prng_double(&pg_global_prng_state);

	PG_RETURN_TIMESTAMPTZ(rg_window_apply(PG_GETARG_JSONB_P(0), PG_GETARG_TIMESTAMPTZ(1), chance));
}
