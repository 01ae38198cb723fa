#include "sql.h"

#include "access/xlog.h"
#include "utils/snapmgr.h"

#include "error.h"

typedef struct Bound
{
	Datum values[RG_SQL_MAX_ARGUMENTS];
	char nulls[RG_SQL_MAX_ARGUMENTS];
} Bound;

static void
prepare(RgStatement *statement)
{
	int count = 0;

	while (count < RG_SQL_MAX_ARGUMENTS && OidIsValid(statement->types[count]))
		count++;

	SPIPlanPtr plan = SPI_prepare_cursor(statement->text, count, statement->types, statement->options);

	if (plan == NULL || SPI_keepplan(plan) != 0)
		elog(ERROR, "could not prepare a statement: %s", SPI_result_code_string(SPI_result));
	statement->plan = plan;
}

/* What would write is refused by PostgreSQL in words that say nothing of a standby, and that PostgREST takes
 * for 405. */
static int
execute_on_standby(RgStatement *statement, Datum *values, const char *nulls, bool read_only)
{
	MemoryContext memory = CurrentMemoryContext;
	int result;

	PG_TRY();
	{
		result = SPI_execute_plan(statement->plan, values, nulls, read_only, 0);
	}
	PG_CATCH();
	{
		if (geterrcode() != ERRCODE_READ_ONLY_SQL_TRANSACTION)
			PG_RE_THROW();
		MemoryContextSwitchTo(memory);
		FlushErrorState();
		rg_fail_on_standby("a standby changes nothing");
	}
	PG_END_TRY();
	return result;
}

/* SPI leaves its own memory context current after each call; callers read results into theirs. */
static uint64
execute(RgStatement *statement, Datum *values, const char *nulls, bool read_only)
{
	MemoryContext memory = CurrentMemoryContext;

	if (statement->plan == NULL)
		prepare(statement);

	int result = RecoveryInProgress() ? execute_on_standby(statement, values, nulls, read_only)
									  : SPI_execute_plan(statement->plan, values, nulls, read_only, 0);

	MemoryContextSwitchTo(memory);
	if (result < 0)
		elog(ERROR, "could not run a statement: %s", SPI_result_code_string(result));
	return SPI_processed;
}

uint64
rg_spi_run(RgStatement *statement, Datum *values, const char *nulls)
{
	return execute(statement, values, nulls, false);
}

static Bound
bind(RgStatement *statement, const RgArgument *arguments, int count)
{
	Bound bound;

	Assert(count <= RG_SQL_MAX_ARGUMENTS);
	for (int i = 0; i < count; i++)
	{
		if (statement->plan == NULL)
			statement->types[i] = arguments[i].type;
		if (statement->types[i] != arguments[i].type)
			elog(ERROR, "argument %d of a statement has type %u, not %u: %s", i + 1, arguments[i].type,
				 statement->types[i], statement->text);
		bound.values[i] = arguments[i].value;
		bound.nulls[i] = arguments[i].is_null ? 'n' : ' ';
	}
	if (count < RG_SQL_MAX_ARGUMENTS && OidIsValid(statement->types[count]))
		elog(ERROR, "a statement has more arguments than %d: %s", count, statement->text);
	return bound;
}

uint64
rg_spi_execute_list(RgStatement *statement, const RgArgument *arguments, int count)
{
	Bound bound = bind(statement, arguments, count);

	return rg_spi_run(statement, bound.values, bound.nulls);
}

/* A read-only plan uses the active snapshot, which is too old if the caller's transaction is REPEATABLE READ.
 */
uint64
rg_spi_execute_latest_list(RgStatement *statement, const RgArgument *arguments, int count)
{
	Bound bound = bind(statement, arguments, count);

	PushActiveSnapshot(GetLatestSnapshot());

	uint64 rows = execute(statement, bound.values, bound.nulls, true);

	PopActiveSnapshot();
	return rows;
}

uint64
rg_spi_read_list(RgStatement *statement, const RgArgument *arguments, int count)
{
	Bound bound = bind(statement, arguments, count);
	Portal portal = rg_spi_open(statement, bound.values, bound.nulls);
	uint64 rows = rg_spi_fetch(portal, 1);

	SPI_cursor_close(portal);
	return rows;
}

Portal
rg_spi_open(RgStatement *statement, Datum *values, const char *nulls)
{
	MemoryContext memory = CurrentMemoryContext;

	if (statement->plan == NULL)
		prepare(statement);

	Portal portal = SPI_cursor_open(NULL, statement->plan, values, nulls, true);

	MemoryContextSwitchTo(memory);
	if (portal == NULL)
		elog(ERROR, "could not open a cursor: %s", SPI_result_code_string(SPI_result));
	return portal;
}

uint64
rg_spi_fetch(Portal portal, long count)
{
	MemoryContext memory = CurrentMemoryContext;

	SPI_cursor_fetch(portal, true, count);
	MemoryContextSwitchTo(memory);
	return SPI_processed;
}

Datum
rg_spi_datum(uint64 row, int column, bool *is_null)
{
	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, is_null);
}

int64
rg_spi_int64(uint64 row, int column)
{
	bool is_null;
	Datum value = rg_spi_datum(row, column, &is_null);

	return is_null ? 0 : DatumGetInt64(value);
}

int32
rg_spi_int32(uint64 row, int column)
{
	bool is_null;
	Datum value = rg_spi_datum(row, column, &is_null);

	return is_null ? 0 : DatumGetInt32(value);
}

bool
rg_spi_bool(uint64 row, int column)
{
	bool is_null;
	Datum value = rg_spi_datum(row, column, &is_null);

	return !is_null && DatumGetBool(value);
}

bool
rg_spi_is_null(uint64 row, int column)
{
	bool is_null;

	(void) rg_spi_datum(row, column, &is_null);
	return is_null;
}

char *
rg_spi_text(uint64 row, int column)
{
	bool is_null;
	Datum value = rg_spi_datum(row, column, &is_null);

	return is_null ? NULL : TextDatumGetCString(value);
}
