/*
 * moment.c — reads a point in time from a request, in the API's form or any form that PostgreSQL reads.
 */
#include "moment.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

/* The input function only touches memory before it fails, so its error can be dropped. */
static bool
read_moment(const char *text, TimestampTz *moment)
{
	MemoryContext memory = CurrentMemoryContext;
	volatile bool good = true;

	PG_TRY();
	{
		*moment = DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in, CStringGetDatum(text),
														  ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	}
	PG_CATCH();
	{
		if (ERRCODE_TO_CATEGORY(geterrcode()) != ERRCODE_DATA_EXCEPTION)
			PG_RE_THROW();
		MemoryContextSwitchTo(memory);
		FlushErrorState();
		good = false;
	}
	PG_END_TRY();
	return good;
}

TimestampTz
rg_check_moment(RgFaults *faults, const char *field, const char *text)
{
	TimestampTz moment = 0;

	if (!read_moment(text, &moment) || TIMESTAMP_NOT_FINITE(moment))
		rg_fault(faults, field, "must be a time, as updated_at is answered");
	return moment;
}
