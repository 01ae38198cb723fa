/* schedule.c — what the statements of the schedule call. */
#include "api/api.h"

#include "common/pg_prng.h"
#include "utils/timestamp.h"

#include "queue/delay.h"
#include "queue/queue.h"

PG_FUNCTION_INFO_V1(rg_refresh_delay);
PG_FUNCTION_INFO_V1(rg_test_delay);

Datum
rg_refresh_delay(PG_FUNCTION_ARGS)
{
	Interval *delay = palloc0(sizeof(Interval));

	delay->time =
		rg_refresh_delay_ms(PG_GETARG_INT32(0), PG_GETARG_INT32(1), pg_prng_double(&pg_global_prng_state)) *
		1000;
	PG_RETURN_INTERVAL_P(delay);
}

Datum
rg_test_delay(PG_FUNCTION_ARGS)
{
	Interval *delay = palloc0(sizeof(Interval));
	int64 delay_ms;

	if (!rg_test_delay_of_failures(PG_GETARG_INT32(0), pg_prng_double(&pg_global_prng_state), &delay_ms))
		PG_RETURN_NULL();
	delay->time = delay_ms * 1000;
	PG_RETURN_INTERVAL_P(delay);
}
